/** The parameters of a service. */
import type { ServiceSpec } from '../flow.ts';
import type { VariantOf } from '../format/field.ts';
import { labelField } from '../format/sharedFields.ts';

export const serviceParameters: VariantOf<ServiceSpec, 'kind'> = {
  label: 'Service',
  help: 'A pool of threads; one is held from the start of the handler to its end, parked while it waits.',
  fields: {
    label: labelField,
    threads: {
      type: 'number',
      label: 'Threads',
      unit: 'threads',
      min: 1,
      max: 1000,
      integer: true,
    },
    acceptQueue: {
      type: 'number',
      label: 'Accept queue',
      unit: 'places',
      min: 0,
      max: 5_000_000,
      integer: true,
      none: 'without limit',
      help: 'Calls that find no idle thread wait here; when it is full they are rejected.',
    },
    handler: {
      type: 'list',
      label: 'Handler',
      help: 'The steps a thread takes for one request, in order.',
      of: { type: 'ref', label: 'Step', to: 'step' },
      minItems: 0,
      maxItems: 100,
    },
    variability: {
      type: 'ref',
      label: 'Variability',
      help: "Of the service's work steps that do not say their own.",
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
      help: 'Share of its jobs that end in failure.',
    },
    failureKind: {
      type: 'choice',
      label: 'Failures are',
      options: {
        error: 'errors, which may be retried',
        decline: 'declines: a final answer, never retried',
      },
      default: 'error',
    },
    consumes: {
      type: 'node',
      label: 'Works off',
      use: 'consume',
      kinds: ['queue', 'leaseQueue'],
      optional: true,
      help: 'The queue whose messages its threads work off; calls, if any, go first.',
    },
  },
};
