/** Messages in broker queues: ready, in flight, backing off or dead-lettered. */
import { drawKey } from './calls.ts';
import { Table } from './table.ts';

export const MessagePhase = {
  Ready: 0,
  /** Delivered; the latest receipt may settle it. */
  InFlight: 1,
  /** On the shelf: waiting for its next attempt, or delayed before the first. */
  BackingOff: 2,
  /** On the shelf as well, but due: waiting for a place in a queue that is full. */
  Due: 5,
  /** In the dead-letter queue. */
  Dead: 3,
  /** Over for its queue; the row stays until the last worker that still runs it lets go. */
  Gone: 4,
} as const;

/** Why a message is in the dead-letter queue. */
export const DeadReason = { Attempts: 0, Expired: 1, Overflow: 2 } as const;

export class MessageTable extends Table {
  /** Messages ever created: the number of the next one. */
  created = 0;
  /** Counts from 0 in order of creation; tells places in a queue, and one delivery's copy from another. */
  number: Int32Array;
  /** Row in the request table. */
  request: Int32Array;
  /** Node of the queue. */
  queue: Int32Array;
  phase: Uint8Array;
  /** Deliveries so far; a redrive starts again from 0. */
  attempts: Int32Array;
  /** Times it came back because its consumer died or timed out, likewise. */
  returns: Int32Array;
  /** Number of the latest delivery, never reset: only it may delete the message. */
  receipt: Int32Array;
  /** Key of its random draws (calls.ts): two messages of one request do not ask for the same. */
  drawKey: Int32Array;
  /** Which of the messages of one publish it is, 0 for the only one. */
  copy: Int32Array;
  /** Workers that run it now; more than one where a lease ended before its work. */
  holders: Int32Array;
  /** FIFO group, −1 for none. */
  group: Int32Array;
  /** 0 is the most urgent. */
  priority: Uint8Array;
  reason: Uint8Array;
  /** Who got the latest delivery. */
  consumerNode: Int32Array;
  consumerCell: Int32Array;
  /** Previous in the list that its phase puts it in. */
  previous: Int32Array;
  /** First enqueued; survives retries. A redrive counts as a new enqueue. */
  enqueuedS: Float64Array;
  /** First enqueued, redrives included. */
  originalS: Float64Array;
  /** Start of the present phase. */
  sinceS: Float64Array;
  /** On the shelf: the moment of the next attempt. In flight: the end of the lease. */
  dueS: Float64Array;

  constructor(capacity = 64) {
    super(capacity);
    this.number = new Int32Array(capacity);
    this.request = new Int32Array(capacity);
    this.queue = new Int32Array(capacity);
    this.phase = new Uint8Array(capacity);
    this.attempts = new Int32Array(capacity);
    this.returns = new Int32Array(capacity);
    this.receipt = new Int32Array(capacity);
    this.drawKey = new Int32Array(capacity);
    this.copy = new Int32Array(capacity);
    this.holders = new Int32Array(capacity);
    this.group = new Int32Array(capacity);
    this.priority = new Uint8Array(capacity);
    this.reason = new Uint8Array(capacity);
    this.consumerNode = new Int32Array(capacity);
    this.consumerCell = new Int32Array(capacity);
    this.previous = new Int32Array(capacity);
    this.enqueuedS = new Float64Array(capacity);
    this.originalS = new Float64Array(capacity);
    this.sinceS = new Float64Array(capacity);
    this.dueS = new Float64Array(capacity);
  }

  create(request: number, queue: number, nowS: number): number {
    const message = this.allocate();
    this.number[message] = this.created++;
    this.request[message] = request;
    this.queue[message] = queue;
    this.phase[message] = MessagePhase.Ready;
    this.attempts[message] = 0;
    this.returns[message] = 0;
    this.receipt[message] = 0;
    this.drawKey[message] = 1;
    this.copy[message] = 0;
    this.holders[message] = 0;
    this.group[message] = -1;
    this.priority[message] = 0;
    this.reason[message] = 0;
    this.consumerNode[message] = -1;
    this.consumerCell[message] = -1;
    this.previous[message] = -1;
    this.next[message] = -1;
    this.enqueuedS[message] = nowS;
    this.originalS[message] = nowS;
    this.sinceS[message] = nowS;
    this.dueS[message] = 0;
    return message;
  }

  /** A message of a publish step. @param key of the step's draws; every copy has its own */
  createCopy(request: number, queue: number, nowS: number, key: number, copy: number): number {
    const message = this.create(request, queue, nowS);
    this.drawKey[message] = copy === 0 ? key : drawKey(key, 0, 1 + copy);
    this.copy[message] = copy;
    return message;
  }
}
