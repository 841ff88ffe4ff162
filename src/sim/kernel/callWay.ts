/**
 * The way of one attempt to its target and back: connection, travel time, loss and timeout. What is
 * lost leaves no trace but the timeout, if there is one.
 */
import type { CallPolicy } from '../callPolicy.ts';
import { Outcome } from '../outcome.ts';
import { createCallEdgeState, type CallEdgeState } from './callEdgeState.ts';
import { Caller, callerOfCall, callOfCaller, CallPhase, drawKey } from './calls.ts';
import { abandon } from './endJob.ts';
import type { Job } from './job.ts';
import { JobPhase } from './jobs.ts';
import { eventTarget, Result, Tally, type Kernel } from './node.ts';
import { Purpose, type KeyedRandom } from './random.ts';

/** The events of a call. */
export const Code = {
  Arrive: 0,
  Answer: 1,
  Timeout: 2,
  TimeoutSingle: 3,
  Retry: 4,
  WaitEnd: 5,
} as const;

export interface CallSite {
  /** Unique name; the key of the edge's own draws. */
  readonly id: string;
  /** Where its events go: past the nodes. */
  readonly eventIndex: number;
  /** Node of the caller, and of the target. */
  readonly from: number;
  readonly to: number;
  /** Of the call step among those that lead to the target. */
  readonly ordinal: number;
  /** The caller does without the answer if there is none. */
  readonly goesOn: boolean;
}

export abstract class CallWay {
  readonly id: string;
  readonly state: CallEdgeState;
  /** Position in `kernel.edges`. */
  readonly index: number;
  protected readonly site: CallSite;
  protected readonly propagates: boolean;
  protected readonly key0: number;
  protected readonly key1: number;

  constructor(index: number, site: CallSite, policy: CallPolicy, random: KeyedRandom) {
    this.id = site.id;
    this.index = index;
    this.site = site;
    this.propagates = policy.propagateDeadline ?? false;
    [this.key0, this.key1] = random.keysOf(site.id);
    this.state = createCallEdgeState(policy);
  }

  get from(): number {
    return this.site.from;
  }

  get to(): number {
    return this.site.to;
  }

  get travelS(): number {
    return this.state.travelS;
  }

  get loss(): number {
    return this.state.loss;
  }

  /** The attempt is over for the caller. */
  protected abstract settle(kernel: Kernel, call: number, result: number): void;

  /** The user of a call without a job has given up. */
  abstract userGone(kernel: Kernel, call: number): void;

  /** Sends the attempt on its way. */
  protected send(kernel: Kernel, call: number): void {
    const { state, site } = this;
    const { calls, jobs, clockS } = kernel;
    const { travelS } = state;
    const lost = state.loss > 0 && this.isLost(kernel, call, Purpose.CallLoss);
    // A connection takes a way out and a way back. Those that work are kept open and cost no time.
    const connects = !lost && 2 * travelS <= state.connectTimeoutS;
    let dueS =
      clockS + (connects ? state.timeoutS : Math.min(state.timeoutS, state.connectTimeoutS));
    const deadlineS = Math.min(dueS, calls.deadlineS[call]);
    // Clients keep their patience themselves, by their own rules.
    if (this.propagates && calls.owner[call] >= 0) dueS = deadlineS;
    if (dueS < Infinity) {
      state.timeouts.add(
        kernel.events,
        eventTarget(site.eventIndex, Code.Timeout),
        eventTarget(site.eventIndex, Code.TimeoutSingle),
        dueS,
        call,
        calls.generation[call],
      );
    }
    calls.dueS[call] = dueS;
    if (!connects) {
      calls.phase[call] = CallPhase.Lost;
      return;
    }
    const owner = calls.owner[call];
    const request = calls.request[call];
    const key = drawKey(calls.ownerKey[call], site.ordinal, calls.attempt[call]);
    const job = jobs.create(site.to, request, callerOfCall(call), calls.entry[call], key, kernel);
    if (this.propagates) job.deadlineS = deadlineS;
    calls.job[call] = job.index;
    if (owner >= 0) jobs.rows[owner].callee = job.index;
    else {
      job.root = 1;
      kernel.requests.rows[request].rootJob = job.index;
    }
    if (travelS === 0) this.arrive(kernel, job);
    else {
      job.phase = JobPhase.Travelling;
      const target = eventTarget(site.eventIndex, Code.Arrive);
      kernel.events.push(clockS + travelS, target, job.index, job.generation);
    }
  }

