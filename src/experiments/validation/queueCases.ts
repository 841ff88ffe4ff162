/** One queue: arrivals and service of every kind, several servers, few places, disciplines. */
import type { Flow, Variability } from '../../sim/flow.ts';
import {
  classWait,
  queueLength,
  rejectedShare,
  response,
  responsePercentile,
  secondMoment,
  wait,
} from './figures.ts';
import { constant, exponential, mm1, station } from './station.ts';
import type { ValidationCase } from './validationCase.ts';

const general = (
  name: string,
  exact: number,
  variability: Variability,
  wrong: Variability,
  durationS: number,
): ValidationCase => ({
  name: `M/G/1, utilisation 0.8, ${name}`,
  source: 'Pollaczek–Khinchine',
  flow: station({ ratePerS: 0.8, variability }),
  warmupS: 1000,
  durationS,
  figures: [response(exact)],
  mutation: {
    name: 'cv' in wrong ? `${wrong.kind}, variation ${wrong.cv}` : `${wrong.kind} times`,
    flow: station({ ratePerS: 0.8, variability: wrong }),
  },
});

const renewal = (
  name: string,
  exact: number,
  gapVariability: Variability,
  wrong: Variability,
  durationS: number,
): ValidationCase => {
  const flow = (gaps: Variability): Flow =>
    station({ ratePerS: 0.8, clients: { arrivals: 'renewal', gapVariability: gaps } });
  return {
    name: `G/M/1, utilisation 0.8, ${name}`,
    source: 'W = 1/(μ(1 − σ)), σ = E[exp(−μ(1 − σ) gap)]',
    flow: flow(gapVariability),
    warmupS: 1000,
    durationS,
    figures: [response(exact)],
    mutation: {
      name: 'cv' in wrong ? `gaps of variation ${wrong.cv}` : 'Poisson arrivals',
      flow: flow(wrong),
    },
  };
};

const blocked = (
  threads: number,
  erlangs: number,
  exact: number,
  variability: Variability,
  durationS: number,
): ValidationCase => ({
  name: `Erlang B, ${threads} servers, ${erlangs} erlangs, ${variability.kind} times`,
  source: 'Erlang B; the same for any distribution of the service time',
  flow: station({ ratePerS: erlangs, threads, places: 0, variability }),
  warmupS: 50,
  durationS,
  figures: [rejectedShare(exact)],
  mutation: {
    name: 'one place in the accept queue',
    flow: station({ ratePerS: erlangs, threads, places: 1, variability }),
  },
});

function twoClasses(discipline: 'priority' | 'fifo'): Flow {
  const classes = [
    { name: 'urgent', share: 3, priority: 0 },
    { name: 'patient', share: 5, priority: 1 },
  ];
  return station({
    ratePerS: 0.8,
    clients: { classes },
    service: { discipline: { kind: discipline } },
  });
}

