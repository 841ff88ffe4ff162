/**
 * A way from a caller to a target: policy, travel time and loss. Only calls that have any of these
 * pass through here; the others go straight from service to service.
 */
import type { CallPolicy, RetryPolicy } from '../callPolicy.ts';
import { backoffS } from './backoff.ts';
import { BreakerState } from './breakerState.ts';
import { ACKNOWLEDGED, Caller, callerOfCall, callOfCaller, drawKey } from './calls.ts';
import { abandon } from './endJob.ts';
import { JobPhase } from './jobs.ts';
import { eventTarget, Result, Tally, type Edge, type Kernel } from './node.ts';
import { Purpose, type KeyedRandom } from './random.ts';
import { RetryBudgetState } from './retryBudgetState.ts';
import { SlidingCount } from './slidingCount.ts';
import { TimerRing } from './timerRing.ts';
import { Outcome } from '../outcome.ts';
import { VisibleEvent } from '../trace.ts';

const Code = { Arrive: 0, Answer: 1, Timeout: 2, TimeoutSingle: 3, Retry: 4 } as const;

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
}

export class CallEdge implements Edge {
  readonly id: string;
  readonly state;
  /** Position in `kernel.edges`. */
  readonly index: number;
  private readonly site: CallSite;
  private readonly jitter: NonNullable<RetryPolicy['jitter']>;
  private readonly obeysRetryAfter: boolean;
  private readonly propagates: boolean;
  private readonly key0: number;
  private readonly key1: number;

  constructor(index: number, site: CallSite, policy: CallPolicy, random: KeyedRandom) {
    this.id = site.id;
    this.index = index;
    this.site = site;
    this.jitter = policy.retry?.jitter ?? 'full';
    this.obeysRetryAfter = policy.retry?.retryAfter !== 'ignored';
    this.propagates = policy.propagateDeadline ?? false;
    [this.key0, this.key1] = random.keysOf(site.id);
    const { retry, retryBudget, throttle, breaker } = policy;
    this.state = {
      timeoutS: (policy.timeoutMs ?? Infinity) / 1000,
      connectTimeoutS: (policy.connectTimeoutMs ?? Infinity) / 1000,
      attempts: retry?.attempts ?? 1,
      baseS: retry?.baseS ?? 0,
      multiplier: retry?.multiplier ?? 2,
      capS: retry?.capS ?? Infinity,
      maxConcurrent: policy.maxConcurrent ?? Infinity,
      concurrent: 0,
      travelS: (policy.travelMs ?? 0) / 1000,
      loss: policy.loss ?? 0,
      breaker: breaker === undefined ? null : new BreakerState(breaker),
      budget: retryBudget === undefined ? null : new RetryBudgetState(retryBudget),
      throttleK: throttle?.k ?? 2,
      requested: throttle === undefined ? null : new SlidingCount(throttle.windowS ?? 120),
      accepted: throttle === undefined ? null : new SlidingCount(throttle.windowS ?? 120),
      timeouts: new TimerRing(),
    };
  }

  get travelS(): number {
    return this.state.travelS;
  }

  get loss(): number {
    return this.state.loss;
  }

  /** @returns false if there is no such parameter or the value is out of its range */
  set(parameter: string, value: number | string | null): boolean {
    const { state } = this;
    const open = value === null ? Infinity : typeof value === 'number' ? value : NaN;
    if (!(open >= 0)) return false;
    switch (parameter) {
      case 'timeoutMs':
        state.timeoutS = open / 1000;
        return open > 0;
      case 'connectTimeoutMs':
        state.connectTimeoutS = open / 1000;
        return open > 0;
      case 'maxConcurrent':
        state.maxConcurrent = open;
        return true;
    }
    if (open === Infinity) return false;
    switch (parameter) {
      case 'attempts':
        if (open < 1) return false;
        state.attempts = Math.floor(open);
        return true;
      case 'baseS':
        state.baseS = open;
        return true;
      case 'multiplier':
        state.multiplier = open;
        return open >= 1;
      case 'capS':
        state.capS = open;
        return true;
      case 'travelMs':
        state.travelS = open / 1000;
        return true;
      case 'loss':
        if (open > 1) return false;
        state.loss = open;
        return true;
      case 'retryRatio':
        if (state.budget === null || state.budget.byTokens) return false;
        state.budget.ratio = open;
        return true;
      case 'openS':
        if (state.breaker === null) return false;
        state.breaker.openS = open;
        return true;
      default:
        return false;
    }
  }

