/**
 * A service with a pool of threads. A thread is held from the start of the handler to its end,
 * parked while it waits for a call or for a broker; a non-blocking service gives it back instead.
 * Calls that find no idle thread wait in the accept queue; when that is full they are rejected.
 * Threads may also work off a broker queue, after the calls: there somebody is waiting.
 */
import type { ServiceSpec } from '../flow.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import { drawKey } from '../kernel/calls.ts';
import { confirmPublish } from '../kernel/confirmPublish.ts';
import { endJob } from '../kernel/endJob.ts';
import type { Job } from '../kernel/job.ts';
import { JobPhase } from '../kernel/jobs.ts';
import { eventTarget, Result, type Callee, type Kernel, type NodeAction } from '../kernel/node.ts';
import { Op, STRIDE } from '../kernel/program.ts';
import { emptyPoolView } from '../kernel/poolView.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { RequestFlag } from '../kernel/requests.ts';
import { VisibleEvent } from '../trace.ts';
import type { NodeView, PoolView } from '../view.ts';
import { Code, ProgramWalker } from './programWalker.ts';
import { noteHazards, setServiceParameter } from './serviceState.ts';
import { readPool, readPoolCells } from './serviceView.ts';

const MAX_THREADS = 1000;

export class Service extends ProgramWalker implements Callee {
  private readonly consumes: number;

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

  start(kernel: Kernel): void {
    this.program.calls.forEach(({ target, endpoint }, k) => {
      this.entries[k] = kernel.callees[target]!.entryOf(endpoint);
    });
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
    job.position += STRIDE;
    this.run(kernel, job);
  }

