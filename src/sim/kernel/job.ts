/** A visit of a request (or of its message) to a service. */
import { UNSET_S } from './columns.ts';
import type { Row } from './rowTable.ts';

export class Job implements Row {
  readonly index: number;
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
  /** Node it is parked on, or was last. */
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
  /** Which attempt of a publish it is, and what has reached the broker of it (publishes.ts). */
  publishAttempt = 0;
  publishReached = 0;
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

  constructor(index: number) {
    this.index = index;
  }
}
