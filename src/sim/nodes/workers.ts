/**
 * Workers: a pool that only works off messages. A worker runs one message at a time; those it has
 * fetched beyond that (a batch, or a prefetch) wait in its buffer, where the time counts against
 * their leases. The effect of a message happens at the end of its work; the acknowledgement follows.
 * Redeliveries and duplicate effects are counted apart: an idempotent consumer has the first without
 * the second.
 *
 * Deliveries may take time. A lease, an acknowledgement timeout and the prefetch run at the broker:
 * from the hand-out until the acknowledgement has come back, so that with a prefetch of 1 a worker
 * waits two ways for its next message. Messages on the way to a worker are in its buffer already. An
 * acknowledgement that was sent before a crash arrives; the crash itself is news to the broker one
 * way later, and so is a heartbeat.
 */
import type { WorkersSpec } from '../flow.ts';
import { publishArrives, unconfirmed } from '../kernel/publishes.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import { giveBackDelivery } from '../kernel/deliveries.ts';
import { JobPhase } from '../kernel/jobs.ts';
import { eventTarget, Result, type Callee, type Kernel, type NodeAction } from '../kernel/node.ts';
import { emptyPoolView } from '../kernel/poolView.ts';
import { STRIDE } from '../kernel/program.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { VisibleEvent } from '../trace.ts';
import type { NodeView, PoolView } from '../view.ts';
import { EffectLedger } from './effectLedger.ts';
import { readPoolCells } from './serviceView.ts';
import { WorkerDeliveries } from './workerDeliveries.ts';
import { Code, Doom, doom, doomOf } from './workerSteps.ts';
import { DOWN, growCells, Idempotency, IDLE, setWorkersParameter } from './workersState.ts';

const MAX_WORKERS = 1000;

export class Workers extends WorkerDeliveries implements Callee {
  private readonly declines: boolean;
  /** The node of its consumer group that remembers the effects of all of them. */
  private readonly leader: number;
  private readonly ledger: EffectLedger;

  constructor(
    id: string,
    index: number,
    spec: WorkersSpec,
    nodeIndex: (id: string) => number,
    random: KeyedRandom,
    edges: CallEdges,
    leader = index,
  ) {
    super(id, index, spec, nodeIndex, random, edges);
    this.declines = spec.failureKind === 'decline';
    this.leader = leader;
    this.ledger = new EffectLedger(this.state, index, spec.idempotencyKey);
  }

  start(kernel: Kernel): void {
    this.findEntries(kernel);
    const leader = kernel.callees[this.leader];
    this.ledger.start(kernel, leader instanceof Workers ? leader.state : this.state);
    kernel.recorder?.resized(kernel, this.index, this.state.capacity, 0);
    if (this.state.autoscaler !== null) this.armScale(kernel);
  }

  handle(kernel: Kernel, code: number, slot: number, generation: number): void {
    const { jobs } = kernel;
    switch (code) {
      case Code.Up:
        if (this.state.life[slot] === generation) this.comeUp(kernel, slot);
        return;
      case Code.Heartbeat:
        if (this.state.life[slot] === generation) this.beat(kernel, slot);
        return;
      case Code.StallEnd:
        // Outages may overlap: it is over when all of them are.
        if (kernel.clockS < this.state.stallsUntilS) return;
        this.state.stalled = 0;
        for (let cell = 0; cell < this.state.current.length; cell++) {
          if (this.state.buffer.head[cell] >= 0) this.next(kernel, cell);
        }
        this.fetch(kernel, -1);
        return;
      case Code.SlowEnd:
        if (generation === this.state.slowDowns) this.state.slowFactor = 1;
        return;
      case Code.Scale:
        this.scale(kernel);
        return;
      case Code.Note:
        this.noteBacklog(kernel);
        return;
    }
    if (jobs.rows[slot].generation !== generation) return;
    switch (code) {
      case Code.WorkDone:
        jobs.rows[slot].position += STRIDE;
        this.run(kernel, slot);
        return;
      case Code.Published:
        publishArrives(kernel, slot);
        return;
      case Code.Unconfirmed:
        unconfirmed(kernel, slot, this.program);
        return;
      case Code.Crash:
        this.crash(kernel, jobs.rows[slot].thread, this.downS(kernel, slot));
        return;
      case Code.Delivered:
        this.delivered(kernel, slot);
        return;
      case Code.Settled:
        this.settled(kernel, slot);
        return;
      case Code.Returned:
        giveBackDelivery(kernel, this.source, kernel.jobs.rows[slot]);
        return;
    }
  }

