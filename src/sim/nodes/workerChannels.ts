/**
 * The part of workers that stands between them and the broker: deliveries and acknowledgements that
 * take time and may get lost, and messages that go back unsettled.
 */
import type { WorkersSpec } from '../flow.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import {
  giveBackDelivery,
  isDeliveryLost,
  sendDelivery,
  settleDelivery,
} from '../kernel/deliveries.ts';
import { JobPhase } from '../kernel/jobs.ts';
import { Result, Tally, type Kernel } from '../kernel/node.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { Code, WorkerSteps } from './workerSteps.ts';
import { IDLE } from './workersState.ts';

export abstract class WorkerChannels extends WorkerSteps {
  protected readonly source: number;

  constructor(
    id: string,
    index: number,
    spec: WorkersSpec,
    nodeIndex: (id: string) => number,
    random: KeyedRandom,
    edges: CallEdges,
  ) {
    super(id, index, spec, nodeIndex, random, edges);
    this.source = nodeIndex(spec.consumes);
  }

  /** The worker goes on with its buffer. */
  protected abstract next(kernel: Kernel, cell: number): void;
  /** Workers with room fetch messages. @param only the one worker that may; −1: any */
  protected abstract fetch(kernel: Kernel, only: number): boolean;

  channelClosed(kernel: Kernel, cell: number): void {
    const { state } = this;
    const { jobs } = kernel;
    const first = state.buffer.head[cell];
    const awaited =
      first >= 0 &&
      state.current[cell] === IDLE &&
      (state.stalled === 1 || jobs.rows[first].phase === JobPhase.Travelling);
    this.dropBuffer(kernel, cell, 0);
    const broker = kernel.brokers[this.source]!;
    if (broker.recall !== undefined) {
      state.channel[cell]++;
      this.dropDone(kernel, cell, 0);
      const job = state.current[cell];
      if (job >= 0) broker.recall(kernel, jobs.rows[job].message, jobs.rows[job].receipt);
    }
    if (!awaited) return;
    // It waited for a delivery that will not come, or for the end of an outage.
    this.next(kernel, cell);
    this.fetch(kernel, broker.perCell === true ? cell : -1);
  }

  protected settle(kernel: Kernel, cell: number, job: number, result: Result): void {
    const { state } = this;
    if (state.deliveryS === 0) {
      this.settleNow(kernel, cell, job, result);
      return;
    }
    const { jobs, clockS } = kernel;
    jobs.rows[job].result = result;
    // Its work is over: the field tells from here on which channel the acknowledgement is for.
    jobs.rows[job].position = state.channel[cell];
    const atS = Math.max(clockS + state.deliveryS, state.ackArrivesS[cell]);
    state.ackArrivesS[cell] = atS;
    sendDelivery(kernel, kernel.jobs.rows[job], Code.Settled, atS - clockS);
  }

  /** A message has reached its worker, or should have. */
  protected delivered(kernel: Kernel, job: number): void {
    const { state } = this;
    const { jobs } = kernel;
    const cell = jobs.rows[job].thread;
    if (this.isLost(kernel, job, Purpose.CallLoss)) {
      state.lostDeliveries++;
      if (kernel.brokers[this.source]!.perCell === true) this.fetchAgain(kernel, job);
      else this.lose(kernel, cell, job, true);
      return;
    }
    jobs.rows[job].joining = 0;
    jobs.rows[job].phase = JobPhase.Queued;
    jobs.rows[job].arrivedS = kernel.clockS;
    const isNext = state.current[cell] === IDLE && state.buffer.head[cell] === job;
    if (!isNext || state.stalled === 1) this.wait(kernel, job);
    this.next(kernel, cell);
  }

  /** An acknowledgement has reached the broker, or should have. */
  protected settled(kernel: Kernel, job: number): void {
    const { state } = this;
    const { thread: cell, position, result } = kernel.jobs.rows[job];
    const isLog = kernel.brokers[this.source]!.perCell === true;
    // That a record has failed is told to nobody: its worker seeks back.
    const isSent = !isLog || result === Result.Ok || result === Result.Declined;
    const lost = isSent && this.isLost(kernel, job, Purpose.AnswerLoss);
    if (lost) state.lostAcknowledgements++;
    if (lost && isLog) this.loseCommit(kernel, cell, job);
    // What follows a lost one through the same channel does not arrive either.
    else if (lost) this.lose(kernel, cell, job, false);
    else if (position !== state.channel[cell]) this.letGo(kernel, cell, job, 0);
    else this.settleNow(kernel, cell, job, result as Result);
    this.next(kernel, cell);
    this.fetch(kernel, isLog ? cell : -1);
  }

