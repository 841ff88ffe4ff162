/**
 * What a lane looks like at an instant, for painters and tables. The engine fills these buffers;
 * they are reused from frame to frame, so readers copy what they keep.
 */

export const CellState = { Idle: 0, Running: 1, Parked: 2, Down: 3 } as const;
export type CellState = (typeof CellState)[keyof typeof CellState];

/** Cells and accept-queue slots that are described one by one; beyond, only counts. */
export const MAX_VIEW_CELLS = 1000;
export const MAX_VIEW_SLOTS = 1000;
export const MAX_VIEW_SHELF = 64;

/** A service: its threads and its accept queue. */
export interface PoolView {
  readonly kind: 'pool';
  /** Node id in the flow. */
  readonly id: string;
  /** Position in `LaneView.nodes`. */
  readonly index: number;
  /** Threads it is configured to have now. */
  capacity: number;
  /** Cells to draw: more than `capacity` while a shrunk pool waits for threads to come free. */
  cellCount: number;
  runningCount: number;
  parkedCount: number;
  downCount: number;
  readonly state: Uint8Array;
  /** When the cell entered its state, seconds. */
  readonly sinceS: Float64Array;
  /** Running: when the work under way ends. Down: when the thread is back. Else 0. */
  readonly untilS: Float64Array;
  /** Request number the cell works for, −1 when idle. */
  readonly request: Int32Array;
  /** 1 where the user of that request has given up: the cell does wasted work. */
  readonly wasted: Uint8Array;
  /** Index of the handler step (top level of the handler array) the thread stands on, −1 when idle. */
  readonly step: Int16Array;
  /** Parked: `LaneView.nodes` index of what it waits for, −1 otherwise. */
  readonly targetNode: Int16Array;
  /** Parked: cell of the target that works on its call, −1 if it has none yet. */
  readonly targetCell: Int32Array;
  /** Parked: slot in the target's accept queue (0 is next to be served), −1 if not queued. */
  readonly targetSlot: Int32Array;
  /** Waiting in the accept queue. */
  queueLength: number;
  /** Age of the oldest that waits there, seconds; whoever is next may be younger. */
  oldestAgeS: number;
  /** Places in the accept queue; Infinity when unlimited. */
  queueLimit: number;
  /** Here, but neither in the accept queue nor on a thread: callers to be rejected, delivered messages. */
  waitingCount: number;
  /** Slot 0 is next to be served; the first min(queueLength, MAX_VIEW_SLOTS) entries are valid. */
  readonly queueSinceS: Float64Array;
  readonly queueRequest: Int32Array;
  /** 1 where the user behind that slot has given up. */
  readonly queueWasted: Uint8Array;
  /** Mean work time now, milliseconds (first work step), and failure share. */
  workMs: number;
  failureRate: number;
}

/** A broker queue with its backoff shelf and dead-letter queue. */
export interface BrokerView {
  readonly kind: 'broker';
  readonly id: string;
  readonly index: number;
  /** Ready messages. */
  ready: number;
  /** Delivered, not yet acknowledged. */
  inFlight: number;
  /** Failed, waiting for their next attempt. */
  backingOff: number;
  deadLettered: number;
  /** Messages lost by overflow (dropped oldest) since the start. */
  dropped: number;
  /** Publishes refused (reject publish) since the start. */
  refused: number;
  /** Infinity when unlimited. */
  limit: number;
  /** Age of the oldest ready message, seconds; 0 when empty. */
  oldestAgeS: number;
  /** Threads that wait for a publish confirm now. */
  publishing: number;
  /** Backoff shelf, soonest due first; the first min(backingOff, MAX_VIEW_SHELF) entries are valid. */
  readonly shelfRequest: Int32Array;
  readonly shelfAttempt: Int16Array;
  readonly shelfSinceS: Float64Array;
  readonly shelfDueS: Float64Array;
  maxAttempts: number;
  /** Newest dead letters first; the first min(deadLettered, MAX_VIEW_SHELF) entries are valid. */
  readonly deadRequest: Int32Array;
  readonly deadS: Float64Array;
  /** Request numbers of the first ready messages (0 is next); min(ready, MAX_VIEW_SLOTS) are valid. */
  readonly readyRequest: Int32Array;
  readonly readySinceS: Float64Array;
  /** A log: its consumer groups, and by group log end − committed offset over all partitions. */
  readonly groups?: readonly string[];
  readonly groupLag?: Float64Array;
}

/** Clients have no rooms; they keep the node indices aligned. */
export interface ClientsView {
  readonly kind: 'clients';
  readonly id: string;
  readonly index: number;
  /** Arrivals per second now, a surge included. */
  ratePerS: number;
  /** End of a running surge, seconds; 0 when none. */
  surgeUntilS: number;
  /** Number of the next request to arrive and when it does. */
  nextRequest: number;
  nextArrivalS: number;
  /** Its requests that have ended since the start, by `Outcome`. */
  readonly outcomes: Int32Array;
}

export type NodeView = PoolView | BrokerView | ClientsView;

export interface LaneView {
  timeS: number;
  /** In the order of `flow.nodes`. */
  readonly nodes: readonly NodeView[];
}
