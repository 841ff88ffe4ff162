/** More than one queue: users who wait and come back, calls, messages, batches, patience, bulkheads. */
import type { ClientsSpec, Flow, ServiceSpec, Variability } from '../../sim/flow.ts';
import { numberInService, response, wait } from './figures.ts';
import { constant, exponential, flowOf, station } from './station.ts';
import type { ValidationCase } from './validationCase.ts';

function closedLoop(users: number): Flow {
  return station({
    ratePerS: 0,
    workMs: 500,
    clients: { arrivals: 'closed', users, thinkS: 5, thinkVariability: exponential },
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

/** Requests that come several at one instant. */
const together = (batchSize: number, batchSizes?: ClientsSpec['batchSizes']): Flow =>
  station({ ratePerS: 0.8, clients: { batchSize, batchSizes } });

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

const impatient = (patienceS: number): Flow =>
  station({
    ratePerS: 0.8,
    clients: { patienceS, whenImpatient: 'leavesAcceptQueue', patienceRuns: 'untilStarted' },
  });

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

export const systemCases: readonly ValidationCase[] = [
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
];