  set(kernel: Kernel, parameter: string, value: number | string | null): boolean {
    if (parameter === 'workers') {
      if (typeof value !== 'number' || !(value >= 1) || value > MAX_WORKERS) return false;
      this.resize(kernel, Math.floor(value), 0);
      return true;
    }
    if (!setWorkersParameter(this.state, this.program, parameter, value)) return false;
    if (parameter === 'prefetch' || parameter === 'batch') this.fetch(kernel, -1);
    return true;
  }

  act(kernel: Kernel, action: NodeAction): boolean {
    const { state } = this;
    switch (action.do) {
      case 'kill': {
        for (let cell = 0; cell < state.current.length; cell++) {
          const job = state.current[cell];
          if (job >= 0 && kernel.jobs.rows[job].phase === JobPhase.Running) {
            this.crash(kernel, cell, action.downS);
            return true;
          }
        }
        state.pendingKills++;
        state.killDownS = action.downS;
        return true;
      }
      case 'outage':
        if (action.how !== 'stall') return false;
        state.stalled = 1;
        state.stallsUntilS = Math.max(state.stallsUntilS, kernel.clockS + action.durationS);
        this.later(kernel, action.durationS, Code.StallEnd, 0);
        return true;
      case 'slow':
        state.slowFactor = action.factor;
        this.later(kernel, action.durationS, Code.SlowEnd, ++state.slowDowns);
        return true;
      case 'poison':
        state.poisoned.push(action.request);
        return true;
      default:
        return false;
    }
  }

  entryOf(): number {
    return 0;
  }

  /** Nobody can call workers. */
  arrive(): boolean {
    return false;
  }

  withdraw(): boolean {
    return false;
  }

  cells(): number {
    return this.state.capacity;
  }

  isMember(cell: number): boolean {
    return cell < this.state.capacity && this.state.current[cell] !== DOWN;
  }

  createView(): PoolView {
    return emptyPoolView(this.id, this.index);
  }

  readView({ jobs, clockS }: Kernel, view: PoolView): void {
    const { state } = this;
    view.oldestAgeS = 0;
    for (const job of state.buffer.head) {
      if (job < 0 || jobs.rows[job].phase === JobPhase.Travelling) continue;
      view.oldestAgeS = Math.max(view.oldestAgeS, clockS - jobs.rows[job].arrivedS);
    }
    view.capacity = state.capacity;
    view.queueLength = 0;
    view.queueLimit = 0;
    view.workMs = state.paces.workMs;
    view.failureRate = state.failureRate;
  }

  countParked(kernel: Kernel): number {
    let parked = 0;
    for (const job of this.state.current) {
      if (job >= 0 && kernel.jobs.rows[job].phase === JobPhase.Parked) parked++;
    }
    return parked;
  }

  readCells(kernel: Kernel, view: PoolView, nodes: readonly NodeView[]): void {
    const { capacity, current, sinceS, untilS } = this.state;
    const pool = { capacity, job: current, downSinceS: sinceS, downUntilS: untilS };
    readPoolCells(kernel, { pool }, this.program, view, nodes);
  }

  protected begin(kernel: Kernel, cell: number, job: number): void {
    const { state } = this;
    const { jobs, requests, recorder, random } = kernel;
    state.current[cell] = job;
    state.executions++;
    jobs.rows[job].modes = state.modes;
    jobs.rows[job].phase = JobPhase.Running;
    jobs.rows[job].sinceS = kernel.clockS;
    if (recorder !== null) recorder.handlerStarted(kernel, jobs.rows[job], this.index, cell);
    if (state.idempotency !== Idempotency.none && this.ledger.knows(kernel, job)) {
      state.suppressed++;
      this.finish(kernel, job, Result.Ok);
      return;
    }
    const number = requests.rows[jobs.rows[job].request].number;
    if (state.failureRate > 0) {
      const drawn = this.draw(kernel, jobs.rows[job], Purpose.Failure);
      jobs.rows[job].fails = drawn < state.failureRate ? 1 : 0;
    }
    if (state.poisoned.length > 0 && state.poisoned.includes(number)) jobs.rows[job].fails = 1;
    if (state.crashRate > 0) {
      random.select(this.crashKey0, this.crashKey1, number, jobs.rows[job].drawKey, Purpose.Crash);
      if (random.uniform() < state.crashRate) {
        doom(jobs.rows[job], state.crashAfterEffect === 1 ? Doom.AfterEffect : Doom.BeforeEffect);
      }
    }
    this.run(kernel, job);
  }

