/**
 * What a caller does about a target: one logical call, however many attempts it takes. From the outside
 * in an attempt passes the retry, the circuit breaker, the adaptive throttle and the bulkhead; what
 * follows is its way (callWay.ts). Calls without a policy go straight from service to service.
 */
import type { CallPolicy, RetryPolicy } from '../callPolicy.ts';
import { backoffS } from './backoff.ts';
import { setCallParameter } from './callEdgeState.ts';
import { abandon, endRequest } from './endJob.ts';
import { callerOfCall, CallPhase, drawKey } from './calls.ts';
import { CallWay, Code, type CallSite } from './callWay.ts';
import { eventTarget, Result, Tally, type Edge, type Kernel, type Recorder } from './node.ts';
import { Purpose, type KeyedRandom } from './random.ts';
import { VisibleEvent } from '../trace.ts';

export class CallEdge extends CallWay implements Edge {
  private readonly jitter: NonNullable<RetryPolicy['jitter']>;
  private readonly obeysRetryAfter: boolean;

  constructor(index: number, site: CallSite, policy: CallPolicy, random: KeyedRandom) {
    super(index, site, policy, random);
    this.jitter = policy.retry?.jitter ?? 'full';
    this.obeysRetryAfter = policy.retry?.retryAfter !== 'ignored';
  }

  /** @returns false if there is no such parameter or the value is out of its range */
  set(kernel: Kernel, parameter: string, value: number | string | null): boolean {
    if (!setCallParameter(this.state, parameter, value)) return false;
    this.handOutPlaces(kernel);
    return true;
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
    if (owner < 0) kernel.requests.rows[request].rootJob = callerOfCall(call);
    if (budget !== null) budget.firstTry(kernel.clockS);
    this.attempt(kernel, call);
  }

