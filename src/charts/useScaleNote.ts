/** Says for a while which of the timeline's scales have changed: they step, and never slide. */
import { useEffect, useState } from 'react';
import { formatCount } from '../scenarios/format.ts';
import { timeTickLabel, timeTickStepS } from './steps.ts';
import { CHART_NAMES, type ChartId } from './timelineLayout.ts';
import type { TimelineScales } from './timelineModel.ts';
import { MOST_TICKS } from './timelinePainter.ts';

/** How long a new axis is pointed out, milliseconds. */
const NOTE_MS = 5000;

interface ScaleNote {
  /** In sight: the new time axis; null: as it was. */
  readonly axis: string | null;
  /** For ears: every scale that stepped. */
  readonly spoken: string;
}

const NOTHING_NEW: ScaleNote = { axis: null, spoken: '' };

/** Says for a while which scales have changed. */
export function useScaleNote(scales: TimelineScales): ScaleNote {
  const [known, setKnown] = useState(scales);
  const [note, setNote] = useState(NOTHING_NEW);
  if (known !== scales) {
    setKnown(scales);
    const next = noteOf(known, scales);
    if (next.spoken !== '') setNote(next);
  }
  useEffect(() => {
    if (note === NOTHING_NEW) return;
    const timer = setTimeout(() => setNote(NOTHING_NEW), NOTE_MS);
    return () => clearTimeout(timer);
  }, [note]);
  return note;
}

/** What to say of the step from one set of scales to the next. */
export function noteOf(before: TimelineScales, now: TimelineScales): ScaleNote {
  const end = timeTickLabel(now.axisEndS, timeTickStepS(now.axisEndS, MOST_TICKS));
  const axis = before.axisEndS === now.axisEndS ? null : `axis now 0 to ${end}`;
  const charts = (Object.keys(CHART_NAMES) as ChartId[])
    .filter((chart) => before.max[chart] !== now.max[chart])
    .map((chart) => {
      const unit = chart === 'p99' ? ' s' : '';
      return `${CHART_NAMES[chart]}: scale now 0 to ${formatCount(now.max[chart])}${unit}`;
    });
  const all = axis === null ? charts : [`time ${axis}`, ...charts];
  return { axis, spoken: all.join('; ') };
}
