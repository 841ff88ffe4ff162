/** The cases with exact answers. Unless said, the mean service time is 1 s. */
import type { ClientsSpec, Flow, NodeSpec, ServiceSpec, Variability } from '../../sim/flow.ts';
import type { RunReport } from '../../sim/metrics/runReport.ts';
import { heldThreadCases } from './heldThreadCases.ts';
import type { Figure, ValidationCase } from './validationCase.ts';

const exponential: Variability = { kind: 'exponential' };
const constant: Variability = { kind: 'constant' };

interface StationOptions {
  readonly ratePerS: number;
  readonly threads?: number;
  /** Places in the accept queue; absent: without limit. */
  readonly places?: number;
  readonly workMs?: number;
  readonly variability?: Variability;
  readonly clients?: Partial<ClientsSpec>;
  readonly service?: Partial<ServiceSpec>;
}

/** Poisson arrivals at one service. */
function station(options: StationOptions): Flow {
  const { ratePerS, threads = 1, places, workMs = 1000, variability = exponential } = options;
  return flowOf({
    users: {
      kind: 'clients',
      target: 'server',
      arrivals: 'poisson',
      ratePerS,
      patienceS: null,
      ...options.clients,
    },
    server: {
      kind: 'service',
      threads,
      acceptQueue: places ?? null,
      handler: [{ do: 'work', name: 'serve', workMs, variability }],
      ...options.service,
    },
  });
}

function flowOf(nodes: Record<string, NodeSpec>): Flow {
  return { version: 1, nodes };
}

const response = (exact: number): Figure => ({
  name: 'response time',
  exact,
  read: ({ lane }) => lane.response.meanS ?? NaN,
});
const responsePercentile = (share: 'p95S' | 'p99S', exact: number): Figure => ({
  name: `response time, ${share.slice(0, 3)}`,
  exact,
  read: ({ lane }) => lane.response[share] ?? NaN,
});
const wait = (exact: number): Figure => ({
  name: 'time in queue',
  exact,
  read: ({ nodes }) => nodes['server'].timeInQueue?.meanS ?? NaN,
});
const queueLength = (exact: number): Figure => ({
  name: 'queue length',
  exact,
  read: ({ nodes }) => nodes['server'].queue?.mean ?? NaN,
});
/** Threads held and places of the accept queue taken, on average. */
const numberInService = (exact: number): Figure => ({
  name: 'number in service',
  exact,
  read: ({ nodes }) => nodes['server'].littlesLaw?.numberMean ?? NaN,
});
const rejectedShare = (exact: number): Figure => ({
  name: 'share rejected',
  exact,
  read: ({ lane }) => lane.rejected / lane.firstTries,
});

function secondMoment({ nodes }: RunReport): number {
  const series = nodes['server'].timeInQueue;
  const mean = series?.meanS ?? NaN;
  const deviation = series?.sdS ?? NaN;
  return deviation * deviation + mean * mean;
}

const mm1 = station({ ratePerS: 0.8 });

/** First service, then a message to the second, so that nothing is held in between. */
function tandem(second: Variability): Flow {
  const first = station({ ratePerS: 0.5 });
  const server = first.nodes['server'] as ServiceSpec;
  return flowOf({
    ...first.nodes,
    server: {
      ...server,
      handler: [...server.handler, { do: 'publish', name: 'on', queue: 'between' }],
    },
    between: { kind: 'queue', limit: null, publishMs: 0 },
    second: {
      kind: 'service',
      threads: 1,
      acceptQueue: null,
      consumes: 'between',
      handler: [{ do: 'work', name: 'serve', workMs: 1250, variability: second }],
    },
  });
}

function held(apart: boolean): Flow {
  const handler: ServiceSpec['handler'] = !apart
    ? [{ do: 'work', name: 'both', workMs: 200, variability: exponential }]
    : [
        { do: 'work', name: 'first', workMs: 50, variability: exponential },
        { do: 'call', name: 'second', target: 'backend' },
      ];
  const base = station({ ratePerS: 4, service: { handler } });
  return flowOf({
    ...base.nodes,
    backend: {
      kind: 'service',
      threads: 1,
      acceptQueue: null,
      handler: [{ do: 'work', name: 'serve', workMs: 150, variability: exponential }],
    },
  });
}

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

