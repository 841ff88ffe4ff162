/** The parameters of what a caller does about a slow, failing or full target. */
import type {
  AdaptiveThrottle,
  CallPolicy,
  CircuitBreaker,
  RetryBudget,
  RetryPolicy,
} from '../callPolicy.ts';
import type { FieldsOf, ObjectField, Union, VariantsOf } from './field.ts';

const builders = "Amazon Builders' Library: timeouts, retries and backoff with jitter";

const retryFields: FieldsOf<RetryPolicy, never> = {
  attempts: {
    type: 'number',
    label: 'Attempts',
    unit: 'tries',
    min: 1,
    max: 50,
    integer: true,
    help: 'The first try included.',
  },
  baseS: {
    type: 'number',
    label: 'Backoff base',
    unit: 's',
    min: 0,
    max: 1e6,
    default: 0,
    help: 'Before the first retry; 0: at once.',
  },
  multiplier: { type: 'number', label: 'Multiplier', unit: '', min: 1, max: 100, default: 2 },
  capS: { type: 'number', label: 'Backoff cap', unit: 's', min: 0, max: 1e6, default: 1e6 },
  jitter: {
    type: 'choice',
    label: 'Jitter',
    options: {
      none: 'the full backoff v',
      full: 'uniform between 0 and v',
      equal: 'v/2 plus uniform up to v/2',
      decorrelated: 'uniform between the base and three times the last one, at most the cap',
    },
    default: 'full',
    source: builders,
  },
  retryAfter: {
    type: 'choice',
    label: 'Retry-After',
    options: {
      honoured: 'obeyed where a rejection gives one, instead of the backoff',
      ignored: 'not looked at',
    },
    default: 'honoured',
    source: 'RFC 9110, section 10.2.3',
  },
};

const throttleFields: FieldsOf<AdaptiveThrottle, never> = {
  k: {
    type: 'number',
    label: 'K',
    unit: '',
    min: 1,
    max: 100,
    default: 2,
    source: 'Google SRE book, Handling Overload',
    help: 'Requests per accepted request before the caller holds some back.',
  },
  windowS: {
    type: 'number',
    label: 'Window',
    unit: 's',
    min: 0,
    aboveMin: true,
    max: 1e6,
    default: 120,
    source: 'Google SRE book, Handling Overload: two minutes',
  },
};

const breakerFields: FieldsOf<CircuitBreaker, never> = {
  window: {
    type: 'number',
    label: 'Count window',
    unit: 'calls',
    min: 1,
    max: 10_000,
    integer: true,
    default: 100,
    source: 'Resilience4j 2',
  },
  failureRate: {
    type: 'number',
    label: 'Failure rate',
    unit: '',
    min: 0,
    aboveMin: true,
    max: 1,
    default: 0.5,
    source: 'Resilience4j 2',
    help: 'Opens at this share of failures.',
  },
  minimumCalls: {
    type: 'number',
    label: 'Minimum calls',
    unit: 'calls',
    min: 1,
    max: 10_000,
    integer: true,
    default: 100,
    source: 'Resilience4j 2',
    help: 'No judgement on fewer; at most the window.',
  },
  openS: {
    type: 'number',
    label: 'Open for',
    unit: 's',
    min: 0,
    max: 1e6,
    default: 60,
    source: 'Resilience4j 2',
  },
  probes: {
    type: 'number',
    label: 'Probes',
    unit: 'calls',
    min: 1,
    max: 10_000,
    integer: true,
    default: 10,
    source: 'Resilience4j 2',
    help: 'Calls let through when half open; their failure rate decides.',
  },
};

