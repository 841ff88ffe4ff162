import { describe, expect, it } from 'vitest';
import type { Flow } from '../flow.ts';
import { LimitError, MAX_PENDING, nextCapacity } from '../kernel/limits.ts';
import { KeyedRandom } from '../kernel/random.ts';
import { Simulation } from '../kernel/simulation.ts';
import { runHeadless } from '../runHeadless.ts';
import { GaugeSet } from './gaugeSet.ts';
import { SeriesSet, studentT975 } from './seriesSet.ts';

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
    const series = new SeriesSet(2);
    for (let k = 1; k <= 100_000; k++) series.add(1, k / 1000);
    for (const share of [0.001, 0.1, 0.5, 0.9, 0.99, 0.999]) {
      expect(Math.abs(series.percentile(1, share)! / (100 * share) - 1)).toBeLessThan(0.008);
    }
    expect(series.summary(0).meanS).toBe(null);
  });

  it('counts zeros as zeros, and keeps the extremes', () => {
    const series = new SeriesSet(1);
    for (const value of [0, 0, 0, 1e-12, 1e12]) series.add(0, value);
    const { p50S, maxS, positiveShare, count } = series.summary(0);
    expect([p50S, maxS, positiveShare, count]).toEqual([0, 1e12, 0.4, 5]);
  });

  it('gives intervals that hold the mean of independent values 95 times in 100', () => {
    const random = new KeyedRandom(7);
    const [key0, key1] = random.keysOf('intervals');
    let held = 0;
    const runs = 1000;
    for (let run = 0; run < runs; run++) {
      const series = new SeriesSet(1);
      random.select(key0, key1, run, 0, 0);
      for (let k = 0; k < 1000; k++) series.add(0, random.exponential());
      const { meanS, meanCi95S } = series.summary(0);
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
  const gauges = new GaugeSet(1);
  gauges.rise(0, 1);
  gauges.rise(0, 2);
  gauges.fall(0, 4);
  expect([gauges.integral(0, 5), gauges.max(0), gauges.level(0)]).toEqual([6, 2, 1]);
  gauges.clear(5);
  gauges.set(0, 3, 6);
  expect([gauges.integral(0, 8), gauges.max(0)]).toEqual([7, 3]);
});

it('refuses to hold more than the limit', () => {
  expect(nextCapacity(64, 'events')).toBe(128);
  expect(nextCapacity(MAX_PENDING - 1, 'events')).toBe(MAX_PENDING);
  expect(() => nextCapacity(MAX_PENDING, 'events')).toThrow(LimitError);
  expect(() => nextCapacity(MAX_PENDING, 'events')).toThrow('5000000 events are pending');
});
