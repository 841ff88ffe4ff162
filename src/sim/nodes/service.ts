/**
 * A service with a pool of threads. A thread is held from the start of the handler to its end,
 * parked while it waits for a call or for a broker; a non-blocking service gives it back instead.
 * Calls that find no idle thread wait in the accept queue; when that is full they are rejected.
 * Threads may also work off a broker queue, after the calls: there somebody is waiting.
 */
import { confirmPublish } from '../kernel/confirmPublish.ts';
import { giveBackDelivery } from '../kernel/deliveries.ts';
import { endJob } from '../kernel/endJob.ts';
import { JobPhase } from '../kernel/jobs.ts';
import {
  eventTarget,
  Result,
  type Callee,
  type Kernel,
  type NodeAction,
  type Recorder,
} from '../kernel/node.ts';
import { Op, STRIDE } from '../kernel/program.ts';
import { emptyPoolView } from '../kernel/poolView.ts';
import { Purpose } from '../kernel/random.ts';
import { RequestFlag } from '../kernel/requests.ts';
import { VisibleEvent } from '../trace.ts';
import type { NodeView, PoolView } from '../view.ts';
import { Code } from './programWalker.ts';
import { ServiceMessages } from './serviceMessages.ts';
import { setServiceParameter } from './serviceState.ts';
import { readPool, readPoolCells } from './serviceView.ts';

const MAX_THREADS = 1000;

export class Service extends ServiceMessages implements Callee {
  start(kernel: Kernel): void {
    this.program.calls.forEach(({ target, endpoint }, k) => {
      this.entries[k] = kernel.callees[target]!.entryOf(endpoint);
    });
    const { capacity } = this.state.pool;
    if (kernel.recorder !== null) kernel.recorder.resized(kernel, this.index, capacity);
  }

  get retryAfterS(): number {
    return this.state.retryAfterS;
  }

  get retryAfterJitter(): number {
    return this.state.retryAfterJitter;
  }

  entryOf(endpoint: string | undefined): number {
    return endpoint === undefined ? 0 : (this.program.entries.get(endpoint) ?? 0);
  }

  handle(kernel: Kernel, code: number, slot: number, generation: number): void {
    const { jobs } = kernel;
    const { state } = this;
    switch (code) {
      case Code.WorkDone: {
        const job = jobs.rows[slot];
        if (job.generation !== generation) return;
        job.position += STRIDE;
        this.run(kernel, slot);
        return;
      }
      case Code.Published:
        if (jobs.rows[slot].generation === generation) confirmPublish(kernel, slot);
        return;
      case Code.Kill:
        if (jobs.rows[slot].generation === generation) this.kill(kernel, slot, state.killDownS);
        return;
      case Code.Revive:
        this.revive(kernel, slot);
        return;
      case Code.OutageEnd:
        if (generation === state.outages) this.endOutage(kernel);
        return;
      case Code.SlowEnd:
        if (generation === state.slowDowns) state.slowFactor = 1;
        return;
      case Code.Delivered:
        if (jobs.rows[slot].generation === generation) this.delivered(kernel, slot);
        return;
      case Code.Settled:
        if (jobs.rows[slot].generation === generation) this.settled(kernel, slot);
        return;
      case Code.Returned:
        if (jobs.rows[slot].generation === generation) giveBackDelivery(kernel, slot);
        return;
    }
  }

  set(kernel: Kernel, parameter: string, value: number | string | null): boolean {
    const [name, part] = split(parameter);
    if (name === 'call') {
      const [call, rest] = split(part ?? '');
      const edge = this.edges[this.program.calls.findIndex((step) => step.name === call)];
      return edge !== null && edge !== undefined && edge.set(kernel, rest ?? '', value);
    }
    if (name === 'threads') {
      if (typeof value !== 'number' || !(value >= 1 && value <= MAX_THREADS)) return false;
      this.resize(kernel, Math.floor(value));
      return true;
    }
    const done = setServiceParameter(this.state, this.program, this.shapes, name, part, value);
    if (done && name === 'inFlightLimit') this.admit(kernel);
    return done;
  }

