/**
 * A service with a pool of threads. A thread is held from the start of the handler to its end,
 * parked while it waits for a call or for a broker; a non-blocking service gives it back instead.
 * Calls that find no idle thread wait in the accept queue; when that is full they are rejected.
 * Threads may also work off a broker queue, after the calls: there somebody is waiting.
 */
import type { ServiceSpec } from '../flow.ts';
import type { CallEdge } from '../kernel/callEdge.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import { drawKey, endJob } from '../kernel/calls.ts';
import { drawDuration, Shape, shapeOf, type ShapeOfWork } from '../kernel/distributions.ts';
import { JobPhase } from '../kernel/jobs.ts';
import { eventTarget, Result, type Callee, type Kernel, type NodeAction } from '../kernel/node.ts';
import { compileHandler, Hold, Op, STRIDE, type Program } from '../kernel/program.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { RequestFlag } from '../kernel/requests.ts';
import { VisibleEvent } from '../trace.ts';
import type { NodeView, PoolView } from '../view.ts';
import { createServiceState, setServiceParameter, type ServiceState } from './serviceState.ts';
import { createPoolView, readPool, readPoolCells } from './serviceView.ts';

const Code = { WorkDone: 0, Published: 1, Revive: 2, Kill: 3, OutageEnd: 4, SlowEnd: 5 } as const;

const MAX_THREADS = 1000;

export class Service implements Callee {
  readonly id: string;
  readonly index: number;
  readonly state: ServiceState;
  private readonly program: Program;
  private readonly shapes: readonly ShapeOfWork[];
  private readonly consumes: number;
  private readonly declines: boolean;
  private readonly nonBlocking: boolean;
  private readonly key0: number;
  private readonly key1: number;
  /** By call step: its edge, null where calls go straight to the target; the target; ordinal and entry there. */
  private readonly edges: readonly (CallEdge | null)[];
  private readonly targets: Int32Array;
  private readonly ordinals: Int32Array;
  private readonly entries: Int32Array;

  constructor(
    id: string,
    index: number,
    spec: ServiceSpec,
    nodeIndex: (id: string) => number,
    random: KeyedRandom,
    edges: CallEdges,
  ) {
    this.id = id;
    this.index = index;
    this.program = compileHandler(spec.handler, spec.endpoints ?? {}, nodeIndex);
    this.consumes = spec.consumes === undefined ? -1 : nodeIndex(spec.consumes);
    this.declines = spec.failureKind === 'decline';
    this.nonBlocking = spec.threading === 'nonBlocking';
    [this.key0, this.key1] = random.keysOf(id);
    const { works, calls } = this.program;
    this.shapes = works.map((work) => shapeOf(work.variability ?? spec.variability));
    this.entries = new Int32Array(calls.length);
    this.targets = Int32Array.from(calls, ({ target }) => target);
    this.ordinals = Int32Array.from(calls, ({ target }) => edges.nextOrdinal(target));
    this.edges = calls.map(({ name, target, policy }, k) =>
      policy === null ? null : edges.add(id, name, index, target, this.ordinals[k], policy),
    );
    this.state = createServiceState(spec, this.program);
  }

  start(kernel: Kernel): void {
    this.program.calls.forEach(({ target, endpoint }, k) => {
      this.entries[k] = kernel.callees[target]!.entryOf(endpoint);
    });
    const { capacity } = this.state.pool;
    if (kernel.recorder !== null) kernel.recorder.resized(kernel, this.index, capacity);
  }

  entryOf(endpoint: string | undefined): number {
    return endpoint === undefined ? 0 : (this.program.entries.get(endpoint) ?? 0);
  }

  handle(kernel: Kernel, code: number, slot: number, generation: number): void {
    const { jobs } = kernel;
    const { state } = this;
    switch (code) {
      case Code.WorkDone:
        if (jobs.generation[slot] !== generation) return;
        jobs.position[slot] += STRIDE;
        this.run(kernel, slot);
        return;
      case Code.Published:
        if (jobs.generation[slot] === generation) this.confirm(kernel, slot);
        return;
      case Code.Kill:
        if (jobs.generation[slot] === generation) this.kill(kernel, slot, state.killDownS);
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
    }
  }

