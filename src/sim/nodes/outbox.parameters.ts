/** The parameters of an outbox. */
import type { OutboxSpec } from '../flow.ts';
import type { VariantOf } from '../format/field.ts';
import { labelField } from '../format/sharedFields.ts';

export const outboxParameters: VariantOf<OutboxSpec, 'kind'> = {
  label: 'Outbox',
  help: 'A commit and an event: in one transaction with a relay, or one after the other.',
  fields: {
    label: labelField,
    queue: {
      type: 'node',
      label: 'Queue',
      use: 'publish',
      kinds: ['queue', 'leaseQueue', 'log', 'topic'],
    },
    mode: {
      type: 'choice',
      label: 'Commit and publish',
      options: {
        outbox: 'row and event in one transaction; a relay publishes, at least once',
        publishAfterCommit: 'publish after the commit: a crash between them loses the event',
        publishBeforeCommit: 'publish before the commit: a crash between them invents one',
      },
      default: 'outbox',
    },
    commitMs: {
      type: 'number',
      label: 'Commit',
      unit: 'ms',
      min: 0,
      max: 1e9,
      default: 0,
    },
    rollbackRate: {
      type: 'number',
      label: 'Rolled back',
      unit: '',
      min: 0,
      max: 1,
      default: 0,
    },
    crashRate: {
      type: 'number',
      label: 'Crashes between the two',
      unit: '',
      min: 0,
      max: 1,
      default: 0,
      help: 'Share of transactions in which the process dies between commit and publish.',
    },
    relayEveryMs: {
      type: 'number',
      label: 'Relay looks every',
      unit: 'ms',
      min: 0.1,
      max: 1e9,
      default: 100,
      source: 'illustrative',
    },
    relayBatch: {
      type: 'number',
      label: 'Relay batch',
      unit: 'events',
      min: 1,
      max: 100000,
      default: 100,
      integer: true,
      source: 'illustrative',
    },
    relayCrashRate: {
      type: 'number',
      label: 'Relay crashes',
      unit: '',
      min: 0,
      max: 1,
      default: 0,
      help: 'Share of events after whose publish the relay dies before it marks them.',
    },
    relayRestartS: {
      type: 'number',
      label: 'Relay restart',
      unit: 's',
      min: 0.001,
      max: 1e6,
      default: 1,
    },
  },
};