  act(kernel: Kernel, action: NodeAction): boolean {
    const { state } = this;
    switch (action.do) {
      case 'kill': {
        const { job: jobOn } = state.pool;
        for (let cell = 0; cell < jobOn.length; cell++) {
          const job = jobOn[cell];
          if (job >= 0 && kernel.jobs.rows[job].phase === JobPhase.Running) {
            this.kill(kernel, job, action.downS);
            return true;
          }
        }
        state.pendingKills++;
        state.killDownS = action.downS;
        return true;
      }
      case 'poison':
        state.poisoned.push(action.request);
        return true;
      case 'outage':
        state.refusing = action.how === 'refuse' ? 1 : 0;
        state.pool.stall(action.how === 'stall');
        this.at(kernel, action.durationS, Code.OutageEnd, ++state.outages);
        return true;
      case 'flush':
        // Those who try again at once come after: only who waits now is concerned.
        for (let left = state.queue.length; left > 0; left--) {
          const job = state.queue.first();
          this.leave(kernel, job);
          this.shed(kernel, job);
        }
        return true;
      case 'slow':
        state.slowFactor = action.factor;
        this.at(kernel, action.durationS, Code.SlowEnd, ++state.slowDowns);
        return true;
      default:
        return false;
    }
  }

  arrive(kernel: Kernel, job: number): boolean {
    const { pool, queue, refusing } = this.state;
    if (refusing === 1) return this.turnAway(kernel, job);
    if (queue.length === 0 && pool.hasIdle() && this.hasRoom()) {
      this.begin(kernel, job);
      return true;
    }
    const { jobs, requests, recorder } = kernel;
    const request = jobs.rows[job].request;
    const priority = queue.ranks === true ? requests.rows[request].priority : 0;
    if (queue.length >= queue.limit) {
      const victim = queue.victim(priority);
      if (victim < 0) {
        if (this.state.rejectionS === 0) return this.turnAway(kernel, job);
        this.refuse(kernel, job);
        return true;
      }
      this.leave(kernel, victim);
      this.shed(kernel, victim);
    }
    queue.push(jobs, job, priority);
    if (queue.drops === true) queue.stamp(jobs, job, kernel.clockS);
    if (recorder !== null) recorder.queued(kernel, request, this.index);
    return true;
  }

  withdraw(kernel: Kernel, job: number): boolean {
    const { jobs, recorder } = kernel;
    if (
      jobs.rows[job].phase !== JobPhase.Queued ||
      jobs.rows[job].position === this.program.rejects
    ) {
      return false;
    }
    this.leave(kernel, job);
    if (recorder !== null) recorder.withdrawn(kernel, job, this.index);
    return true;
  }

  offer(kernel: Kernel): boolean {
    const { state } = this;
    const { pool, queue } = state;
    if (!pool.hasIdle() || queue.length > 0) return false;
    const { held } = pool;
    const { underWay } = state;
    this.admit(kernel);
    return pool.held !== held || state.underWay !== underWay;
  }

  override resume(kernel: Kernel, job: number, result: Result): void {
    const { jobs } = kernel;
    let joined: number = result;
    if (jobs.rows[job].joining > 0) {
      if (result !== Result.Ok) jobs.rows[job].result = result;
      if (--jobs.rows[job].joining > 0) return;
      joined = jobs.rows[job].result;
    }
    if (this.nonBlocking === false) {
      this.resumed(kernel, job, joined as Result);
      return;
    }
    const { state } = this;
    jobs.rows[job].result = joined;
    jobs.rows[job].next = -1;
    if (state.goOnTail >= 0) jobs.rows[state.goOnTail].next = job;
    else state.goOnHead = job;
    state.goOnTail = job;
    this.admit(kernel);
  }

  createView(): PoolView {
    return emptyPoolView(this.id, this.index);
  }

  readView(kernel: Kernel, view: PoolView): void {
    readPool(kernel, this.state, view);
  }

