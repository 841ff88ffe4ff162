/** The parameters of workers. */
import type { AutoscaleSpec, WorkersSpec } from '../flow.ts';
import type { FieldsOf, VariantOf } from '../format/field.ts';
import { checkDeliveries, deliveryFields, labelField } from '../format/sharedFields.ts';

/** Backlogs that are kept until their time comes. */
const MAX_DELAYED_DECISIONS = 10_000;

const autoscaleFields: FieldsOf<AutoscaleSpec, never> = {
  min: { type: 'number', label: 'At least', unit: 'workers', min: 1, max: 1000, integer: true },
  max: { type: 'number', label: 'At most', unit: 'workers', min: 1, max: 1000, integer: true },
  targetBacklog: {
    type: 'number',
    label: 'Target backlog per worker',
    unit: 'messages',
    min: 0,
    aboveMin: true,
    max: 1e9,
    help: 'Acceptable latency over service time.',
  },
  everyS: { type: 'number', label: 'Decides every', unit: 's', min: 0.1, max: 1e6 },
  metricDelayS: { type: 'number', label: 'Metric delay', unit: 's', min: 0, max: 1e6 },
};

export const workersParameters: VariantOf<WorkersSpec, 'kind'> = {
  label: 'Workers',
  help: 'A pool that only works off messages; it may fetch several, crash, scale, and know what it has done.',
  fields: {
    label: labelField,
    consumes: {
      type: 'node',
      label: 'Works off',
      use: 'consume',
      kinds: ['queue', 'leaseQueue', 'log'],
    },
    group: {
      type: 'name',
      label: 'Consumer group',
      optional: true,
      joins: true,
      help: "Nodes that name the same share the partitions of a log and know of each other's effects; without one a node is a group of its own.",
    },
    workers: {
      type: 'number',
      label: 'Workers',
      unit: 'workers',
      min: 1,
      max: 1000,
      integer: true,
      help: 'Messages worked on at the same time.',
    },
    handler: {
      type: 'list',
      label: 'Handler',
      help: 'The steps a worker takes for one message, in order; the effect happens at their end.',
      of: { type: 'ref', label: 'Step', to: 'step' },
      minItems: 0,
      maxItems: 100,
    },
    variability: {
      type: 'ref',
      label: 'Variability',
      help: "Of the workers' work steps that do not say their own.",
      to: 'variability',
      absent: 'constant times',
    },
    failureRate: {
      type: 'number',
      label: 'Failure rate',
      unit: '',
      min: 0,
      max: 1,
      default: 0,
      help: 'Share of executions that end in failure.',
    },
    failureKind: {
      type: 'choice',
      label: 'Failures are',
      options: {
        error: 'errors, which are tried again',
        decline: 'declines: a final answer, never tried again',
      },
      default: 'error',
    },
    prefetch: {
      type: 'number',
      label: 'Prefetch',
      unit: 'messages',
      min: 1,
      max: 10_000,
      integer: true,
      default: 1,
      help: 'Unsettled messages one worker may hold; those it does not run wait in its buffer. With batches, and of a log, the batch is what it holds.',
      source: 'RabbitMQ: 100 to 300 usual',
    },
    batch: {
      type: 'number',
      label: 'Batch',
      unit: 'messages',
      min: 1,
      max: 10_000,
      integer: true,
      default: 1,
      help: 'Fetched at once by an idle worker and run one after the other; the time counts against their leases.',
      source: 'SQS: at most 10 per receive; Kafka: max.poll.records 500',
    },
    acknowledge: {
      type: 'choice',
      label: 'Acknowledges',
      options: {
        each: 'each message when it is done',
        batch: 'the batch at its end; one failure fails all of it',
      },
      default: 'each',
      source: 'Lambda: the batch, unless partial failures are reported',
    },
    ...deliveryFields,
    heartbeatS: {
      type: 'number',
      label: 'Heartbeat',
      unit: 's',
      min: 0,
      aboveMin: true,
      max: 1e9,
      none: 'no heartbeat',
      default: null,
      help: 'How often a worker extends the leases it holds.',
    },
    crashRate: {
      type: 'number',
      label: 'Crash rate',
      unit: '',
      min: 0,
      max: 1,
      default: 0,
      help: 'Share of executions in which the worker dies.',
    },
    crashWhen: {
      type: 'choice',
      label: 'Crashes come',
      options: {
        beforeEffect: 'before the effect, at a random moment of the work',
        afterEffect: 'after the effect, before the acknowledgement',
      },
      default: 'beforeEffect',
    },
    startUpS: {
      type: 'number',
      label: 'Start-up time',
      unit: 's',
      min: 0,
      max: 1e6,
      default: 0,
      help: 'From a crash, or from the decision to scale out, to a worker that works.',
    },
    idempotency: {
      type: 'choice',
      label: 'Idempotency',
      options: {
        none: 'none: every execution has its effect',
        checkThenAct: 'looks the key up first: executions at the same time race',
        atomicClaim: 'a unique insert that commits with the effect',
      },
      default: 'none',
    },
    idempotencyKey: {
      type: 'choice',
      label: 'Idempotency key',
      options: { business: 'the order: the same for every copy', message: 'the message' },
      default: 'business',
    },
    keyTtlS: {
      type: 'number',
      label: 'Keys live for',
      unit: 's',
      min: 0,
      aboveMin: true,
      max: 1e9,
      none: 'for ever',
      default: null,
      help: 'Should be at least retention plus the time in which a redrive may come.',
      source: 'Stripe keeps keys for at least 24 h',
    },
    autoscale: {
      type: 'object',
      label: 'Autoscaling',
      fields: autoscaleFields,
      absent: 'a fixed number of workers',
    },
  },
  check(spec, report) {
    checkDeliveries(spec, report);
    if (spec.autoscale === undefined) return;
    const { autoscale } = spec;
    const { min, max, everyS, metricDelayS } = autoscale;
    if (min > max) {
      report({
        path: 'autoscale.min',
        message: `At least ${min} is more than at most ${max}`,
        right: `at most ${max}`,
      });
    }
    if (metricDelayS > MAX_DELAYED_DECISIONS * everyS) {
      report({
        path: 'autoscale.metricDelayS',
        message: `Metric delay is ${metricDelayS} s, and it decides every ${everyS} s`,
        right: `a delay of at most ${MAX_DELAYED_DECISIONS} decisions`,
      });
    }
  },
};
