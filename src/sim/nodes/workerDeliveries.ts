/**
 * The part of workers that fetches messages and says when they are done: what a worker holds beyond the one it
 * runs (a batch, or a prefetch) waits in its buffer, and the time there counts against the leases.
 */
import type { WorkersSpec } from '../flow.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import { createDelivery, sendDelivery } from '../kernel/deliveries.ts';
import { JobPhase } from '../kernel/jobs.ts';
import { eventTarget, Result, type Kernel } from '../kernel/node.ts';
import type { KeyedRandom } from '../kernel/random.ts';
import { WorkerChannels } from './workerChannels.ts';
import { Code } from './workerSteps.ts';
import { DOWN, IDLE } from './workersState.ts';

export abstract class WorkerDeliveries extends WorkerChannels {
  private readonly acknowledgesBatch: boolean;

  constructor(
    id: string,
    index: number,
    spec: WorkersSpec,
    nodeIndex: (id: string) => number,
    random: KeyedRandom,
    edges: CallEdges,
  ) {
    super(id, index, spec, nodeIndex, random, edges);
    this.acknowledgesBatch = spec.acknowledge === 'batch';
  }

  /** A worker starts on a message of its buffer. */
  protected abstract begin(kernel: Kernel, cell: number, job: number): void;

  offer(kernel: Kernel, cell = -1): boolean {
    return this.fetch(kernel, cell);
  }

  /**
   * Lets workers with room fetch messages until there are none.
   * @param only the one worker that may; −1: any
   * @returns true if a message was taken
   */
  protected override fetch(kernel: Kernel, only: number): boolean {
    const { state } = this;
    if (state.fetching === 1 || state.stalled === 1) return false;
    state.fetching = 1;
    const broker = kernel.brokers[this.source]!;
    let took = false;
    if (broker.perCell === true || only >= 0) took = this.fetchEach(kernel, only);
    else {
      for (let cell = this.withRoom(); cell >= 0; cell = this.withRoom()) {
        if (!this.fetchFor(kernel, cell)) break;
        took = true;
      }
    }
    state.fetching = 0;
    return took;
  }

  /** Where the broker decides by worker: none may be passed over because another found nothing. */
  private fetchEach(kernel: Kernel, only: number): boolean {
    const { state } = this;
    let took = false;
    const first = only < 0 ? 0 : only;
    const last = only < 0 ? state.capacity - 1 : Math.min(only, state.capacity - 1);
    for (let cell = first; cell <= last; cell++) {
      while (state.current[cell] === IDLE && state.held[cell] === 0) {
        this.leaveIdle(cell);
        if (!this.fetchFor(kernel, cell)) break;
        took = true;
      }
    }
    return took;
  }

  /** A worker that may hold more; it is taken off the idle stack. @returns −1 if there is none */
  private withRoom(): number {
    const { state } = this;
    if (state.prefetch === 1 || state.batch > 1) {
      if (state.idleCount === 0) return -1;
      const cell = state.idle[--state.idleCount];
      state.idling[cell] = 0;
      return cell;
    }
    if (state.holding >= state.prefetch * (state.capacity - state.down)) return -1;
    // Deliveries go round the consumers whose prefetch is not used up, busy or not (RabbitMQ).
    for (let k = 0; k < state.capacity; k++) {
      const cell = (state.turn + k) % state.capacity;
      if (state.current[cell] !== DOWN && state.held[cell] < state.prefetch) {
        state.turn = (cell + 1) % state.capacity;
        if (state.held[cell] === 0) this.leaveIdle(cell);
        return cell;
      }
    }
    return -1;
  }

  private leaveIdle(cell: number): void {
    const { state } = this;
    if (state.idling[cell] === 0) return;
    state.idling[cell] = 0;
    for (let k = state.idleCount - 1; k >= 0; k--) {
      if (state.idle[k] !== cell) continue;
      state.idle.copyWithin(k, k + 1, state.idleCount);
      state.idleCount--;
      return;
    }
  }

  protected becomeIdle(cell: number): void {
    const { state } = this;
    if (cell >= state.capacity || state.idling[cell] === 1) return;
    state.idling[cell] = 1;
    state.idle[state.idleCount++] = cell;
  }