  set(kernel: Kernel, parameter: string, value: number | string | null): boolean {
    const [name, part] = split(parameter);
    if (name === 'call') {
      const [call, rest] = split(part ?? '');
      const edge = this.edges[this.program.calls.findIndex((step) => step.name === call)];
      return edge !== null && edge !== undefined && edge.set(rest ?? '', value);
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
          if (job >= 0 && kernel.jobs.phase[job] === JobPhase.Running) {
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
    const { pool, queue } = this.state;
    if (this.state.refusing === 1) return false;
    if (queue.length === 0 && pool.hasIdle() && this.hasRoom()) {
      this.begin(kernel, job);
      return true;
    }
    const { jobs, requests, recorder } = kernel;
    const request = jobs.request[job];
    const priority = queue.ranks ? requests.priority[request] : 0;
    if (queue.length >= queue.limit) {
      const victim = queue.victim(priority);
      if (victim < 0) {
        if (this.state.rejectionS === 0) return false;
        this.refuse(kernel, job);
        return true;
      }
      this.leave(kernel, victim);
      this.shed(kernel, victim);
    }
    queue.push(jobs, job, priority);
    if (queue.drops) queue.stamp(jobs, job, kernel.clockS);
    if (recorder !== null) {
      recorder.record(kernel, VisibleEvent.Wait, request, this.index, -1, -1, -1, 0);
    }
    return true;
  }

  withdraw(kernel: Kernel, job: number): boolean {
    const { jobs, recorder } = kernel;
    if (jobs.phase[job] !== JobPhase.Queued || jobs.position[job] === this.program.rejects) {
      return false;
    }
    this.leave(kernel, job);
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

  resume(kernel: Kernel, job: number, result: Result): void {
    const { jobs } = kernel;
    let joined: number = result;
    if (jobs.joining[job] > 0) {
      if (result !== Result.Ok) jobs.result[job] = result;
      if (--jobs.joining[job] > 0) return;
      joined = jobs.result[job];
    }
    if (!this.nonBlocking) {
      this.resumed(kernel, job, joined as Result);
      return;
    }
    const { state } = this;
    jobs.result[job] = joined;
    jobs.next[job] = -1;
    if (state.goOnTail >= 0) jobs.next[state.goOnTail] = job;
    else state.goOnHead = job;
    state.goOnTail = job;
    this.admit(kernel);
  }

  createView(): PoolView {
    return createPoolView(this.id, this.index);
  }

  readView(kernel: Kernel, view: PoolView): void {
    readPool(kernel, this.state, view);
  }

  countParked(kernel: Kernel): number {
    let parked = 0;
    for (const job of this.state.pool.job) {
      if (job >= 0 && kernel.jobs.phase[job] === JobPhase.Parked) parked++;
    }
    return parked;
  }

  readCells(kernel: Kernel, view: PoolView, nodes: readonly NodeView[]): void {
    readPoolCells(kernel, this.state, this.program, view, nodes);
  }

  /** May another request begin? Only a non-blocking service has a limit besides its threads. */
  private hasRoom(): boolean {
    return !this.nonBlocking || this.state.inFlight < this.state.inFlightLimit;
  }

  /** Puts waiting work on idle threads: what is under way, then refusals, calls, messages. */
  private admit(kernel: Kernel): void {
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
        if (queue.drops && queue.isLate(kernel.jobs, job, kernel.clockS)) this.shed(kernel, job);
        else this.begin(kernel, job);
      } else if (this.consumes < 0 || !this.beginMessage(kernel)) break;
    }
    state.admitting = 0;
  }

  private beginMessage(kernel: Kernel): boolean {
    const { messages, jobs } = kernel;
    const broker = kernel.brokers[this.consumes]!;
    const message = broker.take(kernel, this.index, this.state.pool.nextIdle());
    if (message < 0) return false;
    const request = messages.request[message];
    const key = drawKey(messages.drawKey[message], 0, messages.receipt[message]);
    const job = jobs.create(this.index, request, -1, message, key, kernel.clockS);
    jobs.receipt[job] = messages.receipt[message];
    this.begin(kernel, job);
    return true;
  }

  private begin(kernel: Kernel, job: number): void {
    const { state, program } = this;
    const { jobs, requests, recorder } = kernel;
    const cell = state.pool.take(job);
    const request = jobs.request[job];
    if (this.nonBlocking) state.inFlight++;
    jobs.thread[job] = cell;
    jobs.modes[job] = state.modes;
    if (jobs.root[job] === 1 && jobs.position[job] !== program.rejects) {
      kernel.origins[requests.origin[request]]!.started(kernel, request);
    }
    if (recorder !== null) recorder.handlerStarted(kernel, job, this.index, cell);
    if (state.failureRate > 0) {
      jobs.fails[job] = this.draw(kernel, job, Purpose.Failure) < state.failureRate ? 1 : 0;
    }
    if (state.poisoned.length > 0 && state.poisoned.includes(requests.number[request])) {
      jobs.fails[job] = 1;
    }
    if (state.hangRate > 0 && jobs.position[job] !== program.rejects) {
      if (this.draw(kernel, job, Purpose.Hang) < state.hangRate) jobs.position[job] = program.hangs;
    }
    this.run(kernel, job);
  }

  /** Walks the program until the thread has to wait for something. */
  private run(kernel: Kernel, job: number): void {
    const { code } = this.program;
    const { jobs } = kernel;
    if (kernel.clockS > jobs.deadlineS[job]) {
      this.finish(kernel, job, Result.TimedOut);
      return;
    }
    for (;;) {
      const position = jobs.position[job];
      const argument = code[position + 1];
      switch (code[position]) {
        case Op.Work:
          this.work(kernel, job, argument);
          return;
        case Op.Call:
          this.park(kernel, job, this.targets[argument]);
          this.call(kernel, job, argument);
          if (this.nonBlocking) this.admit(kernel);
          return;
        case Op.IfQueued:
          jobs.position[job] =
            (jobs.modes[job] & (1 << argument)) !== 0 ? code[position + 2] : position + STRIDE;
          break;
        case Op.Jump:
          jobs.position[job] = argument;
          break;
        case Op.End:
          this.finish(
            kernel,
            job,
            jobs.fails[job] === 0 ? Result.Ok : this.declines ? Result.Declined : Result.Failed,
          );
          return;
        case Op.Branch:
          jobs.position[job] = this.branch(kernel, job, argument);
          break;
        default:
          this.runSeldom(kernel, job, code[position], argument, code[position + 2]);
          return;
      }
    }
  }

  /** Steps that make the thread wait, and that few programs have: apart, so that `run` stays small. */
  private runSeldom(
    kernel: Kernel,
    job: number,
    op: number,
    argument: number,
    other: number,
  ): void {
    const { jobs } = kernel;
    switch (op) {
      case Op.Parallel:
        this.callAll(kernel, job, argument, other);
        break;
      case Op.Publish:
        this.park(kernel, job, argument);
        jobs.publishKey[job] = drawKey(jobs.drawKey[job], other, 1);
        this.after(kernel, kernel.brokers[argument]!.publishS, Code.Published, job);
        break;
      case Op.Use:
        this.park(kernel, job, argument);
        kernel.facilities[argument]!.use(kernel, job, other);
        break;
      case Op.Hold:
        this.hold(
          kernel,
          job,
          argument === Hold.Rejection ? this.state.rejectionS : this.state.hangS,
        );
        return;
      case Op.Finish:
        this.finish(kernel, job, argument as Result);
        return;
    }
    if (this.nonBlocking) this.admit(kernel);
  }

  private work(kernel: Kernel, job: number, step: number): void {
    const { state } = this;
    const { jobs } = kernel;
    const cv = state.cv[step];
    let durationS = state.workS[step] * state.slowFactor;
    if (cv > 0) {
      const { random, requests } = kernel;
      const number = requests.number[jobs.request[job]];
      random.select(this.key0, this.key1, number, jobs.drawKey[job], Purpose.Work + step);
      const shape = this.shapes[step];
      durationS *= shape.shape === Shape.Gamma ? random.gamma(cv) : drawDuration(random, shape, cv);
    }
    const untilS = kernel.clockS + durationS;
    jobs.phase[job] = JobPhase.Running;
    jobs.sinceS[job] = kernel.clockS;
    jobs.untilS[job] = untilS;
    kernel.events.push(untilS, eventTarget(this.index, Code.WorkDone), job, jobs.generation[job]);
    if (state.pendingKills > 0) {
      state.pendingKills--;
      this.after(kernel, durationS / 2, Code.Kill, job);
    }
  }

  /** The thread does nothing else for so long; Infinity: for ever. */
  private hold(kernel: Kernel, job: number, durationS: number): void {
    const { jobs, clockS } = kernel;
    jobs.phase[job] = JobPhase.Running;
    jobs.sinceS[job] = clockS;
    jobs.untilS[job] = clockS + durationS;
    if (durationS < Infinity) this.after(kernel, durationS, Code.WorkDone, job);
  }

  /** The job is parked already. When this returns it may have gone on, or even have ended. */
  private call(kernel: Kernel, job: number, step: number): void {
    const { jobs } = kernel;
    const request = jobs.request[job];
    const key = jobs.drawKey[job];
    const edge = this.edges[step];
    if (edge !== null) {
      edge.call(kernel, request, job, key, this.entries[step], jobs.deadlineS[job]);
      return;
    }
    const target = this.targets[step];
    const calleeKey = drawKey(key, this.ordinals[step], 1);
    const callee = jobs.create(target, request, job, -1, calleeKey, kernel.clockS);
    jobs.position[callee] = this.entries[step];
    jobs.callee[job] = callee;
    if (!kernel.callees[target]!.arrive(kernel, callee)) {
      jobs.free(callee);
      this.resume(kernel, job, Result.Rejected);
    }
  }

  private callAll(kernel: Kernel, job: number, first: number, count: number): void {
    const { jobs } = kernel;
    jobs.joining[job] = count;
    jobs.result[job] = Result.Ok;
    this.park(kernel, job, this.targets[first]);
    for (let k = 0; k < count; k++) this.call(kernel, job, first + k);
  }

  /** @returns the position of the way taken */
  private branch(kernel: Kernel, job: number, step: number): number {
    const { upTo, positions } = this.program.branches[step];
    const drawn = this.draw(kernel, job, Purpose.Branch + step);
    let way = 0;
    while (way < upTo.length && drawn >= upTo[way]) way++;
    return positions[way];
  }

  private park(kernel: Kernel, job: number, target: number): void {
    const { jobs, recorder } = kernel;
    const cell = jobs.thread[job];
    jobs.phase[job] = JobPhase.Parked;
    jobs.sinceS[job] = kernel.clockS;
    jobs.waitNode[job] = target;
    if (recorder !== null) {
      const { index } = this;
      recorder.record(kernel, VisibleEvent.Park, jobs.request[job], index, cell, target, -1, 0);
    }
    if (this.nonBlocking) {
      this.state.pool.release(cell);
      jobs.thread[job] = -1;
    }
  }

  /** A job has its answer and a thread. */
  private resumed(kernel: Kernel, job: number, result: Result): void {
    const { jobs, requests, recorder } = kernel;
    const request = jobs.request[job];
    const cell = jobs.thread[job];
    const target = jobs.waitNode[job];
    jobs.callee[job] = -1;
    jobs.phase[job] = JobPhase.Running;
    jobs.sinceS[job] = kernel.clockS;
    jobs.untilS[job] = kernel.clockS;
    jobs.waitNode[job] = -1;
    if (recorder !== null) {
      recorder.record(kernel, VisibleEvent.Resume, request, this.index, cell, target, -1, 0);
    }
    if (result !== Result.Ok) {
      if (recorder !== null) {
        recorder.record(kernel, VisibleEvent.Fail, request, target, -1, this.index, cell, result);
      }
      const { code, calls } = this.program;
      const position = jobs.position[job];
      if (code[position] === Op.Use || !calls[code[position + 1]].goesOn) {
        if (requests.cause[request] === 0) requests.cause[request] = result;
        this.finish(kernel, job, passedOn(result));
        return;
      }
    }
    jobs.position[job] += STRIDE;
    this.run(kernel, job);
  }

  /** A non-blocking job that has its answer takes a thread again. */
  private goOn(kernel: Kernel): void {
    const { state } = this;
    const { jobs } = kernel;
    const job = state.goOnHead;
    state.goOnHead = jobs.next[job];
    if (state.goOnHead < 0) state.goOnTail = -1;
    jobs.thread[job] = state.pool.take(job);
    this.resumed(kernel, job, jobs.result[job] as Result);
  }

  private confirm(kernel: Kernel, job: number): void {
    const { jobs } = kernel;
    const broker = kernel.brokers[jobs.waitNode[job]]!;
    if (broker.hold(kernel, job)) return;
    broker.publish(kernel, jobs.request[job], this.index, jobs.thread[job], jobs.publishKey[job]);
    this.resume(kernel, job, Result.Ok);
  }

  /** The handler ends: the thread is free for the next, then whoever waited gets the result. */
  private finish(kernel: Kernel, job: number, result: Result): void {
    const { state } = this;
    state.pool.release(kernel.jobs.thread[job]);
    if (this.nonBlocking) state.inFlight--;
    if (kernel.recorder !== null) kernel.recorder.threadFreed(kernel, job, this.index, result);
    this.conclude(kernel, job, result);
    this.admit(kernel);
  }

  private conclude(kernel: Kernel, job: number, result: Result): void {
    const { jobs, requests, messages } = kernel;
    if (this.declines && result === Result.Ok) {
      const request = jobs.request[job];
      requests.flags[request] |= RequestFlag.Charged;
      kernel.origins[requests.origin[request]]!.noteLate(kernel, request);
    }
    const message = jobs.message[job];
    if (message >= 0) {
      // The key of a message's draws is the receipt of its delivery.
      const receipt = jobs.receipt[job];
      jobs.free(job);
      kernel.brokers[messages.queue[message]]!.settle(kernel, message, result, receipt);
    } else endJob(kernel, job, result);
  }

  private leave(kernel: Kernel, job: number): void {
    const { jobs, requests } = kernel;
    const { queue } = this.state;
    queue.remove(jobs, job, queue.ranks ? requests.priority[jobs.request[job]] : 0);
    if (kernel.recorder !== null) kernel.recorder.leftQueue(kernel, job, this.index);
  }

  /** Drops a job that has left the accept queue unserved. */
  private shed(kernel: Kernel, job: number): void {
    if (kernel.recorder !== null) kernel.recorder.withdrawn(kernel, job, this.index);
    if (this.state.rejectionS > 0) this.refuse(kernel, job);
    else this.conclude(kernel, job, Result.Rejected);
  }

  /** Turning a call away costs a thread's time, before any other new work. */
  private refuse(kernel: Kernel, job: number): void {
    const { state } = this;
    const { jobs } = kernel;
    jobs.position[job] = this.program.rejects;
    jobs.next[job] = -1;
    if (state.refusalTail >= 0) jobs.next[state.refusalTail] = job;
    else state.refusalHead = job;
    state.refusalTail = job;
    this.admit(kernel);
  }

  private beginRefusal(kernel: Kernel): void {
    const { state } = this;
    const job = state.refusalHead;
    state.refusalHead = kernel.jobs.next[job];
    if (state.refusalHead < 0) state.refusalTail = -1;
    this.begin(kernel, job);
  }

  private kill(kernel: Kernel, job: number, downS: number): void {
    const { state } = this;
    const { jobs, recorder, clockS } = kernel;
    const cell = jobs.thread[job];
    const message = jobs.message[job];
    if (recorder !== null) {
      const request = jobs.request[job];
      recorder.record(kernel, VisibleEvent.Kill, request, this.index, cell, -1, -1, 0);
      recorder.threadFreed(kernel, job, this.index, Result.Failed);
    }
    state.pool.kill(cell, clockS, clockS + downS);
    if (this.nonBlocking) state.inFlight--;
    kernel.events.push(clockS + downS, eventTarget(this.index, Code.Revive), cell, 0);
    if (message >= 0) {
      const queue = kernel.messages.queue[message];
      const receipt = jobs.receipt[job];
      jobs.free(job);
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
    this.state.pool.resize(capacity);
    if (kernel.recorder !== null) kernel.recorder.resized(kernel, this.index, capacity);
    this.admit(kernel);
  }

  private draw(kernel: Kernel, job: number, purpose: number): number {
    const { jobs, random, requests } = kernel;
    const number = requests.number[jobs.request[job]];
    random.select(this.key0, this.key1, number, jobs.drawKey[job], purpose);
    return random.uniform();
  }

  private after(kernel: Kernel, delayS: number, code: number, job: number): void {
    const target = eventTarget(this.index, code);
    kernel.events.push(kernel.clockS + delayS, target, job, kernel.jobs.generation[job]);
  }

  private at(kernel: Kernel, delayS: number, code: number, generation: number): void {
    kernel.events.push(kernel.clockS + delayS, eventTarget(this.index, code), 0, generation);
  }
}

function split(path: string): [string, string | null] {
  const dot = path.indexOf('.');
  return dot < 0 ? [path, null] : [path.slice(0, dot), path.slice(dot + 1)];
}

/** What the caller of a service learns of an error further down: only that there was one. */
function passedOn(result: Result): Result {
  return result === Result.Declined || result === Result.Rejected ? result : Result.Failed;
}