  /** A lost fetch of a log's records is made again: a way there and a way back. Those behind it wait. */
  private fetchAgain(kernel: Kernel, job: number): void {
    // Before a job has begun the field tells how often it has been fetched in vain.
    kernel.jobs.rows[job].joining++;
    sendDelivery(kernel, kernel.jobs.rows[job], Code.Delivered, 2 * this.state.deliveryS);
  }

  private loseCommit(kernel: Kernel, cell: number, job: number): void {
    const { message, receipt } = kernel.jobs.rows[job];
    this.release(cell);
    kernel.jobs.free(job);
    kernel.brokers[this.source]!.commitLost!(kernel, message, receipt);
  }

  losesCommit(kernel: Kernel, number: number, key: number): boolean {
    const { state } = this;
    const { random, recorder } = kernel;
    if (state.deliveryLoss === 0) return false;
    random.select(this.crashKey0, this.crashKey1, number, key, Purpose.AnswerLoss);
    if (random.uniform() >= state.deliveryLoss) return false;
    state.lostAcknowledgements++;
    recorder?.tally(kernel, this.index, Tally.Lost);
    return true;
  }

  private isLost(kernel: Kernel, job: number, purpose: number): boolean {
    const { state } = this;
    if (state.deliveryLoss === 0) return false;
    const { crashKey0, crashKey1 } = this;
    return isDeliveryLost(
      kernel,
      kernel.jobs.rows[job],
      state.deliveryLoss,
      crashKey0,
      crashKey1,
      purpose,
    );
  }

  /** A delivery or an acknowledgement is lost: its channel closes, or its lease will run out. */
  private lose(kernel: Kernel, cell: number, job: number, buffered: boolean): void {
    const { state } = this;
    const wasFetching = state.fetching;
    state.fetching = 1;
    if (kernel.brokers[this.source]!.recall !== undefined) {
      if (!buffered) this.letGo(kernel, cell, job, 0);
      this.channelClosed(kernel, cell);
    } else {
      if (buffered) state.buffer.remove(kernel.jobs, cell, kernel.jobs.rows[job]);
      this.letGo(kernel, cell, job, 0);
    }
    state.fetching = wasFetching;
    this.next(kernel, cell);
    this.fetch(kernel, -1);
  }

  /** The worker holds one message less. */
  private release(cell: number): void {
    const { state } = this;
    state.held[cell]--;
    if (cell < state.capacity) state.holding--;
  }

  private settleNow(kernel: Kernel, cell: number, job: number, result: Result): void {
    this.release(cell);
    settleDelivery(kernel, this.source, kernel.jobs.rows[job], result);
  }

  /** A message is in the hands of a worker that cannot begin it yet. */
  protected wait(kernel: Kernel, job: number): void {
    kernel.jobs.rows[job].phase = JobPhase.Buffered;
    if (kernel.recorder !== null) kernel.recorder.waiting(kernel, this.index, 1);
  }

  /** The message goes back unsettled; the broker learns of it after so long. */
  private letGo(kernel: Kernel, cell: number, job: number, afterS: number): void {
    this.release(cell);
    const { recorder } = kernel;
    if (recorder !== null && kernel.jobs.rows[job].phase === JobPhase.Buffered) {
      recorder.waiting(kernel, this.index, -1);
      recorder.withdrawn(kernel, kernel.jobs.rows[job], this.index);
    }
    if (afterS === 0) {
      giveBackDelivery(kernel, this.source, kernel.jobs.rows[job]);
      return;
    }
    // Whatever it waited for no longer concerns it.
    kernel.jobs.rows[job].generation++;
    sendDelivery(kernel, kernel.jobs.rows[job], Code.Returned, afterS);
  }

  /** What a worker has fetched and not begun goes back. */
  private dropBuffer(kernel: Kernel, cell: number, afterS: number): void {
    this.letAllGo(kernel, cell, this.state.buffer.clear(cell), afterS);
  }

  /** What a worker has done of its batch and not acknowledged goes back. */
  private dropDone(kernel: Kernel, cell: number, afterS: number): void {
    const { state } = this;
    state.batchFailed[cell] = 0;
    this.letAllGo(kernel, cell, state.done.clear(cell), afterS);
  }

  private letAllGo(kernel: Kernel, cell: number, first: number, afterS: number): void {
    const { jobs } = kernel;
    let job = first;
    while (job >= 0) {
      const next = jobs.rows[job].next;
      this.letGo(kernel, cell, job, afterS);
      job = next;
    }
  }

  /** Whatever the worker has fetched, run or not, goes back unsettled. */
  protected dropAll(kernel: Kernel, cell: number, job: number): void {
    const { state } = this;
    const wasFetching = state.fetching;
    state.fetching = 1;
    this.letGo(kernel, cell, job, state.deliveryS);
    this.dropBuffer(kernel, cell, state.deliveryS);
    this.dropDone(kernel, cell, state.deliveryS);
    state.fetching = wasFetching;
  }
}
