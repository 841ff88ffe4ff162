/** Where the words beside the ghost's lines stand. */
import type { Ghost, History } from '../playback/player.ts';
import type { LaneId } from '../scenarios/scenario.ts';
import { quietPlace, type Band } from './quietPlace.ts';
import { timeToX, xToTime, type TimelineLayout } from './timelineLayout.ts';
import { seriesOf, type TimelineScales } from './timelineModel.ts';
import { lanesOf, valueToY } from './timelinePainter.ts';

const HEIGHT = 13;
const MARGIN = 2;
/** A shorter ghost, px, is a stub that the words would only hide. */
const LEAST_GHOST = 40;

/**
 * @param width of the words, pixels
 * @returns the right end and the middle of the words, pixels; null when there is no quiet place
 */
export function placeGhostLabel(
  layout: TimelineLayout,
  scales: TimelineScales,
  history: History,
  ghost: Ghost,
  width: number,
): { x: number; y: number } | null {
  const right = timeToX(layout, scales.axisEndS, ghost.endS) - 4;
  if (right - timeToX(layout, scales.axisEndS, ghost.forkS) < LEAST_GHOST) return null;
  const left = Math.max(right - width, layout.left + 4);
  const fromS = xToTime(layout, scales.axisEndS, left);
  const toS = xToTime(layout, scales.axisEndS, left + width);
  const bands = layout.rows.map((row): Band => {
    let top = Infinity;
    let bottom = -Infinity;
    for (const lane of lanesOf(row.id, layout, scales)) {
      for (const [low, high] of [
        valuesBetween(history, lane, row.id, fromS, toS),
        valuesBetween(ghost.history, lane, row.id, fromS, toS),
      ]) {
        if (low > high) continue;
        top = Math.min(top, valueToY(row, scales.max[row.id], high));
        bottom = Math.max(bottom, valueToY(row, scales.max[row.id], low));
      }
    }
    const drawn = top <= bottom ? { top: top - MARGIN, bottom: bottom + MARGIN } : null;
    return { top: row.top, bottom: row.bottom, drawn };
  });
  const y = quietPlace(bands, HEIGHT);
  return y === null ? null : { x: left + width, y };
}

/** @returns least and greatest, in the wrong order when there is no value */
function valuesBetween(
  history: History,
  lane: LaneId,
  chart: Parameters<typeof seriesOf>[1],
  fromS: number,
  toS: number,
): readonly [number, number] {
  const series = seriesOf(history.lanes[lane], chart);
  let least = Infinity;
  let greatest = -Infinity;
  const last = Math.min(history.length - 1, Math.ceil(toS / history.stepS));
  for (let i = Math.max(0, Math.floor(fromS / history.stepS)); i <= last; i++) {
    const value = series[i] ?? NaN;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return [least, greatest];
}
