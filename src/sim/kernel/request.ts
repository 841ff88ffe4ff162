/** A user's request, from submit until nothing refers to it any more. */
import { UNSET_S } from './columns.ts';
import type { Row } from './rowTable.ts';

export class Request implements Row {
  readonly index: number;
  generation = 0;
  next = -1;
  /** Counts from 0 in order of arrival; the key of its random draws. */
  number = 0;
  /** Node of the clients that sent it. */
  origin = 0;
  outcome = 0;
  flags = 0;
  /** 0 goes first, where that matters. */
  priority = 0;
  /** Position among the classes of its clients; not set where they have none. */
  classOf = 0;
  /** The first error on the way to its answer, a `Result`; 0 for none. */
  cause = 0;
  /** Jobs, messages and lists that hold the row. */
  references = 0;
  /**
   * The job of its first service, −1 once that has ended; while a call with a policy has no job, the
   * call (as in `jobs.caller`).
   */
  rootJob = -1;
  /** First and last row of its journey, −1 when none is kept. */
  journeyHead = -1;
  journeyTail = -1;
  submittedS = UNSET_S;
  /** When the user was answered, rejected or gave up; seconds. Not set before. */
  endS = UNSET_S;

  constructor(index: number) {
    this.index = index;
  }
}
