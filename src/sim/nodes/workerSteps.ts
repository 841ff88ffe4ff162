/**
 * The part of workers that walks their program: a message is worked on, step by step, until its worker
 * has to wait for something. Which worker gets which message is decided elsewhere.
 */
import type { WorkersSpec } from '../flow.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import type { DrawsAhead } from '../kernel/drawsAhead.ts';
import type { Job } from '../kernel/job.ts';
import { JobPhase } from '../kernel/jobs.ts';
import { eventTarget, Result, type Kernel } from '../kernel/node.ts';
import type { Pace } from '../kernel/paces.ts';
import { compileHandler, Op, STRIDE, wayTaken } from '../kernel/program.ts';
import { beginPublish, PublishCode } from '../kernel/publishes.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { HandlerNode } from './handlerNode.ts';
import { createWorkersState, type WorkersState } from './workersState.ts';

/** The events of workers. */
export const Code = {
  WorkDone: 0,
  Published: PublishCode.Published,
  Up: 2,
  Crash: 3,
  Heartbeat: 4,
  Scale: 5,
  StallEnd: 6,
  SlowEnd: 7,
  /** A delivery reaches its worker, an acknowledgement the broker, the news of a dead worker the broker. */
  Delivered: 8,
  Settled: 9,
  Returned: 10,
  /** The backlog is noted for a later decision. */
  Note: 11,
  Unconfirmed: PublishCode.Unconfirmed,
} as const;

/** How the work of a job ends in the death of its worker; kept in the job's `modes`, above the bits of its switches. */
export const Doom = { None: 0, BeforeEffect: 1, AfterEffect: 2, Killed: 3 } as const;
type Doom = (typeof Doom)[keyof typeof Doom];

const DOOM_SHIFT = 30;

export function doomOf({ modes }: Job): number {
  return modes >>> DOOM_SHIFT;
}

export function doom(job: Job, how: Doom): void {
  job.modes = (job.modes & ((1 << DOOM_SHIFT) - 1)) | (how << DOOM_SHIFT);
}

export abstract class WorkerSteps extends HandlerNode {
  readonly state: WorkersState;
  /** Of the draws for crashes. */
  protected readonly crashKey0: number;
  protected readonly crashKey1: number;
  /** By work step. */
  private readonly works: readonly DrawsAhead<Pace>[];

  constructor(
    id: string,
    index: number,
    spec: WorkersSpec,
    nodeIndex: (id: string) => number,
    random: KeyedRandom,
    edges: CallEdges,
  ) {
    super(id, index, compileHandler(spec.handler, {}, nodeIndex), random, edges);
    [this.crashKey0, this.crashKey1] = random.keysOf(`${id}/crash`);
    this.state = createWorkersState(spec, this.program);
    this.works = this.state.paces.drawsAhead(random, id);
  }

  /** The steps are done, or one of them has ended the execution with `result`. */
  protected abstract complete(kernel: Kernel, job: number): void;
  protected abstract finish(kernel: Kernel, job: number, result: Result): void;

  resume(kernel: Kernel, job: number, answer: Result): void {
    const { jobs } = kernel;
    let result: number = answer;
    if (jobs.rows[job].joining > 0) {
      if (answer !== Result.Ok) jobs.rows[job].result = answer;
      if (--jobs.rows[job].joining > 0) return;
      result = jobs.rows[job].result;
    }
    jobs.rows[job].callee = -1;
    this.unpark(kernel, job);
    jobs.rows[job].waitNode = -1;
    const { code, calls } = this.program;
    const position = jobs.rows[job].position;
    const goesOn = code[position] === Op.Call && calls[code[position + 1]].goesOn;
    if (result !== Result.Ok && !goesOn) {
      this.state.failures++;
      this.finish(kernel, job, result === Result.Declined ? Result.Declined : Result.Failed);
      return;
    }
    jobs.rows[job].position += STRIDE;
    this.run(kernel, job);
  }