  /** Fetches a batch, or one message, for a worker. */
  private fetchFor(kernel: Kernel, cell: number): boolean {
    const { state } = this;
    const { jobs } = kernel;
    const broker = kernel.brokers[this.source]!;
    let taken = 0;
    while (taken < state.batch) {
      const message = broker.take(kernel, this.index, cell);
      if (message < 0) break;
      taken++;
      const row = createDelivery(kernel, this.index, message);
      const job = row.index;
      row.thread = cell;
      state.buffer.push(jobs, cell, row);
      if (cell < state.capacity) state.holding++;
      if (state.held[cell]++ === 0) {
        this.armHeartbeat(kernel, cell, state.heartbeatS + 2 * state.deliveryS);
      }
      if (state.deliveryS > 0) sendDelivery(kernel, row, Code.Delivered, state.deliveryS);
      else if (state.held[cell] > 1) this.wait(kernel, job);
    }
    if (state.current[cell] === IDLE) this.next(kernel, cell);
    return taken > 0;
  }

  /** The worker goes on with its buffer; with nothing left it is idle. */
  protected override next(kernel: Kernel, cell: number): void {
    const { state } = this;
    const { jobs } = kernel;
    while (state.current[cell] === IDLE) {
      const job = state.buffer.head[cell];
      if (job < 0) {
        if (state.done.head[cell] >= 0) this.acknowledgeBatch(kernel, cell);
        if (state.held[cell] === 0) {
          state.life[cell]++;
          this.becomeIdle(cell);
        }
        return;
      }
      // Deliveries arrive in order: the next one is still on its way. In an outage nothing is started.
      if (jobs.rows[job].phase === JobPhase.Travelling || state.stalled === 1) return;
      state.buffer.shift(jobs, cell);
      if (kernel.recorder !== null && jobs.rows[job].phase === JobPhase.Buffered) {
        kernel.recorder.waiting(kernel, this.index, -1);
      }
      const outer = state.advancing;
      state.advancing = cell;
      this.begin(kernel, cell, job);
      state.advancing = outer;
    }
  }

  protected finish(kernel: Kernel, job: number, result: Result): void {
    const { state } = this;
    const { jobs } = kernel;
    const cell = jobs.rows[job].thread;
    state.current[cell] = IDLE;
    kernel.recorder?.threadFreed(kernel, jobs.rows[job], this.index, result);
    if (this.acknowledgesBatch && state.batch > 1) {
      state.done.push(jobs, cell, jobs.rows[job]);
      if (result !== Result.Ok && result !== Result.Declined) state.batchFailed[cell] = 1;
    } else this.settle(kernel, cell, job, result);
    if (state.advancing === cell) return;
    this.next(kernel, cell);
    // Of a log only this worker's partitions may have become free.
    this.fetch(kernel, kernel.brokers[this.source]!.perCell === true ? cell : -1);
  }

  private acknowledgeBatch(kernel: Kernel, cell: number): void {
    const { state } = this;
    const { jobs } = kernel;
    const result = state.batchFailed[cell] === 1 ? Result.Failed : Result.Ok;
    let job = state.done.clear(cell);
    state.batchFailed[cell] = 0;
    while (job >= 0) {
      const next = jobs.rows[job].next;
      this.settle(kernel, cell, job, result);
      job = next;
    }
  }

  private armHeartbeat(kernel: Kernel, cell: number, afterS: number): void {
    if (afterS === Infinity) return;
    const target = eventTarget(this.index, Code.Heartbeat);
    kernel.events.push(kernel.clockS + afterS, target, cell, this.state.life[cell]);
  }

  protected beat(kernel: Kernel, cell: number): void {
    const { state } = this;
    const { jobs } = kernel;
    if (state.held[cell] === 0) return;
    const broker = kernel.brokers[this.source]!;
    const current = state.current[cell];
    if (current >= 0) broker.extend(kernel, jobs.rows[current].message, jobs.rows[current].receipt);
    for (let job = state.buffer.head[cell]; job >= 0; job = jobs.rows[job].next!) {
      // What has not arrived cannot be held on to.
      if (jobs.rows[job].phase === JobPhase.Travelling) break;
      broker.extend(kernel, jobs.rows[job].message, jobs.rows[job].receipt);
    }
    for (let job = state.done.head[cell]; job >= 0; job = jobs.rows[job].next!) {
      broker.extend(kernel, jobs.rows[job].message, jobs.rows[job].receipt);
    }
    this.armHeartbeat(kernel, cell, state.heartbeatS);
  }
}
