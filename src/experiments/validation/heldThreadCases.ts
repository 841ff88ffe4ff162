/**
 * Threads that are held while they wait: an API thread works, then holds on through a call of Payment
 * and one of Email. 40 requests per second; mean times 50, 300 and 200 ms, exponential.
 */
import type { Flow, NodeSpec, Variability } from '../../sim/flow.ts';
import type { Figure, ValidationCase } from './validationCase.ts';

const exponential: Variability = { kind: 'exponential' };

interface ChainOptions {
  readonly apiThreads?: number;
  readonly emailThreads?: number;
  readonly paymentMs?: number;
  readonly emailMs?: number;
  /** Places in the API's accept queue; absent: without limit. */
  readonly places?: number;
}

function chain(options: ChainOptions): Flow {
  const { apiThreads = 50, emailThreads = 20 } = options;
  const { paymentMs = 300, emailMs = 200, places = null } = options;
  const pool = (threads: number, workMs: number): NodeSpec => ({
    kind: 'service',
    threads,
    acceptQueue: null,
    variability: exponential,
    handler: [{ do: 'work', name: 'work', workMs }],
  });
  return {
    version: 1,
    nodes: {
      users: {
        kind: 'clients',
        target: 'api',
        arrivals: 'poisson',
        ratePerS: 40,
        patienceS: null,
      },
      api: {
        kind: 'service',
        threads: apiThreads,
        acceptQueue: places,
        variability: exponential,
        handler: [
          { do: 'work', name: 'work', workMs: 50 },
          { do: 'call', name: 'payment', target: 'payment' },
          { do: 'call', name: 'email', target: 'email' },
        ],
      },
      payment: pool(20, paymentMs),
      email: pool(emailThreads, emailMs),
    },
  };
}

const response = (exact: number): Figure => ({
  name: 'response time',
  exact,
  read: ({ lane }) => lane.response.meanS ?? NaN,
});
const quantile = (share: 'p50S' | 'p90S' | 'p95S' | 'p99S' | 'p999S', exact: number): Figure => ({
  name: `response time, ${share.slice(0, -1)}`,
  exact,
  read: ({ lane }) => lane.response[share] ?? NaN,
});
const busy = (name: string, node: string, exact: number): Figure => ({
  name: `${name} threads busy`,
  exact,
  // Where the exact value is a whole pool, what is left of rounding would be all there is of an error.
  read: ({ nodes }) => Math.round(1e9 * (nodes[node].threads?.busyMean ?? NaN)) / 1e9,
});
const wait = (name: string, node: string, exact: number): Figure => ({
  name: `time in queue at ${name}`,
  exact,
  read: ({ nodes }) => nodes[node].timeInQueue?.meanS ?? NaN,
});

const source = 'Markov chain, solved numerically';

export const heldThreadCases: readonly ValidationCase[] = [
  {
    name: 'Held threads: API 50, Payment 20, Email 20, 40 per second',
    source,
    flow: chain({}),
    warmupS: 20,
    durationS: 500,
    figures: [
      response(0.550909),
      busy('API', 'api', 22.0364),
      quantile('p50S', 0.46865),
      quantile('p90S', 1.03341),
      quantile('p95S', 1.25521),
      quantile('p99S', 1.75467),
      quantile('p999S', 2.45389),
      wait('Payment', 'payment', 0.000905),
      wait('Email', 'email', 4.4e-6),
    ],
    mutation: {
      name: 'Payment takes 330 ms, Email has 15 threads',
      flow: chain({ paymentMs: 330, emailThreads: 15 }),
    },
  },
  {
    name: 'The same from empty to 600 s, with Email at 2 s',
    source:
      'by hand: 20 ÷ 2 s = 10 per second; of 50 held threads 0.5 work, 3 are at Payment, 46.5 at Email',
    flow: chain({ emailMs: 2000 }),
    warmupS: 100,
    durationS: 500,
    isUnstable: true,
    figures: [
      { name: 'throughput', exact: 10, read: ({ lane }) => lane.completedPerS },
      busy('API', 'api', 50),
      busy('Payment', 'payment', 3),
      {
        name: 'response time of Payment',
        exact: 0.3,
        read: ({ nodes }) => nodes['payment'].response?.meanS ?? NaN,
      },
      wait('Email', 'email', 2.65),
      {
        name: 'accept queue at the end',
        exact: 17_960,
        read: ({ nodes }) => nodes['api'].queue?.now ?? NaN,
      },
    ],
    mutation: {
      name: '45 API threads, Payment takes 330 ms, Email 1.8 s',
      flow: chain({ apiThreads: 45, paymentMs: 330, emailMs: 1800 }),
    },
  },
  {
    name: 'The same with an accept queue of 100',
    source,
    flow: chain({ emailMs: 2000, places: 100 }),
    warmupS: 100,
    durationS: 800,
    figures: [
      {
        name: 'share rejected',
        exact: 0.75,
        read: ({ lane }) => lane.rejected / lane.firstTries,
      },
      {
        name: 'accept queue',
        exact: 99.667,
        read: ({ nodes }) => nodes['api'].queue?.mean ?? NaN,
      },
      response(14.967),
    ],
    mutation: {
      name: '45 API threads and Email at 1.8 s, one place fewer',
      flow: chain({ apiThreads: 45, emailMs: 1800, places: 99 }),
    },
  },
];