  protected run(kernel: Kernel, job: number): void {
    const { code } = this.program;
    const { jobs } = kernel;
    for (;;) {
      const position = jobs.rows[job].position;
      const argument = code[position + 1];
      switch (code[position]) {
        case Op.Work:
          this.work(kernel, job, argument);
          return;
        case Op.Call:
          this.park(kernel, job, this.program.calls[argument].target);
          this.call(kernel, jobs.rows[job], argument);
          return;
        case Op.Parallel: {
          const count = code[position + 2];
          this.park(kernel, job, this.program.calls[argument].target);
          jobs.rows[job].joining = count;
          jobs.rows[job].result = Result.Ok;
          for (let k = 0; k < count; k++) this.call(kernel, jobs.rows[job], argument + k);
          return;
        }
        case Op.Branch:
          jobs.rows[job].position = this.branch(kernel, job, argument);
          break;
        case Op.Publish:
        case Op.PublishCopies:
          this.park(kernel, job, argument);
          beginPublish(kernel, jobs.rows[job], this.program);
          return;
        case Op.Use:
          this.park(kernel, job, argument);
          kernel.facilities[argument]!.use(kernel, job, code[position + 2]);
          return;
        case Op.IfQueued:
          jobs.rows[job].position =
            (jobs.rows[job].modes & (1 << argument)) !== 0 ? code[position + 2] : position + STRIDE;
          break;
        case Op.Jump:
          jobs.rows[job].position = argument;
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
    const draws = this.works[step];
    const pace = draws.variation;
    let durationS = state.slowFactor * pace.workS;
    const number = requests.rows[jobs.rows[job].request].number;
    if (pace.cv > 0) durationS *= draws.take(number, jobs.rows[job].drawKey, pace.cv);
    jobs.rows[job].phase = JobPhase.Running;
    jobs.rows[job].sinceS = clockS;
    jobs.rows[job].untilS = clockS + durationS;
    let code: number = Code.WorkDone;
    let atS = clockS + durationS;
    if (state.pendingKills > 0) {
      state.pendingKills--;
      doom(jobs.rows[job], Doom.Killed);
    }
    const end = doomOf(jobs.rows[job]);
    if (end === Doom.BeforeEffect || end === Doom.Killed) {
      random.select(
        this.crashKey0,
        this.crashKey1,
        number,
        jobs.rows[job].drawKey,
        Purpose.CrashPoint,
      );
      const drawn = random.uniform();
      const part = end === Doom.Killed ? drawn : this.partOf(step, drawn);
      if (part <= 1) {
        code = Code.Crash;
        atS = clockS + durationS * part;
      }
    }
    kernel.events.push(atS, eventTarget(this.index, code), job, jobs.rows[job].generation);
  }

  /**
   * Which part of a work step has passed when its worker dies at a moment of all the work, the steps by
   * their means; above 1: it dies in a later step. Steps that a branch left out have passed, too.
   * @param moment 0 to 1
   */
  private partOf(step: number, moment: number): number {
    const { steps } = this.state.paces;
    if (steps.length === 1) return moment;
    let wholeS = 0;
    let beforeS = 0;
    for (let k = 0; k < steps.length; k++) {
      if (k < step) beforeS += steps[k].workS;
      wholeS += steps[k].workS;
    }
    const passedS = moment * wholeS - beforeS;
    const { workS } = steps[step];
    if (passedS <= 0) return 0;
    return workS > 0 ? passedS / workS : 2;
  }

  private branch(kernel: Kernel, job: number, step: number): number {
    const drawn = this.draw(kernel, kernel.jobs.rows[job], Purpose.Branch + step);
    return wayTaken(this.program.branches[step], drawn);
  }

  private park(kernel: Kernel, job: number, target: number): void {
    const { jobs, recorder } = kernel;
    jobs.rows[job].phase = JobPhase.Parked;
    jobs.rows[job].sinceS = kernel.clockS;
    jobs.rows[job].waitNode = target;
    const cell = jobs.rows[job].thread;
    const request = jobs.rows[job].request;
    recorder?.parked(kernel, request, this.index, cell, target);
  }

  private unpark(kernel: Kernel, job: number): void {
    const { jobs, recorder } = kernel;
    jobs.rows[job].phase = JobPhase.Running;
    jobs.rows[job].sinceS = kernel.clockS;
    jobs.rows[job].untilS = kernel.clockS;
    const cell = jobs.rows[job].thread;
    const request = jobs.rows[job].request;
    const from = jobs.rows[job].waitNode;
    recorder?.resumed(kernel, request, this.index, cell, from);
  }
}