export const queueCases: readonly ValidationCase[] = [
  {
    name: 'M/M/1, utilisation 0.8',
    source:
      'W = 1/(μ − λ); response time exponential; E[Wq²] = 2ρ/(μ − λ)² first come, first served',
    flow: mm1,
    warmupS: 1000,
    durationS: 60_000,
    figures: [
      response(5),
      queueLength(3.2),
      responsePercentile('p95S', 14.9787),
      responsePercentile('p99S', 23.0259),
      { name: 'E[Wq²]', exact: 40, read: secondMoment },
    ],
    mutation: {
      name: 'constant service times',
      flow: station({ ratePerS: 0.8, variability: constant }),
    },
  },
  {
    name: 'M/M/20, 18 per second',
    source: 'Erlang C',
    flow: station({ ratePerS: 18, threads: 20 }),
    warmupS: 200,
    durationS: 3000,
    figures: [
      {
        name: 'share that waits',
        exact: 0.550769,
        read: ({ nodes }) => nodes['server'].timeInQueue?.positiveShare ?? NaN,
      },
      response(1.275385),
      responsePercentile('p95S', 3.42283),
      responsePercentile('p99S', 5.04162),
    ],
    mutation: { name: 'one thread more', flow: station({ ratePerS: 18, threads: 21 }) },
  },
  {
    name: 'M/M/4, 3.6 per second',
    source: 'Erlang C',
    flow: station({ ratePerS: 3.6, threads: 4 }),
    warmupS: 500,
    durationS: 12_000,
    figures: [wait(1.969383)],
    mutation: { name: 'one thread more', flow: station({ ratePerS: 3.6, threads: 5 }) },
  },
  blocked(10, 5, 0.0183846, exponential, 4000),
  blocked(20, 18, 0.1092129, constant, 1000),
  blocked(50, 37.9, 0.0099954, { kind: 'gamma', cv: 0.5 }, 1500),
  {
    name: 'M/M/1 with 5 places, utilisation 0.8',
    source: 'P = (1 − ρ)ρ⁵/(1 − ρ⁶); the one in service takes a place',
    flow: station({ ratePerS: 0.8, places: 4 }),
    warmupS: 100,
    durationS: 20_000,
    figures: [rejectedShare(0.0888195)],
    mutation: { name: 'one place more', flow: station({ ratePerS: 0.8, places: 5 }) },
  },
  {
    name: 'M/M/5 with 20 places, 6 per second',
    source: 'birth and death process',
    flow: station({ ratePerS: 6, threads: 5, places: 15 }),
    warmupS: 200,
    durationS: 4000,
    figures: [rejectedShare(0.1726919), response(3.155137)],
    mutation: {
      name: 'one thread more, one place fewer',
      flow: station({ ratePerS: 6, threads: 6, places: 14 }),
    },
  },
  {
    name: 'M/D/1, utilisation 0.8',
    source: 'Pollaczek–Khinchine',
    flow: station({ ratePerS: 0.8, variability: constant }),
    warmupS: 1000,
    durationS: 60_000,
    figures: [response(3)],
    mutation: { name: 'exponential service times', flow: mm1 },
  },
  {
    name: 'M/D/4, 3.6 per second',
    source: 'Crommelin 1932',
    flow: station({ ratePerS: 3.6, threads: 4, variability: constant }),
    warmupS: 500,
    durationS: 8000,
    figures: [wait(0.999966)],
    mutation: {
      name: 'exponential service times',
      flow: station({ ratePerS: 3.6, threads: 4 }),
    },
  },
  general(
    'gamma, variation 0.5',
    3.5,
    { kind: 'gamma', cv: 0.5 },
    { kind: 'gamma', cv: 0.8 },
    60_000,
  ),
  general('lognormal, variation 1', 5, { kind: 'lognormal', cv: 1 }, constant, 60_000),
  general('lognormal, variation 2', 11, { kind: 'lognormal', cv: 2 }, exponential, 120_000),
  general(
    'hyperexponential, variation 2',
    11,
    { kind: 'hyperexponential', cv: 2 },
    exponential,
    120_000,
  ),
  general(
    'uniform from 0.5 to 1.5 s',
    3.166667,
    { kind: 'uniform', spread: 0.5 },
    exponential,
    60_000,
  ),
  renewal('gaps of variation 0.5', 3.267384, { kind: 'gamma', cv: 0.5 }, exponential, 60_000),
  renewal(
    'hyperexponential gaps of variation 2',
    10.819193,
    { kind: 'hyperexponential', cv: 2 },
    exponential,
    120_000,
  ),
  renewal('constant gaps', 2.692731, constant, { kind: 'gamma', cv: 0.4 }, 60_000),
  {
    name: 'M/M/1, utilisation 0.8, last come, first served',
    source: 'E[Wq²] = 2ρ/(μ²(1 − ρ)³); the mean is that of first come, first served',
    flow: station({ ratePerS: 0.8, service: { discipline: { kind: 'lifo' } } }),
    warmupS: 1000,
    durationS: 60_000,
    figures: [{ name: 'E[Wq²]', exact: 200, read: secondMoment }],
    mutation: { name: 'first come, first served', flow: mm1 },
  },
  {
    name: 'Two classes, 0.3 and 0.5 per second, the first with priority',
    source: 'Cobham 1954, non-preemptive: Wq = W₀/((1 − σₖ₋₁)(1 − σₖ))',
    flow: twoClasses('priority'),
    warmupS: 1000,
    durationS: 30_000,
    figures: [classWait('urgent', 1.142857), classWait('patient', 5.714286)],
    mutation: { name: 'no priority', flow: twoClasses('fifo') },
  },
];
