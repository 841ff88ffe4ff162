/** Jobs: one row per visit of a request (or of its message) to a service. */
import { Caller } from './calls.ts';
import { UNSET_S } from './columns.ts';
import { RowTable, type Row } from './rowTable.ts';

export const JobPhase = {
  Queued: 0,
  Running: 1,
  Parked: 2,
  /** On its way to the node. */
  Travelling: 3,
} as const;

export class Job implements Row {
  generation = 0;
  next = -1;
  node = 0;
  /** Row in the request table. */
  request = 0;
  /** Who awaits this one: the row of a job, or a code of `Caller` (calls.ts). */
  caller = 0;
  /** Row of the job this one waits for, −1 for none. */
  callee = 0;
  /** Row of the message being worked on, −1 for a call. */
  message = 0;
  /** Position in the service's program. */
  position = 0;
  /** Cell, −1 while queued. */
  thread = 0;
  /** Node it is parked on, −1 otherwise. */
  waitNode = 0;
  phase = 0;
  /** Which switched steps are queued, one bit each, as they stood when the handler started. */
  modes = 0;
  /** Key of its random draws (calls.ts), 1 for a first attempt. */
  drawKey = 0;
  /** Receipt of its message, as it was delivered. */
  receipt = 0;
  /** Key of the draws of the message it is about to publish. */
  publishKey = 0;
  /** 1 where clients sent it. */
  root = 0;
  /** Parallel calls it still waits for; 0 for a single one. */
  joining = 0;
  /** What it goes on with as soon as it has a thread, a `Result` (non-blocking services only). */
  result = 0;
  /** 1 where this attempt ends in failure (drawn when it started). */
  fails = 0;
  /** Previous in the accept queue (`next` is the other direction). */
  previous = 0;
  /** Scratch for views: the slot in the accept queue. */
  viewSlot = 0;
  /** After this moment nobody wants the result, and it knows; Infinity if it does not. Seconds. */
  deadlineS = Infinity;
  /** Start of the present phase and, while running, its end; seconds. */
  sinceS = UNSET_S;
  untilS = UNSET_S;
  arrivedS = UNSET_S;
  /** When it got its thread; kept by the recorder that measures. */
  startedS = UNSET_S;
}

export class JobTable extends RowTable<Job> {
  protected blank(): Job {
    return new Job();
  }

  /** A job that has just arrived at `node` at `nowS`; fields that a queue or a start set keep what they had. */
  create(
    node: number,
    request: number,
    caller: number,
    message: number,
    drawKey: number,
    nowS: number,
  ): number {
    const index = this.allocate();
    const job = this.rows[index];
    job.node = node;
    job.request = request;
    job.caller = caller;
    job.callee = -1;
    job.message = message;
    job.position = 0;
    job.thread = -1;
    job.waitNode = -1;
    job.phase = JobPhase.Queued;
    job.modes = 0;
    job.drawKey = drawKey;
    job.root = caller === Caller.Clients && message < 0 ? 1 : 0;
    job.joining = 0;
    job.deadlineS = Infinity;
    job.fails = 0;
    job.next = -1;
    job.sinceS = nowS;
    job.arrivedS = nowS;
    job.viewSlot = -1;
    return index;
  }
}