  private handleSeldom(kernel: Kernel, code: number, slot: number, generation: number): void {
    const { jobs } = kernel;
    const { state } = this;
    switch (code) {
      case Code.Published:
        if (jobs.rows[slot].generation === generation) confirmPublish(kernel, slot);
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
        if (generation === state.outages) this.endOutage(kernel);
        return;
      case Code.SlowEnd:
        if (generation === state.slowDowns) state.slowFactor = 1;
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
      case 'kill': {
        const { job: jobOn } = state.pool;
        const { rows } = kernel.jobs;
        const cell = jobOn.findIndex((job) => job >= 0 && rows[job].phase === JobPhase.Running);
        if (cell >= 0) {
          this.kill(kernel, rows[jobOn[cell]], action.downS);
          return true;
        }
        state.pendingKills++;
        state.killDownS = action.downS;
        return true;
      }
      case 'poison':
        state.poisoned.push(action.request);
        noteHazards(state);
        return true;
      case 'outage':
        state.refusing = action.how === 'refuse' ? 1 : 0;
        state.pool.stall(action.how === 'stall');
        this.at(kernel, action.durationS, Code.OutageEnd, ++state.outages);
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

  arrive(kernel: Kernel, index: number): boolean {
    const { pool, queue, refusing } = this.state;
    const { jobs, requests, recorder } = kernel;
    const job = jobs.rows[index];
    if (refusing === 1) return false;
    if (queue.length === 0 && pool.hasIdle() && this.hasRoom()) {
      this.begin(kernel, job);
      return true;
    }
    const { request } = job;
    const priority = queue.ranks === true ? requests.rows[request].priority : 0;
    if (queue.length >= queue.limit && !this.makeRoom(kernel, priority)) {
      if (this.state.rejectionS === 0) return false;
      this.refuse(kernel, job);
      return true;
    }
    queue.push(jobs, job, priority);
    if (queue.drops === true) queue.stamp(job, kernel.clockS);
    if (recorder !== null) recorder.queued(kernel, request, this.index);
    return true;
  }

  /** Whoever is worth less than a newcomer of that priority has to go. @returns false if nobody is */
  private makeRoom(kernel: Kernel, priority: number): boolean {
    const victim = this.state.queue.victim(priority);
    if (victim >= 0) this.shed(kernel, this.leave(kernel, victim));
    return victim >= 0;
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
    const { pool, queue } = this.state;
    if (!pool.hasIdle() || queue.length > 0) return false;
    const before = pool.held;
    this.admit(kernel);
    return pool.held !== before;
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
    const { state } = this;
    job.result = joined;
    job.next = -1;
    if (state.goOnTail >= 0) jobs.rows[state.goOnTail].next = index;
    else state.goOnHead = index;
    state.goOnTail = index;
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
      else if (queue.length > 0) this.beginFirst(kernel);
      else if (this.consumes < 0 || !this.beginMessage(kernel)) break;
    }
    state.admitting = 0;
  }

  private beginFirst(kernel: Kernel): void {
    const { queue } = this.state;
    const { jobs, requests, recorder } = kernel;
    const job = queue.shift(jobs, requests);
    if (recorder !== null) recorder.leftQueue(kernel, job, this.index);
    if (queue.drops === true && queue.isLate(job, kernel.clockS)) this.shed(kernel, job);
    else this.begin(kernel, job);
  }

  private beginMessage(kernel: Kernel): boolean {
    const { messages, jobs } = kernel;
    const broker = kernel.brokers[this.consumes]!;
    const message = broker.take(kernel, this.index, this.state.pool.nextIdle());
    if (message < 0) return false;
    const request = messages.request[message];
    const key = drawKey(messages.drawKey[message], 0, messages.receipt[message]);
    const job = jobs.create(this.index, request, -1, message, key, kernel);
    job.receipt = messages.receipt[message];
    this.begin(kernel, job);
    return true;
  }

  private begin(kernel: Kernel, job: Job): void {
    const { state, program } = this;
    const { requests, recorder, clockS } = kernel;
    const cell = state.pool.take(job.index);
    job.thread = cell;
    job.modes = state.modes;
    const isWork = job.position !== program.rejects;
    if (this.nonBlocking === true) state.inFlight++;
    if (job.root === 1 && isWork) requests.rows[job.request].flags |= RequestFlag.Started;
    if (recorder !== null) recorder.handlerStarted(kernel, job, this.index, cell);
    if (state.hazards === 1) this.tempt(kernel, job);
    const { code } = program;
    const { position } = job;
    // Most handlers begin with work; that takes no walk to find out.
    if (code[position] === Op.Work && clockS <= job.deadlineS) {
      this.work(kernel, job, code[position + 1]);
    } else this.run(kernel, job);
  }

  /** Draws what will go wrong with a job that starts. */
  private tempt(kernel: Kernel, job: Job): void {
    const { state, program } = this;
    if (state.failureRate > 0) {
      job.fails = this.draw(kernel, job, Purpose.Failure) < state.failureRate ? 1 : 0;
    }
    if (state.poisoned.includes(kernel.requests.rows[job.request].number)) job.fails = 1;
    if (state.hangRate > 0 && job.position !== program.rejects) {
      if (this.draw(kernel, job, Purpose.Hang) < state.hangRate) job.position = program.hangs;
    }
  }

  /** A non-blocking job that has its answer takes a thread again. */
  private goOn(kernel: Kernel): void {
    const { state } = this;
    const { jobs } = kernel;
    const job = jobs.rows[state.goOnHead];
    state.goOnHead = job.next;
    if (state.goOnHead < 0) state.goOnTail = -1;
    job.thread = state.pool.take(job.index);
    this.resumed(kernel, job, job.result as Result);
  }

  /** The handler ends: the thread is free for the next, then whoever waited gets the result. */
  protected override finish(kernel: Kernel, job: Job, result: Result): void {
    const { state } = this;
    const { recorder } = kernel;
    state.pool.release(job.thread);
    if (this.nonBlocking === true) state.inFlight--;
    if (recorder !== null) recorder.threadFreed(kernel, job, this.index, result);
    this.conclude(kernel, job, result);
    this.admit(kernel);
  }

  private conclude(kernel: Kernel, job: Job, result: Result): void {
    if (this.declines === true && result === Result.Ok) noteCharge(kernel, job);
    if (job.message < 0) endJob(kernel, job, result);
    else settle(kernel, job, result);
  }

  /** Takes a job out of the accept queue. */
  private leave(kernel: Kernel, index: number): Job {
    const { jobs, requests, recorder } = kernel;
    const { queue } = this.state;
    const job = jobs.rows[index];
    queue.remove(jobs, job, queue.ranks === true ? requests.rows[job.request].priority : 0);
    if (recorder !== null) recorder.leftQueue(kernel, job, this.index);
    return job;
  }

  /** Drops a job that has left the accept queue unserved. */
  private shed(kernel: Kernel, job: Job): void {
    // A refusal that costs a thread's time is counted when that thread is free again, with all its time.
    if (this.state.rejectionS > 0) {
      this.refuse(kernel, job);
      return;
    }
    if (kernel.recorder !== null) kernel.recorder.withdrawn(kernel, job, this.index);
    // Its handler never began, so none ends.
    job.root = 0;
    this.conclude(kernel, job, Result.Rejected);
  }

  /** Turning a call away costs a thread's time, before any other new work. */
  private refuse(kernel: Kernel, job: Job): void {
    const { state } = this;
    const { index } = job;
    job.position = this.program.rejects;
    job.next = -1;
    if (state.refusalTail >= 0) kernel.jobs.rows[state.refusalTail].next = index;
    else state.refusalHead = index;
    state.refusalTail = index;
    this.admit(kernel);
  }

  private beginRefusal(kernel: Kernel): void {
    const { state } = this;
    const job = kernel.jobs.rows[state.refusalHead];
    state.refusalHead = job.next;
    if (state.refusalHead < 0) state.refusalTail = -1;
    this.begin(kernel, job);
  }

  private kill(kernel: Kernel, job: Job, downS: number): void {
    const { state } = this;
    const { jobs, recorder, clockS } = kernel;
    const { thread: cell, message, receipt, request } = job;
    if (recorder !== null) {
      recorder.record(kernel, VisibleEvent.Kill, request, this.index, cell, -1, -1, 0);
      recorder.threadFreed(kernel, job, this.index, Result.Failed);
    }
    state.pool.kill(cell, clockS, clockS + downS);
    if (this.nonBlocking === true) state.inFlight--;
    kernel.events.push(clockS + downS, eventTarget(this.index, Code.Revive), cell, 0);
    if (message >= 0) {
      const queue = kernel.messages.queue[message];
      jobs.release(job);
      kernel.brokers[queue]!.giveBack(kernel, message, receipt);
    } else this.conclude(kernel, job, Result.Failed);
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
    const { pool } = this.state;
    pool.resize(capacity);
    if (kernel.recorder !== null) kernel.recorder.resized(kernel, this.index, capacity, pool.down);
    this.admit(kernel);
  }

  private at(kernel: Kernel, delayS: number, code: number, generation: number): void {
    kernel.events.push(kernel.clockS + delayS, eventTarget(this.index, code), 0, generation);
  }
}

function noteCharge(kernel: Kernel, { request }: Job): void {
  const row = kernel.requests.rows[request];
  row.flags |= RequestFlag.Charged;
  kernel.origins[row.origin]!.noteLate(kernel, request);
}

/** Frees a job that has worked on a message, whose queue learns the result. */
function settle(kernel: Kernel, job: Job, result: Result): void {
  const { jobs, messages, brokers } = kernel;
  // The key of a message's draws is the receipt of its delivery.
  const { message, receipt } = job;
  jobs.release(job);
  brokers[messages.queue[message]]!.settle(kernel, message, result, receipt);
}

function split(path: string): [string, string | null] {
  const dot = path.indexOf('.');
  return dot < 0 ? [path, null] : [path.slice(0, dot), path.slice(dot + 1)];
}
