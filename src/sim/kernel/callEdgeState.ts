/** The state of a way from caller to target: its parameters as they stand now, and what they lead to. */
import type { CallPolicy } from '../callPolicy.ts';
import { BreakerState } from './breakerState.ts';
import { Bulkhead } from './bulkhead.ts';
import { RetryBudgetState } from './retryBudgetState.ts';
import { SlidingCount } from './slidingCount.ts';
import { TimerRing } from './timerRing.ts';

export function createCallEdgeState(policy: CallPolicy) {
  const { retry, retryBudget, throttle, breaker } = policy;
  return {
    timeoutS: (policy.timeoutMs ?? Infinity) / 1000,
    connectTimeoutS: (policy.connectTimeoutMs ?? Infinity) / 1000,
    attempts: retry?.attempts ?? 1,
    baseS: retry?.baseS ?? 0,
    multiplier: retry?.multiplier ?? 2,
    capS: retry?.capS ?? Infinity,
    travelS: (policy.travelMs ?? 0) / 1000,
    loss: policy.loss ?? 0,
    bulkhead: new Bulkhead(policy),
    breaker: breaker === undefined ? null : new BreakerState(breaker),
    budget: retryBudget === undefined ? null : new RetryBudgetState(retryBudget),
    throttleK: throttle?.k ?? 2,
    requested: throttle === undefined ? null : new SlidingCount(throttle.windowS ?? 120),
    accepted: throttle === undefined ? null : new SlidingCount(throttle.windowS ?? 120),
    timeouts: new TimerRing(),
  };
}

export type CallEdgeState = ReturnType<typeof createCallEdgeState>;

/** @returns false if there is no such parameter or the value is out of its range */
export function setCallParameter(
  state: CallEdgeState,
  parameter: string,
  value: number | string | null,
): boolean {
  const open = value === null ? Infinity : typeof value === 'number' ? value : NaN;
  if (!(open >= 0)) return false;
  switch (parameter) {
    case 'timeoutMs':
      if (open === 0) return false;
      state.timeoutS = open / 1000;
      return true;
    case 'connectTimeoutMs':
      if (open === 0) return false;
      state.connectTimeoutS = open / 1000;
      return true;
    case 'maxConcurrent':
      state.bulkhead.places = open;
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
      if (open < 1) return false;
      state.multiplier = open;
      return true;
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
    case 'maxWaitMs':
      state.bulkhead.maxWaitS = open / 1000;
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
