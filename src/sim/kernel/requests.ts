/** Requests: one row per user's request, from submit until nothing refers to it any more. */
import { Outcome } from '../outcome.ts';
import { Table } from './table.ts';

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

export class RequestTable extends Table {
  /** Counts from 0 in order of arrival; the key of its random draws. */
  number: Int32Array;
  /** Node of the clients that sent it. */
  origin: Int32Array;
  outcome: Uint8Array;
  flags: Uint8Array;
  /** 0 goes first, where that matters. */
  priority: Uint8Array;
  /** Position among the classes of its clients; not set where they have none. */
  classOf: Uint8Array;
  /** The first error on the way to its answer, a `Result`; 0 for none. */
  cause: Uint8Array;
  /** Jobs, messages and lists that hold the row. */
  references: Int32Array;
  /** The job of its first service, −1 once that has ended. */
  rootJob: Int32Array;
  submittedS: Float64Array;
  /** When the user was answered, rejected or gave up; seconds. Not set before. */
  endS: Float64Array;
  /** First and last row of its journey, −1 when none is kept. */
  journeyHead: Int32Array;
  journeyTail: Int32Array;

  constructor(capacity = 64) {
    super(capacity);
    this.number = new Int32Array(capacity);
    this.origin = new Int32Array(capacity);
    this.outcome = new Uint8Array(capacity);
    this.flags = new Uint8Array(capacity);
    this.priority = new Uint8Array(capacity);
    this.classOf = new Uint8Array(capacity);
    this.cause = new Uint8Array(capacity);
    this.references = new Int32Array(capacity);
    this.rootJob = new Int32Array(capacity);
    this.submittedS = new Float64Array(capacity);
    this.endS = new Float64Array(capacity);
    this.journeyHead = new Int32Array(capacity);
    this.journeyTail = new Int32Array(capacity);
  }

  /** A request submitted at `nowS`, with one reference (its first job). */
  create(number: number, origin: number, nowS: number): number {
    const request = this.allocate();
    this.number[request] = number;
    this.origin[request] = origin;
    this.outcome[request] = Outcome.Open;
    this.flags[request] = 0;
    this.priority[request] = 0;
    this.cause[request] = 0;
    this.references[request] = 1;
    this.rootJob[request] = -1;
    this.submittedS[request] = nowS;
    this.journeyHead[request] = -1;
    this.journeyTail[request] = -1;
    return request;
  }
}
