/** A call with a policy: what its caller sent, what came of it, and what the caller's own policy held back. */
export interface CallReport {
  /** Nodes. */
  readonly from: string;
  readonly to: string;
  /** Sent, retries included. */
  readonly attempts: number;
  /** Of those, the first of each call that was sent, and the others. */
  readonly firstTries: number;
  readonly retries: number;
  /** Attempts ÷ first tries. */
  readonly amplification: number;
  /** Turned away by the target; without an answer in time; answered with an error. */
  readonly rejected: number;
  readonly timedOut: number;
  readonly failed: number;
  /** Not sent: the circuit breaker was open, the bulkhead full, the adaptive throttle against it. */
  readonly breakerOpen: number;
  readonly bulkheadFull: number;
  readonly throttled: number;
  /** Retries that the budget did not grant. */
  readonly retriesDenied: number;
  /** Calls and answers lost on the way. */
  readonly lost: number;
  /** Refused, by the target or by the caller's own policy, ÷ offered: sent or held back; null if none were. */
  readonly shedRate: number | null;
}