  countParked(kernel: Kernel): number {
    let parked = 0;
    for (const job of this.state.pool.job) {
      if (job >= 0 && kernel.jobs.rows[job].phase === JobPhase.Parked) parked++;
    }
    return parked;
  }

  readCells(kernel: Kernel, view: PoolView, nodes: readonly NodeView[]): void {
    readPoolCells(kernel, this.state, this.program, view, nodes);
  }

  /** May another request begin? Only a non-blocking service has a limit besides its threads. */
  private hasRoom(): boolean {
    return this.nonBlocking === false || this.state.inFlight < this.state.inFlightLimit;
  }

  /** Puts waiting work on idle threads: what is under way, then refusals, calls, messages. */
  protected override admit(kernel: Kernel): void {
    const { state } = this;
    const { pool, queue } = state;
    if (state.admitting === 1) return;
    state.admitting = 1;
    while (pool.hasIdle()) {
      if (state.goOnHead >= 0) this.goOn(kernel);
      else if (state.refusalHead >= 0) this.beginRefusal(kernel);
      else if (!this.hasRoom()) break;
      else if (queue.length > 0) {
        const job = queue.first();
        this.leave(kernel, job);
        if (queue.drops === true && queue.isLate(kernel.jobs, job, kernel.clockS)) {
          this.shed(kernel, job);
        } else this.begin(kernel, job);
      } else if (this.consumes < 0 || !this.beginMessage(kernel)) break;
    }
    state.admitting = 0;
  }

  protected override begin(kernel: Kernel, index: number): void {
    const { state, program } = this;
    const { requests, recorder, clockS } = kernel;
    const job = kernel.jobs.rows[index];
    const cell = state.pool.take(index);
    job.thread = cell;
    job.modes = state.modes;
    const isWork = job.position !== program.rejects;
    if (this.nonBlocking === true) state.inFlight++;
    if (job.root === 1 && isWork) requests.rows[job.request].flags |= RequestFlag.Started;
    if (recorder !== null) {
      if (isWork) recorder.handlerStarted(kernel, index, this.index, cell);
      else recorder.refusalStarted(kernel, index, this.index, cell);
    }
    if (state.failureRate > 0) {
      job.fails = this.draw(kernel, index, Purpose.Failure) < state.failureRate ? 1 : 0;
    }
    if (state.poisoned.length > 0 && state.poisoned.includes(requests.rows[job.request].number)) {
      job.fails = 1;
    }
    if (state.hangRate > 0 && isWork) {
      if (this.draw(kernel, index, Purpose.Hang) < state.hangRate) job.position = program.hangs;
    }
    const { code } = program;
    const { position } = job;
    // Most handlers begin with work; that takes no walk to find out.
    if (code[position] === Op.Work && clockS <= job.deadlineS) {
      this.work(kernel, index, code[position + 1]);
    } else this.run(kernel, index);
  }

  /** A non-blocking job that has its answer takes a thread again. */
  private goOn(kernel: Kernel): void {
    const { state } = this;
    const { jobs } = kernel;
    const job = state.goOnHead;
    state.goOnHead = jobs.rows[job].next;
    if (state.goOnHead < 0) state.goOnTail = -1;
    jobs.rows[job].thread = state.pool.take(job);
    this.resumed(kernel, job, jobs.rows[job].result as Result);
  }

  /** The handler ends: the thread is free for the next, then whoever waited gets the result. */
  protected override finish(kernel: Kernel, job: number, result: Result): void {
    const { state } = this;
    state.pool.release(kernel.jobs.rows[job].thread);
    if (this.nonBlocking === true) state.inFlight--;
    if (kernel.recorder !== null) this.noteFreed(kernel.recorder, kernel, job, result);
    this.conclude(kernel, job, result);
    this.admit(kernel);
  }

  private conclude(kernel: Kernel, index: number, result: Result): void {
    const { jobs, requests } = kernel;
    const job = jobs.rows[index];
    if (this.declines === true && result === Result.Ok) {
      const request = requests.rows[job.request];
      request.flags |= RequestFlag.Charged;
      kernel.origins[request.origin]!.noteLate(kernel, job.request);
    }
    if (job.message >= 0) this.settle(kernel, index, result);
    else endJob(kernel, index, result);
  }

