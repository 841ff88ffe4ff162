/**
 * The part of a service that works off a queue. A thread that is idle takes a message, unless a call
 * wants it. Where deliveries take time the service sends for as many messages as it has idle threads;
 * one that is on its way, waits for a thread or has its acknowledgement on the way counts against
 * them, as it would with a worker whose prefetch is 1. No thread is kept free for it: calls that come
 * meanwhile go first. Every delivery has a channel of its own.
 */
import type { ServiceSpec } from '../flow.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import {
  createDelivery,
  giveBackDelivery,
  isDeliveryLost,
  sendDelivery,
  settleDelivery,
} from '../kernel/deliveries.ts';
import type { Job } from '../kernel/job.ts';
import { JobPhase } from '../kernel/jobs.ts';
import { MessagePhase } from '../kernel/messages.ts';
import type { Kernel, Result } from '../kernel/node.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { Code, ProgramWalker } from './programWalker.ts';

export abstract class ServiceMessages extends ProgramWalker {
  /** Node of the queue, −1: none. */
  protected readonly consumes: number;

  constructor(
    id: string,
    index: number,
    spec: ServiceSpec,
    nodeIndex: (id: string) => number,
    random: KeyedRandom,
    edges: CallEdges,
  ) {
    super(id, index, spec, nodeIndex, random, edges);
    this.consumes = spec.consumes === undefined ? -1 : nodeIndex(spec.consumes);
  }

  /** Puts a job on an idle thread. */
  protected abstract begin(kernel: Kernel, job: Job): void;

  /** For an idle thread that nobody else wants. @returns false if no message is at hand */
  protected beginMessage(kernel: Kernel): boolean {
    const { state } = this;
    if (state.delivered.head >= 0 && this.beginDelivered(kernel)) return true;
    if (state.deliveryS > 0) {
      this.sendFor(kernel);
      return false;
    }
    const broker = kernel.brokers[this.consumes]!;
    const message = broker.take(kernel, this.index, state.pool.nextIdle());
    if (message < 0) return false;
    this.begin(kernel, createDelivery(kernel, this.index, message));
    return true;
  }

  /** Sends for messages: one for each idle thread that none is meant for yet. */
  private sendFor(kernel: Kernel): void {
    const { state } = this;
    const { pool } = state;
    const broker = kernel.brokers[this.consumes]!;
    const idle = Math.min(pool.idleCount, pool.open - pool.held - pool.down);
    while (state.underWay < idle) {
      const cell = pool.idle[pool.idleCount - 1 - state.underWay];
      const message = broker.take(kernel, this.index, cell);
      if (message < 0) return;
      state.underWay++;
      const job = createDelivery(kernel, this.index, message);
      sendDelivery(kernel, job, Code.Delivered, state.deliveryS);
    }
  }

  /** Begins the message that has waited longest. */
  private beginDelivered(kernel: Kernel): boolean {
    const { state } = this;
    const { jobs } = kernel;
    while (state.delivered.head >= 0) {
      const job = state.delivered.shift(jobs);
      state.underWay--;
      this.noteWaiting(kernel, -1);
      if (!this.isVoid(kernel, job)) {
        this.begin(kernel, job);
        return true;
      }
      kernel.recorder?.withdrawn(kernel, job, this.index);
      giveBackDelivery(kernel, this.consumes, job);
    }
    return false;
  }

  /** The queue has closed the channel meanwhile: what it delivered has come back to it already. */
  private isVoid(kernel: Kernel, { message, receipt }: Job): boolean {
    const { messages } = kernel;
    return (
      kernel.brokers[this.consumes]!.recall !== undefined &&
      (messages.phase[message] !== MessagePhase.InFlight || messages.receipt[message] !== receipt)
    );
  }

  /** A message has reached the service, or should have. */
  protected delivered(kernel: Kernel, index: number): void {
    const { state } = this;
    const job = kernel.jobs.rows[index];
    if (this.isLost(kernel, job, Purpose.CallLoss)) {
      state.lostDeliveries++;
      state.underWay--;
      giveBackDelivery(kernel, this.consumes, job);
    } else {
      job.phase = JobPhase.Queued;
      job.arrivedS = kernel.clockS;
      job.sinceS = kernel.clockS;
      state.delivered.push(kernel.jobs, job);
      this.noteWaiting(kernel, 1);
    }
    this.admit(kernel);
  }

  /** A message is done; its thread is free already. */
  protected settle(kernel: Kernel, job: Job, result: Result): void {
    const { state } = this;
    if (state.deliveryS === 0) {
      settleDelivery(kernel, this.consumes, job, result);
      return;
    }
    state.underWay++;
    job.result = result;
    sendDelivery(kernel, job, Code.Settled, state.deliveryS);
  }

  /** An acknowledgement has reached the queue, or should have. */
  protected settled(kernel: Kernel, index: number): void {
    const { state } = this;
    const job = kernel.jobs.rows[index];
    state.underWay--;
    if (this.isLost(kernel, job, Purpose.AnswerLoss)) {
      state.lostAcknowledgements++;
      giveBackDelivery(kernel, this.consumes, job);
    } else settleDelivery(kernel, this.consumes, job, job.result as Result);
    this.admit(kernel);
  }

  /** The thread has died in the middle of the work; the queue learns of it one way later. */
  protected giveBack(kernel: Kernel, job: Job): void {
    const { deliveryS } = this.state;
    if (deliveryS === 0) {
      giveBackDelivery(kernel, this.consumes, job);
      return;
    }
    // Whatever it waited for no longer concerns it.
    job.generation++;
    sendDelivery(kernel, job, Code.Returned, deliveryS);
  }

  /** One more, or one less, waits here outside the accept queue. */
  protected noteWaiting(kernel: Kernel, change: 1 | -1): void {
    this.state.waiting += change;
    if (kernel.recorder !== null) kernel.recorder.waiting(kernel, this.index, change);
  }

  private isLost(kernel: Kernel, job: Job, purpose: number): boolean {
    const { deliveryLoss } = this.state;
    if (deliveryLoss === 0) return false;
    return isDeliveryLost(kernel, job, deliveryLoss, this.key0, this.key1, purpose);
  }
}
