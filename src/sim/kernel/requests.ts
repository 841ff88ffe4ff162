/** Requests: one row per user's request, from submit until nothing refers to it any more. */
import { Outcome } from '../outcome.ts';
import { UNSET_S } from './columns.ts';
import { RowTable, type Row } from './rowTable.ts';

/** Facts about a request that counts depend on. */
export const RequestFlag = {
  /** Its handler has started. */
  Started: 1,
  /** A service whose failures are declines has succeeded for it: the card is charged. */
  Charged: 2,
  /** Already counted as charged but failed. */
  ChargedCounted: 4,
  /** A publish of one of its messages was refused. */
  Refused: 8,
  /** One of its queued messages was declined. */
  DeclinedLater: 16,
} as const;

export class Request implements Row {
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
}

export class RequestTable extends RowTable<Request> {
  protected blank(): Request {
    return new Request();
  }

  /** A request submitted at `nowS`, with one reference (its first job). */
  create(number: number, origin: number, nowS: number): number {
    const index = this.allocate();
    const request = this.rows[index];
    request.number = number;
    request.origin = origin;
    request.outcome = Outcome.Open;
    request.flags = 0;
    request.priority = 0;
    request.cause = 0;
    request.references = 1;
    request.rootJob = -1;
    request.submittedS = nowS;
    request.journeyHead = -1;
    request.journeyTail = -1;
    return index;
  }
}