  /** The work is done: the effect happens, unless it failed or an idempotent consumer knows better. */
  protected complete(kernel: Kernel, job: number): void {
    const { state } = this;
    const { jobs } = kernel;
    if (doomOf(jobs.rows[job]) === Doom.BeforeEffect) {
      // There was no work in which it could die, or not on the way that it took.
      this.crash(kernel, jobs.rows[job].thread, state.startUpS);
      return;
    }
    if (jobs.rows[job].fails === 1) {
      state.failures++;
      this.finish(kernel, job, this.declines ? Result.Declined : Result.Failed);
      return;
    }
    // The claim is a unique insert in the transaction of the effect: the second one is rolled back.
    if (state.idempotency === Idempotency.atomicClaim && this.ledger.knows(kernel, job)) {
      state.suppressed++;
    } else this.ledger.record(kernel, job);
    if (doomOf(jobs.rows[job]) === Doom.AfterEffect) {
      this.crash(kernel, jobs.rows[job].thread, state.startUpS);
    } else this.finish(kernel, job, Result.Ok);
  }

  /** The worker dies with everything it holds. */
  private crash(kernel: Kernel, cell: number, downS: number): void {
    const { state } = this;
    const { jobs, recorder, clockS } = kernel;
    const job = state.current[cell];
    const request = jobs.rows[job].request;
    state.crashes++;
    recorder?.record(kernel, VisibleEvent.Kill, request, this.index, cell, -1, -1, 0);
    recorder?.threadFreed(kernel, jobs.rows[job], this.index, Result.Failed);
    this.goDown(kernel, cell, downS);
    this.dropAll(kernel, cell, job);
    state.sinceS[cell] = clockS;
    kernel.brokers[this.source]!.rebalance?.(kernel, this.index);
    this.fetch(kernel, -1);
  }

  /** How long the worker of a doomed job will be away: killed, as long as was said. */
  private downS(kernel: Kernel, job: number): number {
    const { state } = this;
    return doomOf(kernel.jobs.rows[job]) === Doom.Killed ? state.killDownS : state.startUpS;
  }

  private goDown(kernel: Kernel, cell: number, downS: number): void {
    const { state } = this;
    state.current[cell] = DOWN;
    state.life[cell]++;
    if (cell < state.capacity) state.down++;
    state.sinceS[cell] = kernel.clockS;
    state.untilS[cell] = kernel.clockS + downS;
    const target = eventTarget(this.index, Code.Up);
    kernel.events.push(kernel.clockS + downS, target, cell, state.life[cell]);
  }

  private comeUp(kernel: Kernel, cell: number): void {
    const { state } = this;
    state.life[cell]++;
    state.current[cell] = IDLE;
    if (kernel.recorder !== null) {
      kernel.recorder.recordNode(kernel, VisibleEvent.Revive, this.index, cell);
    }
    if (cell < state.capacity) {
      state.down--;
      this.becomeIdle(cell);
    }
    kernel.brokers[this.source]!.rebalance?.(kernel, this.index);
    this.fetch(kernel, -1);
  }

  private scale(kernel: Kernel): void {
    const { state } = this;
    const { autoscaler } = state;
    if (autoscaler === null) return;
    this.armScale(kernel);
    if (autoscaler.aheadS === 0) this.noteBacklog(kernel);
    const wanted = autoscaler.decide();
    if (wanted !== state.capacity) this.resize(kernel, wanted, state.startUpS);
  }

  private noteBacklog(kernel: Kernel): void {
    const broker = kernel.brokers[this.source]!;
    this.state.autoscaler?.note(
      broker.backlogOf === undefined ? broker.backlog : broker.backlogOf(this.index),
    );
  }

  private armScale(kernel: Kernel): void {
    const { everyS, aheadS } = this.state.autoscaler!;
    this.later(kernel, everyS, Code.Scale, 0);
    if (aheadS > 0) this.later(kernel, everyS - aheadS, Code.Note, 0);
  }

  /** New workers work after their start-up; superfluous ones go when what they hold is done. */
  private resize(kernel: Kernel, capacity: number, startUpS: number): void {
    const { state } = this;
    const before = state.capacity;
    growCells(state, capacity);
    state.capacity = capacity;
    state.down = 0;
    state.holding = 0;
    state.idleCount = 0;
    state.idling.fill(0);
    for (let cell = capacity - 1; cell >= 0; cell--) {
      state.holding += state.held[cell];
      if (
        cell >= before &&
        startUpS > 0 &&
        state.current[cell] === IDLE &&
        state.held[cell] === 0
      ) {
        this.goDown(kernel, cell, startUpS);
      } else if (state.current[cell] === DOWN) state.down++;
      else if (state.held[cell] === 0) this.becomeIdle(cell);
    }
    kernel.recorder?.resized(kernel, this.index, capacity, state.down);
    kernel.brokers[this.source]!.rebalance?.(kernel, this.index);
    this.fetch(kernel, -1);
  }

  private later(kernel: Kernel, afterS: number, code: number, generation: number): void {
    kernel.events.push(kernel.clockS + afterS, eventTarget(this.index, code), 0, generation);
  }
}