  /**
   * Begins a call for a parked job, or for clients (owner −1). It may end at once: then the owner
   * has been resumed, or the request is answered and released, when this returns.
   * @param ownerKey draw key of the owner
   * @param entry where the target's program begins for it
   */
  call(
    kernel: Kernel,
    request: number,
    owner: number,
    ownerKey: number,
    entry: number,
    deadlineS: number,
  ): void {
    const call = kernel.calls.create(this.index, request, owner, ownerKey, entry, deadlineS);
    const { budget } = this.state;
    if (budget !== null) budget.firstTry(kernel.clockS);
    this.attempt(kernel, call);
  }

  handle(kernel: Kernel, code: number, slot: number, generation: number): void {
    const { calls } = kernel;
    switch (code) {
      case Code.Arrive:
        if (kernel.jobs.rows[slot].generation === generation) this.arrive(kernel, slot);
        return;
      case Code.Answer:
        if (calls.generation[slot] === generation) this.settle(kernel, slot, calls.result[slot]);
        return;
      case Code.Timeout: {
        const target = eventTarget(this.site.eventIndex, Code.Timeout);
        const { timeouts } = this.state;
        for (;;) {
          const call = timeouts.expire(kernel.events, target, kernel.clockS, calls.generation);
          if (call < 0) return;
          this.timeOut(kernel, call);
        }
      }
      case Code.TimeoutSingle:
        if (calls.generation[slot] === generation) this.timeOut(kernel, slot);
        return;
      case Code.Retry:
        if (calls.generation[slot] !== generation) return;
        if (this.ownerGone(kernel, slot)) this.end(kernel, slot, Result.TimedOut);
        else this.attempt(kernel, slot);
        return;
    }
  }

  answer(kernel: Kernel, call: number, result: number): void {
    const { calls } = kernel;
    const { loss, travelS } = this.state;
    // The job's row is free from here on, also while its answer travels or is lost.
    if (result !== Result.Accepted) this.leaveJob(kernel, call);
    // Of a job that was accepted, whoever brings the result sees to it that it arrives.
    const mayBeLost = loss > 0 && calls.period[call] !== ACKNOWLEDGED;
    if (mayBeLost && this.isLost(kernel, call, Purpose.AnswerLoss)) return;
    if (travelS === 0) {
      this.settle(kernel, call, result);
      return;
    }
    calls.result[call] = result;
    const target = eventTarget(this.site.eventIndex, Code.Answer);
    kernel.events.push(kernel.clockS + travelS, target, call, calls.generation[call]);
  }

  private attempt(kernel: Kernel, call: number): void {
    const { state, site } = this;
    const { calls, recorder, clockS } = kernel;
    const { breaker } = state;
    if (breaker !== null && !breaker.permits(clockS)) {
      if (recorder !== null) recorder.tally(kernel, site.from, Tally.BreakerOpen);
      this.end(kernel, call, Result.BreakerOpen);
      return;
    }
    const period = breaker === null ? 0 : breaker.period;
    if (this.throttles(kernel, call)) {
      if (breaker !== null) breaker.withdraw(period);
      if (recorder !== null) recorder.tally(kernel, site.from, Tally.Throttled);
      this.end(kernel, call, Result.Rejected);
      return;
    }
    if (state.concurrent >= state.maxConcurrent) {
      if (breaker !== null) breaker.withdraw(period);
      if (recorder !== null) recorder.tally(kernel, site.from, Tally.BulkheadFull);
      this.retryOrEnd(kernel, call, Result.Rejected);
      return;
    }
    state.concurrent++;
    calls.period[call] = period;
    if (recorder !== null) {
      recorder.tally(kernel, site.from, Tally.CallAttempt);
      if (calls.attempt[call] > 1) recorder.tally(kernel, site.from, Tally.CallRetry);
    }
    this.send(kernel, call);
  }

