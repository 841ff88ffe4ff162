/**
 * A service with a pool of threads. A thread is held from the start of the handler to its end,
 * parked while it waits for a call or for a broker; a non-blocking service gives it back instead.
 * Calls that find no idle thread wait in the accept queue; when that is full they are rejected.
 * Threads may also work off a broker queue, after the calls: there somebody is waiting.
 */
import { giveBackDelivery } from '../kernel/deliveries.ts';
import { endJob } from '../kernel/endJob.ts';
import type { Job } from '../kernel/job.ts';
import { JobPhase } from '../kernel/jobs.ts';
import {
  Result,
  type Callee,
  type Kernel,
  type NodeAction,
  type Recorder,
} from '../kernel/node.ts';
import { Op, STRIDE } from '../kernel/program.ts';
import { publishArrives, unconfirmed } from '../kernel/publishes.ts';
import { emptyPoolView } from '../kernel/poolView.ts';
import { RequestFlag } from '../kernel/requests.ts';
import type { NodeView, PoolView } from '../view.ts';
import { Code } from './programWalker.ts';
import { ServiceFaults } from './serviceFaults.ts';
import { noteHazards, setServiceParameter } from './serviceState.ts';
import { readPool, readPoolCells } from './serviceView.ts';

const MAX_THREADS = 1000;

export class Service extends ServiceFaults implements Callee {
  start(kernel: Kernel): void {
    this.findEntries(kernel);
    const { capacity } = this.state.pool;
    if (kernel.recorder !== null) kernel.recorder.resized(kernel, this.index, capacity, 0);
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
    if (code !== Code.WorkDone) {
      this.handleSeldom(kernel, code, slot, generation);
      return;
    }
    const job = kernel.jobs.rows[slot];
    if (job.generation !== generation) return;
    const position = job.position + STRIDE;
    job.position = position;
    // Most handlers end after work; that takes no walk to find out.
    if (this.program.code[position] === Op.End && kernel.clockS <= job.deadlineS) {
      this.finish(kernel, job, job.fails === 0 ? Result.Ok : this.failure);
    } else this.run(kernel, job);
  }

