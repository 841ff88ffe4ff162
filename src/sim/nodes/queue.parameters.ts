/** The parameters of a broker queue. */
import type { QueueSpec } from '../flow.ts';
import type { VariantOf } from '../format/field.ts';
import { labelField } from '../format/sharedFields.ts';

export const queueParameters: VariantOf<QueueSpec, 'kind'> = {
  label: 'Queue',
  help: 'A broker queue of the acknowledging kind: bounded, redelivering, with backoff and a dead-letter queue.',
  fields: {
    label: labelField,
    limit: {
      type: 'number',
      label: 'Length limit',
      unit: 'messages',
      min: 1,
      max: 5_000_000,
      integer: true,
      none: 'without limit',
      help: 'Only ready messages count.',
    },
    overflow: {
      type: 'choice',
      label: 'When full',
      options: {
        dropOldest: 'the oldest message is dropped',
        rejectPublish: 'the publish is refused',
      },
      default: 'dropOldest',
      source: 'RabbitMQ 4: overflow = drop-head',
    },
    publishMs: {
      type: 'number',
      label: 'Publish confirm',
      unit: 'ms',
      min: 0,
      max: 1e9,
      default: 0,
    },
    maxAttempts: {
      type: 'number',
      label: 'Delivery limit',
      unit: 'attempts',
      min: 1,
      max: 1_000_000,
      integer: true,
      default: 5,
      source: 'illustrative',
    },
    backoffBaseS: {
      type: 'number',
      label: 'Backoff base',
      unit: 's',
      min: 0,
      max: 1e9,
      default: 1,
      source: 'illustrative',
    },
    backoffCapS: {
      type: 'number',
      label: 'Backoff cap',
      unit: 's',
      min: 0,
      max: 1e9,
      default: 30,
      source: 'illustrative',
    },
    jitter: {
      type: 'choice',
      label: 'Jitter',
      options: {
        none: 'the full backoff v',
        full: 'uniform between 0 and v',
        equal: 'v/2 plus uniform up to v/2',
      },
      default: 'full',
      source: "Amazon Builders' Library: timeouts, retries and backoff with jitter",
    },
  },
};
