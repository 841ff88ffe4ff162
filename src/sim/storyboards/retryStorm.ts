/**
 * A metastable failure: a service with room to spare stalls for five seconds, its users retry, and
 * it never comes back. Data only.
 */
import type { CallPolicy } from '../callPolicy.ts';
import type { Flow, ServiceSpec, TimedInput } from '../flow.ts';

export const STALL_AT_S = 60;
export const STALL_FOR_S = 5;

export interface RetryStormOptions {
  readonly ratePerS?: number;
  readonly policy?: Partial<CallPolicy>;
  readonly service?: Partial<ServiceSpec>;
  /** What is done about it while it runs. */
  readonly measures?: readonly TimedInput[];
}

export function retryStormFlow(options: RetryStormOptions = {}): Flow {
  return {
    version: 1,
    title: 'Retry storm',
    nodes: {
      users: {
        kind: 'clients',
        target: 'api',
        arrivals: 'poisson',
        ratePerS: options.ratePerS ?? 80,
        patienceS: null,
        policy: { timeoutMs: 1000, retry: { attempts: 3 }, ...options.policy },
      },
      api: {
        kind: 'service',
        threads: 10,
        acceptQueue: null,
        variability: { kind: 'exponential' },
        handler: [{ do: 'work', name: 'serve', workMs: 100 }],
        ...options.service,
      },
    },
    schedule: [
      {
        timeS: STALL_AT_S,
        action: { do: 'outage', node: 'api', durationS: STALL_FOR_S, how: 'stall' },
      },
      ...(options.measures ?? []),
    ],
  };
}

/** Retries are at most a tenth of the first tries (Google SRE book, Handling Overload). */
export const TENTH_BUDGET: Partial<CallPolicy> = { retryBudget: { kind: 'ratio', ratio: 0.1 } };
/** Full jitter between 1 and 20 seconds. */
export const SLOW_BACKOFF: Partial<CallPolicy> = {
  retry: { attempts: 3, baseS: 1, capS: 20, jitter: 'full' },
};
/** Tried once. */
export const NO_RETRIES: Partial<CallPolicy> = { retry: { attempts: 1 } };
/** The accept queue is emptied a minute after the stall. */
export const FLUSH: TimedInput = { timeS: 120, action: { do: 'flush', node: 'api' } };
/** And only 30 % of the users are let in for the half minute that follows. */
export const ADMIT_30_PERCENT: TimedInput = {
  timeS: 120,
  action: { do: 'surge', node: 'users', factor: 0.3, durationS: 30 },
};
