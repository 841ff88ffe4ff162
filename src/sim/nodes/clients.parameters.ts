/** The parameters of clients. */
import type { ClientsSpec } from '../flow.ts';
import { callPolicyField } from '../format/callPolicy.ts';
import type { VariantOf } from '../format/field.ts';
import { labelField } from '../format/sharedFields.ts';

export const clientsParameters: VariantOf<ClientsSpec, 'kind'> = {
  label: 'Clients',
  help: 'An open loop of users who arrive whether or not the system keeps up, and who may give up.',
  fields: {
    label: labelField,
    target: { type: 'node', label: 'Target', use: 'send', kinds: ['service'] },
    arrivals: {
      type: 'choice',
      label: 'Arrivals',
      options: {
        poisson: 'at random moments: exponential gaps',
        constant: 'evenly spaced',
      },
    },
    ratePerS: { type: 'number', label: 'Load', unit: 'req/s', min: 0, max: 100_000 },
    patienceS: {
      type: 'number',
      label: 'Patience',
      unit: 's',
      min: 0,
      aboveMin: true,
      max: 1e9,
      none: 'waits for ever',
    },
    whenImpatient: {
      type: 'choice',
      label: 'When patience ends',
      options: {
        stays: 'the server does not notice and works on: wasted work',
        leavesAcceptQueue: 'the request leaves the accept queue',
      },
      default: 'stays',
    },
    patienceRuns: {
      type: 'choice',
      label: 'Patience runs',
      options: {
        untilAnswered: 'from submit to answer',
        untilStarted: 'from submit to the start of the handler',
      },
      default: 'untilAnswered',
    },
    limit: {
      type: 'number',
      label: 'Number of requests',
      unit: 'requests',
      min: 0,
      max: 2 ** 31 - 1,
      integer: true,
      none: 'never stops',
      default: null,
    },
    policy: callPolicyField,
  },
};