  private send(kernel: Kernel, call: number): void {
    const { state, site } = this;
    const { calls, jobs, clockS } = kernel;
    const { travelS } = state;
    const lost = state.loss > 0 && this.isLost(kernel, call, Purpose.CallLoss);
    // A connection takes a way out and a way back; only then is the call itself sent.
    const connects = !lost && 2 * travelS <= state.connectTimeoutS;
    let dueS =
      clockS + (connects ? state.timeoutS : Math.min(state.timeoutS, state.connectTimeoutS));
    if (this.propagates && calls.deadlineS[call] < dueS) dueS = calls.deadlineS[call];
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
    if (!connects) return;
    const owner = calls.owner[call];
    const request = calls.request[call];
    const key = drawKey(calls.ownerKey[call], site.ordinal, calls.attempt[call]);
    const job = jobs.create(site.to, request, callerOfCall(call), -1, key, clockS);
    jobs.rows[job].position = calls.entry[call];
    if (this.propagates) jobs.rows[job].deadlineS = dueS;
    calls.job[call] = job;
    if (owner >= 0) jobs.rows[owner].callee = job;
    else {
      jobs.rows[job].root = 1;
      kernel.requests.rows[request].rootJob = job;
    }
    if (travelS === 0) this.arrive(kernel, job);
    else {
      jobs.rows[job].phase = JobPhase.Travelling;
      const target = eventTarget(site.eventIndex, Code.Arrive);
      kernel.events.push(clockS + travelS, target, job, jobs.rows[job].generation);
    }
  }

  private arrive(kernel: Kernel, job: number): void {
    const { jobs, calls } = kernel;
    jobs.rows[job].phase = JobPhase.Queued;
    jobs.rows[job].arrivedS = kernel.clockS;
    jobs.rows[job].sinceS = kernel.clockS;
    if (kernel.callees[this.site.to]!.arrive(kernel, job)) return;
    const caller = jobs.rows[job].caller;
    const request = jobs.rows[job].request;
    jobs.free(job);
    if (caller === Caller.Abandoned) kernel.releaseRequest(request);
    else {
      const call = callOfCaller(caller);
      calls.job[call] = -1;
      this.answer(kernel, call, Result.Rejected);
    }
  }

  private timeOut(kernel: Kernel, call: number): void {
    const { calls, recorder } = kernel;
    const job = calls.job[call];
    if (job >= 0) abandon(kernel, job);
    if (recorder !== null) recorder.tally(kernel, this.site.from, Tally.CallTimedOut);
    this.settle(kernel, call, Result.TimedOut);
  }

  /** The attempt is over for the caller. */
  private settle(kernel: Kernel, call: number, result: number): void {
    const { state } = this;
    const { calls, clockS } = kernel;
    if (calls.period[call] === ACKNOWLEDGED) {
      this.end(kernel, call, result);
      return;
    }
    // The timer, and whatever is still on its way, no longer concern it.
    calls.generation[call]++;
    if (result !== Result.Accepted) this.leaveJob(kernel, call);
    state.concurrent--;
    const failed = isFailure(result);
    if (state.breaker !== null) state.breaker.note(clockS, calls.period[call], failed);
    if (state.accepted !== null && result !== Result.Rejected && result !== Result.TimedOut) {
      state.accepted.add(clockS);
    }
    if (state.budget !== null) state.budget.ended(failed);
    if (failed) this.retryOrEnd(kernel, call, result, true);
    else if (result === Result.Accepted) {
      calls.period[call] = ACKNOWLEDGED;
      kernel.callees[this.site.to]!.acknowledged!(kernel, calls.job[call]);
    } else this.end(kernel, call, result);
  }

  private leaveJob(kernel: Kernel, call: number): void {
    const { calls, requests } = kernel;
    calls.job[call] = -1;
    if (calls.owner[call] < 0) requests.rows[calls.request[call]].rootJob = -1;
  }

