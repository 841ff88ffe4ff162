/** The rows of jobs as a checkpoint keeps them. */
import type { RowColumns } from './columns.ts';
import type { Job } from './job.ts';

/** Every field of a job, which a test makes sure of. */
export class JobColumns implements RowColumns<Job> {
  readonly generation: Int32Array;
  readonly next: Int32Array;
  readonly node: Int32Array;
  readonly request: Int32Array;
  readonly caller: Int32Array;
  readonly callee: Int32Array;
  readonly message: Int32Array;
  readonly position: Int32Array;
  readonly thread: Int32Array;
  readonly waitNode: Int32Array;
  readonly phase: Int32Array;
  readonly modes: Int32Array;
  readonly drawKey: Int32Array;
  readonly receipt: Int32Array;
  readonly publishKey: Int32Array;
  readonly publishAttempt: Int32Array;
  readonly publishReached: Int32Array;
  readonly root: Int32Array;
  readonly joining: Int32Array;
  readonly result: Int32Array;
  readonly fails: Int32Array;
  readonly previous: Int32Array;
  readonly viewSlot: Int32Array;
  readonly deadlineS: Float64Array;
  readonly sinceS: Float64Array;
  readonly untilS: Float64Array;
  readonly arrivedS: Float64Array;
  readonly startedS: Float64Array;

  constructor(length: number) {
    this.generation = new Int32Array(length);
    this.next = new Int32Array(length);
    this.node = new Int32Array(length);
    this.request = new Int32Array(length);
    this.caller = new Int32Array(length);
    this.callee = new Int32Array(length);
    this.message = new Int32Array(length);
    this.position = new Int32Array(length);
    this.thread = new Int32Array(length);
    this.waitNode = new Int32Array(length);
    this.phase = new Int32Array(length);
    this.modes = new Int32Array(length);
    this.drawKey = new Int32Array(length);
    this.receipt = new Int32Array(length);
    this.publishKey = new Int32Array(length);
    this.publishAttempt = new Int32Array(length);
    this.publishReached = new Int32Array(length);
    this.root = new Int32Array(length);
    this.joining = new Int32Array(length);
    this.result = new Int32Array(length);
    this.fails = new Int32Array(length);
    this.previous = new Int32Array(length);
    this.viewSlot = new Int32Array(length);
    this.deadlineS = new Float64Array(length);
    this.sinceS = new Float64Array(length);
    this.untilS = new Float64Array(length);
    this.arrivedS = new Float64Array(length);
    this.startedS = new Float64Array(length);
  }

  copyFrom(rows: readonly Job[]): void {
    const { length } = this.generation;
    for (let k = 0; k < length; k++) {
      const row = rows[k];
      this.generation[k] = row.generation;
      this.next[k] = row.next;
      this.node[k] = row.node;
      this.request[k] = row.request;
      this.caller[k] = row.caller;
      this.callee[k] = row.callee;
      this.message[k] = row.message;
      this.position[k] = row.position;
      this.thread[k] = row.thread;
      this.waitNode[k] = row.waitNode;
      this.phase[k] = row.phase;
      this.modes[k] = row.modes;
      this.drawKey[k] = row.drawKey;
      this.receipt[k] = row.receipt;
      this.publishKey[k] = row.publishKey;
      this.publishAttempt[k] = row.publishAttempt;
      this.publishReached[k] = row.publishReached;
      this.root[k] = row.root;
      this.joining[k] = row.joining;
      this.result[k] = row.result;
      this.fails[k] = row.fails;
      this.previous[k] = row.previous;
      this.viewSlot[k] = row.viewSlot;
      this.deadlineS[k] = row.deadlineS;
      this.sinceS[k] = row.sinceS;
      this.untilS[k] = row.untilS;
      this.arrivedS[k] = row.arrivedS;
      this.startedS[k] = row.startedS;
    }
  }

  copyTo(rows: readonly Job[]): void {
    const { length } = this.generation;
    for (let k = 0; k < length; k++) {
      const row = rows[k];
      row.generation = this.generation[k];
      row.next = this.next[k];
      row.node = this.node[k];
      row.request = this.request[k];
      row.caller = this.caller[k];
      row.callee = this.callee[k];
      row.message = this.message[k];
      row.position = this.position[k];
      row.thread = this.thread[k];
      row.waitNode = this.waitNode[k];
      row.phase = this.phase[k];
      row.modes = this.modes[k];
      row.drawKey = this.drawKey[k];
      row.receipt = this.receipt[k];
      row.publishKey = this.publishKey[k];
      row.publishAttempt = this.publishAttempt[k];
      row.publishReached = this.publishReached[k];
      row.root = this.root[k];
      row.joining = this.joining[k];
      row.result = this.result[k];
      row.fails = this.fails[k];
      row.previous = this.previous[k];
      row.viewSlot = this.viewSlot[k];
      row.deadlineS = this.deadlineS[k];
      row.sinceS = this.sinceS[k];
      row.untilS = this.untilS[k];
      row.arrivedS = this.arrivedS[k];
      row.startedS = this.startedS[k];
    }
  }
}
