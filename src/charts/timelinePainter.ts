/** Paints the timeline's lines. Words, flags and the playhead are elements above the canvas. */
import { range } from 'd3-array';
import { area, line } from 'd3-shape';
import type { Ghost, History } from '../playback/player.ts';
import { LANE_IDS, type LaneId } from '../scenarios/scenario.ts';
import { crisp, startPainting, strokeHatch } from './canvas.ts';
import type { ChartTheme } from './chartTheme.ts';
import { timeTickStepS } from './steps.ts';
import { timeToX, type ChartId, type ChartRow, type TimelineLayout } from './timelineLayout.ts';
import {
  blockMeans,
  ghostStart,
  seriesOf,
  valueNow,
  type LaneNow,
  type TimelineScales,
} from './timelineModel.ts';

export interface TimelinePicture {
  readonly layout: TimelineLayout;
  readonly scales: TimelineScales;
  readonly theme: ChartTheme;
  readonly history: History;
  readonly ghost: Ghost | null;
  readonly timeS: number;
  readonly headS: number;
  /** Exact values at `timeS`. */
  readonly now: Readonly<Record<LaneId, LaneNow>>;
  /** Poles of the flags, pixels. */
  readonly poles: readonly number[];
}

/** At most this many ticks on the time axis. */
export const MOST_TICKS = 6;
/** Pixels of time a drawn mean stands for. */
const MEAN_WIDTH = { full: 9, phone: 5 };
const HATCH_PITCH = 6;

const means = new Float32Array(4096);
const indices = range(4097);

const DASHES: Readonly<Record<LaneId, readonly number[]>> = { sync: [], async: [4.5, 2.6] };

export function paintTimeline(canvas: HTMLCanvasElement, picture: TimelinePicture): void {
  const { layout, scales, theme } = picture;
  const context = startPainting(canvas, layout.width, layout.height);
  if (!context) return;
  context.lineJoin = 'round';
  if (layout.variant === 'full') paintGrid(context, layout, scales, theme);
  for (const row of layout.rows) {
    const max = scales.max[row.id];
    const lanes = lanesOf(row.id, layout, scales);
    if (row.id === 'parked') fillLane(context, picture, row, 'sync', max, 'hatch');
    else if (row.id === 'queued') {
      for (const lane of lanes) fillLane(context, picture, row, lane, max, 'tint');
    }
    paintBaseline(context, layout, row, theme);
    if (picture.ghost) paintGhost(context, picture, picture.ghost, row, lanes);
    for (const lane of lanes) paintLane(context, picture, row, lane, max);
  }
  paintKnownFuture(context, picture);
  paintPoles(context, picture);
}

/** Lanes with a line in a chart. */
export function lanesOf(
  chart: ChartId,
  layout: TimelineLayout,
  scales: TimelineScales,
): readonly LaneId[] {
  if (layout.variant === 'phone') return ['sync'];
  return chart === 'queued' ? LANE_IDS.filter((lane) => scales.queueing[lane]) : LANE_IDS;
}

/** @returns pixels for a value of a chart; NaN stays NaN, what is too high is cut at the top */
export function valueToY(row: ChartRow, max: number, value: number): number {
  return row.bottom - (row.bottom - row.top) * Math.min(value / max, 1.02);
}

function paintGrid(
  context: CanvasRenderingContext2D,
  layout: TimelineLayout,
  scales: TimelineScales,
  theme: ChartTheme,
): void {
  context.strokeStyle = theme.rule;
  context.lineWidth = 1;
  context.beginPath();
  const step = timeTickStepS(scales.axisEndS, MOST_TICKS);
  for (let timeS = 0; timeS <= scales.axisEndS; timeS += step) {
    const x = crisp(timeToX(layout, scales.axisEndS, timeS));
    context.moveTo(x, layout.top);
    context.lineTo(x, layout.bottom + 3);
  }
  context.stroke();
}

function paintBaseline(
  context: CanvasRenderingContext2D,
  layout: TimelineLayout,
  row: ChartRow,
  theme: ChartTheme,
): void {
  context.strokeStyle = theme.ink3;
  context.globalAlpha = layout.variant === 'full' ? 0.6 : 1;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(layout.left, crisp(row.bottom));
  context.lineTo(layout.right, crisp(row.bottom));
  context.stroke();
  context.globalAlpha = 1;
}

/** The drawn points of one series: sample blocks, then the exact value at the playhead when it leads. */
interface Points {
  readonly count: number;
  timeS(index: number): number;
  value(index: number): number;
}

function points(
  picture: TimelinePicture,
  history: History,
  lane: LaneId,
  chart: ChartId,
  from: number,
  now: number | null,
): Points {
  const { layout, scales } = picture;
  const { stepS, length } = history;
  const pixelsPerSample = (stepS * (layout.right - layout.left)) / scales.axisEndS;
  // Only counts of threads flicker; queues and percentiles are drawn as sampled.
  const width = chart === 'parked' ? MEAN_WIDTH[layout.variant] : 1;
  const fewest = Math.ceil((length - from) / means.length);
  const block = Math.max(1, fewest, Math.floor(width / pixelsPerSample));
  const blocks = blockMeans(seriesOf(history.lanes[lane], chart), from, length, block, means);
  const leads = now !== null;
  const middle = (block - 1) / 2;
  return {
    count: blocks + (leads ? 1 : 0),
    timeS: (index) =>
      index < blocks
        ? Math.min((from + index * block + middle) * stepS, (length - 1) * stepS)
        : picture.timeS,
    value: (index) => (index < blocks ? (means[index] ?? NaN) : (now ?? NaN)),
  };
}

