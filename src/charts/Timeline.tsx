/** The run on one time axis: three small charts, what people did to it, and the playhead to go back. */
import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type KeyboardEvent,
  type PointerEvent,
} from 'react';
import type { Player } from '../playback/player.ts';
import { LANE_IDS, type LaneId } from '../scenarios/scenario.ts';
import { formatCount, formatDuration } from '../scenarios/format.ts';
import { chartThemeVersion, readChartTheme, watchChartTheme } from './chartTheme.ts';
import { layoutFlags, PENNANT_WIDTH, type PlacedFlag } from './flagLayout.ts';
import type { Frames } from './frames.ts';
import { placeGhostLabel } from './ghostLabel.ts';
import { spreadLabels } from './spreadLabels.ts';
import { timeTickLabel, timeTickStepS } from './steps.ts';
import { textMeasure } from './textMeasure.ts';
import {
  layoutTimeline,
  timeToX,
  xToTime,
  type ChartId,
  type TimelineLayout,
  type TimelineVariant,
} from './timelineLayout.ts';
import {
  emptyNow,
  headOf,
  readNow,
  readScales,
  sameScales,
  type LaneNow,
  type TimelineScales,
} from './timelineModel.ts';
import { lanesOf, MOST_TICKS, paintTimeline, valueToY } from './timelinePainter.ts';
import { useBox } from './useBox.ts';
import { write, writeText } from './write.ts';
import './Timeline.css';

export interface TimelineProps {
  readonly player: Player;
  readonly frames: Frames;
  readonly variant: TimelineVariant;
  /** What the lanes are called; by position when both run the same program. */
  readonly laneNames?: Readonly<Record<LaneId, string>>;
}

const PROGRAM_NAMES: Readonly<Record<LaneId, string>> = { sync: 'sync', async: 'async' };

const CHART_NAMES: Readonly<Record<ChartId, string>> = {
  parked: 'API threads parked',
  queued: 'messages in queue',
  p99: 'p99 response time',
};

const FLAG_PADDING = 15;
const LABEL_GAP = 14;
/** Between the playhead and a tick whose label its grip leaves free, pixels. */
const GRIP_ROOM = 22;
const GHOST_WORDS = 'before the change';
/** How long a new axis is pointed out, milliseconds. */
const NOTE_MS = 5000;
/** A focused slider speaks each change of its value; while playing that must be seldom. */
const SPEAK_EVERY_MS = 5000;