  /** @param sent the attempt went out, so that a rejection is the target's */
  private retryOrEnd(kernel: Kernel, call: number, result: number, sent = false): void {
    const { state, site } = this;
    const { calls, recorder, clockS, requests } = kernel;
    const attempt = calls.attempt[call];
    if (attempt >= state.attempts || this.ownerGone(kernel, call)) {
      this.end(kernel, call, result);
      return;
    }
    const request = calls.request[call];
    const key = drawKey(calls.ownerKey[call], 0, attempt);
    kernel.random.select(this.key0, this.key1, requests.rows[request].number, key, Purpose.Backoff);
    const obeys = sent && result === Result.Rejected && this.obeysRetryAfter;
    const { retryAfterS = -1, retryAfterJitter = 0 } = obeys ? kernel.callees[site.to]! : {};
    const waitS =
      retryAfterS >= 0
        ? retryAfterS * (1 + retryAfterJitter * kernel.random.uniform())
        : backoffS(
            kernel.random,
            this.jitter,
            state.baseS,
            state.multiplier,
            state.capS,
            attempt,
            calls.backoffS[call],
          );
    if (clockS + waitS >= calls.deadlineS[call]) {
      this.end(kernel, call, result);
      return;
    }
    if (state.budget !== null && !state.budget.grants(clockS)) {
      if (recorder !== null) recorder.tally(kernel, site.from, Tally.RetryDenied);
      this.end(kernel, call, result);
      return;
    }
    if (recorder !== null && sent && calls.owner[call] < 0 && result === Result.Rejected) {
      recorder.tally(kernel, site.to, Tally.RejectedAttempt);
    }
    if (recorder !== null && calls.owner[call] >= 0) {
      const cell = kernel.jobs.rows[calls.owner[call]].thread;
      recorder.record(kernel, VisibleEvent.Fail, request, site.to, -1, site.from, cell, result);
    }
    if (calls.owner[call] >= 0) kernel.jobs.rows[calls.owner[call]].callee = -1;
    calls.attempt[call]++;
    calls.backoffS[call] = waitS;
    const target = eventTarget(site.eventIndex, Code.Retry);
    kernel.events.push(clockS + waitS, target, call, calls.generation[call]);
  }

  private end(kernel: Kernel, call: number, result: number): void {
    const { calls, jobs, requests } = kernel;
    const owner = calls.owner[call];
    const request = calls.request[call];
    calls.free(call);
    if (owner >= 0) {
      jobs.rows[owner].callee = -1;
      kernel.callees[jobs.rows[owner].node]!.resume(kernel, owner, result as Result);
      return;
    }
    kernel.origins[requests.rows[request].origin]!.answer(kernel, request, result as Result);
    kernel.releaseRequest(request);
  }

  /** Retries are for users who are still there. */
  private ownerGone(kernel: Kernel, call: number): boolean {
    const { calls, requests } = kernel;
    return calls.owner[call] < 0 && requests.rows[calls.request[call]].outcome !== Outcome.Open;
  }

  /** The rule of Google's SRE book, chapter "Handling Overload": client-side throttling. */
  private throttles(kernel: Kernel, call: number): boolean {
    const { requested, accepted, throttleK } = this.state;
    if (requested === null || accepted === null) return false;
    const { calls, clockS, random, requests } = kernel;
    const requestCount = requested.read(clockS);
    const excess = requestCount - throttleK * accepted.read(clockS);
    requested.add(clockS);
    if (excess <= 0) return false;
    const number = requests.rows[calls.request[call]].number;
    const key = drawKey(calls.ownerKey[call], 0, calls.attempt[call]);
    random.select(this.key0, this.key1, number, key, Purpose.Throttle);
    return random.uniform() < excess / (requestCount + 1);
  }

  private isLost(kernel: Kernel, call: number, purpose: number): boolean {
    const { calls, random, requests, recorder } = kernel;
    const number = requests.rows[calls.request[call]].number;
    const key = drawKey(calls.ownerKey[call], 0, calls.attempt[call]);
    random.select(this.key0, this.key1, number, key, purpose);
    const lost = random.uniform() < this.state.loss;
    if (lost && recorder !== null) recorder.tally(kernel, this.site.from, Tally.Lost);
    return lost;
  }
}

/** Whether an answer is one that trying again may better. */
function isFailure(result: number): boolean {
  return (
    result !== Result.Ok &&
    result !== Result.Declined &&
    result !== Result.FailedForGood &&
    result !== Result.Accepted
  );
}