/** Threads for everybody, held through the calls, which are made at once. */
function front(targets: readonly string[]): ServiceSpec {
  const calls = targets.map((target) => ({ do: 'call' as const, name: target, target }));
  return {
    kind: 'service',
    threads: 1000,
    acceptQueue: null,
    handler: [{ do: 'parallel', name: 'ask', calls }],
  };
}

const classWait = (name: string, exact: number): Figure => ({
  name: `time in queue, ${name}`,
  exact,
  read: ({ nodes }) =>
    nodes['users'].classes?.find((each) => each.name === name)?.timeInQueue.meanS ?? NaN,
});

function closedLoop(users: number): Flow {
  return station({
    ratePerS: 0,
    workMs: 500,
    clients: { arrivals: 'closed', users, thinkS: 5, thinkVariability: exponential },
  });
}

function forkJoin(atOnce: boolean): Flow {
  const { users } = station({ ratePerS: 0.5 }).nodes;
  const server = station({ ratePerS: 0 }).nodes['server'];
  const both = front(['left', 'right']);
  const oneByOne: ServiceSpec = {
    ...both,
    handler: ['left', 'right'].map((target) => ({ do: 'call', name: target, target })),
  };
  return flowOf({ users: users, server: atOnce ? both : oneByOne, left: server, right: server });
}

/** Every request leaves so many messages at one instant. */
function batches(size: number, perS: number): Flow {
  const handler: ServiceSpec['handler'] = Array.from({ length: size }, (_, k) => ({
    do: 'publish',
    name: `part${k}`,
    queue: 'parts',
  }));
  return flowOf({
    ...station({ ratePerS: perS, threads: 1000, service: { handler } }).nodes,
    parts: { kind: 'queue', limit: null, publishMs: 0 },
    worker: {
      kind: 'service',
      threads: 1,
      acceptQueue: null,
      consumes: 'parts',
      handler: [{ do: 'work', name: 'serve', workMs: 1000, variability: exponential }],
    },
  });
}

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

const impatient = (patienceS: number): Flow =>
  station({
    ratePerS: 0.8,
    clients: { patienceS, whenImpatient: 'leavesAcceptQueue', patienceRuns: 'untilStarted' },
  });