export function Timeline({ player, frames, variant, laneNames = PROGRAM_NAMES }: TimelineProps) {
  const rootRef = useRef<HTMLDivElement>(null);
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const playheadRef = useRef<HTMLDivElement>(null);
  const ticksRef = useRef<SVGGElement>(null);
  const valuesRef = useRef<SVGGElement>(null);
  const clockRef = useRef<HTMLSpanElement>(null);

  const box = useBox(rootRef);
  const themeVersion = useSyncExternalStore(watchChartTheme, chartThemeVersion);
  const subscribe = useCallback((listener: () => void) => player.subscribe(listener), [player]);
  const interventions = useSyncExternalStore(subscribe, () => player.status.interventions);
  const ghost = useSyncExternalStore(subscribe, () => player.status.ghost);
  const [scales, setScales] = useState<TimelineScales>(() => readScales(player));
  const { axis: note, spoken } = useScaleNote(scales);

  const layout = useMemo(
    () => (box ? layoutTimeline(variant, box.width, box.height) : null),
    [variant, box],
  );
  const flags = useMemo(
    () =>
      layout
        ? layoutFlags(
            interventions.map(({ timeS, text }) => ({
              x: timeToX(layout, scales.axisEndS, timeS),
              text,
            })),
            {
              left: layout.left,
              right: layout.width,
              padding: FLAG_PADDING,
              measure: variant === 'phone' ? () => Infinity : textMeasure('550 12px'),
            },
          )
        : [],
    [layout, interventions, scales.axisEndS, variant],
  );
  const ghostLabel = useMemo(
    () =>
      layout && ghost && variant === 'full'
        ? placeGhostLabel(
            layout,
            scales,
            player.history,
            ghost,
            textMeasure('italic 13.5px', 'serif')(GHOST_WORDS),
          )
        : null,
    [layout, scales, ghost, variant, player],
  );

  // The playhead: moves with every frame, by a transform alone.
  const dragRef = useRef<{ timeS: number; resume: boolean } | null>(null);
  const placePlayhead = useCallback(() => {
    const element = playheadRef.current;
    if (!element || !layout) return;
    const timeS = dragRef.current?.timeS ?? player.timeS;
    const x = timeToX(layout, scales.axisEndS, Math.min(timeS, scales.axisEndS));
    element.style.transform = `translateX(${x.toFixed(1)}px)`;
    if (variant === 'phone') {
      const place = x < 130 ? 'start' : x > layout.width - 52 ? 'end' : 'middle';
      if (rootRef.current && rootRef.current.dataset.playhead !== place) {
        rootRef.current.dataset.playhead = place;
      }
    }
  }, [layout, scales.axisEndS, player, variant]);

  useEffect(() => {
    placePlayhead();
    return frames.onFrame(placePlayhead);
  }, [frames, placePlayhead]);

  // Lines and values: at most ten times a second.
  useEffect(() => {
    const canvas = canvasRef.current;
    if (!canvas || !layout || !rootRef.current) return;
    const theme = readChartTheme(rootRef.current);
    const now: Record<LaneId, LaneNow> = { sync: emptyNow(), async: emptyNow() };
    const poles = flags.map((flag) => flag.x);
    let spokenMs = -Infinity;

    const speak = () => {
      const slider = playheadRef.current;
      if (!slider) return;
      const focusedWhilePlaying = player.status.playing && document.activeElement === slider;
      const nowMs = performance.now();
      if (nowMs - spokenMs < (focusedWhilePlaying ? SPEAK_EVERY_MS : 0)) return;
      spokenMs = nowMs;
      const headS = headOf(player);
      write(slider, 'aria-valuemax', headS.toFixed(1));
      write(slider, 'aria-valuenow', player.timeS.toFixed(1));
      write(
        slider,
        'aria-valuetext',
        `${player.timeS.toFixed(1)} seconds of ${formatCount(headS)}`,
      );
    };

    const paint = () => {
      for (const lane of LANE_IDS) readNow(player, lane, now[lane]);
      paintTimeline(canvas, {
        layout,
        scales,
        theme,
        history: player.history,
        ghost,
        timeS: player.timeS,
        headS: headOf(player),
        now,
        poles,
      });
      const clock = `${player.timeS.toFixed(0)} s`;
      const playheadX = timeToX(layout, scales.axisEndS, player.timeS);
      return () => {
        if (ticksRef.current) hideTicks(ticksRef.current, playheadX);
        if (valuesRef.current) writeValues(valuesRef.current, layout, scales, now, laneNames);
        if (clockRef.current) writeText(clockRef.current, clock);
        speak();
      };
    };

    paint()();
    return frames.onReadout(() => {
      const next = readScales(player);
      if (sameScales(next, scales)) return paint();
      return () => setScales(next);
    }, 1);
  }, [player, frames, layout, scales, ghost, flags, themeVersion, laneNames]);

  const seek = (timeS: number) => {
    player.seek(Math.min(Math.max(timeS, 0), headOf(player)));
    frames.invalidate();
    placePlayhead();
  };

  const timeAt = (event: PointerEvent<HTMLElement>): number => {
    if (!layout || !rootRef.current) return player.timeS;
    const x = event.clientX - rootRef.current.getBoundingClientRect().left;
    return Math.min(Math.max(xToTime(layout, scales.axisEndS, x), 0), headOf(player));
  };

  const grab = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    const pole = event.target instanceof Element ? event.target.closest('[data-time]') : null;
    const timeS = pole instanceof SVGElement ? Number(pole.dataset.time) : timeAt(event);
    event.currentTarget.setPointerCapture(event.pointerId);
    event.preventDefault();
    playheadRef.current?.focus({ preventScroll: true });
    dragRef.current = { timeS, resume: player.status.playing };
    player.pause();
    seek(timeS);
  };

  const drag = (event: PointerEvent<HTMLElement>) => {
    if (!dragRef.current) return;
    dragRef.current.timeS = timeAt(event);
    // A long way back takes a while; the place where the finger ends up is what counts.
    if (player.status.seeking === null) seek(dragRef.current.timeS);
    else placePlayhead();
  };

  const release = () => {
    const last = dragRef.current;
    if (!last) return;
    dragRef.current = null;
    if (Math.abs(player.timeS - last.timeS) > 1e-6) seek(last.timeS);
    if (last.resume) player.play();
  };

  const press = (event: KeyboardEvent<HTMLElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = keyTarget(event.key, event.shiftKey, player.timeS, headOf(player));
    if (target === null) return;
    event.preventDefault();
    event.stopPropagation();
    seek(target);
  };

  const ticks = layout ? tickTimes(scales.axisEndS) : [];

  return (
    <div
      className="timeline"
      data-variant={variant}
      ref={rootRef}
      role="group"
      aria-label="Timeline"
    >
      <canvas className="timeline-canvas" ref={canvasRef} aria-hidden="true" />
      {layout && (
        <>
          <svg className="timeline-words" aria-hidden="true">
            {variant === 'full' && (
              <>
                {layout.rows.map((row) => (
                  <ChartNames key={row.id} row={row} left={layout.left} max={scales.max[row.id]} />
                ))}
                <g ref={ticksRef}>
                  {ticks.map((timeS) => (
                    <text
                      key={timeS}
                      className="timeline-tick"
                      x={timeToX(layout, scales.axisEndS, timeS)}
                      y={layout.height - 2}
                      textAnchor="middle"
                    >
                      {timeTickLabel(timeS, timeTickStepS(scales.axisEndS, MOST_TICKS))}
                    </text>
                  ))}
                </g>
                <g ref={valuesRef}>
                  {layout.rows.map((row) =>
                    LANE_IDS.map((lane) => (
                      <text
                        key={`${row.id} ${lane}`}
                        className="timeline-value"
                        data-chart={row.id}
                        data-lane={lane}
                        x={layout.right + 10}
                      >
                        <tspan className="timeline-lane" />
                        <tspan dx="3" />
                      </text>
                    )),
                  )}
                </g>
              </>
            )}
            {ghostLabel && (
              <text
                className="timeline-ghost"
                x={ghostLabel.x}
                y={ghostLabel.y + 4}
                textAnchor="end"
              >
                {GHOST_WORDS}
              </text>
            )}
          </svg>
          <div
            className="timeline-track"
            onPointerDown={grab}
            onPointerMove={drag}
            onPointerUp={release}
            onPointerCancel={release}
          >
            <svg className="timeline-flags" aria-hidden="true">
              {ghost && variant === 'full' && (
                <GhostFlags
                  layout={layout}
                  axisEndS={scales.axisEndS}
                  interventions={ghost.interventions}
                />
              )}
              {flags.map((flag, i) => (
                <FlagShape
                  key={i}
                  flag={flag}
                  variant={variant}
                  timeS={xToTime(layout, scales.axisEndS, flag.x)}
                />
              ))}
            </svg>
            <div
              className="timeline-playhead"
              ref={playheadRef}
              role="slider"
              tabIndex={0}
              aria-label="Time shown"
              aria-orientation="horizontal"
              aria-valuemin={0}
              aria-valuemax={0}
              aria-valuenow={0}
              onKeyDown={press}
            >
              <Playhead layout={layout} />
            </div>
          </div>
          {variant === 'phone' && (
            <div className="timeline-caption" aria-hidden="true">
              <span>{note ?? `threads parked, ${laneNames.sync}`}</span>
              <span ref={clockRef} />
            </div>
          )}
          {variant === 'full' && note && (
            <span
              className="timeline-note"
              aria-hidden="true"
              style={{ right: layout.width - layout.left + 20 }}
            >
              {note}
            </span>
          )}
        </>
      )}
      {interventions.length > 0 && (
        <ol className="chart-hidden" aria-label="Changes made">
          {interventions.map(({ timeS, text }, i) => (
            <li key={i}>
              at {timeS.toFixed(1)} seconds: {text}
            </li>
          ))}
        </ol>
      )}
      <span className="chart-hidden" role="status">
        {spoken}
      </span>
    </div>
  );
}