  private leave(kernel: Kernel, job: number): void {
    const { jobs, requests } = kernel;
    const { queue } = this.state;
    const priority = queue.ranks === true ? requests.rows[jobs.rows[job].request].priority : 0;
    queue.remove(jobs, job, priority);
    if (kernel.recorder !== null) kernel.recorder.leftQueue(kernel, job, this.index);
  }

  /** Drops a job that has left the accept queue unserved. */
  private shed(kernel: Kernel, job: number): void {
    // A refusal that costs a thread's time is counted when that thread is free again.
    if (this.state.rejectionS > 0) {
      this.refuse(kernel, job);
      return;
    }
    this.turnAway(kernel, job);
    this.conclude(kernel, job, Result.Rejected);
  }

  /** @returns false, which tells the caller */
  private turnAway(kernel: Kernel, job: number): false {
    if (kernel.recorder !== null) kernel.recorder.turnedAway(kernel, job, this.index);
    return false;
  }

  private noteFreed(recorder: Recorder, kernel: Kernel, job: number, result: Result): void {
    const { rejects, hangs } = this.program;
    const { position } = kernel.jobs.rows[job];
    if (position >= rejects && position < hangs) recorder.refusalEnded(kernel, job, this.index);
    else recorder.threadFreed(kernel, job, this.index, result);
  }

  /** Turning a call away costs a thread's time, before any other new work. */
  private refuse(kernel: Kernel, job: number): void {
    const { state } = this;
    const { jobs } = kernel;
    jobs.rows[job].position = this.program.rejects;
    jobs.rows[job].next = -1;
    if (state.refusalTail >= 0) jobs.rows[state.refusalTail].next = job;
    else state.refusalHead = job;
    state.refusalTail = job;
    this.noteWaiting(kernel, 1);
    this.admit(kernel);
  }

  private beginRefusal(kernel: Kernel): void {
    const { state } = this;
    const job = state.refusalHead;
    state.refusalHead = kernel.jobs.rows[job].next;
    if (state.refusalHead < 0) state.refusalTail = -1;
    this.noteWaiting(kernel, -1);
    this.begin(kernel, job);
  }

  private kill(kernel: Kernel, job: number, downS: number): void {
    const { state } = this;
    const { jobs, recorder, clockS } = kernel;
    const cell = jobs.rows[job].thread;
    if (recorder !== null) {
      const request = jobs.rows[job].request;
      recorder.record(kernel, VisibleEvent.Kill, request, this.index, cell, -1, -1, 0);
      this.noteFreed(recorder, kernel, job, Result.Failed);
    }
    state.pool.kill(cell, clockS, clockS + downS);
    if (this.nonBlocking === true) state.inFlight--;
    kernel.events.push(clockS + downS, eventTarget(this.index, Code.Revive), cell, 0);
    if (jobs.rows[job].message >= 0) this.giveBack(kernel, job);
    else this.conclude(kernel, job, Result.Failed);
  }

  private revive(kernel: Kernel, cell: number): void {
    this.state.pool.revive(cell);
    if (kernel.recorder !== null) {
      kernel.recorder.recordNode(kernel, VisibleEvent.Revive, this.index, cell);
    }
    this.admit(kernel);
  }

  private endOutage(kernel: Kernel): void {
    this.state.refusing = 0;
    this.state.pool.stall(false);
    this.admit(kernel);
  }

  private resize(kernel: Kernel, capacity: number): void {
    this.state.pool.resize(capacity);
    if (kernel.recorder !== null) kernel.recorder.resized(kernel, this.index, capacity);
    this.admit(kernel);
  }

  private at(kernel: Kernel, delayS: number, code: number, generation: number): void {
    kernel.events.push(kernel.clockS + delayS, eventTarget(this.index, code), 0, generation);
  }
}

function split(path: string): [string, string | null] {
  const dot = path.indexOf('.');
  return dot < 0 ? [path, null] : [path.slice(0, dot), path.slice(dot + 1)];
}