const policyFields: FieldsOf<CallPolicy, never> = {
  timeoutMs: {
    type: 'number',
    label: 'Timeout',
    unit: 'ms',
    min: 0,
    aboveMin: true,
    max: 1e9,
    none: 'waits for ever',
    default: null,
    help: 'Of one attempt. The caller is free then; the target works on, and the outcome is unknown.',
  },
  connectTimeoutMs: {
    type: 'number',
    label: 'Connect timeout',
    unit: 'ms',
    min: 0,
    aboveMin: true,
    max: 1e9,
    none: 'waits for ever',
    default: null,
    help: 'For a target that does not even take the call in: one way out and one back. Connections are kept open: they add no time.',
  },
  retry: {
    type: 'object',
    label: 'Retry',
    fields: retryFields,
    absent: 'tried once',
    help: 'Of attempts that failed, timed out or were rejected; never of a decline, nor of what an open breaker or the throttle held back.',
  },
  retryBudget: { type: 'ref', label: 'Retry budget', to: 'retryBudget', absent: 'no budget' },
  throttle: {
    type: 'object',
    label: 'Adaptive throttle',
    fields: throttleFields,
    absent: 'no throttle',
    help: 'Refuses locally with probability max(0, (requests − K · accepts) ÷ (requests + 1)).',
  },
  maxConcurrent: {
    type: 'number',
    label: 'Bulkhead',
    unit: 'calls',
    min: 0,
    max: 1_000_000,
    integer: true,
    none: 'no bulkhead',
    default: null,
    help: 'Calls under way at most; more are refused, at once or after a wait.',
  },
  maxWaitMs: {
    type: 'number',
    label: 'Wait for the bulkhead',
    unit: 'ms',
    min: 0,
    max: 1e9,
    default: 0,
    source: 'Resilience4j 2: maxWaitDuration',
    help: 'For a place in it, first come, first served; the timeout runs from the place on. Ends earlier at a propagated deadline, or when the user gives up.',
  },
  breaker: {
    type: 'object',
    label: 'Circuit breaker',
    fields: breakerFields,
    absent: 'no circuit breaker',
  },
  propagateDeadline: {
    type: 'boolean',
    label: 'Propagate the deadline',
    default: false,
    help: 'The target learns when the caller stops waiting, and begins no step after that; one that has begun ends.',
  },
  travelMs: {
    type: 'number',
    label: 'Travel time',
    unit: 'ms',
    min: 0,
    max: 1e9,
    default: 0,
    help: 'Each way.',
  },
  loss: {
    type: 'number',
    label: 'Loss',
    unit: '',
    min: 0,
    max: 1,
    default: 0,
    help: 'Share of calls, and of answers, that get lost on the way. A caller without a timeout waits for ever, a thread stays parked; a user until patience ends.',
  },
};

export const callPolicyField = {
  type: 'object',
  label: 'Call policy',
  fields: policyFields,
  absent: 'tried once, waits for ever',
} as const satisfies ObjectField;

const budgets: VariantsOf<RetryBudget, 'kind'> = {
  ratio: {
    label: 'Ratio',
    help: 'Retries are at most a share of the first tries in the window.',
    fields: {
      ratio: {
        type: 'number',
        label: 'Ratio',
        unit: '',
        min: 0,
        max: 100,
        help: 'Google SRE book: 0.1',
      },
      windowS: {
        type: 'number',
        label: 'Window',
        unit: 's',
        min: 0,
        aboveMin: true,
        max: 1e6,
        default: 10,
        source: 'Finagle: RetryBudget, ttl',
      },
    },
  },
  tokens: {
    label: 'Token bucket',
    help: 'A failure costs a token, a success earns part of one; no retries at half the tokens or under.',
    fields: {
      maxTokens: {
        type: 'number',
        label: 'Tokens',
        unit: 'tokens',
        min: 0,
        aboveMin: true,
        max: 1000,
        default: 10,
        source: 'gRPC retry throttling',
      },
      tokenRatio: {
        type: 'number',
        label: 'Earned per success',
        unit: 'tokens',
        min: 0,
        max: 1000,
        default: 0.1,
        source: 'gRPC retry throttling',
      },
    },
  },
};

export const retryBudgetUnion: Union = { label: 'Retry budget', tag: 'kind', variants: budgets };