function ChartNames({
  row,
  left,
  max,
}: {
  readonly row: TimelineLayout['rows'][number];
  readonly left: number;
  readonly max: number;
}) {
  const middle = (row.top + row.bottom) / 2;
  return (
    <>
      <text className="timeline-tick" x={left - 8} y={row.top + 9} textAnchor="end">
        {row.id === 'p99' ? `${formatCount(max)} s` : formatCount(max)}
      </text>
      <text className="timeline-tick" x={left - 8} y={row.bottom} textAnchor="end">
        0
      </text>
      <text className="timeline-name" x={left - 44} y={middle + 4} textAnchor="end">
        {CHART_NAMES[row.id]}
      </text>
    </>
  );
}

function FlagShape({
  flag,
  variant,
  timeS,
}: {
  readonly flag: PlacedFlag;
  readonly variant: TimelineVariant;
  readonly timeS: number;
}) {
  const { x, width, left, label, texts } = flag;
  const height = variant === 'phone' ? 8 : 16;
  const notch = label === null ? 3 : 5;
  const side = left ? -1 : 1;
  return (
    <g className="timeline-flag" data-pennant={label === null} data-time={timeS}>
      <title>{texts.join('\n')}</title>
      <path
        d={`M${x} ${variant === 'phone' ? 0 : 1}h${side * width}l${-side * notch} ${height / 2}l${side * notch} ${height / 2}h${-side * width}z`}
      />
      {label !== null && (
        <text x={left ? x - width + 9 : x + 6} y={13}>
          {label}
        </text>
      )}
    </g>
  );
}