  handle(kernel: Kernel, code: number, slot: number, generation: number): void {
    const { calls } = kernel;
    switch (code) {
      case Code.Arrive:
        if (kernel.jobs.rows[slot].generation === generation) {
          this.arrive(kernel, kernel.jobs.rows[slot]);
        }
        return;
      case Code.Answer:
        if (calls.generation[slot] === generation) this.settle(kernel, slot, calls.result[slot]);
        return;
      case Code.Timeout: {
        const target = eventTarget(this.site.eventIndex, Code.Timeout);
        const { timeouts } = this.state;
        for (;;) {
          const call = timeouts.expire(kernel.events, target, kernel.clockS, calls);
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
      case Code.WaitEnd:
        if (calls.generation[slot] === generation) this.waitedInVain(kernel, slot);
        return;
    }
  }

  private attempt(kernel: Kernel, call: number): void {
    const { state } = this;
    const { calls, recorder, clockS } = kernel;
    const { breaker } = state;
    if (breaker !== null && !breaker.permits(clockS)) {
      if (recorder !== null) recorder.tallyCall(kernel, this.index, Tally.BreakerOpen);
      this.end(kernel, call, Result.BreakerOpen);
      return;
    }
    const period = breaker === null ? 0 : breaker.period;
    if (this.throttles(kernel, call)) {
      if (breaker !== null) breaker.withdraw(period);
      if (recorder !== null) recorder.tallyCall(kernel, this.index, Tally.Throttled);
      this.end(kernel, call, Result.Rejected);
      return;
    }
    calls.period[call] = period;
    if (!state.bulkhead.isFull()) this.enter(kernel, call);
    else if (state.bulkhead.maxWaitS > 0) this.wait(kernel, call);
    else this.turnBack(kernel, call);
  }

  /** For a place in the bulkhead. What the circuit breaker has permitted stays so. */
  private wait(kernel: Kernel, call: number): void {
    const { state, site } = this;
    const { calls, clockS } = kernel;
    let dueS = clockS + state.bulkhead.maxWaitS;
    if (this.propagates && calls.deadlineS[call] < dueS) dueS = calls.deadlineS[call];
    calls.phase[call] = CallPhase.Waiting;
    calls.dueS[call] = dueS;
    state.bulkhead.join(calls, call);
    const target = eventTarget(site.eventIndex, Code.WaitEnd);
    kernel.events.push(dueS, target, call, calls.generation[call]);
  }

  private waitedInVain(kernel: Kernel, call: number): void {
    const { calls, clockS } = kernel;
    calls.generation[call]++;
    this.state.bulkhead.leave(calls, call);
    this.turnBack(kernel, call, this.propagates && clockS >= calls.deadlineS[call]);
  }

  /** There was no place in the bulkhead; or the caller's own time is up while it waited for one. */
  private turnBack(kernel: Kernel, call: number, tooLate = false): void {
    const { state } = this;
    const { calls, recorder } = kernel;
    if (state.breaker !== null) state.breaker.withdraw(calls.period[call]);
    if (recorder !== null) {
      recorder.tallyCall(kernel, this.index, tooLate ? Tally.CallTimedOut : Tally.BulkheadFull);
    }
    this.retryOrEnd(kernel, call, tooLate ? Result.TimedOut : Result.Rejected);
  }

  /** Gives places that have come free to those who wait. */
  private handOutPlaces(kernel: Kernel): void {
    const { bulkhead } = this.state;
    const { calls } = kernel;
    if (bulkhead.head < 0 || bulkhead.handingOut === 1) return;
    bulkhead.handingOut = 1;
    while (bulkhead.head >= 0 && bulkhead.taken < bulkhead.places) {
      const call = bulkhead.head;
      bulkhead.leave(calls, call);
      // The end of its wait no longer concerns it.
      calls.generation[call]++;
      this.enter(kernel, call);
    }
    bulkhead.handingOut = 0;
  }

  private enter(kernel: Kernel, call: number): void {
    const { calls, recorder } = kernel;
    this.state.bulkhead.taken++;
    calls.phase[call] = CallPhase.UnderWay;
    if (recorder !== null) {
      recorder.tallyCall(kernel, this.index, Tally.CallAttempt);
      if (calls.sent[call] === 1) recorder.tallyCall(kernel, this.index, Tally.CallRetry);
    }
    calls.sent[call] = 1;
    this.send(kernel, call);
  }

  /** The attempt is over for the caller. */
  protected override settle(kernel: Kernel, call: number, result: number): void {
    const { calls } = kernel;
    if (calls.phase[call] === CallPhase.Accepted) {
      // Its place and the books were settled with the 202.
      this.end(kernel, call, result);
      return;
    }
    // The timer, and whatever is still on its way, no longer concern it.
    calls.generation[call]++;
    if (result !== Result.Accepted) this.leaveJob(kernel, call);
    const failed = isFailure(result);
    this.account(kernel, call, result, failed);
    if (kernel.recorder !== null) this.tallyEnd(kernel.recorder, kernel, result);
    if (failed) this.retryOrEnd(kernel, call, result, true);
    else if (result === Result.Accepted) {
      calls.phase[call] = CallPhase.Accepted;
      kernel.callees[this.site.to]!.acknowledged!(kernel, calls.job[call]);
    } else this.end(kernel, call, result);
    this.handOutPlaces(kernel);
  }

  /** What came of an attempt that was sent; its timeout is counted where it happens. */
  private tallyEnd(recorder: Recorder, kernel: Kernel, result: number): void {
    if (result === Result.Rejected) recorder.tallyCall(kernel, this.index, Tally.CallRejected);
    else if (result === Result.Failed || result === Result.FailedForGood) {
      recorder.tallyCall(kernel, this.index, Tally.CallFailed);
    }
  }

  /** The attempt gives its place back, and those who keep books learn how it went. */
  private account(kernel: Kernel, call: number, result: number, failed: boolean): void {
    const { bulkhead, breaker, accepted, budget } = this.state;
    const { calls, clockS } = kernel;
    bulkhead.taken--;
    if (breaker?.note(clockS, calls.period[call], failed) === true) {
      kernel.recorder?.tallyCall(kernel, this.index, Tally.BreakerOpened);
    }
    if (accepted !== null && result !== Result.Rejected && result !== Result.TimedOut) {
      accepted.add(clockS);
    }
    if (budget !== null) budget.ended(failed);
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
      if (recorder !== null) recorder.tallyCall(kernel, this.index, Tally.RetryDenied);
      this.end(kernel, call, result);
      return;
    }
    if (recorder !== null && calls.owner[call] >= 0) {
      const cell = kernel.jobs.rows[calls.owner[call]].thread;
      recorder.record(kernel, VisibleEvent.Fail, request, site.to, -1, site.from, cell, result);
    }
    if (calls.owner[call] >= 0) kernel.jobs.rows[calls.owner[call]].callee = -1;
    calls.attempt[call]++;
    calls.backoffS[call] = waitS;
    calls.phase[call] = CallPhase.BackingOff;
    const target = eventTarget(site.eventIndex, Code.Retry);
    kernel.events.push(clockS + waitS, target, call, calls.generation[call]);
  }

  private end(kernel: Kernel, call: number, result: number): void {
    const { calls, jobs, requests } = kernel;
    const owner = calls.owner[call];
    const request = calls.request[call];
    calls.free(call);
    if (owner >= 0) {
      const job = jobs.rows[owner];
      job.callee = -1;
      // Of several calls at once the job learns only whether one has failed that it cannot do without.
      const isMissed = job.joining === 0 || !this.site.goesOn;
      kernel.callees[job.node]!.resume(kernel, owner, isMissed ? (result as Result) : Result.Ok);
      return;
    }
    endRequest(kernel, requests.rows[request], result as Result);
  }

  /**
   * The user of a call has given up. What is still on its way or at the target, or has a timeout, ends
   * of itself; the rest would stay for ever.
   */
  override userGone(kernel: Kernel, call: number): void {
    const { phase, dueS, job } = kernel.calls;
    const waits = phase[call] === CallPhase.Waiting || phase[call] === CallPhase.BackingOff;
    const isStranded = phase[call] === CallPhase.Lost && dueS[call] === Infinity;
    // The job was accepted, and the 202 got lost: nobody will ask for it.
    if (isStranded && job[call] >= 0) abandon(kernel, job[call]);
    if (waits || isStranded) this.release(kernel, call);
  }

  /** Ends a call of which nothing is under way any more and for whose end nobody waits. */
  release(kernel: Kernel, call: number): void {
    const { bulkhead, breaker } = this.state;
    const { calls, requests } = kernel;
    const request = calls.request[call];
    const phase = calls.phase[call];
    if (phase === CallPhase.Waiting) {
      bulkhead.leave(calls, call);
      if (breaker !== null) breaker.withdraw(calls.period[call]);
    } else if (phase !== CallPhase.BackingOff && phase !== CallPhase.Accepted) {
      this.account(kernel, call, Result.TimedOut, true);
    }
    calls.free(call);
    requests.rows[request].rootJob = -1;
    kernel.releaseRequest(request);
    this.handOutPlaces(kernel);
  }

  /** Whoever made the call learns its result, but not from the present attempt, which goes on for nobody. */
  inform(kernel: Kernel, call: number, result: Result): void {
    const { bulkhead, breaker } = this.state;
    const { calls } = kernel;
    const phase = calls.phase[call];
    const isSent = phase !== CallPhase.BackingOff && phase !== CallPhase.Accepted;
    if (phase === CallPhase.Waiting) bulkhead.leave(calls, call);
    else if (isSent) bulkhead.taken--;
    if (isSent && breaker !== null) breaker.withdraw(calls.period[call]);
    if (calls.job[call] >= 0) abandon(kernel, calls.job[call]);
    this.end(kernel, call, result);
    this.handOutPlaces(kernel);
  }

  /** No further attempt begins: the user's patience would have ended, had the present one not started. */
  makeLast(kernel: Kernel, call: number): void {
    kernel.calls.deadlineS[call] = kernel.clockS;
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
