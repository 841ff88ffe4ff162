import { expect, it } from 'vitest';
import type { Flow, ServiceSpec } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { runHeadless } from '../runHeadless.ts';
import { everySecond, flowOf, serviceOf, work } from '../testing/toyFlow.ts';

/** One user a second, each 1.5 s of one thread, three places to wait. */
const overloaded: Flow = flowOf({
  users: { kind: 'clients', target: 'api', arrivals: 'constant', ratePerS: 1, patienceS: 3.2 },
  api: serviceOf([work(500), { do: 'call', name: 'ask', target: 'backend' }], { acceptQueue: 3 }),
  backend: serviceOf([work(1000)]),
});

it('reports a run that can be followed by hand', () => {
  // Arrivals at 1, 2, 3, …; the thread starts on them at 1, 2.5, 4, 5.5, 7, 8.5.
  const { report } = runHeadless(overloaded, { seed: 1, durationS: 9.75 });
  const { lane } = report;
  const api = report.nodes['api'];
  expect([lane.offered, lane.completed, lane.rejected]).toEqual([9, 5, 0]);
  // Answers at 2.5, 4, 5.5, 7 after 1.5, 2, 2.5, 3 s; the fifth comes at 8.5, and its user left at
  // 8.2, as did the sixth at 9.2.
  expect([lane.served, lane.timedOut, lane.open]).toEqual([4, 2, 3]);
  expect(lane.response.meanS).toBeCloseTo(2.25, 12);
  expect(lane.response.maxS).toBeCloseTo(3, 12);
  expect(api.threads!.busyMean).toBeCloseTo(8.75 / 9.75, 12);
  expect(api.threads!.parkedOn['backend']).toBeCloseTo(5.75 / 9.75, 12);
  expect(api.threads!.wastedS).toBeCloseTo(1.5, 12);
  expect(api.queue!.max).toBe(3);
});

it('tells attempts of clients that retry from first tries, and goodput from wasted work', () => {
  const flow: Flow = flowOf({
    users: everySecond('api', Infinity, {
      // Every other attempt comes when the only thread is still busy with the first.
      policy: { timeoutMs: 300, retry: { attempts: 2, baseS: 0 } },
    }),
    api: serviceOf([work(400)], { acceptQueue: 0 }),
  });
  const { lane, nodes } = runHeadless(flow, { seed: 1, durationS: 10.9 }).report;
  expect([lane.firstTries, lane.offered, lane.amplification]).toEqual([10, 20, 2]);
  expect([lane.served, lane.failed + lane.timedOut + lane.rejected]).toEqual([0, 10]);
  expect(nodes['api'].completedPerS).toBeGreaterThan(0.9);
  expect(nodes['api'].goodputPerS).toBe(0);
});

it('after a warm-up reports only what happens then, and still accounts for every request', () => {
  const { lane } = runHeadless(overloaded, { seed: 1, durationS: 100, warmupS: 50 }).report;
  expect(lane.offered).toBe(100);
  const ended = lane.served + lane.declined + lane.rejected + lane.timedOut + lane.failed;
  expect(lane.openAtStart + lane.firstTries).toBe(ended + lane.open);
  expect(lane.openAtStart).toBeGreaterThan(0);
});

it("keeps Little's law to the last job: number × time = time in the node of all who came", () => {
  const simulation = new Simulation(overloaded, { seed: 1, observe: 'metrics' });
  simulation.advance(500.75);
  const { api, backend } = simulation.report().nodes;
  const { jobs } = simulation;
  [api, backend].forEach((node, k) => {
    let present = 0;
    for (let job = 0; job < jobs.used; job++) {
      const isThere = node.counts['started'] !== undefined && jobs.rows[job].node === k + 1;
      if (isThere && isLive(simulation, job)) present += simulation.timeS - jobs.rows[job].arrivedS;
    }
    const { numberMean, rateTimesTime } = node.littlesLaw!;
    expect(numberMean).toBeCloseTo(rateTimesTime + present / simulation.timeS, 9);
  });
});

function isLive({ jobs }: Simulation, job: number): boolean {
  for (let free = jobs.freeHead; free >= 0; free = jobs.rows[free].next)
    if (free === job) return false;
  return true;
}