function GhostFlags({
  layout,
  axisEndS,
  interventions,
}: {
  readonly layout: TimelineLayout;
  readonly axisEndS: number;
  readonly interventions: readonly { readonly timeS: number; readonly text: string }[];
}) {
  return interventions.map(({ timeS, text }, i) => {
    const x = timeToX(layout, axisEndS, timeS);
    return (
      <g key={i} className="timeline-ghost-flag" data-time={timeS}>
        <title>{`${GHOST_WORDS}: ${text}`}</title>
        <path d={`M${x} ${layout.top}v-6h${PENNANT_WIDTH}l-3 3l3 3z`} />
      </g>
    );
  });
}

function Playhead({ layout }: { readonly layout: TimelineLayout }) {
  const { variant, bottom } = layout;
  const top = variant === 'full' ? 18 : 0;
  const head = variant === 'full' ? 'l-7 8v7h14v-7z' : 'l-7 7v6h14v-6z';
  return (
    <svg aria-hidden="true">
      <path className="timeline-playhead-line" d={`M0 ${top}V${bottom + 4}`} />
      <path
        className="timeline-playhead-grip"
        d={`M0 ${bottom + (variant === 'full' ? 2 : -1)}${head}`}
      />
    </svg>
  );
}

interface ScaleNote {
  /** In sight: the new time axis; null: as it was. */
  readonly axis: string | null;
  /** For ears: every scale that stepped. */
  readonly spoken: string;
}

const NOTHING_NEW: ScaleNote = { axis: null, spoken: '' };

/** Says for a while which scales have changed. */
function useScaleNote(scales: TimelineScales): ScaleNote {
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

function tickTimes(axisEndS: number): number[] {
  const step = timeTickStepS(axisEndS, MOST_TICKS);
  return Array.from({ length: Math.floor(axisEndS / step) + 1 }, (_, i) => i * step);
}

/** @returns where a key takes the playhead, seconds; null for keys that do not */
export function keyTarget(
  key: string,
  shift: boolean,
  timeS: number,
  headS: number,
): number | null {
  const step = shift ? 0.1 : 1;
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: timeS - step,
    ArrowDown: timeS - step,
    ArrowRight: timeS + step,
    ArrowUp: timeS + step,
    PageDown: timeS - 10,
    PageUp: timeS + 10,
    Home: 0,
    End: headS,
  };
  const target = targets[key];
  return target === undefined ? null : Math.min(Math.max(target, 0), headS);
}

/** A tick's label under the playhead's grip gives way to it. */
function hideTicks(ticks: SVGGElement, playheadX: number): void {
  for (const tick of ticks.children) {
    const isUnder = Math.abs(Number(tick.getAttribute('x')) - playheadX) < GRIP_ROOM;
    write(tick, 'visibility', isUnder ? 'hidden' : 'visible');
  }
}

/** Writes the values at the playhead beside their lines. */
function writeValues(
  group: SVGGElement,
  layout: TimelineLayout,
  scales: TimelineScales,
  now: Readonly<Record<LaneId, LaneNow>>,
  laneNames: Readonly<Record<LaneId, string>>,
): void {
  for (const row of layout.rows) {
    const lanes = lanesOf(row.id, layout, scales);
    const wanted = lanes.map((lane) => {
      const y = valueToY(row, scales.max[row.id], valueOf(row.id, now[lane]));
      return Number.isNaN(y) ? row.bottom : y;
    });
    const places = spreadLabels(wanted, LABEL_GAP, row.top + 2, row.bottom - 3);
    for (const lane of LANE_IDS) {
      const text = group.querySelector(`[data-chart="${row.id}"][data-lane="${lane}"]`);
      if (!text) continue;
      const place = places[lanes.indexOf(lane)];
      write(text, 'visibility', place === undefined ? 'hidden' : 'visible');
      if (place === undefined) continue;
      write(text, 'y', (place + 4).toFixed(1));
      const [name, value] = text.children;
      if (name) writeText(name, laneNames[lane]);
      if (value) writeText(value, valueWords(row.id, now[lane]));
    }
  }
}

function valueOf(chart: ChartId, now: LaneNow): number {
  switch (chart) {
    case 'parked':
      return now.parked;
    case 'queued':
      return now.queued;
    case 'p99':
      return now.p99S;
  }
}

function valueWords(chart: ChartId, now: LaneNow): string {
  if (chart !== 'p99') return formatCount(valueOf(chart, now));
  return `${now.p99IsMax ? 'max ' : ''}${formatDuration(now.p99S)}`;
}