/** While the playhead is the head, the line ends at the exact value now. */
function leadingValue(picture: TimelinePicture, lane: LaneId, chart: ChartId): number | null {
  const { history, timeS, headS } = picture;
  if (timeS < headS - 1e-6 || (history.length - 1) * history.stepS >= timeS) return null;
  return valueNow(chart, picture.now[lane]);
}

function lanePoints(picture: TimelinePicture, lane: LaneId, chart: ChartId): Points {
  const now = leadingValue(picture, lane, chart);
  return points(picture, picture.history, lane, chart, 0, now);
}

function fillLane(
  context: CanvasRenderingContext2D,
  picture: TimelinePicture,
  row: ChartRow,
  lane: LaneId,
  max: number,
  fill: 'hatch' | 'tint',
): void {
  const { layout, scales, theme } = picture;
  const shape = lanePoints(picture, lane, row.id);
  const draw = area<number>()
    .defined((i) => !Number.isNaN(shape.value(i)))
    .x((i) => timeToX(layout, scales.axisEndS, shape.timeS(i)))
    .y0(row.bottom)
    .y1((i) => valueToY(row, max, shape.value(i)))
    .context(context);
  context.save();
  context.beginPath();
  draw(indices.slice(0, shape.count));
  if (fill === 'tint') {
    context.globalAlpha = 0.12;
    context.fillStyle = theme.ink;
    context.fill();
  } else {
    context.globalAlpha = 0.9;
    context.fillStyle = theme.waitWash;
    context.fill();
    context.clip();
    context.globalAlpha = 0.72;
    context.strokeStyle = theme.wait1;
    context.lineWidth = 1.5;
    strokeHatch(context, layout.left, row.top - 2, layout.right, row.bottom, HATCH_PITCH);
  }
  context.restore();
}

function tracePoints(
  context: CanvasRenderingContext2D,
  picture: TimelinePicture,
  row: ChartRow,
  max: number,
  shape: Points,
): void {
  const { layout, scales } = picture;
  const draw = line<number>()
    .defined((i) => !Number.isNaN(shape.value(i)))
    .x((i) => timeToX(layout, scales.axisEndS, shape.timeS(i)))
    .y((i) => valueToY(row, max, shape.value(i)))
    .context(context);
  context.beginPath();
  draw(indices.slice(0, shape.count));
}

function paintLane(
  context: CanvasRenderingContext2D,
  picture: TimelinePicture,
  row: ChartRow,
  lane: LaneId,
  max: number,
): void {
  const { theme, layout } = picture;
  tracePoints(context, picture, row, max, lanePoints(picture, lane, row.id));
  // A paper edge parts lines that cross each other or the hatching.
  context.strokeStyle = theme.desk;
  context.globalAlpha = 0.85;
  context.lineWidth = 4.6;
  context.stroke();
  context.globalAlpha = 1;
  context.strokeStyle = theme.ink;
  context.lineWidth = layout.variant === 'phone' ? 1.3 : lane === 'sync' ? 1.8 : 1.6;
  context.setLineDash([...DASHES[lane]]);
  context.stroke();
  context.setLineDash([]);
}

function paintGhost(
  context: CanvasRenderingContext2D,
  picture: TimelinePicture,
  ghost: Ghost,
  row: ChartRow,
  lanes: readonly LaneId[],
): void {
  const { theme, scales } = picture;
  context.strokeStyle = theme.ink3;
  context.globalAlpha = 0.75;
  context.lineWidth = 1.2;
  for (const lane of lanes) {
    const shape = points(picture, ghost.history, lane, row.id, ghostStart(ghost), null);
    tracePoints(context, picture, row, scales.max[row.id], shape);
    context.setLineDash([...DASHES[lane]]);
    context.stroke();
    context.setLineDash([]);
  }
  context.globalAlpha = 1;
}

/** What is simulated already, right of a playhead that was taken back. */
function paintKnownFuture(context: CanvasRenderingContext2D, picture: TimelinePicture): void {
  const { layout, scales, theme, timeS, headS } = picture;
  const left = timeToX(layout, scales.axisEndS, timeS);
  const right = timeToX(layout, scales.axisEndS, headS);
  if (right - left < 1.5) return;
  const top = layout.variant === 'full' ? layout.top - 3 : 0;
  context.globalAlpha = 0.62;
  context.fillStyle = theme.desk;
  context.fillRect(left, top, right - left, layout.bottom - top);
  context.globalAlpha = 1;
  context.strokeStyle = theme.ink3;
  context.lineWidth = 1;
  context.setLineDash([1, 2]);
  context.beginPath();
  context.moveTo(crisp(right), top);
  context.lineTo(crisp(right), layout.bottom);
  context.stroke();
  context.setLineDash([]);
}

function paintPoles(context: CanvasRenderingContext2D, picture: TimelinePicture): void {
  const { layout, theme } = picture;
  context.strokeStyle = theme.hand;
  context.lineWidth = 1;
  context.setLineDash([2, 2]);
  context.beginPath();
  for (const x of picture.poles) {
    context.moveTo(crisp(x), layout.variant === 'full' ? 2 : 0);
    context.lineTo(crisp(x), layout.bottom);
  }
  context.stroke();
  context.setLineDash([]);
}
