/**
 * The part of workers that walks their program: a message is worked on, step by step, until its worker
 * has to wait for something. Which worker gets which message is decided elsewhere.
 */
import type { WorkersSpec } from '../flow.ts';
import type { CallEdge } from '../kernel/callEdge.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import { drawKey } from '../kernel/calls.ts';
import { drawDuration, shapeOf, type ShapeOfWork } from '../kernel/distributions.ts';
import { JobPhase } from '../kernel/jobs.ts';
import { eventTarget, Result, type Kernel } from '../kernel/node.ts';
import { compileHandler, Op, STRIDE, wayTaken, type Program } from '../kernel/program.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { VisibleEvent } from '../trace.ts';
import { createWorkersState, type WorkersState } from './workersState.ts';

/** The events of workers. */
export const Code = {
  WorkDone: 0,
  Published: 1,
  Up: 2,
  Crash: 3,
  Heartbeat: 4,
  Scale: 5,
  StallEnd: 6,
  SlowEnd: 7,
} as const;

/** How the work of a job ends in the death of its worker; kept in the job's `modes`. */
export const Doom = { None: 0, BeforeEffect: 1, AfterEffect: 2, Killed: 3 } as const;

export abstract class WorkerSteps {
  readonly id: string;
  readonly index: number;
  readonly state: WorkersState;
  protected readonly program: Program;
  protected readonly shapes: readonly ShapeOfWork[];
  protected readonly key0: number;
  protected readonly key1: number;
  /** Of the draws for crashes. */
  protected readonly crashKey0: number;
  protected readonly crashKey1: number;
  /** By call step: its edge, null where calls go straight to the target; and its ordinal there. */
  private readonly edges: readonly (CallEdge | null)[];
  private readonly ordinals: Int32Array;
  private readonly entries: Int32Array;

  constructor(
    id: string,
    index: number,
    spec: WorkersSpec,
    nodeIndex: (id: string) => number,
    random: KeyedRandom,
    edges: CallEdges,
  ) {
    this.id = id;
    this.index = index;
    this.program = compileHandler(spec.handler, {}, nodeIndex);
    [this.key0, this.key1] = random.keysOf(id);
    [this.crashKey0, this.crashKey1] = random.keysOf(`${id}/crash`);
    const { works, calls } = this.program;
    this.ordinals = Int32Array.from(calls, ({ target }) => edges.nextOrdinal(target));
    this.edges = calls.map(({ name, target, policy }, k) =>
      policy === null ? null : edges.add(id, name, index, target, this.ordinals[k], policy),
    );
    this.entries = new Int32Array(calls.length);
    this.shapes = works.map((work) => shapeOf(work.variability ?? spec.variability));
    this.state = createWorkersState(spec, this.program);
  }

  /** The steps are done, or one of them has ended the execution with `result`. */
  protected abstract complete(kernel: Kernel, job: number): void;
  protected abstract finish(kernel: Kernel, job: number, result: Result): void;

  protected findEntries(kernel: Kernel): void {
    this.program.calls.forEach(({ target, endpoint }, k) => {
      this.entries[k] = kernel.callees[target]!.entryOf(endpoint);
    });
  }

  resume(kernel: Kernel, job: number, answer: Result): void {
    const { jobs } = kernel;
    let result: number = answer;
    if (jobs.joining[job] > 0) {
      if (answer !== Result.Ok) jobs.result[job] = answer;
      if (--jobs.joining[job] > 0) return;
      result = jobs.result[job];
    }
    jobs.callee[job] = -1;
    this.unpark(kernel, job);
    jobs.waitNode[job] = -1;
    const { code, calls } = this.program;
    const position = jobs.position[job];
    const goesOn = code[position] !== Op.Use && calls[code[position + 1]]?.goesOn === true;
    if (result !== Result.Ok && !goesOn) {
      this.state.failures++;
      this.finish(kernel, job, result === Result.Declined ? Result.Declined : Result.Failed);
      return;
    }
    jobs.position[job] += STRIDE;
    this.run(kernel, job);
  }

