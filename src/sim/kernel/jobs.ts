/** Jobs: one row per visit of a request (or of its message) to a service. */
import { Caller } from './calls.ts';
import { Table } from './table.ts';

export const JobPhase = {
  Queued: 0,
  Running: 1,
  Parked: 2,
  /** On its way to the node. */
  Travelling: 3,
} as const;

export class JobTable extends Table {
  node: Int32Array;
  /** Row in the request table. */
  request: Int32Array;
  /** Who awaits this one: the row of a job, or a code of `Caller` (calls.ts). */
  caller: Int32Array;
  /** Row of the job this one waits for, −1 for none. */
  callee: Int32Array;
  /** Row of the message being worked on, −1 for a call. */
  message: Int32Array;
  /** Position in the service's program. */
  position: Int32Array;
  /** Cell, −1 while queued. */
  thread: Int32Array;
  /** Node it is parked on, −1 otherwise. */
  waitNode: Int32Array;
  phase: Uint8Array;
  /** Which switched steps are queued, one bit each, as they stood when the handler started. */
  modes: Int32Array;
  /** Key of its random draws (calls.ts), 1 for a first attempt. */
  drawKey: Int32Array;
  /** Receipt of its message, as it was delivered. */
  receipt: Int32Array;
  /** Key of the draws of the message it is about to publish. */
  publishKey: Int32Array;
  /** 1 where clients sent it. */
  root: Uint8Array;
  /** Parallel calls it still waits for; 0 for a single one. */
  joining: Int32Array;
  /** After this moment nobody wants the result, and it knows; Infinity if it does not. Seconds. */
  deadlineS: Float64Array;
  /** What it goes on with as soon as it has a thread, a `Result` (non-blocking services only). */
  result: Uint8Array;
  /** 1 where this attempt ends in failure (drawn when it started). */
  fails: Uint8Array;
  /** Previous in the accept queue (`next` is the other direction). */
  previous: Int32Array;
  /** Start of the present phase and, while running, its end; seconds. */
  sinceS: Float64Array;
  untilS: Float64Array;
  arrivedS: Float64Array;
  /** Scratch for views: the slot in the accept queue. */
  viewSlot: Int32Array;

  constructor(capacity = 64) {
    super(capacity);
    this.node = new Int32Array(capacity);
    this.request = new Int32Array(capacity);
    this.caller = new Int32Array(capacity);
    this.callee = new Int32Array(capacity);
    this.message = new Int32Array(capacity);
    this.position = new Int32Array(capacity);
    this.thread = new Int32Array(capacity);
    this.waitNode = new Int32Array(capacity);
    this.phase = new Uint8Array(capacity);
    this.modes = new Int32Array(capacity);
    this.drawKey = new Int32Array(capacity);
    this.receipt = new Int32Array(capacity);
    this.publishKey = new Int32Array(capacity);
    this.root = new Uint8Array(capacity);
    this.joining = new Int32Array(capacity);
    this.deadlineS = new Float64Array(capacity);
    this.fails = new Uint8Array(capacity);
    this.result = new Uint8Array(capacity);
    this.previous = new Int32Array(capacity);
    this.sinceS = new Float64Array(capacity);
    this.untilS = new Float64Array(capacity);
    this.arrivedS = new Float64Array(capacity);
    this.viewSlot = new Int32Array(capacity);
  }

  /** A job that has just arrived at `node` at `nowS`; columns that a queue or a start set keep what they had. */
  create(
    node: number,
    request: number,
    caller: number,
    message: number,
    drawKey: number,
    nowS: number,
  ): number {
    const job = this.allocate();
    this.node[job] = node;
    this.request[job] = request;
    this.caller[job] = caller;
    this.callee[job] = -1;
    this.message[job] = message;
    this.position[job] = 0;
    this.thread[job] = -1;
    this.waitNode[job] = -1;
    this.phase[job] = JobPhase.Queued;
    this.modes[job] = 0;
    this.drawKey[job] = drawKey;
    this.root[job] = caller === Caller.Clients && message < 0 ? 1 : 0;
    this.joining[job] = 0;
    this.deadlineS[job] = Infinity;
    this.fails[job] = 0;
    this.next[job] = -1;
    this.sinceS[job] = nowS;
    this.arrivedS[job] = nowS;
    this.viewSlot[job] = -1;
    return job;
  }
}
