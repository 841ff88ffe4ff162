import { describe, expect, it } from 'vitest';
import type { Flow } from '../flow.ts';
import { LimitError, MAX_PENDING, nextCapacity } from '../kernel/limits.ts';
import { KeyedRandom } from '../kernel/random.ts';
import { Simulation } from '../kernel/simulation.ts';
import { runHeadless } from '../runHeadless.ts';
import { Gauge } from './gauge.ts';
import { Series, studentT975 } from './series.ts';

/** One user a second, each 1.5 s of one thread, three places to wait. */
const overloaded: Flow = {
  version: 1,
  nodes: {
    users: { kind: 'clients', target: 'api', arrivals: 'constant', ratePerS: 1, patienceS: 3.2 },
    api: {
      kind: 'service',
      threads: 1,
      acceptQueue: 3,
      handler: [
        { do: 'work', name: 'work', workMs: 500 },
        { do: 'call', name: 'ask', target: 'backend' },
      ],
    },
    backend: {
      kind: 'service',
      threads: 1,
      acceptQueue: null,
      handler: [{ do: 'work', name: 'work', workMs: 1000 }],
    },
  },
};

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
  const flow: Flow = {
    version: 1,
    nodes: {
      users: {
        kind: 'clients',
        target: 'api',
        arrivals: 'constant',
        ratePerS: 1,
        patienceS: null,
        // Every other attempt comes when the only thread is still busy with the first.
        policy: { timeoutMs: 300, retry: { attempts: 2, baseS: 0 } },
      },
      api: {
        kind: 'service',
        threads: 1,
        acceptQueue: 0,
        handler: [{ do: 'work', name: 'work', workMs: 400 }],
      },
    },
  };
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
  expect(lane.openAtStart + lane.offered).toBe(ended + lane.open);
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

describe('series', () => {
  it('gives percentiles within 0.8 %, over many powers of two', () => {
    const series = new Series();
    expect(series.summary().meanS).toBe(null);
    for (let k = 1; k <= 100_000; k++) series.add(k / 1000);
    for (const share of [0.001, 0.1, 0.5, 0.9, 0.99, 0.999]) {
      expect(Math.abs(series.percentile(share)! / (100 * share) - 1)).toBeLessThan(0.008);
    }
  });

  it('counts zeros as zeros, and keeps the extremes', () => {
    const series = new Series();
    for (const value of [0, 0, 0, 1e-12, 1e12]) series.add(value);
    const { p50S, maxS, positiveShare, count } = series.summary();
    expect([p50S, maxS, positiveShare, count]).toEqual([0, 1e12, 0.4, 5]);
  });

  it('gives intervals that hold the mean of independent values 95 times in 100', () => {
    const random = new KeyedRandom(7);
    const [key0, key1] = random.keysOf('intervals');
    let held = 0;
    const runs = 1000;
    for (let run = 0; run < runs; run++) {
      const series = new Series();
      random.select(key0, key1, run, 0, 0);
      for (let k = 0; k < 1000; k++) series.add(random.exponential());
      const { meanS, meanCi95S } = series.summary();
      if (Math.abs(meanS! - 1) < meanCi95S!) held++;
    }
    expect(held / runs).toBeGreaterThan(0.93);
    expect(held / runs).toBeLessThan(0.97);
  });

  it('knows the t distribution', () => {
    // Abramowitz & Stegun, table 26.10.
    expect([9, 19, 30, 120].map((degrees) => studentT975(degrees).toFixed(3))).toEqual([
      '2.262',
      '2.093',
      '2.042',
      '1.980',
    ]);
  });
});

it('integrates levels over time', () => {
  const gauge = new Gauge();
  gauge.rise(1);
  gauge.rise(2);
  gauge.fall(4);
  expect([gauge.integral(5), gauge.max, gauge.level]).toEqual([6, 2, 1]);
  gauge.clear(5);
  gauge.set(3, 6);
  expect([gauge.integral(8), gauge.max]).toEqual([7, 3]);
});

it('refuses to hold more than the limit', () => {
  expect(nextCapacity(64, 'events')).toBe(128);
  expect(nextCapacity(MAX_PENDING - 1, 'events')).toBe(MAX_PENDING);
  expect(() => nextCapacity(MAX_PENDING, 'events')).toThrow(LimitError);
  expect(() => nextCapacity(MAX_PENDING, 'events')).toThrow('5000000 events are pending');
});
