/** The rows of requests as a checkpoint keeps them. */
import type { RowColumns } from './columns.ts';
import type { Request } from './request.ts';

/** Every field of a request, which a test makes sure of. */
export class RequestColumns implements RowColumns<Request> {
  readonly generation: Int32Array;
  readonly next: Int32Array;
  readonly number: Int32Array;
  readonly origin: Int32Array;
  readonly outcome: Int32Array;
  readonly flags: Int32Array;
  readonly priority: Int32Array;
  readonly classOf: Int32Array;
  readonly cause: Int32Array;
  readonly references: Int32Array;
  readonly rootJob: Int32Array;
  readonly journeyHead: Int32Array;
  readonly journeyTail: Int32Array;
  readonly submittedS: Float64Array;
  readonly endS: Float64Array;

  constructor(length: number) {
    this.generation = new Int32Array(length);
    this.next = new Int32Array(length);
    this.number = new Int32Array(length);
    this.origin = new Int32Array(length);
    this.outcome = new Int32Array(length);
    this.flags = new Int32Array(length);
    this.priority = new Int32Array(length);
    this.classOf = new Int32Array(length);
    this.cause = new Int32Array(length);
    this.references = new Int32Array(length);
    this.rootJob = new Int32Array(length);
    this.journeyHead = new Int32Array(length);
    this.journeyTail = new Int32Array(length);
    this.submittedS = new Float64Array(length);
    this.endS = new Float64Array(length);
  }

  copyFrom(rows: readonly Request[]): void {
    const { length } = this.generation;
    for (let k = 0; k < length; k++) {
      const row = rows[k];
      this.generation[k] = row.generation;
      this.next[k] = row.next;
      this.number[k] = row.number;
      this.origin[k] = row.origin;
      this.outcome[k] = row.outcome;
      this.flags[k] = row.flags;
      this.priority[k] = row.priority;
      this.classOf[k] = row.classOf;
      this.cause[k] = row.cause;
      this.references[k] = row.references;
      this.rootJob[k] = row.rootJob;
      this.journeyHead[k] = row.journeyHead;
      this.journeyTail[k] = row.journeyTail;
      this.submittedS[k] = row.submittedS;
      this.endS[k] = row.endS;
    }
  }

  copyTo(rows: readonly Request[]): void {
    const { length } = this.generation;
    for (let k = 0; k < length; k++) {
      const row = rows[k];
      row.generation = this.generation[k];
      row.next = this.next[k];
      row.number = this.number[k];
      row.origin = this.origin[k];
      row.outcome = this.outcome[k];
      row.flags = this.flags[k];
      row.priority = this.priority[k];
      row.classOf = this.classOf[k];
      row.cause = this.cause[k];
      row.references = this.references[k];
      row.rootJob = this.rootJob[k];
      row.journeyHead = this.journeyHead[k];
      row.journeyTail = this.journeyTail[k];
      row.submittedS = this.submittedS[k];
      row.endS = this.endS[k];
    }
  }
}
