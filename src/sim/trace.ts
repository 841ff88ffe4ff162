/**
 * The recent visible events of a lane, in order: what flights are drawn from and what "step" stops
 * at. A ring of typed arrays outside the simulation's state: a pure record of the trace, so losing
 * it (by a restore) loses nothing; replaying writes it again.
 */

export const VisibleEvent = {
  /** A request reaches a service from a client. */
  Arrive: 0,
  /** Turned away: the accept queue was full. */
  Reject: 1,
  /** Takes its place in the accept queue. */
  Wait: 2,
  /** A thread (cell) starts on it. */
  Start: 3,
  /** A thread parks on `otherNode`. */
  Park: 4,
  /** A parked thread goes on. */
  Resume: 5,
  /** A message is in the queue (node: the queue; otherNode/otherCell: the publisher). */
  Enqueue: 6,
  /** A worker (otherNode/otherCell) takes a message from the queue (node). */
  Deliver: 7,
  /** The worker is done with it: acknowledged. */
  Acknowledge: 8,
  /** The attempt failed; it waits on the backoff shelf of `node`. */
  BackOff: 9,
  /** Back in the ready queue for another attempt. */
  Requeue: 10,
  DeadLetter: 11,
  /** Lost by overflow. */
  Drop: 12,
  /** A publish was refused by a full queue. */
  Refuse: 13,
  /** The user is answered (detail: the outcome). */
  Answer: 14,
  /** The user gives up (detail: the outcome). */
  GiveUp: 15,
  /** A call ends in an error or a decline at `node` (detail: the result). */
  Fail: 16,
  /** A thread dies / is back. */
  Kill: 17,
  Revive: 18,
} as const;
export type VisibleEvent = (typeof VisibleEvent)[keyof typeof VisibleEvent];

export class Trace {
  /** Events ever written; entry `i` (count − capacity ≤ i < count) lives at `i & mask`. */
  count = 0;
  readonly mask: number;
  readonly timeS: Float64Array;
  readonly kind: Uint8Array;
  readonly request: Int32Array;
  readonly node: Int16Array;
  readonly cell: Int32Array;
  readonly otherNode: Int16Array;
  readonly otherCell: Int32Array;
  readonly detail: Int32Array;

  /** @param capacityLog2 the ring keeps 2^capacityLog2 events. */
  constructor(capacityLog2 = 15) {
    const capacity = 1 << capacityLog2;
    this.mask = capacity - 1;
    this.timeS = new Float64Array(capacity);
    this.kind = new Uint8Array(capacity);
    this.request = new Int32Array(capacity);
    this.node = new Int16Array(capacity);
    this.cell = new Int32Array(capacity);
    this.otherNode = new Int16Array(capacity);
    this.otherCell = new Int32Array(capacity);
    this.detail = new Int32Array(capacity);
  }

  write(
    timeS: number,
    kind: VisibleEvent,
    request: number,
    node: number,
    cell: number,
    otherNode: number,
    otherCell: number,
    detail: number,
  ): void {
    const i = this.count & this.mask;
    this.timeS[i] = timeS;
    this.kind[i] = kind;
    this.request[i] = request;
    this.node[i] = node;
    this.cell[i] = cell;
    this.otherNode[i] = otherNode;
    this.otherCell[i] = otherCell;
    this.detail[i] = detail;
    this.count++;
  }

  /** First entry still kept. */
  get first(): number {
    return Math.max(0, this.count - this.mask - 1);
  }

  clear(): void {
    this.count = 0;
  }
}
