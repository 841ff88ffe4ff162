/**
 * A service with a pool of threads. A thread is held from the start of the handler to its end,
 * parked while it waits for a call or for a broker. Calls that find no idle thread wait in the
 * accept queue; when that is full they are rejected. Threads may also work off a broker queue,
 * after the calls: there somebody is waiting.
 */
import type { ServiceSpec, Variability } from '../flow.ts';
import type { CallEdge } from '../kernel/callEdge.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import { drawKey, endJob } from '../kernel/calls.ts';
import { JobPhase } from '../kernel/jobs.ts';
import { eventTarget, Result, type Callee, type Kernel, type NodeAction } from '../kernel/node.ts';
import { compileHandler, Op, STRIDE, type Program } from '../kernel/program.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { RequestFlag } from '../kernel/requests.ts';
import { Outcome } from '../outcome.ts';
import { VisibleEvent } from '../trace.ts';
import {
  CellState,
  MAX_VIEW_CELLS,
  MAX_VIEW_SLOTS,
  type NodeView,
  type PoolView,
} from '../view.ts';

const Code = { WorkDone: 0, Published: 1, Revive: 2, Kill: 3 } as const;

/** In `threadJob`: nobody on the thread, or the thread is dead. */
const IDLE = -1;
const DOWN = -2;
const MAX_THREADS = 1000;