  protected run(kernel: Kernel, job: number): void {
    const { code } = this.program;
    const { jobs } = kernel;
    for (;;) {
      const position = jobs.position[job];
      const argument = code[position + 1];
      switch (code[position]) {
        case Op.Work:
          this.work(kernel, job, argument);
          return;
        case Op.Call:
          this.park(kernel, job, this.program.calls[argument].target);
          this.call(kernel, job, argument);
          return;
        case Op.Parallel: {
          const count = code[position + 2];
          this.park(kernel, job, this.program.calls[argument].target);
          jobs.joining[job] = count;
          jobs.result[job] = Result.Ok;
          for (let k = 0; k < count; k++) this.call(kernel, job, argument + k);
          return;
        }
        case Op.Branch:
          jobs.position[job] = this.branch(kernel, job, argument);
          break;
        case Op.Publish: {
          this.park(kernel, job, argument);
          jobs.publishKey[job] = drawKey(jobs.drawKey[job], code[position + 2], 1);
          const { publishS } = kernel.brokers[argument]!;
          const target = eventTarget(this.index, Code.Published);
          kernel.events.push(kernel.clockS + publishS, target, job, jobs.generation[job]);
          return;
        }
        case Op.Use:
          this.park(kernel, job, argument);
          kernel.facilities[argument]!.use(kernel, job, code[position + 2]);
          return;
        case Op.IfQueued:
          // Workers have no switches to turn: the waiting variant always.
          jobs.position[job] = position + STRIDE;
          break;
        case Op.Jump:
          jobs.position[job] = argument;
          break;
        default:
          this.complete(kernel, job);
          return;
      }
    }
  }

  private work(kernel: Kernel, job: number, step: number): void {
    const { state } = this;
    const { jobs, requests, clockS, random } = kernel;
    const cv = state.cv[step];
    let durationS = state.slowFactor * state.workS[step];
    const number = requests.number[jobs.request[job]];
    if (cv > 0) {
      random.select(this.key0, this.key1, number, jobs.drawKey[job], Purpose.Work + step);
      durationS *= drawDuration(random, this.shapes[step], cv);
    }
    jobs.phase[job] = JobPhase.Running;
    jobs.sinceS[job] = clockS;
    jobs.untilS[job] = clockS + durationS;
    let code: number = Code.WorkDone;
    let atS = clockS + durationS;
    if (state.pendingKills > 0) {
      state.pendingKills--;
      jobs.modes[job] = Doom.Killed;
    }
    if (jobs.modes[job] === Doom.BeforeEffect || jobs.modes[job] === Doom.Killed) {
      random.select(this.crashKey0, this.crashKey1, number, jobs.drawKey[job], Purpose.CrashPoint);
      code = Code.Crash;
      atS = clockS + durationS * random.uniform();
    }
    kernel.events.push(atS, eventTarget(this.index, code), job, jobs.generation[job]);
  }

  private call(kernel: Kernel, job: number, step: number): void {
    const { jobs } = kernel;
    const request = jobs.request[job];
    const key = jobs.drawKey[job];
    const edge = this.edges[step];
    if (edge !== null) {
      edge.call(kernel, request, job, key, this.entries[step], Infinity);
      return;
    }
    const { target } = this.program.calls[step];
    const calleeKey = drawKey(key, this.ordinals[step], 1);
    const callee = jobs.create(target, request, job, -1, calleeKey, kernel.clockS);
    jobs.position[callee] = this.entries[step];
    jobs.callee[job] = callee;
    if (!kernel.callees[target]!.arrive(kernel, callee)) {
      jobs.free(callee);
      this.resume(kernel, job, Result.Rejected);
    }
  }

  private branch(kernel: Kernel, job: number, step: number): number {
    const { jobs, random, requests } = kernel;
    const number = requests.number[jobs.request[job]];
    random.select(this.key0, this.key1, number, jobs.drawKey[job], Purpose.Branch + step);
    return wayTaken(this.program.branches[step], random.uniform());
  }

  protected confirm(kernel: Kernel, job: number): void {
    const { jobs } = kernel;
    const broker = kernel.brokers[jobs.waitNode[job]]!;
    if (broker.hold(kernel, job)) return;
    broker.publish(kernel, jobs.request[job], this.index, jobs.thread[job], jobs.publishKey[job]);
    this.resume(kernel, job, Result.Ok);
  }

  private park(kernel: Kernel, job: number, target: number): void {
    const { jobs, recorder } = kernel;
    jobs.phase[job] = JobPhase.Parked;
    jobs.sinceS[job] = kernel.clockS;
    jobs.waitNode[job] = target;
    const cell = jobs.thread[job];
    const request = jobs.request[job];
    recorder?.record(kernel, VisibleEvent.Park, request, this.index, cell, target, -1, 0);
  }

  private unpark(kernel: Kernel, job: number): void {
    const { jobs, recorder } = kernel;
    jobs.phase[job] = JobPhase.Running;
    jobs.sinceS[job] = kernel.clockS;
    jobs.untilS[job] = kernel.clockS;
    const cell = jobs.thread[job];
    const request = jobs.request[job];
    const from = jobs.waitNode[job];
    recorder?.record(kernel, VisibleEvent.Resume, request, this.index, cell, from, -1, 0);
  }
}
