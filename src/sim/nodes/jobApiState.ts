/** All that changes in a job API while the simulation runs: plain data. */
import type { JobApiSpec } from '../flow.ts';
import { WaitLine } from '../kernel/waitLine.ts';
import { JobTickets } from './jobTickets.ts';

export function createJobApiState(spec: JobApiSpec) {
  return {
    acceptS: (spec.acceptMs ?? 0) / 1000,
    invalidRate: spec.invalidRate ?? 0,
    limit: spec.limit ?? Infinity,
    quotaPerS: spec.quotaPerS ?? Infinity,
    quotaBurst: spec.quotaBurst ?? 1,
    throttlePerS: spec.throttlePerS ?? Infinity,
    /** −1: rejections do not say. */
    retryAfterS: spec.rejectionRetryAfterS ?? -1,
    retryAfterJitter: spec.rejectionRetryAfterJitter ?? 0,
    keyTtlS: spec.keyTtlS ?? 86_400,
    pollEveryS: spec.pollEveryS ?? 5,
    jitter: spec.retryAfterJitter ?? 0,
    webhookS: (spec.webhookMs ?? 0) / 1000,
    webhookFailureRate: spec.webhookFailureRate ?? 0,
    webhookAckLossRate: spec.webhookAckLossRate ?? 0,
    webhookAttempts: spec.webhookAttempts ?? 5,
    webhookBackoffS: spec.webhookBackoffS ?? 1,
    resultTtlS: spec.resultTtlS ?? Infinity,
    tickets: new JobTickets(),
    /** Producers held back by the throttle. */
    line: new WaitLine(),
    nextAdmitS: 0,
    admitArmed: 0,
    tokens: spec.quotaBurst ?? 1,
    tokensS: 0,
    outstanding: 0,
    /** Since the start. */
    accepted: 0,
    /** Of those, jobs for requests that had one already. */
    duplicates: 0,
    /** POSTs whose key was known. */
    repeated: 0,
    invalid: 0,
    rejectedQuota: 0,
    rejectedOverload: 0,
    completed: 0,
    failed: 0,
    /** Jobs done for users who had given up, and jobs that no client knew of when they ended. */
    wasted: 0,
    orphaned: 0,
    cancelled: 0,
    noticed: 0,
    noticeDelayS: 0,
    pollCount: 0,
    webhooks: 0,
    webhookDuplicates: 0,
    webhooksLost: 0,
    expired: 0,
  };
}

export type JobApiState = ReturnType<typeof createJobApiState>;

/** @returns false if there is no such parameter here or the value is out of its range */
export function setJobApiParameter(
  state: JobApiState,
  parameter: string,
  value: number | string | null,
): boolean {
  const open = value === null ? Infinity : value;
  if (typeof open !== 'number' || !(open >= 0)) return false;
  switch (parameter) {
    case 'limit':
    case 'quotaPerS':
    case 'resultTtlS':
      state[parameter] = open;
      return true;
    case 'throttlePerS':
      if (open === 0) return false;
      state.throttlePerS = open;
      return true;
    case 'rejectionRetryAfterS':
      state.retryAfterS = value === null ? -1 : open;
      return true;
  }
  if (open === Infinity) return false;
  switch (parameter) {
    case 'pollEveryS':
    case 'keyTtlS':
      if (open === 0) return false;
      state[parameter] = open;
      return true;
    case 'webhookFailureRate':
    case 'webhookAckLossRate':
    case 'invalidRate':
      if (open > 1) return false;
      state[parameter] = open;
      return true;
    default:
      return false;
  }
}