export class Service implements Callee {
  readonly id: string;
  readonly index: number;
  readonly state;
  private readonly program: Program;
  private readonly consumes: number;
  private readonly declines: boolean;
  private readonly key0: number;
  private readonly key1: number;
  /** By call step: its edge, null where calls go straight to the target; and its ordinal there. */
  private readonly edges: readonly (CallEdge | null)[];
  private readonly ordinals: Int32Array;

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
    this.program = compileHandler(spec.handler, nodeIndex);
    this.consumes = spec.consumes === undefined ? -1 : nodeIndex(spec.consumes);
    this.declines = spec.failureKind === 'decline';
    [this.key0, this.key1] = random.keysOf(id);
    const { works, calls, switches } = this.program;
    this.ordinals = Int32Array.from(calls, ({ target }) => edges.nextOrdinal(target));
    this.edges = calls.map(({ name, target, policy }, k) =>
      policy === null ? null : edges.add(id, name, index, target, this.ordinals[k], policy),
    );
    let modes = 0;
    switches.forEach((step, bit) => {
      if (step.mode === 'queue') modes |= 1 << bit;
    });
    this.state = {
      capacity: spec.threads,
      queueLimit: spec.acceptQueue ?? Infinity,
      failureRate: spec.failureRate ?? 0,
      modes,
      /** Mean, seconds, and coefficient of variation, by work step. */
      workS: Float64Array.from(works, (work) => work.workMs / 1000),
      cv: Float64Array.from(works, (work) => cvOf(work.variability ?? spec.variability)),
      /** Job on each thread, IDLE or DOWN. */
      threadJob: new Int32Array(spec.threads).fill(IDLE),
      downSinceS: new Float64Array(spec.threads),
      downUntilS: new Float64Array(spec.threads),
      /** Stack of idle threads below the capacity; the top is used next. */
      idle: Int32Array.from({ length: spec.threads }, (_, k) => spec.threads - 1 - k),
      idleCount: spec.threads,
      /** Threads held, running or parked, those above the capacity included. */
      held: 0,
      /** Dead threads below the capacity. */
      down: 0,
      head: -1,
      tail: -1,
      queued: 0,
      /** 1 while the admission loop runs: whatever frees a thread meanwhile leaves the rest to it. */
      admitting: 0,
      /** Kills that found nobody at work; each hits the next work to start. */
      pendingKills: 0,
      killDownS: 0,
      /** Requests (by number) that fail here on every attempt. */
      poisoned: [] as number[],
    };
  }

  start(kernel: Kernel): void {
    if (kernel.recorder !== null) kernel.recorder.resized(kernel, this.index, this.state.capacity);
  }

  handle(kernel: Kernel, code: number, slot: number, generation: number): void {
    const { jobs } = kernel;
    if (code === Code.Revive) return this.revive(kernel, slot);
    if (jobs.generation[slot] !== generation) return;
    switch (code) {
      case Code.WorkDone:
        jobs.position[slot]! += STRIDE;
        this.run(kernel, slot);
        return;
      case Code.Published:
        this.confirm(kernel, slot);
        return;
      case Code.Kill:
        this.kill(kernel, slot, this.state.killDownS);
        return;
    }
  }

  set(kernel: Kernel, parameter: string, value: number | string | null): boolean {
    const { state } = this;
    const { works, switches } = this.program;
    const [name, part] = split(parameter);
    if (name === 'call') {
      const [call, rest] = split(part ?? '');
      const edge = this.edges[this.program.calls.findIndex((step) => step.name === call)];
      return edge !== null && edge !== undefined && edge.set(rest ?? '', value);
    }
    if (name === 'mode') {
      const bit = switches.findIndex((step) => step.name === part);
      if (bit < 0 || (value !== 'wait' && value !== 'queue')) return false;
      state.modes = value === 'queue' ? state.modes | (1 << bit) : state.modes & ~(1 << bit);
      return true;
    }
    if (name === 'acceptQueue') {
      if (value !== null && (typeof value !== 'number' || !(value >= 0))) return false;
      state.queueLimit = value ?? Infinity;
      return true;
    }
    if (typeof value !== 'number' || !(value >= 0)) return false;
    switch (name) {
      case 'threads':
        if (value < 1 || value > MAX_THREADS) return false;
        this.resize(kernel, Math.floor(value));
        return true;
      case 'failureRate':
        if (value > 1) return false;
        state.failureRate = value;
        return true;
      case 'workMs':
      case 'cv': {
        if (name === 'cv' && value > 1) return false;
        const column = name === 'cv' ? state.cv : state.workS;
        const scaled = name === 'cv' ? value : value / 1000;
        if (part === null) {
          if (name === 'cv') column.fill(scaled);
          else column[0] = scaled;
          return works.length > 0;
        }
        const at = works.findIndex((work) => work.name === part);
        if (at < 0) return false;
        column[at] = scaled;
        return true;
      }
      default:
        return false;
    }
  }

  act(kernel: Kernel, action: NodeAction): boolean {
    const { state } = this;
    switch (action.do) {
      case 'kill': {
        for (let cell = 0; cell < state.threadJob.length; cell++) {
          const job = state.threadJob[cell]!;
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
      default:
        return false;
    }
  }

  arrive(kernel: Kernel, job: number): boolean {
    const { state } = this;
    if (this.hasIdleThread() && state.head < 0) {
      this.begin(kernel, job);
      return true;
    }
    if (state.queued >= state.queueLimit) return false;
    const { jobs, recorder } = kernel;
    jobs.previous[job] = state.tail;
    if (state.tail >= 0) jobs.next[state.tail] = job;
    else state.head = job;
    state.tail = job;
    state.queued++;
    if (recorder !== null) {
      recorder.record(kernel, VisibleEvent.Wait, jobs.request[job]!, this.index, -1, -1, -1, 0);
    }
    return true;
  }

  withdraw(kernel: Kernel, job: number): boolean {
    if (kernel.jobs.phase[job] !== JobPhase.Queued) return false;
    this.unlink(kernel, job);
    if (kernel.recorder !== null) kernel.recorder.withdrawn(kernel, job, this.index);
    return true;
  }

  offer(kernel: Kernel): boolean {
    if (!this.hasIdleThread() || this.state.head >= 0) return false;
    const before = this.state.held;
    this.admit(kernel);
    return this.state.held !== before;
  }

  resume(kernel: Kernel, job: number, result: Result): void {
    const { jobs, requests, recorder } = kernel;
    jobs.callee[job] = -1;
    this.unpark(kernel, job);
    if (result !== Result.Ok) {
      const request = jobs.request[job];
      if (recorder !== null) {
        recorder.record(
          kernel,
          VisibleEvent.Fail,
          jobs.request[job]!,
          jobs.waitNode[job]!,
          -1,
          this.index,
          jobs.thread[job]!,
          result,
        );
      }
      if (requests.cause[request] === 0) requests.cause[request] = result;
      const { code, calls } = this.program;
      const position = jobs.position[job];
      if (code[position] !== Op.Call || !calls[code[position + 2]].goesOn) {
        jobs.waitNode[job] = -1;
        this.finish(kernel, job, passedOn(result));
        return;
      }
    }
    jobs.waitNode[job] = -1;
    jobs.position[job]! += STRIDE;
    this.run(kernel, job);
  }

  createView(): PoolView {
    return {
      kind: 'pool',
      id: this.id,
      index: this.index,
      capacity: 0,
      cellCount: 0,
      runningCount: 0,
      parkedCount: 0,
      downCount: 0,
      state: new Uint8Array(MAX_VIEW_CELLS),
      sinceS: new Float64Array(MAX_VIEW_CELLS),
      untilS: new Float64Array(MAX_VIEW_CELLS),
      request: new Int32Array(MAX_VIEW_CELLS),
      wasted: new Uint8Array(MAX_VIEW_CELLS),
      step: new Int16Array(MAX_VIEW_CELLS),
      targetNode: new Int16Array(MAX_VIEW_CELLS),
      targetCell: new Int32Array(MAX_VIEW_CELLS),
      targetSlot: new Int32Array(MAX_VIEW_CELLS),
      queueLength: 0,
      queueLimit: 0,
      queueSinceS: new Float64Array(MAX_VIEW_SLOTS),
      queueRequest: new Int32Array(MAX_VIEW_SLOTS),
      queueWasted: new Uint8Array(MAX_VIEW_SLOTS),
      workMs: 0,
      failureRate: 0,
    };
  }

  /** Fills what concerns the queue and marks its jobs with their slots, for `readCells` of others. */
  readView(kernel: Kernel, view: PoolView): void {
    const { state } = this;
    const { jobs, requests } = kernel;
    view.capacity = state.capacity;
    view.queueLength = state.queued;
    view.queueLimit = state.queueLimit;
    view.workMs = (state.workS[0] ?? 0) * 1000;
    view.failureRate = state.failureRate;
    let slot = 0;
    for (let job = state.head; job >= 0 && slot < MAX_VIEW_SLOTS; job = jobs.next[job]!) {
      const request = jobs.request[job]!;
      jobs.viewSlot[job] = slot;
      view.queueSinceS[slot] = jobs.sinceS[job]!;
      view.queueRequest[slot] = requests.number[request]!;
      view.queueWasted[slot] = requests.outcome[request] === Outcome.TimedOut ? 1 : 0;
      slot++;
    }
  }

  /** Fills the cells; after `readView` of every node, because tethers end on slots of others. */
  readCells(kernel: Kernel, view: PoolView, nodes: readonly NodeView[]): void {
    const { state } = this;
    const { jobs, requests } = kernel;
    let cellCount = state.capacity;
    let running = 0;
    let parked = 0;
    let down = 0;
    for (let cell = 0; cell < state.threadJob.length; cell++) {
      const job = state.threadJob[cell]!;
      if (job >= 0 && cell >= cellCount) cellCount = cell + 1;
      view.request[cell] = -1;
      view.wasted[cell] = 0;
      view.step[cell] = -1;
      view.targetNode[cell] = -1;
      view.targetCell[cell] = -1;
      view.targetSlot[cell] = -1;
      view.sinceS[cell] = 0;
      view.untilS[cell] = 0;
      if (job === IDLE) {
        view.state[cell] = CellState.Idle;
        continue;
      }
      if (job === DOWN) {
        view.state[cell] = CellState.Down;
        view.sinceS[cell] = state.downSinceS[cell]!;
        view.untilS[cell] = state.downUntilS[cell]!;
        if (cell < state.capacity) down++;
        continue;
      }
      const request = jobs.request[job]!;
      view.request[cell] = requests.number[request]!;
      view.wasted[cell] =
        jobs.message[job]! < 0 && requests.outcome[request] === Outcome.TimedOut ? 1 : 0;
      view.step[cell] = this.program.stepOf[jobs.position[job]! / STRIDE]!;
      view.sinceS[cell] = jobs.sinceS[job]!;
      if (jobs.phase[job] === JobPhase.Running) {
        running++;
        view.state[cell] = CellState.Running;
        view.untilS[cell] = jobs.untilS[job]!;
        continue;
      }
      parked++;
      view.state[cell] = CellState.Parked;
      const target = jobs.waitNode[job]!;
      view.targetNode[cell] = target;
      const callee = jobs.callee[job]!;
      if (callee >= 0) {
        view.targetCell[cell] = jobs.thread[callee]!;
        view.targetSlot[cell] = jobs.thread[callee]! >= 0 ? -1 : jobs.viewSlot[callee]!;
      } else {
        const broker = nodes[target];
        if (broker?.kind === 'broker') broker.publishing++;
      }
    }
    view.cellCount = cellCount;
    view.runningCount = running;
    view.parkedCount = parked;
    view.downCount = down;
  }

  private hasIdleThread(): boolean {
    const { state } = this;
    return state.idleCount > 0 && state.held + state.down < state.capacity;
  }

  /** Puts waiting work on idle threads: calls first, then messages. */
  private admit(kernel: Kernel): void {
    const { state } = this;
    if (state.admitting === 1) return;
    state.admitting = 1;
    while (this.hasIdleThread()) {
      const job = state.head;
      if (job >= 0) {
        this.unlink(kernel, job);
        this.begin(kernel, job);
      } else if (this.consumes >= 0 && !this.beginMessage(kernel)) break;
      else if (this.consumes < 0) break;
    }
    state.admitting = 0;
  }

  private beginMessage(kernel: Kernel): boolean {
    const { state } = this;
    const broker = kernel.brokers[this.consumes]!;
    const cell = state.idle[state.idleCount - 1]!;
    const message = broker.take(kernel, this.index, cell);
    if (message < 0) return false;
    const { messages, jobs } = kernel;
    const job = jobs.create(
      this.index,
      messages.request[message]!,
      -1,
      message,
      messages.receipt[message],
      kernel.clockS,
    );
    this.begin(kernel, job);
    return true;
  }

  private begin(kernel: Kernel, job: number): void {
    const { state } = this;
    const { jobs, requests, recorder } = kernel;
    const cell = state.idle[--state.idleCount]!;
    const request = jobs.request[job]!;
    state.threadJob[cell] = job;
    state.held++;
    jobs.thread[job] = cell;
    jobs.modes[job] = state.modes;
    if (jobs.root[job] === 1) {
      kernel.origins[requests.origin[request]!]!.started(kernel, request);
    }
    if (recorder !== null) recorder.handlerStarted(kernel, job, this.index, cell);
    const { failureRate } = state;
    if (failureRate > 0) {
      const number = requests.number[request]!;
      kernel.random.select(this.key0, this.key1, number, jobs.drawKey[job]!, Purpose.Failure);
      jobs.fails[job] = kernel.random.uniform() < failureRate ? 1 : 0;
    }
    if (state.poisoned.length > 0 && state.poisoned.includes(requests.number[request]!)) {
      jobs.fails[job] = 1;
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
      const position = jobs.position[job]!;
      const argument = code[position + 1]!;
      switch (code[position]) {
        case Op.Work:
          this.work(kernel, job, argument);
          return;
        case Op.Call: {
          this.call(kernel, job, code[position + 2]);
          return;
        }
        case Op.Publish: {
          this.park(kernel, job, argument);
          const { publishS } = kernel.brokers[argument]!;
          kernel.events.push(
            kernel.clockS + publishS,
            eventTarget(this.index, Code.Published),
            job,
            jobs.generation[job]!,
          );
          return;
        }
        case Op.Use:
          this.park(kernel, job, argument);
          kernel.facilities[argument]!.use(kernel, job, code[position + 2]);
          return;
        case Op.IfQueued:
          jobs.position[job] =
            (jobs.modes[job]! & (1 << argument)) !== 0 ? code[position + 2]! : position + STRIDE;
          break;
        case Op.Jump:
          jobs.position[job] = argument;
          break;
        default:
          this.finish(
            kernel,
            job,
            jobs.fails[job] === 0 ? Result.Ok : this.declines ? Result.Declined : Result.Failed,
          );
          return;
      }
    }
  }

  private call(kernel: Kernel, job: number, step: number): void {
    const { jobs } = kernel;
    const { target } = this.program.calls[step];
    const request = jobs.request[job];
    const key = jobs.drawKey[job];
    const edge = this.edges[step];
    this.park(kernel, job, target);
    if (edge !== null) {
      edge.call(kernel, request, job, key, jobs.deadlineS[job]);
      return;
    }
    const calleeKey = drawKey(key, this.ordinals[step], 1);
    const callee = jobs.create(target, request, job, -1, calleeKey, kernel.clockS);
    jobs.callee[job] = callee;
    if (!kernel.callees[target]!.arrive(kernel, callee)) {
      jobs.free(callee);
      this.resume(kernel, job, Result.Rejected);
    }
  }

  private work(kernel: Kernel, job: number, step: number): void {
    const { state } = this;
    const { jobs, requests, clockS } = kernel;
    const cv = state.cv[step]!;
    let durationS = state.workS[step]!;
    if (cv > 0) {
      const number = requests.number[jobs.request[job]!]!;
      const { random } = kernel;
      random.select(this.key0, this.key1, number, jobs.drawKey[job]!, Purpose.Work + step);
      durationS *= random.gamma(cv);
    }
    const untilS = clockS + durationS;
    jobs.phase[job] = JobPhase.Running;
    jobs.sinceS[job] = clockS;
    jobs.untilS[job] = untilS;
    kernel.events.push(untilS, eventTarget(this.index, Code.WorkDone), job, jobs.generation[job]!);
    if (state.pendingKills > 0) {
      state.pendingKills--;
      kernel.events.push(
        clockS + durationS / 2,
        eventTarget(this.index, Code.Kill),
        job,
        jobs.generation[job]!,
      );
    }
  }

  private park(kernel: Kernel, job: number, target: number): void {
    const { jobs, recorder } = kernel;
    jobs.phase[job] = JobPhase.Parked;
    jobs.sinceS[job] = kernel.clockS;
    jobs.waitNode[job] = target;
    if (recorder !== null) {
      const cell = jobs.thread[job]!;
      recorder.record(
        kernel,
        VisibleEvent.Park,
        jobs.request[job]!,
        this.index,
        cell,
        target,
        -1,
        0,
      );
    }
  }

  private unpark(kernel: Kernel, job: number): void {
    const { jobs, recorder } = kernel;
    jobs.phase[job] = JobPhase.Running;
    jobs.sinceS[job] = kernel.clockS;
    jobs.untilS[job] = kernel.clockS;
    if (recorder !== null) {
      recorder.record(
        kernel,
        VisibleEvent.Resume,
        jobs.request[job]!,
        this.index,
        jobs.thread[job]!,
        jobs.waitNode[job]!,
        -1,
        0,
      );
    }
  }

  private confirm(kernel: Kernel, job: number): void {
    const { jobs } = kernel;
    const broker = kernel.brokers[jobs.waitNode[job]]!;
    if (broker.hold(kernel, job)) return;
    broker.publish(kernel, jobs.request[job], this.index, jobs.thread[job]);
    this.unpark(kernel, job);
    jobs.waitNode[job] = -1;
    jobs.position[job]! += STRIDE;
    this.run(kernel, job);
  }

  /** The handler ends: the thread is free for the next, then whoever waited gets the result. */
  private finish(kernel: Kernel, job: number, result: Result): void {
    const { state } = this;
    const cell = kernel.jobs.thread[job]!;
    state.threadJob[cell] = IDLE;
    state.held--;
    if (kernel.recorder !== null) kernel.recorder.threadFreed(kernel, job, this.index, result);
    if (cell < state.capacity) state.idle[state.idleCount++] = cell;
    this.conclude(kernel, job, result);
    this.admit(kernel);
  }

  private conclude(kernel: Kernel, job: number, result: Result): void {
    const { jobs, requests } = kernel;
    const request = jobs.request[job]!;
    const message = jobs.message[job]!;
    if (this.declines && result === Result.Ok) {
      requests.flags[request]! |= RequestFlag.Charged;
      kernel.origins[requests.origin[request]!]!.noteLate(kernel, request);
    }
    if (message >= 0) {
      // The key of a message's draws is the receipt of its delivery.
      const receipt = jobs.drawKey[job];
      jobs.free(job);
      kernel.brokers[kernel.messages.queue[message]!]!.settle(kernel, message, result, receipt);
    } else endJob(kernel, job, result);
  }

  private unlink(kernel: Kernel, job: number): void {
    const { state } = this;
    const { jobs } = kernel;
    const before = jobs.previous[job]!;
    const after = jobs.next[job]!;
    if (before >= 0) jobs.next[before] = after;
    else state.head = after;
    if (after >= 0) jobs.previous[after] = before;
    else state.tail = before;
    state.queued--;
    if (kernel.recorder !== null) kernel.recorder.leftQueue(kernel, job, this.index);
  }

  private kill(kernel: Kernel, job: number, downS: number): void {
    const { state } = this;
    const { jobs, recorder, clockS } = kernel;
    const cell = jobs.thread[job]!;
    const request = jobs.request[job]!;
    const message = jobs.message[job]!;
    if (recorder !== null) {
      recorder.record(kernel, VisibleEvent.Kill, request, this.index, cell, -1, -1, 0);
      recorder.threadFreed(kernel, job, this.index, Result.Failed);
    }
    state.threadJob[cell] = DOWN;
    state.held--;
    if (cell < state.capacity) state.down++;
    state.downSinceS[cell] = clockS;
    state.downUntilS[cell] = clockS + downS;
    kernel.events.push(clockS + downS, eventTarget(this.index, Code.Revive), cell, 0);
    if (message >= 0) {
      const queue = kernel.messages.queue[message]!;
      const receipt = jobs.drawKey[job];
      jobs.free(job);
      kernel.brokers[queue]!.giveBack(kernel, message, receipt);
    } else this.conclude(kernel, job, Result.Failed);
  }

  private revive(kernel: Kernel, cell: number): void {
    const { state } = this;
    state.threadJob[cell] = IDLE;
    if (cell < state.capacity) {
      state.down--;
      state.idle[state.idleCount++] = cell;
    }
    if (kernel.recorder !== null) {
      kernel.recorder.recordNode(kernel, VisibleEvent.Revive, this.index, cell);
    }
    this.admit(kernel);
  }

  /** A grown pool has its threads at once; a shrunk one loses them as they come free. */
  private resize(kernel: Kernel, capacity: number): void {
    const { state } = this;
    if (capacity > state.threadJob.length) {
      state.threadJob = extended(state.threadJob, new Int32Array(capacity).fill(IDLE));
      state.downSinceS = extended(state.downSinceS, new Float64Array(capacity));
      state.downUntilS = extended(state.downUntilS, new Float64Array(capacity));
      state.idle = extended(state.idle, new Int32Array(capacity));
    }
    state.capacity = capacity;
    if (kernel.recorder !== null) kernel.recorder.resized(kernel, this.index, capacity);
    state.idleCount = 0;
    state.down = 0;
    for (let cell = capacity - 1; cell >= 0; cell--) {
      if (state.threadJob[cell] === IDLE) state.idle[state.idleCount++] = cell;
      else if (state.threadJob[cell] === DOWN) state.down++;
    }
    this.admit(kernel);
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

function cvOf(variability: Variability | undefined): number {
  if (variability === undefined || variability.kind === 'constant') return 0;
  return variability.kind === 'exponential' ? 1 : variability.cv;
}

function extended<A extends Float64Array | Int32Array>(old: A, bigger: A): A {
  bigger.set(old);
  return bigger;
}
