/** The parameters of a lease queue. */
import type { LeaseQueueSpec } from '../flow.ts';
import { delaySField, groupsField, publishFields } from '../format/brokerFields.ts';
import type { VariantOf } from '../format/field.ts';
import { labelField } from '../format/sharedFields.ts';

export const leaseQueueParameters: VariantOf<LeaseQueueSpec, 'kind'> = {
  label: 'Lease queue',
  help: 'A broker queue of the lease kind: a receive hides the message for a while, only a delete with the latest receipt ends it.',
  fields: {
    label: labelField,
    visibilityS: {
      type: 'number',
      label: 'Visibility timeout',
      unit: 's',
      min: 0,
      max: 43_200,
      default: 30,
      source: 'SQS: 30 s, at most 12 h',
    },
    maxReceives: {
      type: 'number',
      label: 'Receives',
      unit: 'receives',
      min: 1,
      max: 1_000_000,
      integer: true,
      none: 'no dead-letter queue',
      default: null,
      help: 'With 5 a message is run 5 times, and the 6th receive moves it to the dead-letter queue.',
      source: 'SQS: maxReceiveCount; Lambda advises at least 5',
    },
    retentionS: {
      type: 'number',
      label: 'Retention',
      unit: 's',
      min: 0,
      aboveMin: true,
      max: 1e9,
      none: 'kept for ever',
      default: 345_600,
      source: 'SQS: 4 days',
    },
    inFlightLimit: {
      type: 'number',
      label: 'In-flight limit',
      unit: 'messages',
      min: 1,
      max: 5_000_000,
      integer: true,
      none: 'without limit',
      default: 120_000,
      source: 'SQS standard queues: about 120,000',
    },
    whenFailed: {
      type: 'choice',
      label: 'A failed message',
      options: {
        waitForLease: 'stays hidden to the end of its lease',
        release: 'is visible again at once',
      },
      default: 'waitForLease',
      source: 'SQS: unless the worker changes the visibility',
    },
    ...publishFields,
    delayS: { ...delaySField, source: 'SQS: 0 to 900 s' },
    groups: groupsField,
  },
};
