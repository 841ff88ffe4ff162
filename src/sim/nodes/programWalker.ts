/**
 * The part of a service that walks its program: a job works, calls, publishes, step by step, until
 * its thread has to wait for something. Who gets a thread is the service's affair.
 */
import type { ServiceSpec } from '../flow.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import type { DrawsAhead } from '../kernel/drawsAhead.ts';
import type { Job } from '../kernel/job.ts';
import { JobPhase } from '../kernel/jobs.ts';
import { eventTarget, Result, type Kernel } from '../kernel/node.ts';
import type { Pace } from '../kernel/paces.ts';
import { compileHandler, Hold, Op, STRIDE, wayTaken } from '../kernel/program.ts';
import { beginPublish, PublishCode } from '../kernel/publishes.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { VisibleEvent } from '../trace.ts';
import { HandlerNode } from './handlerNode.ts';
import { createServiceState, type ServiceState } from './serviceState.ts';

/** The events of a service. */
export const Code = {
  WorkDone: 0,
  Published: PublishCode.Published,
  Revive: 2,
  Kill: 3,
  OutageEnd: 4,
  SlowEnd: 5,
  /** A delivery reaches the service, an acknowledgement the queue, the news of a dead thread the queue. */
  Delivered: 6,
  Settled: 7,
  Returned: 8,
  Unconfirmed: PublishCode.Unconfirmed,
} as const;

export abstract class ProgramWalker extends HandlerNode {
  readonly state: ServiceState;
  protected readonly declines: boolean;
  /** How a handler ends that fails. */
  protected readonly failure: Result;
  protected readonly nonBlocking: boolean;
  /** Target of the event that ends work. */
  private readonly workDone: number;
  /** By work step. */
  private readonly works: readonly DrawsAhead<Pace>[];

  constructor(
    id: string,
    index: number,
    spec: ServiceSpec,
    nodeIndex: (id: string) => number,
    random: KeyedRandom,
    edges: CallEdges,
  ) {
    const program = compileHandler(spec.handler, spec.endpoints ?? {}, nodeIndex);
    super(id, index, program, random, edges);
    this.declines = spec.failureKind === 'decline';
    this.failure = this.declines ? Result.Declined : Result.Failed;
    this.nonBlocking = spec.threading === 'nonBlocking';
    this.workDone = eventTarget(index, Code.WorkDone);
    this.state = createServiceState(spec, program);
    this.works = this.state.paces.drawsAhead(random, id);
  }

  /** Puts waiting work on idle threads. */
  protected abstract admit(kernel: Kernel): void;

  /** The handler of a job ends. */
  protected abstract finish(kernel: Kernel, job: Job, result: Result): void;

  /** Walks the program until the thread has to wait for something. */
  protected run(kernel: Kernel, job: Job): void {
    const { code } = this.program;
    if (kernel.clockS > job.deadlineS) {
      this.finish(kernel, job, Result.TimedOut);
      return;
    }
    if (code[job.position] <= Op.LastJump) this.jump(kernel, job);
    const { position } = job;
    const op = code[position];
    const argument = code[position + 1];
    if (op === Op.Work) this.work(kernel, job, argument);
    else if (op === Op.End) this.finish(kernel, job, job.fails === 0 ? Result.Ok : this.failure);
    else if (op === Op.Call) this.callAndWait(kernel, job, argument);
    else this.runSeldom(kernel, job, op, argument, code[position + 2]);
  }

  /** Goes on to the next step that takes time. */
  private jump(kernel: Kernel, job: Job): void {
    const { code, branches } = this.program;
    let { position } = job;
    while (code[position] <= Op.LastJump) {
      const argument = code[position + 1];
      const op = code[position];
      if (op === Op.Jump) position = argument;
      else if (op === Op.Branch) {
        position = wayTaken(branches[argument], this.draw(kernel, job, Purpose.Branch + argument));
      } else {
        const isQueued = (job.modes & (1 << argument)) !== 0;
        position = isQueued ? code[position + 2] : position + STRIDE;
      }
    }
    job.position = position;
  }

  private callAndWait(kernel: Kernel, job: Job, step: number): void {
    this.park(kernel, job, this.targets[step]);
    this.call(kernel, job, step);
    if (this.nonBlocking === true) this.admit(kernel);
  }

  /** Steps that make the thread wait, and that few programs have: apart, so that `run` stays small. */
  private runSeldom(kernel: Kernel, job: Job, op: number, argument: number, other: number): void {
    switch (op) {
      case Op.Parallel:
        this.callAll(kernel, job, argument, other);
        break;
      case Op.Publish:
      case Op.PublishCopies:
        this.park(kernel, job, argument);
        beginPublish(kernel, job, this.program);
        break;
      case Op.Use:
        this.park(kernel, job, argument);
        kernel.facilities[argument]!.use(kernel, job.index, other);
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

  protected work(kernel: Kernel, job: Job, step: number): void {
    const { state } = this;
    const { events, clockS } = kernel;
    const draws = this.works[step];
    const pace = draws.variation;
    const { cv } = pace;
    let durationS = pace.workS * state.slowFactor;
    if (cv > 0) {
      const { number } = kernel.requests.rows[job.request];
      durationS *= draws.take(number, job.drawKey, cv);
    }
    job.phase = JobPhase.Running;
    job.sinceS = clockS;
    job.untilS = clockS + durationS;
    events.dueAt(job.untilS);
    events.pushDue(this.workDone, job.index, job.generation);
    if (state.pendingKills > 0) {
      state.pendingKills--;
      this.after(kernel, durationS / 2, Code.Kill, job);
    }
  }

  /** The thread does nothing else for so long; Infinity: for ever. */
  private hold(kernel: Kernel, job: Job, durationS: number): void {
    const { clockS } = kernel;
    job.phase = JobPhase.Running;
    job.sinceS = clockS;
    job.untilS = clockS + durationS;
    if (durationS < Infinity) this.after(kernel, durationS, Code.WorkDone, job);
  }

  private callAll(kernel: Kernel, job: Job, first: number, count: number): void {
    job.joining = count;
    job.result = Result.Ok;
    this.park(kernel, job, this.targets[first]);
    for (let k = 0; k < count; k++) this.call(kernel, job, first + k);
  }

  private park(kernel: Kernel, job: Job, target: number): void {
    const { recorder } = kernel;
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
  protected resumed(kernel: Kernel, job: Job, result: Result): void {
    const { requests, recorder, clockS } = kernel;
    const target = job.waitNode;
    job.callee = -1;
    job.phase = JobPhase.Running;
    job.sinceS = clockS;
    job.untilS = clockS;
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
      if (code[position] !== Op.Call || !calls[code[position + 1]].goesOn) {
        const request = requests.rows[job.request];
        if (request.cause === 0) request.cause = result;
        // A propagated deadline ends this job and its call at one instant, in either order.
        const isLate = clockS >= job.deadlineS;
        this.finish(kernel, job, isLate ? Result.TimedOut : passedOn(result));
        return;
      }
    }
    job.position += STRIDE;
    this.run(kernel, job);
  }

  protected after(kernel: Kernel, delayS: number, code: number, job: Job): void {
    const target = eventTarget(this.index, code);
    kernel.events.push(kernel.clockS + delayS, target, job.index, job.generation);
  }
}

/** What the caller of a service learns of an error further down: only that there was one. */
function passedOn(result: Result): Result {
  return result === Result.Declined || result === Result.Rejected ? result : Result.Failed;
}
