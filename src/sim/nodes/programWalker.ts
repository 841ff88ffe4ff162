/**
 * The part of a service that walks its program: a job works, calls, publishes, step by step, until
 * its thread has to wait for something. Who gets a thread is the service's affair.
 */
import type { ServiceSpec } from '../flow.ts';
import type { CallEdge } from '../kernel/callEdge.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import { drawKey } from '../kernel/calls.ts';
import { drawDuration, Shape, shapeOf, type ShapeOfWork } from '../kernel/distributions.ts';
import { JobPhase } from '../kernel/jobs.ts';
import { eventTarget, Result, type Kernel } from '../kernel/node.ts';
import { compileHandler, Hold, Op, STRIDE, wayTaken, type Program } from '../kernel/program.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { VisibleEvent } from '../trace.ts';
import { createServiceState, type ServiceState } from './serviceState.ts';

/** The events of a service. */
export const Code = {
  WorkDone: 0,
  Published: 1,
  Revive: 2,
  Kill: 3,
  OutageEnd: 4,
  SlowEnd: 5,
  /** A delivery reaches the service, an acknowledgement the queue, the news of a dead thread the queue. */
  Delivered: 6,
  Settled: 7,
  Returned: 8,
} as const;

export abstract class ProgramWalker {
  readonly id: string;
  readonly index: number;
  readonly state: ServiceState;
  protected readonly program: Program;
  protected readonly shapes: readonly ShapeOfWork[];
  protected readonly declines: boolean;
  protected readonly nonBlocking: boolean;
  protected readonly key0: number;
  protected readonly key1: number;
  /** By call step: its edge, null where calls go straight to the target; the target; ordinal and entry there. */
  protected readonly edges: readonly (CallEdge | null)[];
  protected readonly targets: Int32Array;
  protected readonly ordinals: Int32Array;
  protected readonly entries: Int32Array;

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

  /** A parked job gets the answer it waits for. */
  abstract resume(kernel: Kernel, job: number, result: Result): void;

  /** Puts waiting work on idle threads. */
  protected abstract admit(kernel: Kernel): void;

  /** The handler of a job ends. */
  protected abstract finish(kernel: Kernel, job: number, result: Result): void;

