/** Rooms and queues of a lane as rows of text. */
import { formatCount, formatDuration } from '../../scenarios/format.ts';
import type { Flow } from '../../sim/flow.ts';
import { CellState, type BrokerView, type LaneView, type PoolView } from '../../sim/view.ts';

export interface RoomTable {
  readonly name: string;
  readonly summary: string;
  readonly columns: readonly string[];
  /** Which column holds request numbers. */
  readonly requestColumn: number;
  readonly rows: readonly (readonly string[])[];
}

/** Rows of a queue that are listed; the summary counts all. */
const MOST_PLACES = 50;

/** Rows of idle threads would say nothing and hide the others. */
const THREAD_COLUMNS = ['thread', 'state', 'for', 'request', 'waits for'] as const;

function threadRows(pool: PoolView, view: LaneView, labelOf: (id: string) => string): string[][] {
  const rows: string[][] = [];
  for (let cell = 0; cell < pool.cellCount; cell++) {
    const state = pool.state[cell];
    if (state === CellState.Idle) continue;
    const request = pool.request[cell] ?? -1;
    rows.push([
      String(cell + 1),
      stateWord(pool, cell),
      formatDuration(view.timeS - (pool.sinceS[cell] ?? view.timeS)),
      request < 0 ? '' : String(request),
      state === CellState.Parked ? waitsFor(pool, cell, view, labelOf) : '',
    ]);
  }
  return rows;
}

function stateWord(pool: PoolView, cell: number): string {
  const wasted = pool.wasted[cell] === 1 ? ', for nobody: the user gave up' : '';
  switch (pool.state[cell]) {
    case CellState.Running:
      return `running${wasted}`;
    case CellState.Parked:
      return `parked${wasted}`;
    case CellState.Down:
      return 'down: killed';
    default:
      return 'idle';
  }
}

function waitsFor(
  pool: PoolView,
  cell: number,
  view: LaneView,
  labelOf: (id: string) => string,
): string {
  const node = view.nodes[pool.targetNode[cell] ?? -1];
  if (!node) return '';
  const targetCell = pool.targetCell[cell] ?? -1;
  const slot = pool.targetSlot[cell] ?? -1;
  const where =
    targetCell >= 0
      ? `, thread ${targetCell + 1}`
      : slot >= 0
        ? `, place ${slot + 1} in its queue`
        : '';
  return `${labelOf(node.id)}${where}`;
}

/** Who waits, in order: the first is next. */
function placesTable(
  name: string,
  count: number,
  request: Int32Array,
  sinceS: Float64Array,
  nowS: number,
): RoomTable {
  return {
    name,
    summary: listed(count),
    columns: ['place', 'request', 'for'],
    requestColumn: 1,
    rows: Array.from({ length: Math.min(count, MOST_PLACES) }, (_, i) => [
      String(i + 1),
      String(request[i] ?? 0),
      formatDuration(nowS - (sinceS[i] ?? nowS)),
    ]),
  };
}

const listed = (count: number): string =>
  count > MOST_PLACES ? `the first ${MOST_PLACES} of ${formatCount(count)}` : formatCount(count);

function acceptQueueTable(pool: PoolView, { timeS }: LaneView, name: string): RoomTable {
  const { queueLength, queueRequest, queueSinceS } = pool;
  return placesTable(`${name}, accept queue`, queueLength, queueRequest, queueSinceS, timeS);
}

function readyTable(broker: BrokerView, { timeS }: LaneView, name: string): RoomTable {
  const { ready, readyRequest, readySinceS } = broker;
  return placesTable(`${name}, ready messages`, ready, readyRequest, readySinceS, timeS);
}

function poolTable(pool: PoolView, view: LaneView, labelOf: (id: string) => string): RoomTable {
  const queue =
    pool.queueLimit === Infinity
      ? `${formatCount(pool.queueLength)} in the accept queue`
      : `${formatCount(pool.queueLength)} of ${formatCount(pool.queueLimit)} in the accept queue`;
  const down = pool.downCount > 0 ? `, ${pool.downCount} down` : '';
  return {
    name: labelOf(pool.id),
    summary: `${pool.runningCount} running and ${pool.parkedCount} parked of ${pool.capacity} threads${down}; ${queue}`,
    columns: THREAD_COLUMNS,
    requestColumn: 3,
    rows: threadRows(pool, view, labelOf),
  };
}

function brokerTable(
  broker: BrokerView,
  view: LaneView,
  labelOf: (id: string) => string,
): RoomTable {
  const limit = broker.limit === Infinity ? '' : ` of at most ${formatCount(broker.limit)}`;
  const shelf = Math.min(broker.backingOff, broker.shelfRequest.length);
  return {
    name: labelOf(broker.id),
    summary:
      `${formatCount(broker.ready)}${limit} messages ready, the oldest ${formatDuration(broker.oldestAgeS)} old; ` +
      `${formatCount(broker.inFlight)} in work, ${formatCount(broker.backingOff)} backing off, ` +
      `${formatCount(broker.deadLettered)} dead-lettered, ${formatCount(broker.dropped)} dropped, ` +
      `${formatCount(broker.refused)} refused`,
    columns: ['backing off: request', 'attempt', 'due in'],
    requestColumn: 0,
    rows: Array.from({ length: shelf }, (_, i) => [
      String(broker.shelfRequest[i] ?? 0),
      `${broker.shelfAttempt[i] ?? 0} of ${broker.maxAttempts}`,
      formatDuration(Math.max(0, (broker.shelfDueS[i] ?? 0) - view.timeS)),
    ]),
  };
}

/** Brokers that were never used are left out. */
export function tableRooms(view: LaneView, flow: Flow): readonly RoomTable[] {
  const labelOf = (id: string) => flow.nodes[id]?.label ?? id;
  return view.nodes.flatMap((node) => {
    if (node.kind === 'pool') {
      const table = poolTable(node, view, labelOf);
      return node.queueLength === 0 ? [table] : [table, acceptQueueTable(node, view, table.name)];
    }
    if (node.kind === 'clients') return [];
    const touched =
      node.ready +
      node.inFlight +
      node.backingOff +
      node.deadLettered +
      node.dropped +
      node.refused;
    if (touched === 0) return [];
    const table = brokerTable(node, view, labelOf);
    return node.ready === 0 ? [table] : [table, readyTable(node, view, table.name)];
  });
}
