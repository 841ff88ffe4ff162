/**
 * What a caller does about a target that is slow, failing or full. A call without a policy is tried
 * once and waits for ever.
 *
 * One attempt passes, from the outside in: retry, circuit breaker, adaptive throttle, bulkhead,
 * timeout. So a retry counts as a call of its own for everything inside it.
 */

/** Waits v before retry n, where v = min(cap, base · multiplier^(n − 1)), with jitter. */
export interface RetryPolicy {
  /** Tries at most, the first included. */
  readonly attempts: number;
  /** Seconds before the first retry; 0: at once. */
  readonly baseS?: number;
  readonly multiplier?: number;
  readonly capS?: number;
  /** none: v · full: U(0, v) · equal: v/2 + U(0, v/2) · decorrelated: min(cap, U(base, 3 · previous)). */
  readonly jitter?: 'none' | 'full' | 'equal' | 'decorrelated';
  /** Whether a rejection that says when to come again (Retry-After) is obeyed instead of v. */
  readonly retryAfter?: 'honoured' | 'ignored';
}

/** Keeps retries from multiplying the load; one for all calls of this caller to this target. */
export type RetryBudget =
  /** Retries are at most this share of first tries in the window. */
  | { readonly kind: 'ratio'; readonly ratio: number; readonly windowS?: number }
  /** A failure costs a token, a success earns a part of one; no retry at half the tokens or under. */
  | { readonly kind: 'tokens'; readonly maxTokens?: number; readonly tokenRatio?: number };

/** Refuses locally with probability max(0, (requests − k · accepts) ÷ (requests + 1)). */
export interface AdaptiveThrottle {
  readonly k?: number;
  readonly windowS?: number;
}

export interface CircuitBreaker {
  /** Calls in the count window, 1 to 10,000. */
  readonly window?: number;
  /** Opens at this share of failures, 0 to 1. */
  readonly failureRate?: number;
  /** No judgement on fewer calls. */
  readonly minimumCalls?: number;
  readonly openS?: number;
  /** Calls let through when half open. */
  readonly probes?: number;
}

export interface CallPolicy {
  /** The caller is free after this long without an answer, milliseconds; the target works on. */
  readonly timeoutMs?: number | null;
  /** The same for a target that does not even take the call in. */
  readonly connectTimeoutMs?: number | null;
  readonly retry?: RetryPolicy;
  readonly retryBudget?: RetryBudget;
  readonly throttle?: AdaptiveThrottle;
  /** Bulkhead: calls under way at most. */
  readonly maxConcurrent?: number | null;
  /** How long a further call waits for a place before it is refused, milliseconds; 0: not at all. */
  readonly maxWaitMs?: number;
  readonly breaker?: CircuitBreaker;
  /** The target learns when the caller stops waiting, and drops the work then. */
  readonly propagateDeadline?: boolean;
  /** Each way, milliseconds. */
  readonly travelMs?: number;
  /** Share of calls and of answers that get lost on the way, 0 to 1. */
  readonly loss?: number;
}