  private handleSeldom(kernel: Kernel, code: number, slot: number, generation: number): void {
    const { jobs } = kernel;
    const { state } = this;
    switch (code) {
      case Code.Published:
        if (jobs.rows[slot].generation === generation) publishArrives(kernel, slot);
        return;
      case Code.Unconfirmed:
        if (jobs.rows[slot].generation === generation) unconfirmed(kernel, slot, this.program);
        return;
      case Code.Kill: {
        const job = jobs.rows[slot];
        if (job.generation === generation) this.kill(kernel, job, state.killDownS);
        return;
      }
      case Code.Revive:
        this.revive(kernel, slot);
        return;
      case Code.OutageEnd:
        this.noteOutages(kernel);
        this.admit(kernel);
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
        if (jobs.rows[slot].generation === generation)
          giveBackDelivery(kernel, this.consumes, jobs.rows[slot]);
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
    const done = setServiceParameter(this.state, this.program, name, part, value);
    if (done && name === 'inFlightLimit') this.admit(kernel);
    return done;
  }

  act(kernel: Kernel, action: NodeAction): boolean {
    const { state } = this;
    switch (action.do) {
      case 'kill':
        this.killAny(kernel, action.downS);
        return true;
      case 'poison':
        state.poisoned.push(action.request);
        noteHazards(state);
        return true;
      case 'outage':
        this.beginOutage(kernel, action.how, action.durationS);
        return true;
      case 'flush':
        // Those who try again at once come after: only who waits now is concerned.
        for (let left = state.queue.length; left > 0; left--) {
          this.shed(kernel, this.leave(kernel, state.queue.first()));
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

  arrive(kernel: Kernel, job: Job): boolean {
    const { pool, queue, refusing } = this.state;
    if (refusing === 1) return this.turnAway(kernel, job);
    if (queue.length === 0 && pool.hasIdle() && this.hasRoom()) {
      this.begin(kernel, job);
      return true;
    }
    return this.wait(kernel, job);
  }

  /** In the accept queue. @returns false if there is no place in it */
  private wait(kernel: Kernel, job: Job): boolean {
    const { queue } = this.state;
    const { jobs, requests, recorder } = kernel;
    if (queue.length >= queue.limit && !this.makeRoom(kernel, job)) {
      return this.doWithout(kernel, job);
    }
    queue.push(jobs, requests, job);
    if (queue.drops === true) queue.stamp(job, kernel.clockS);
    if (recorder !== null) recorder.queued(kernel, job.request, this.index);
    return true;
  }

  /** Whoever is worth less than the newcomer has to go. @returns false if nobody is */
  private makeRoom(kernel: Kernel, newcomer: Job): boolean {
    const victim = this.state.queue.victim(kernel.requests, newcomer);
    if (victim >= 0) this.shed(kernel, this.leave(kernel, victim));
    return victim >= 0;
  }

  /** For a call there is no place. @returns false if its caller can be told at once */
  private doWithout(kernel: Kernel, job: Job): boolean {
    if (this.state.rejectionS === 0) return this.turnAway(kernel, job);
    this.refuse(kernel, job);
    return true;
  }

  withdraw(kernel: Kernel, index: number): boolean {
    const { jobs, recorder } = kernel;
    const job = jobs.rows[index];
    if (job.phase !== JobPhase.Queued || job.position === this.program.rejects) return false;
    this.leave(kernel, index);
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

  override resume(kernel: Kernel, index: number, result: Result): void {
    const { jobs } = kernel;
    const job = jobs.rows[index];
    let joined: number = result;
    if (job.joining > 0) {
      if (result !== Result.Ok) job.result = result;
      if (--job.joining > 0) return;
      joined = job.result;
    }
    if (this.nonBlocking === false) {
      this.resumed(kernel, job, joined as Result);
      return;
    }
    job.result = joined;
    this.state.goOn.push(jobs, job);
    this.state.pressing++;
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
    const { state } = this;
    return state.inFlight < state.inFlightLimit;
  }

  /** Puts waiting work on idle threads: what is under way, then refusals, calls, messages. */
  protected override admit(kernel: Kernel): void {
    const { state } = this;
    if (state.admitting === 1) return;
    state.admitting = 1;
    const { pool, queue } = state;
    while (pool.hasIdle()) {
      if (state.pressing > 0) this.goOnOrRefuse(kernel);
      else if (!this.hasRoom()) break;
      else if (queue.length > 0) this.beginFirst(kernel);
      else if (this.consumes < 0 || !this.beginMessage(kernel)) break;
    }
    if (state.pressing > 0) this.goOnInStall(kernel);
    state.admitting = 0;
  }

  /** In a stall what is under way goes on all the same. */
  private goOnInStall(kernel: Kernel): void {
    const { goOn, pool } = this.state;
    while (goOn.head >= 0 && pool.hasIdleForMore()) this.goOn(kernel);
  }

  private goOnOrRefuse(kernel: Kernel): void {
    if (this.state.goOn.head >= 0) this.goOn(kernel);
    else this.beginRefusal(kernel);
  }

  private beginFirst(kernel: Kernel): void {
    const { queue } = this.state;
    const { jobs, requests, recorder } = kernel;
    const job = queue.shift(jobs, requests);
    if (recorder !== null) recorder.leftQueue(kernel, job, this.index);
    if (queue.drops === true && queue.isLate(job, kernel.clockS)) this.shed(kernel, job);
    else this.begin(kernel, job);
  }

  protected override begin(kernel: Kernel, job: Job): void {
    const { state, program } = this;
    const { recorder } = kernel;
    job.thread = state.pool.take(job.index);
    job.modes = state.modes;
    if (this.nonBlocking === true) state.inFlight++;
    if (job.root === 1) kernel.requests.rows[job.request].flags |= RequestFlag.Started;
    if (recorder !== null) this.noteBegun(recorder, kernel, job);
    if (state.hazards === 1) this.tempt(kernel, job);
    const { code } = program;
    const { position } = job;
    // Most handlers begin with work; that takes no walk to find out.
    if (code[position] === Op.Work && kernel.clockS <= job.deadlineS) {
      this.work(kernel, job, code[position + 1]);
    } else this.run(kernel, job);
  }

  /** A non-blocking job that has its answer takes a thread again. */
  private goOn(kernel: Kernel): void {
    const { state } = this;
    const job = state.goOn.shift(kernel.jobs);
    state.pressing--;
    job.thread = state.pool.take(job.index);
    this.resumed(kernel, job, job.result as Result);
  }

  /** The handler ends: the thread is free for the next, then whoever waited gets the result. */
  protected override finish(kernel: Kernel, job: Job, result: Result): void {
    const { state } = this;
    const { recorder } = kernel;
    state.pool.release(job.thread);
    if (this.nonBlocking === true) state.inFlight--;
    if (recorder !== null) this.noteFreed(recorder, kernel, job, result);
    this.conclude(kernel, job, result);
    this.admit(kernel);
  }

  protected override conclude(kernel: Kernel, job: Job, result: Result): void {
    if (this.declines === true && result === Result.Ok) noteCharge(kernel, job);
    if (job.message < 0) endJob(kernel, job, result);
    else this.settle(kernel, job, result);
  }

  /** Takes a job out of the accept queue. */
  private leave(kernel: Kernel, index: number): Job {
    const { jobs, requests, recorder } = kernel;
    const { queue } = this.state;
    const job = jobs.rows[index];
    queue.remove(jobs, requests, job);
    if (recorder !== null) recorder.leftQueue(kernel, job, this.index);
    return job;
  }

  /** Drops a job that has left the accept queue unserved: no handler of it will end. */
  private shed(kernel: Kernel, job: Job): void {
    // A refusal that costs a thread's time is counted when that thread is free again.
    if (this.state.rejectionS > 0) {
      this.refuse(kernel, job);
      return;
    }
    job.root = 0;
    this.turnAway(kernel, job);
    this.conclude(kernel, job, Result.Rejected);
  }

  /** @returns false, which tells the caller */
  private turnAway(kernel: Kernel, job: Job): false {
    if (kernel.recorder !== null) kernel.recorder.turnedAway(kernel, job, this.index);
    return false;
  }

  private noteBegun(recorder: Recorder, kernel: Kernel, job: Job): void {
    const { position, thread } = job;
    if (position !== this.program.rejects) {
      recorder.handlerStarted(kernel, job, this.index, thread);
    } else recorder.refusalStarted(kernel, job, this.index, thread);
  }

  protected override noteFreed(recorder: Recorder, kernel: Kernel, job: Job, result: Result): void {
    const { rejects, hangs } = this.program;
    const { position } = job;
    if (position >= rejects && position < hangs) recorder.refusalEnded(kernel, job, this.index);
    else recorder.threadFreed(kernel, job, this.index, result);
  }

  /** Turning a call away costs a thread's time, before any other new work. */
  private refuse(kernel: Kernel, job: Job): void {
    // Its handler never begins, so none ends.
    job.root = 0;
    job.position = this.program.rejects;
    this.state.refusals.push(kernel.jobs, job);
    this.state.pressing++;
    this.noteWaiting(kernel, 1);
    this.admit(kernel);
  }

  private beginRefusal(kernel: Kernel): void {
    const job = this.state.refusals.shift(kernel.jobs);
    this.state.pressing--;
    this.noteWaiting(kernel, -1);
    this.begin(kernel, job);
  }

  private resize(kernel: Kernel, capacity: number): void {
    const { pool } = this.state;
    pool.resize(capacity);
    if (kernel.recorder !== null) kernel.recorder.resized(kernel, this.index, capacity, pool.down);
    this.admit(kernel);
  }
}

function noteCharge(kernel: Kernel, { request }: Job): void {
  const row = kernel.requests.rows[request];
  row.flags |= RequestFlag.Charged;
  kernel.origins[row.origin]!.noteLate(kernel, request);
}

function split(path: string): [string, string | null] {
  const dot = path.indexOf('.');
  return dot < 0 ? [path, null] : [path.slice(0, dot), path.slice(dot + 1)];
}