const impatientAtRandom = (patienceVariability: Variability): Flow =>
  station({
    ratePerS: 0.9,
    clients: {
      patienceS: 2,
      patienceVariability,
      whenImpatient: 'leavesAcceptQueue',
      patienceRuns: 'untilStarted',
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

/** A place for one call at the server, and a wait of so long for it. */
const bulkhead = (maxWaitMs: number): Flow =>
  flowOf({
    ...station({ ratePerS: 0.8, threads: 1000 }).nodes,
    users: { ...(station({ ratePerS: 0.8 }).nodes['users'] as ClientsSpec), target: 'api' },
    api: {
      kind: 'service',
      threads: 1000,
      acceptQueue: null,
      handler: [
        { do: 'call', name: 'call', target: 'server', policy: { maxConcurrent: 1, maxWaitMs } },
      ],
    },
  });

/** Requests that come several at one instant. */
const together = (batchSize: number, batchSizes?: ClientsSpec['batchSizes']): Flow =>
  station({ ratePerS: 0.8, clients: { batchSize, batchSizes } });

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

export const validationCases: readonly ValidationCase[] = [
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
  {
    name: 'Closed loop: 20 users think 5 s, one server of 0.5 s',
    source: 'Engset / machine repair',
    flow: closedLoop(20),
    warmupS: 200,
    durationS: 5000,
    figures: [{ name: 'throughput', exact: 1.996262, read: ({ lane }) => lane.completedPerS }],
    mutation: { name: '15 users', flow: closedLoop(15) },
  },
  {
    name: 'Two parallel calls to servers of 1 per second, 0.5 per second',
    source: 'Flatto & Hahn 1984: (12 − ρ)/8 × 1/(μ − λ)',
    flow: forkJoin(true),
    warmupS: 200,
    durationS: 20_000,
    figures: [response(2.875)],
    mutation: { name: 'one after the other', flow: forkJoin(false) },
  },
  {
    name: 'Batches of 5 messages, 0.16 per second, one worker of 1 per second',
    source: 'M[5]/M/1',
    flow: batches(5, 0.16),
    warmupS: 1000,
    durationS: 60_000,
    figures: [
      {
        name: 'submit to effect',
        exact: 15,
        read: ({ nodes }) => nodes['parts'].response?.meanS ?? NaN,
      },
    ],
    mutation: { name: 'batches of 4, 0.2 per second', flow: batches(4, 0.2) },
  },
  {
    name: 'Batches of 5 requests, 0.16 per second, one server of 1 per second',
    source: 'M[5]/M/1: W = (k + 1)/(2μ(1 − ρ))',
    flow: together(5),
    warmupS: 1000,
    durationS: 60_000,
    figures: [response(15)],
    mutation: { name: 'batches of 4, 0.2 per second', flow: together(4) },
  },
  {
    name: 'Geometric batches, mean 5, 0.16 per second, one server of 1/s',
    source:
      'Mˣ/M/1: L = ρ(1 + E[X²]/E[X])/(2(1 − ρ)) (Gross, Shortle, Thompson & Harris, 3.1); geometric sizes of mean k: W = k/(μ(1 − ρ))',
    flow: together(5, 'geometric'),
    warmupS: 1000,
    durationS: 60_000,
    figures: [response(25), numberInService(20)],
    mutation: { name: 'batches of 5, always', flow: together(5) },
  },
  {
    name: 'One thread, held while it works 50 ms and calls 150 ms, 4 per second',
    source: 'Pollaczek–Khinchine with the sum of two exponential times',
    flow: held(true),
    warmupS: 200,
    durationS: 8000,
    figures: [response(0.85)],
    mutation: { name: 'one exponential time of 200 ms', flow: held(false) },
  },
  {
    name: 'M/M/∞, 50 per second, 200 ms',
    source: 'L = λS',
    flow: station({ ratePerS: 50, threads: 1000, workMs: 200 }),
    warmupS: 20,
    durationS: 400,
    figures: [
      {
        name: 'threads busy',
        exact: 10,
        read: ({ nodes }) => nodes['server'].threads?.busyMean ?? NaN,
      },
    ],
    mutation: {
      name: 'only 12 threads, nobody waits',
      flow: station({ ratePerS: 50, threads: 12, workMs: 200, places: 0 }),
    },
  },
  {
    name: 'Tandem, 0.5 per second through services of 1 and 0.8 per second',
    source: 'Jackson: 1/(μ₁ − λ) + 1/(μ₂ − λ)',
    flow: tandem(exponential),
    warmupS: 500,
    durationS: 20_000,
    figures: [
      {
        name: 'submit to effect',
        exact: 16 / 3,
        read: ({ nodes }) => nodes['between'].response?.meanS ?? NaN,
      },
    ],
    mutation: { name: 'constant times in the second', flow: tandem(constant) },
  },
  {
    name: 'M/M/1 with patience of 2 s until started, 0.8 per second',
    source: 'M/M/1+D (Barrer 1957)',
    flow: impatient(2),
    warmupS: 100,
    durationS: 10_000,
    figures: [
      {
        name: 'share that leaves',
        exact: 0.187832,
        read: ({ lane }) => lane.timedOut / lane.firstTries,
      },
      wait(0.530913),
    ],
    mutation: { name: 'patience of 2.2 s', flow: impatient(2.2) },
  },
  {
    name: 'A bulkhead of 1 with a wait of 2 s at most, 0.8 calls per second',
    source: 'M/M/1+D (Barrer 1957): the bulkhead is the server, the wait the patience',
    flow: bulkhead(2000),
    warmupS: 100,
    durationS: 10_000,
    figures: [
      {
        name: 'share refused',
        exact: 0.187832,
        read: ({ lane }) => lane.rejected / lane.firstTries,
      },
      {
        name: 'threads parked',
        exact: 0.8 * (0.187832 * 2 + (1 - 0.187832) * (0.530913 + 1)),
        read: ({ nodes }) => nodes['api'].threads?.busyMean ?? NaN,
      },
    ],
    mutation: { name: 'a wait of 2.6 s', flow: bulkhead(2600) },
  },
  {
    name: 'M/M/1 with exponential patience of 2 s until started, 0.9 per second',
    source: 'M/M/1+M: birth and death process, deaths at μ + (n − 1)θ',
    flow: impatientAtRandom(exponential),
    warmupS: 100,
    durationS: 10_000,
    figures: [
      {
        name: 'share that leaves',
        exact: 0.284956,
        read: ({ lane }) => lane.timedOut / lane.firstTries,
      },
    ],
    mutation: { name: 'everybody waits 2 s', flow: impatientAtRandom(constant) },
  },
  ...heldThreadCases,
];
