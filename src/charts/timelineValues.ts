/** The values at the playhead, written beside their lines, and the ticks that give way to it. */
import { formatCount, formatDuration } from '../scenarios/format.ts';
import { LANE_IDS, type LaneId } from '../scenarios/scenario.ts';
import { spreadLabels } from './spreadLabels.ts';
import type { ChartId, TimelineLayout } from './timelineLayout.ts';
import { valueNow, type LaneNow, type TimelineScales } from './timelineModel.ts';
import { lanesOf, valueToY } from './timelinePainter.ts';
import { write, writeText } from './write.ts';

const LABEL_GAP = 14;
/** Between the playhead and a tick whose label its grip leaves free, pixels. */
const GRIP_ROOM = 22;

/** A tick's label under the playhead's grip gives way to it. */
export function hideTicks(ticks: SVGGElement, playheadX: number): void {
  for (const tick of ticks.children) {
    const isUnder = Math.abs(Number(tick.getAttribute('x')) - playheadX) < GRIP_ROOM;
    write(tick, 'visibility', isUnder ? 'hidden' : 'visible');
  }
}

/** Writes the values at the playhead beside their lines. */
export function writeValues(
  group: SVGGElement,
  layout: TimelineLayout,
  scales: TimelineScales,
  now: Readonly<Record<LaneId, LaneNow>>,
  laneNames: Readonly<Record<LaneId, string>>,
): void {
  for (const row of layout.rows) {
    const lanes = lanesOf(row.id, layout, scales);
    const wanted = lanes.map((lane) => {
      const y = valueToY(row, scales.max[row.id], valueNow(row.id, now[lane]));
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

function valueWords(chart: ChartId, now: LaneNow): string {
  if (chart !== 'p99') return formatCount(valueNow(chart, now));
  return `${now.p99IsMax ? 'max ' : ''}${formatDuration(now.p99S)}`;
}
