/** The parameters of clients. */
import type { Bursts, ClientsSpec, ProfilePoint, RequestClass } from '../flow.ts';
import { callPolicyField } from '../format/callPolicy.ts';
import type { Fault, FieldsOf, VariantOf } from '../format/field.ts';
import { labelField } from '../format/sharedFields.ts';
import { MAX_RATE_PER_S } from '../kernel/limits.ts';
import { peakRatePerS } from './loadProfile.ts';

export const clientsParameters: VariantOf<ClientsSpec, 'kind'> = {
  label: 'Clients',
  help: 'An open loop of users who arrive whether or not the system keeps up, or a closed one; they may give up.',
  fields: {
    label: labelField,
    target: { type: 'node', label: 'Target', use: 'send', kinds: ['service', 'jobApi'] },
    arrivals: {
      type: 'choice',
      label: 'Arrivals',
      options: {
        poisson: 'at random moments: exponential gaps',
        constant: 'evenly spaced',
        renewal: 'gaps that are independent of each other, with a variability of their own',
        closed: 'a number of users who think, ask, and wait for the answer; the load is not used',
      },
    },
    ratePerS: { type: 'number', label: 'Load', unit: 'req/s', min: 0, max: MAX_RATE_PER_S },
    gapVariability: {
      type: 'ref',
      label: 'Variability of the gaps',
      to: 'variability',
      absent: 'constant gaps',
      help: 'Of renewal arrivals only.',
    },
    batchSize: {
      type: 'number',
      label: 'Batch size',
      unit: 'requests',
      min: 1,
      max: 10_000,
      integer: true,
      default: 1,
      help: 'Requests submitted at one instant. The load stays what it is: there are fewer such instants. Not of a closed loop.',
    },
    batchSizes: {
      type: 'choice',
      label: 'Batch sizes',
      options: {
        constant: 'always the same',
        geometric:
          'at random, with that mean: 1, 2, 3 … requests, each size rarer than the one before',
      },
      default: 'constant',
      help: 'Not of a closed loop.',
    },
    profile: {
      type: 'list',
      label: 'Load profile',
      help: 'From each point on the load is another, in any order; before the first it is the load above. A load set while the run goes on holds until the next point; a ramp under way goes on from there. Not of a closed loop.',
      of: {
        type: 'object',
        label: 'Point',
        fields: {
          atS: { type: 'number', label: 'At', unit: 's', min: 0, max: 1e9 },
          ratePerS: { type: 'number', label: 'Load', unit: 'req/s', min: 0, max: MAX_RATE_PER_S },
          by: {
            type: 'choice',
            label: 'Reached by',
            options: {
              step: 'all at once',
              ramp: 'a straight line from the point before, or from the start',
            },
            default: 'step',
          },
        } satisfies FieldsOf<ProfilePoint, never>,
      },
      minItems: 1,
      maxItems: 1000,
      optional: true,
    },
    repeatEveryS: {
      type: 'number',
      label: 'Profile starts again after',
      unit: 's',
      min: 0.001,
      max: 1e9,
      none: 'once only',
      default: null,
      help: 'Then the load is the one above again, as at the start, and the points follow once more. Not of a closed loop.',
    },
    patienceS: {
      type: 'number',
      label: 'Patience',
      unit: 's',
      min: 0,
      aboveMin: true,
      max: 1e9,
      none: 'waits for ever',
      help: 'Mean. It bounds the whole of a request, retries included.',
    },
    patienceVariability: {
      type: 'ref',
      label: 'Variability of patience',
      to: 'variability',
      absent: 'everybody is equally patient',
    },
    whenImpatient: {
      type: 'choice',
      label: 'When patience ends',
      options: {
        stays: 'the server does not notice and works on: wasted work',
        leavesAcceptQueue:
          'the request leaves the accept queue; a job that nobody has begun is cancelled (DELETE)',
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
      max: 2_147_483_647,
      integer: true,
      none: 'never stops',
      default: null,
    },
    policy: callPolicyField,
    endpoint: {
      type: 'name',
      label: 'Endpoint',
      help: "The target's handler if left out.",
      optional: true,
    },
    classes: {
      type: 'list',
      label: 'Request classes',
      help: 'Kinds of request, drawn by share.',
      of: {
        type: 'object',
        label: 'Class',
        fields: {
          name: { type: 'name', label: 'Name' },
          share: {
            type: 'number',
            label: 'Share',
            unit: '',
            min: 0,
            aboveMin: true,
            max: 1e6,
            help: 'Relative to the others.',
          },
          endpoint: { type: 'name', label: 'Endpoint', optional: true },
          priority: {
            type: 'number',
            label: 'Priority',
            unit: '',
            min: 0,
            max: 7,
            integer: true,
            default: 0,
            help: '0 goes first, where the accept queue has priorities.',
          },
        } satisfies FieldsOf<RequestClass, never>,
      },
      minItems: 1,
      maxItems: 20,
      optional: true,
    },
    users: {
      type: 'number',
      label: 'Users',
      unit: 'users',
      min: 1,
      max: 100_000,
      integer: true,
      default: 1,
      help: 'Of a closed loop.',
    },
    thinkS: {
      type: 'number',
      label: 'Think time',
      unit: 's',
      min: 0,
      max: 1e9,
      default: 0,
      help: 'Mean, between an answer and the next request of a closed loop.',
    },
    thinkVariability: {
      type: 'ref',
      label: 'Variability of think time',
      to: 'variability',
      absent: 'constant times',
      help: 'Of a closed loop.',
    },
    bursts: {
      type: 'object',
      label: 'Bursts',
      help: 'Every so often, for a while, the rate is multiplied. Not of a closed loop.',
      fields: {
        factor: { type: 'number', label: 'Factor', unit: '', min: 0, max: 1000 },
        quietS: { type: 'number', label: 'Quiet for', unit: 's', min: 0, aboveMin: true, max: 1e9 },
        burstS: { type: 'number', label: 'Burst for', unit: 's', min: 0, aboveMin: true, max: 1e9 },
        lengths: {
          type: 'choice',
          label: 'Lengths',
          options: { random: 'exponential, with these means', fixed: 'always these' },
          default: 'random',
        },
      } satisfies FieldsOf<Bursts, never>,
      absent: 'no bursts',
    },
  },
  check: (spec, report) => {
    checkUse(spec, report);
    checkRepetition(spec, report);
    const peak = peakRatePerS(spec);
    if (spec.arrivals === 'closed' || peak <= MAX_RATE_PER_S) return;
    report({
      path: 'bursts',
      message: `a burst makes ${peak} req/s`,
      right: `at most ${MAX_RATE_PER_S} req/s`,
    });
  },
};

type Arrivals = ClientsSpec['arrivals'];
const OPEN: readonly Arrivals[] = ['poisson', 'constant', 'renewal'];
/** Where parameters have an effect that do not always have one. */
const usedBy: Partial<Record<keyof ClientsSpec, readonly Arrivals[]>> = {
  gapVariability: ['renewal'],
  batchSize: OPEN,
  batchSizes: OPEN,
  profile: OPEN,
  repeatEveryS: OPEN,
  bursts: OPEN,
  users: ['closed'],
  thinkS: ['closed'],
  thinkVariability: ['closed'],
};

/** What would be ignored is a mistake, unless it says no more than its absence does. */
function checkUse(spec: ClientsSpec, report: (fault: Fault) => void): void {
  const { fields } = clientsParameters;
  for (const key of Object.keys(usedBy) as (keyof typeof usedBy & keyof typeof fields)[]) {
    const field = fields[key];
    const nothing = 'default' in field ? field.default : undefined;
    const arrivals = usedBy[key]!;
    const value = spec[key];
    if (value === undefined || value === nothing || arrivals.includes(spec.arrivals)) continue;
    report({
      path: key,
      message: `${field.label} has no effect where arrivals are "${spec.arrivals}"`,
      right: `no ${key}, or arrivals that are ${arrivals.map((one) => `"${one}"`).join(' or ')}`,
    });
  }
}

function checkRepetition(spec: ClientsSpec, report: (fault: Fault) => void): void {
  const { profile, repeatEveryS = null } = spec;
  if (repeatEveryS === null) return;
  if (profile === undefined) {
    report({
      path: 'repeatEveryS',
      message: 'There is no load profile that could start again',
      right: 'a profile, or no repeatEveryS',
    });
    return;
  }
  const lastS = profile.reduce((latest, { atS }) => Math.max(latest, atS), 0);
  if (lastS <= repeatEveryS) return;
  report({
    path: 'repeatEveryS',
    message: `The profile starts again after ${repeatEveryS} s, and has a point at ${lastS} s`,
    right: `at least ${lastS} s`,
  });
}