it('offered counts what clients send, retries included and what they hold back not; first tries count requests', () => {
  const policy = { retry: { attempts: 3, baseS: 0.1, jitter: 'none' } } as const;
  const storm = (clients: object): Flow =>
    flowOf({
      users: everySecond('api', 10, { ...clients }),
      plain: everySecond('api', 5),
      api: serviceOf([], { acceptQueue: 0, failureRate: 1 }),
    });
  const laneOf = (clients: object) =>
    runHeadless(storm(clients), { seed: 1, durationS: 20 }).report;
  const tried = laneOf({ policy });
  expect([tried.lane.offered, tried.lane.firstTries]).toEqual([35, 15]);
  expect(tried.lane.offeredPerS).toBe(35 / 20);
  expect(tried.lane.firstTriesPerS).toBe(15 / 20);
  expect(tried.lane.amplification).toBeCloseTo(35 / 15, 12);
  expect(tried.nodes['api'].offeredPerS).toBe(35 / 20);
  // The breaker opens on the second failure: eight of the ten are not sent.
  const breaker = { window: 2, minimumCalls: 2, openS: 1000 };
  const held = laneOf({ policy: { breaker } });
  expect([held.lane.offered, held.lane.firstTries, held.lane.failed]).toEqual([7, 15, 15]);
  expect(held.lane.amplification).toBe(1);
  // Attempts that were turned away reached the service as well.
  const full = runHeadless(
    {
      ...storm({ policy }),
      schedule: [
        { timeS: 0, action: { do: 'outage', node: 'api', durationS: 100, how: 'refuse' } },
      ],
    },
    { seed: 1, durationS: 20 },
  ).report;
  expect([full.lane.offered, full.lane.firstTries, full.lane.rejected]).toEqual([35, 15, 15]);
  expect(full.nodes['api'].offeredPerS).toBe(35 / 20);
});

it('who is turned out of a full queue was offered once, and no handler of theirs has ended', () => {
  const nodes: Flow['nodes'] = {
    users: {
      kind: 'clients',
      target: 'server',
      arrivals: 'poisson',
      ratePerS: 2,
      patienceS: 3,
      classes: [
        { name: 'urgent', share: 1, priority: 0 },
        { name: 'patient', share: 1, priority: 1 },
      ],
    },
    server: serviceOf(
      [{ do: 'work', name: 'serve', workMs: 1000, variability: { kind: 'exponential' } }],
      { acceptQueue: 4, discipline: { kind: 'priority' } },
    ),
  };
  const simulation = new Simulation(flowOf(nodes), { seed: 1, observe: 'metrics' });
  simulation.advance(1000);
  const { lane, nodes: reports } = simulation.report();
  const { started, ok, rejected, withdrawn } = reports['server'].counts;
  const waiting = reports['server'].queue?.now ?? NaN;
  expect(started + rejected + waiting).toBe(lane.firstTries);
  expect(withdrawn).toBeUndefined();
  // Some of those turned out had given up before, which no answer changes.
  expect(rejected).toBeGreaterThan(lane.rejected + 50);
  expect(lane.completed).toBe(ok);
});

it('tells the amplification of each caller apart from that of the clients', () => {
  const policy = { retry: { attempts: 3 } };
  const calls = (target: string) =>
    [{ do: 'call', name: 'call', target, policy }] as const satisfies ServiceSpec['handler'];
  const service = (handler: ServiceSpec['handler'], failureRate = 0): ServiceSpec => {
    return serviceOf(handler, { threads: 1000, failureRate });
  };
  const layers = (clientPolicy: object): Flow =>
    flowOf({
      users: everySecond('front', 10, { ...clientPolicy }),
      front: service(calls('middle')),
      middle: service(calls('database')),
      database: service([], 1),
    });
  const tried = (clientPolicy: object) => {
    const { lane, nodes, calls } = runHeadless(layers(clientPolicy), {
      seed: 1,
      durationS: 20,
    }).report;
    const { 'front/call': front, 'middle/call': middle } = calls;
    return { lane: lane.amplification, front, middle, database: nodes['database'] };
  };
  // Each layer tries three times, and the database is asked 3³ times for one user.
  const everywhere = tried({ policy });
  expect(everywhere.lane).toBe(3);
  expect(everywhere.front).toMatchObject({ attempts: 90, firstTries: 30, amplification: 3 });
  expect(everywhere.middle).toMatchObject({ attempts: 270, firstTries: 90, amplification: 3 });
  expect(everywhere.database.offeredPerS).toBe((10 * 27) / 20);
  // Clients that try once do not water down what happens further in, nor are they blamed for it.
  const inside = tried({});
  expect(inside.lane).toBe(1);
  expect(inside.front).toMatchObject({ attempts: 30, firstTries: 10, amplification: 3 });
});

it('counts as first try the first attempt that is sent, not one that a bulkhead held back', () => {
  const flow: Flow = flowOf({
    users: everySecond('api', 20, {
      ratePerS: 10,
      // While one call is under way the next ones find no place; they come again and are sent once.
      policy: { maxConcurrent: 1, retry: { attempts: 50, baseS: 0.3, jitter: 'none' } },
    }),
    api: serviceOf([work(250)], { threads: 10, acceptQueue: 0 }),
  });
  const { lane, nodes } = runHeadless(flow, { seed: 1, durationS: 10_000 }).report;
  expect(nodes['users'].counts['bulkheadFull']).toBeGreaterThan(20);
  expect([lane.served, lane.offered, lane.amplification]).toEqual([20, 20, 1]);
});

