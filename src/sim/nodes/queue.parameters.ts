/** The parameters of a broker queue. */
import type { QueueSpec } from '../flow.ts';
import { delaySField, groupsField, publishFields } from '../format/brokerFields.ts';
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
        blockProducer:
          'the producer waits, its thread parked, until there is room; a topic or an outbox cannot, and is refused',
      },
      default: 'dropOldest',
      source: 'RabbitMQ 4: overflow = drop-head',
    },
    ...publishFields,
    maxAttempts: {
      type: 'number',
      label: 'Delivery limit',
      unit: 'attempts',
      min: 1,
      max: 1_000_000,
      integer: true,
      none: 'tried for ever',
      default: 5,
      help: 'Deliveries after which a message that fails is dead-lettered, those to consumers that died included.',
      source: 'illustrative',
    },
    deliveryLimit: {
      type: 'number',
      label: 'Returns from dead consumers',
      unit: 'times',
      min: 0,
      max: 1_000_000,
      integer: true,
      none: 'without limit',
      default: null,
      help: 'Times a message may come back because its consumer died or timed out.',
      source: 'RabbitMQ 4 quorum queues: delivery-limit 20',
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
    ackTimeoutS: {
      type: 'number',
      label: 'Acknowledgement timeout',
      unit: 's',
      min: 0,
      aboveMin: true,
      max: 1e9,
      none: 'never',
      default: null,
      help: 'A consumer that holds a delivery longer loses its channel, and all it holds is delivered again.',
      source: 'RabbitMQ 4: consumer_timeout 30 min',
    },
    retentionS: {
      type: 'number',
      label: 'Message TTL',
      unit: 's',
      min: 0,
      aboveMin: true,
      max: 1e9,
      none: 'kept for ever',
      default: null,
      help: 'Ready messages older than this expire, also those that wait for their turn in a group.',
    },
    groups: groupsField,
    delayS: delaySField,
    priorityShares: {
      type: 'list',
      label: 'Priority shares',
      help: 'Shares of messages by priority, the most urgent first; they sum to 1.',
      of: { type: 'number', label: 'Share', unit: '', min: 0, max: 1 },
      minItems: 0,
      maxItems: 32,
      optional: true,
    },
    deadLetters: {
      type: 'choice',
      label: 'Dead letters',
      options: {
        failed: 'messages that failed too often',
        all: 'those, and expired and dropped ones',
      },
      default: 'failed',
    },
  },
  check({ priorityShares }, report) {
    if (priorityShares === undefined || priorityShares.length === 0) return;
    const sum = priorityShares.reduce((before, share) => before + share, 0);
    if (Math.abs(sum - 1) < 1e-6) return;
    report({
      path: 'priorityShares',
      message: `Priority shares sum to ${sum}`,
      right: 'shares that sum to 1',
    });
  },
};
