/** Messages in broker queues: ready, in flight or backing off. */
import { Table } from './table.ts';

export const MessagePhase = { Ready: 0, InFlight: 1, BackingOff: 2 } as const;

export class MessageTable extends Table {
  /** Row in the request table. */
  request: Int32Array;
  /** Node of the queue. */
  queue: Int32Array;
  phase: Uint8Array;
  /** Deliveries so far. */
  attempts: Int32Array;
  /** Previous in the ready list or on the shelf. */
  previous: Int32Array;
  /** First enqueued; survives retries. */
  enqueuedS: Float64Array;
  /** Start of the present phase; on the shelf also the moment of the next attempt. */
  sinceS: Float64Array;
  dueS: Float64Array;

  constructor(capacity = 64) {
    super(capacity);
    this.request = new Int32Array(capacity);
    this.queue = new Int32Array(capacity);
    this.phase = new Uint8Array(capacity);
    this.attempts = new Int32Array(capacity);
    this.previous = new Int32Array(capacity);
    this.enqueuedS = new Float64Array(capacity);
    this.sinceS = new Float64Array(capacity);
    this.dueS = new Float64Array(capacity);
  }

  create(request: number, queue: number, nowS: number): number {
    const message = this.allocate();
    this.request[message] = request;
    this.queue[message] = queue;
    this.phase[message] = MessagePhase.Ready;
    this.attempts[message] = 0;
    this.previous[message] = -1;
    this.next[message] = -1;
    this.enqueuedS[message] = nowS;
    this.sinceS[message] = nowS;
    this.dueS[message] = 0;
    return message;
  }
}