it('of a non-blocking service holds busy the threads that run, not the requests that wait', () => {
  const flow: Flow = flowOf({
    users: everySecond('front', Infinity, { ratePerS: 10 }),
    front: serviceOf([work(40), { do: 'call', name: 'ask', target: 'back' }], {
      threads: 2,
      threading: 'nonBlocking',
    }),
    back: serviceOf([work(3000)], { threads: 1000 }),
  });
  const { nodes } = runHeadless(flow, { seed: 1, durationS: 100, warmupS: 10 }).report;
  const { threads, inFlightMean } = nodes['front'];
  // Ten a second of 40 ms on two threads; 3.04 s each until the answer.
  expect(threads?.utilisation).toBeCloseTo(0.2, 6);
  expect(threads?.busyMean).toBeCloseTo(0.4, 6);
  expect(threads?.parkedOn['back']).toBeCloseTo(30, 6);
  expect(inFlightMean).toBeCloseTo(30.4, 6);
});

it('counts workers that start up or are dead as down, and none twice', () => {
  const flow: Flow = flowOf(
    {
      users: everySecond('api', 100, { ratePerS: 10 }),
      api: serviceOf([{ do: 'publish', name: 'publish', queue: 'mails' }], { threads: 10 }),
      mails: { kind: 'queue', limit: null },
      workers: {
        kind: 'workers',
        consumes: 'mails',
        workers: 1,
        handler: [{ do: 'work', name: 'send', workMs: 1000 }],
        startUpS: 5,
        autoscale: { min: 1, max: 4, targetBacklog: 1, everyS: 10, metricDelayS: 0 },
      },
    },
    [{ timeS: 9.5, action: { do: 'kill', node: 'workers', downS: 2 } }],
  );
  const report = (durationS: number) =>
    runHeadless(flow, { seed: 1, durationS }).report.nodes['workers'].threads!;
  // At 10 s three more are wanted, which work from 15 s on; the first is dead from some moment on, for 2 s.
  expect(report(9).downMean).toBe(0);
  expect(report(14.9).capacity).toBe(4);
  expect(report(15).downMean * 15).toBeGreaterThan(3 * 5);
  expect(report(15).downMean * 15).toBeLessThan(3 * 5 + 2 + 1e-9);
  expect(report(30).downMean * 30).toBeCloseTo(3 * 5 + 2, 9);
  // In the end all but one are gone, and nobody is down.
  expect(report(1000).capacity).toBe(1);
  expect(report(1000).downMean * 1000).toBeCloseTo(3 * 5 + 2, 6);
});

it('tells the age of the oldest also where it waits behind its FIFO group', () => {
  const flow: Flow = flowOf({
    users: everySecond('api', Infinity),
    api: serviceOf([{ do: 'publish', name: 'publish', queue: 'orders' }], { threads: 10 }),
    orders: { kind: 'leaseQueue', groups: 1 },
    workers: {
      kind: 'workers',
      consumes: 'orders',
      workers: 5,
      handler: [work(25_000)],
    },
  });
  // The first is at work from 1 s on; the second waits behind it since 2 s.
  const { queue } = runHeadless(flow, { seed: 1, durationS: 20.5 }).report.nodes['orders'];
  expect([queue?.now, queue?.oldestS]).toEqual([19, 18.5]);
});

it('tells the age of the oldest also where many more urgent messages go before it', () => {
  const flow: Flow = flowOf({
    users: everySecond('api', Infinity, { ratePerS: 1000 }),
    api: serviceOf([{ do: 'publish', name: 'publish', queue: 'mails' }], { threads: 10 }),
    mails: { kind: 'queue', limit: null, priorityShares: [0.9, 0.1] },
    workers: {
      kind: 'workers',
      consumes: 'mails',
      workers: 5,
      handler: [work(10)],
    },
  });
  // Half of what comes is done, and urgent messages are done first.
  const { queue } = runHeadless(flow, { seed: 1, durationS: 10 }).report.nodes['mails'];
  expect(queue?.oldestS).toBeGreaterThan(9.8);
});

it.each(['fifo', 'lifo', 'priority'] as const)('tells the age of the oldest, %s', (kind) => {
  const flow: Flow = flowOf({
    users: everySecond('api', Infinity, {
      ratePerS: 10,
      classes: [
        { name: 'urgent', share: 1, priority: 0 },
        { name: 'patient', share: 1, priority: 1 },
      ],
    }),
    api: serviceOf([work(200)], { discipline: { kind } }),
  });
  const { queue } = runHeadless(flow, { seed: 1, durationS: 50.05 }).report.nodes['api'];
  // Every second one is served: in turn, the newest, or the urgent ones, whose load is that of the thread.
  const [from, to] = kind === 'fifo' ? [24, 26] : [45, 50.05];
  expect(queue?.oldestS).toBeGreaterThan(from);
  expect(queue?.oldestS).toBeLessThan(to);
  expect(queue?.oldestMaxS).toBeGreaterThanOrEqual(queue!.oldestS);
});
