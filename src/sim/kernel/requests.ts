/** Requests: one row per user's request, from submit until nothing refers to it any more. */
import { Outcome } from '../outcome.ts';
import { Request } from './request.ts';
import { RequestColumns } from './requestColumns.ts';
import { RowTable, type Clock } from './rowTable.ts';

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

export class RequestTable extends RowTable<Request> {
  protected blank(index: number): Request {
    return new Request(index);
  }

  protected columns(length: number): RequestColumns {
    return new RequestColumns(length);
  }

  /** A request submitted now, with one reference (its first job). */
  create(number: number, origin: number, { clockS }: Clock): Request {
    const request = this.allocate();
    request.number = number;
    request.origin = origin;
    request.outcome = Outcome.Open;
    request.flags = 0;
    request.priority = 0;
    request.cause = 0;
    request.references = 1;
    request.rootJob = -1;
    request.submittedS = clockS;
    return request;
  }
}