  protected arrive(kernel: Kernel, job: Job): void {
    job.phase = JobPhase.Queued;
    job.arrivedS = kernel.clockS;
    job.sinceS = kernel.clockS;
    if (kernel.callees[this.site.to]!.arrive(kernel, job)) return;
    const { caller, request } = job;
    kernel.jobs.release(job);
    if (caller === Caller.Abandoned) kernel.releaseRequest(request);
    else this.answer(kernel, callOfCaller(caller), Result.Rejected);
  }

  protected timeOut(kernel: Kernel, call: number): void {
    const { calls, recorder } = kernel;
    const job = calls.job[call];
    if (job >= 0) abandon(kernel, job);
    if (recorder !== null) recorder.tallyCall(kernel, this.index, Tally.CallTimedOut);
    this.settle(kernel, call, Result.TimedOut);
  }

  /** The target is done with the present attempt, or has accepted it. */
  answer(kernel: Kernel, call: number, result: number): void {
    const { calls } = kernel;
    const { loss, travelS } = this.state;
    const phase = calls.phase[call];
    // The 202 got lost, or comes later than the result: that is sent to an address given with the call.
    const isCallback =
      calls.job[call] >= 0 && (phase === CallPhase.Lost || phase === CallPhase.Answering);
    // The job's row is free from here on, also while its answer travels or is lost.
    if (result !== Result.Accepted) this.leaveJob(kernel, call);
    const isAccepted = phase === CallPhase.Accepted;
    // Of a job that was accepted, whoever brings the result sees to it that it arrives.
    if (loss > 0 && !isAccepted && !isCallback && this.isLost(kernel, call, Purpose.AnswerLoss)) {
      calls.phase[call] = CallPhase.Lost;
      if (this.ownerGone(kernel, call)) this.userGone(kernel, call);
      return;
    }
    if (travelS === 0 || isCallback) {
      this.settle(kernel, call, result);
      return;
    }
    if (!isAccepted) calls.phase[call] = CallPhase.Answering;
    calls.result[call] = result;
    const target = eventTarget(this.site.eventIndex, Code.Answer);
    kernel.events.push(kernel.clockS + travelS, target, call, calls.generation[call]);
  }

  /** The job of the present attempt is over, or no longer the call's. */
  protected leaveJob(kernel: Kernel, call: number): void {
    const { calls, jobs, requests } = kernel;
    const owner = calls.owner[call];
    if (owner < 0) requests.rows[calls.request[call]].rootJob = callerOfCall(call);
    else if (jobs.rows[owner].callee === calls.job[call]) jobs.rows[owner].callee = -1;
    calls.job[call] = -1;
  }

  /** Has the user given up? Threads do not: they are parked. */
  protected ownerGone(kernel: Kernel, call: number): boolean {
    const { calls, requests } = kernel;
    return calls.owner[call] < 0 && requests.rows[calls.request[call]].outcome !== Outcome.Open;
  }

  private isLost(kernel: Kernel, call: number, purpose: number): boolean {
    const { calls, random, requests, recorder } = kernel;
    const number = requests.rows[calls.request[call]].number;
    const key = drawKey(calls.ownerKey[call], 0, calls.attempt[call]);
    random.select(this.key0, this.key1, number, key, purpose);
    const lost = random.uniform() < this.state.loss;
    if (lost && recorder !== null) recorder.tallyCall(kernel, this.index, Tally.Lost);
    return lost;
  }
}