  /** Walks the program until the thread has to wait for something. */
  protected run(kernel: Kernel, index: number): void {
    const { code } = this.program;
    const job = kernel.jobs.rows[index];
    if (kernel.clockS > job.deadlineS) {
      this.finish(kernel, index, Result.TimedOut);
      return;
    }
    let { position } = job;
    for (;;) {
      const argument = code[position + 1];
      switch (code[position]) {
        case Op.Work:
          job.position = position;
          this.work(kernel, index, argument);
          return;
        case Op.Call:
          job.position = position;
          this.park(kernel, index, this.targets[argument]);
          this.call(kernel, index, argument);
          if (this.nonBlocking === true) this.admit(kernel);
          return;
        case Op.IfQueued:
          position = (job.modes & (1 << argument)) !== 0 ? code[position + 2] : position + STRIDE;
          break;
        case Op.Jump:
          position = argument;
          break;
        case Op.End:
          job.position = position;
          this.finish(
            kernel,
            index,
            job.fails === 0 ? Result.Ok : this.declines ? Result.Declined : Result.Failed,
          );
          return;
        case Op.Branch:
          position = this.branch(kernel, index, argument);
          break;
        default:
          job.position = position;
          this.runSeldom(kernel, index, code[position], argument, code[position + 2]);
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
        jobs.rows[job].publishKey = drawKey(jobs.rows[job].drawKey, other, 1);
        this.after(kernel, kernel.brokers[argument]!.publishS, Code.Published, job);
        break;
      case Op.PublishCopies: {
        const { ordinal, copies } = this.program.fanOuts[other];
        this.park(kernel, job, argument);
        jobs.rows[job].publishKey = drawKey(jobs.rows[job].drawKey, ordinal, 1);
        jobs.rows[job].joining = copies;
        this.after(kernel, kernel.brokers[argument]!.publishS, Code.Published, job);
        break;
      }
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
    if (this.nonBlocking === true) this.admit(kernel);
  }

  protected work(kernel: Kernel, index: number, step: number): void {
    const { state } = this;
    const { clockS } = kernel;
    const job = kernel.jobs.rows[index];
    const cv = state.cv[step];
    let durationS = state.workS[step] * state.slowFactor;
    if (cv > 0) {
      const { random, requests } = kernel;
      const { number } = requests.rows[job.request];
      random.select(this.key0, this.key1, number, job.drawKey, Purpose.Work + step);
      const shape = this.shapes[step];
      // The exponential, a gamma as well, is named so that it is drawn without a detour.
      if (shape.shape !== Shape.Gamma) durationS *= drawDuration(random, shape, cv);
      else durationS *= cv === 1 ? random.exponential() : random.gamma(cv);
    }
    const untilS = clockS + durationS;
    job.phase = JobPhase.Running;
    job.sinceS = clockS;
    job.untilS = untilS;
    kernel.events.push(untilS, eventTarget(this.index, Code.WorkDone), index, job.generation);
    if (state.pendingKills > 0) {
      state.pendingKills--;
      this.after(kernel, durationS / 2, Code.Kill, index);
    }
  }

  /** The thread does nothing else for so long; Infinity: for ever. */
  private hold(kernel: Kernel, job: number, durationS: number): void {
    const { jobs, clockS } = kernel;
    jobs.rows[job].phase = JobPhase.Running;
    jobs.rows[job].sinceS = clockS;
    jobs.rows[job].untilS = clockS + durationS;
    if (durationS < Infinity) this.after(kernel, durationS, Code.WorkDone, job);
  }

  /** The job is parked already. When this returns it may have gone on, or even have ended. */
  private call(kernel: Kernel, index: number, step: number): void {
    const { jobs } = kernel;
    const job = jobs.rows[index];
    const key = job.drawKey;
    const edge = this.edges[step];
    if (edge !== null) {
      edge.call(kernel, job.request, index, key, this.entries[step], job.deadlineS);
      return;
    }
    const target = this.targets[step];
    const calleeKey = drawKey(key, this.ordinals[step], 1);
    const callee = jobs.create(target, job.request, index, -1, calleeKey, kernel.clockS);
    jobs.rows[callee].position = this.entries[step];
    job.callee = callee;
    if (!kernel.callees[target]!.arrive(kernel, callee)) {
      jobs.free(callee);
      this.resume(kernel, index, Result.Rejected);
    }
  }

  private callAll(kernel: Kernel, job: number, first: number, count: number): void {
    const { jobs } = kernel;
    jobs.rows[job].joining = count;
    jobs.rows[job].result = Result.Ok;
    this.park(kernel, job, this.targets[first]);
    for (let k = 0; k < count; k++) this.call(kernel, job, first + k);
  }

  /** @returns the position of the way taken */
  private branch(kernel: Kernel, job: number, step: number): number {
    return wayTaken(this.program.branches[step], this.draw(kernel, job, Purpose.Branch + step));
  }

  private park(kernel: Kernel, index: number, target: number): void {
    const { recorder } = kernel;
    const job = kernel.jobs.rows[index];
    const cell = job.thread;
    job.phase = JobPhase.Parked;
    job.sinceS = kernel.clockS;
    job.waitNode = target;
    if (recorder !== null) recorder.parked(kernel, job.request, this.index, cell, target);
    if (this.nonBlocking === true) {
      this.state.pool.release(cell);
      job.thread = -1;
    }
  }

  /** A job has its answer and a thread. */
  protected resumed(kernel: Kernel, index: number, result: Result): void {
    const { requests, recorder, clockS } = kernel;
    const job = kernel.jobs.rows[index];
    const target = job.waitNode;
    job.callee = -1;
    job.phase = JobPhase.Running;
    job.sinceS = clockS;
    job.untilS = clockS;
    job.waitNode = -1;
    if (recorder !== null) {
      recorder.resumed(kernel, job.request, this.index, job.thread, target);
    }
    if (result !== Result.Ok) {
      if (recorder !== null) {
        recorder.record(
          kernel,
          VisibleEvent.Fail,
          job.request,
          target,
          -1,
          this.index,
          job.thread,
          result,
        );
      }
      const { code, calls } = this.program;
      const { position } = job;
      if (code[position] === Op.Use || !calls[code[position + 1]].goesOn) {
        const request = requests.rows[job.request];
        if (request.cause === 0) request.cause = result;
        // A propagated deadline ends this job and its call at one instant, in either order.
        const isLate = clockS >= job.deadlineS;
        this.finish(kernel, index, isLate ? Result.TimedOut : passedOn(result));
        return;
      }
    }
    job.position += STRIDE;
    this.run(kernel, index);
  }

  protected draw(kernel: Kernel, job: number, purpose: number): number {
    const { jobs, random, requests } = kernel;
    const number = requests.rows[jobs.rows[job].request].number;
    random.select(this.key0, this.key1, number, jobs.rows[job].drawKey, purpose);
    return random.uniform();
  }

  protected after(kernel: Kernel, delayS: number, code: number, job: number): void {
    const target = eventTarget(this.index, code);
    kernel.events.push(kernel.clockS + delayS, target, job, kernel.jobs.rows[job].generation);
  }
}

/** What the caller of a service learns of an error further down: only that there was one. */
function passedOn(result: Result): Result {
  return result === Result.Declined || result === Result.Rejected ? result : Result.Failed;
}
