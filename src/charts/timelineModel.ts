/** What the timeline shows, read from a player: scales, values now, the lines' samples. */
import type { Ghost, History, LaneHistory, Player } from '../playback/player.ts';
import { LANE_IDS, type LaneId, type Scenario } from '../scenarios/scenario.ts';
import type { LaneView } from '../sim/view.ts';
import { stepUp, timeAxisEndS } from './steps.ts';
import type { ChartId } from './timelineLayout.ts';

export interface TimelineScales {
  readonly axisEndS: number;
  /** Upper end of each chart; 0 is the lower. */
  readonly max: Readonly<Record<ChartId, number>>;
  /** Lanes whose queue is worth a line. */
  readonly queueing: Readonly<Record<LaneId, boolean>>;
}

/** Values at the moment shown. */
export interface LaneNow {
  parked: number;
  queued: number;
  /** Seconds, NaN where unknown. */
  p99S: number;
  /** Too few samples for a percentile: it is the maximum. */
  p99IsMax: boolean;
}

/** Up to here the queue chart ends at the queues' limit, so that it also says how full they are. */
const CALM_QUEUE_MAX = 1000;
const LEAST_P99_S = 2;

export function seriesOf(lane: LaneHistory, chart: ChartId): Float32Array {
  switch (chart) {
    case 'parked':
      return lane.parked;
    case 'queued':
      return lane.queued;
    case 'p99':
      return lane.p99S;
  }
}

export function headOf(player: Player): number {
  return Math.max(player.status.headS, player.timeS);
}

/** The service the users call; its threads are the ones the first chart counts. */
export function entryService(scenario: Scenario, lane: LaneId): string | null {
  for (const node of Object.values(scenario.lanes[lane].nodes)) {
    if (node.kind === 'clients') return node.target;
  }
  return null;
}

export function readNow(player: Player, lane: LaneId, into: LaneNow): LaneNow {
  const entry = entryService(player.scenario, lane);
  into.parked = 0;
  into.queued = 0;
  for (const node of player.view(lane).nodes) {
    if (node.kind === 'pool' && node.id === entry) into.parked = node.parkedCount;
    else if (node.kind === 'broker') into.queued += node.ready;
  }
  const response = player.readouts(lane).response;
  into.p99S = response.p99S ?? NaN;
  into.p99IsMax = response.p99IsMax;
  return into;
}

export function valueNow(chart: ChartId, now: LaneNow): number {
  switch (chart) {
    case 'parked':
      return now.parked;
    case 'queued':
      return now.queued;
    case 'p99':
      return now.p99S;
  }
}

export function emptyNow(): LaneNow {
  return { parked: 0, queued: 0, p99S: NaN, p99IsMax: false };
}

export function readScales(player: Player): TimelineScales {
  const { ghost } = player.status;
  const histories = ghost ? [player.history, ghost.history] : [player.history];
  let capacity = 1;
  let limit = 1;
  for (const lane of LANE_IDS) {
    const entry = entryService(player.scenario, lane);
    const view = player.view(lane);
    capacity = Math.max(capacity, capacityOf(view, entry));
    limit = Math.max(limit, limitOf(view));
  }
  const greatest = (chart: ChartId) =>
    Math.max(
      ...histories.flatMap((history) =>
        LANE_IDS.map((lane) => greatestOf(seriesOf(history.lanes[lane], chart), history.length)),
      ),
    );
  const queueLeast = stepUp(Math.min(limit, CALM_QUEUE_MAX), 1);
  return {
    axisEndS: timeAxisEndS(Math.max(headOf(player), ghost?.endS ?? 0)),
    max: {
      parked: stepUp(Math.max(capacity, greatest('parked')), 1),
      queued: stepUp(greatest('queued'), queueLeast),
      p99: stepUp(greatest('p99'), LEAST_P99_S),
    },
    queueing: {
      sync: isQueueing(player, 'sync', histories),
      async: isQueueing(player, 'async', histories),
    },
  };
}

export function sameScales(a: TimelineScales, b: TimelineScales): boolean {
  return (
    a.axisEndS === b.axisEndS &&
    a.max.parked === b.max.parked &&
    a.max.queued === b.max.queued &&
    a.max.p99 === b.max.p99 &&
    a.queueing.sync === b.queueing.sync &&
    a.queueing.async === b.queueing.async
  );
}

function capacityOf(view: LaneView, entry: string | null): number {
  for (const node of view.nodes)
    if (node.kind === 'pool' && node.id === entry) return node.capacity;
  return 1;
}

function limitOf(view: LaneView): number {
  let limit = 0;
  for (const node of view.nodes) if (node.kind === 'broker') limit = Math.max(limit, node.limit);
  return limit;
}

/** A lane queues when its program does, or did: what was queued stays to be seen. */
function isQueueing(player: Player, lane: LaneId, histories: readonly History[]): boolean {
  const byProgram = player.scenario.parameters.some(
    (parameter) =>
      parameter.group === 'program' &&
      parameter.lanes?.includes(lane) === true &&
      player.status.values[parameter.key] === 'queue',
  );
  return (
    byProgram ||
    histories.some((history) => greatestOf(history.lanes[lane].queued, history.length) > 0)
  );
}

function greatestOf(series: Float32Array, length: number): number {
  let greatest = 0;
  for (let i = 0; i < length; i++) {
    const value = series[i] ?? 0;
    if (value > greatest) greatest = value;
  }
  return greatest;
}

/**
 * Means over whole blocks of samples. Single samples of a count that flickers would draw a brush;
 * means keep the area under the line. Blocks hang on the grid, so a drawn point never changes.
 *
 * @param from first sample
 * @param length samples in `series`
 * @param block samples a mean
 * @param into one mean per block, block i starting at sample from + i · block; NaN for blocks without any value
 * @returns number of blocks, the last may be incomplete
 */
export function blockMeans(
  series: Float32Array,
  from: number,
  length: number,
  block: number,
  into: Float32Array,
): number {
  let blocks = 0;
  for (let start = from; start < length && blocks < into.length; start += block, blocks++) {
    let sum = 0;
    let count = 0;
    for (let i = start; i < Math.min(start + block, length); i++) {
      const value = series[i] ?? NaN;
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    into[blocks] = count > 0 ? sum / count : NaN;
  }
  return blocks;
}

/** First sample of the ghost that is not also in the run now. */
export function ghostStart(ghost: Ghost): number {
  return Math.floor(ghost.forkS / ghost.history.stepS);
}
