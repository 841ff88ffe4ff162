import { expect, it } from 'vitest';
import type { Flow } from '../flow.ts';
import { KeyedRandom } from '../kernel/random.ts';
import { runHeadless } from '../runHeadless.ts';
import { Series } from './series.ts';

// Enough on a machine that does other things too.
const timeout = 60_000;

/** Exponential service of a second by one thread. */
function mm1(ratePerS: number): Flow {
  return {
    version: 1,
    nodes: {
      users: { kind: 'clients', target: 'server', arrivals: 'poisson', ratePerS, patienceS: null },
      server: {
        kind: 'service',
        threads: 1,
        acceptQueue: null,
        handler: [
          { do: 'work', name: 'serve', workMs: 1000, variability: { kind: 'exponential' } },
        ],
      },
    },
  };
}

/** Of 200 runs, how many intervals hold the exact mean: those reported, twice as wide ones, and naive ones. */
function coverage(flow: Flow, exact: number, durationS: number) {
  const held = { reported: 0, twiceAsWide: 0, naive: 0 };
  const runs = 200;
  for (let seed = 1; seed <= runs; seed++) {
    const { response } = runHeadless(flow, { seed, durationS, warmupS: 200 }).report.lane;
    const off = Math.abs(response.meanS! - exact);
    if (off <= response.meanCi95S!) held.reported++;
    if (off <= 2 * response.meanCi95S!) held.twiceAsWide++;
    // As if response times were independent of each other.
    if (off <= (1.96 * response.sdS!) / Math.sqrt(response.count)) held.naive++;
  }
  return {
    reported: held.reported / runs,
    twiceAsWide: held.twiceAsWide / runs,
    naive: held.naive / runs,
  };
}

it.each([
  [0.5, 2, 5000],
  [0.8, 5, 20_000],
])(
  'M/M/1 at utilisation %s: intervals hold the mean as often as they say',
  { timeout },
  (ratePerS, exact, durationS) => {
    const { reported, twiceAsWide, naive } = coverage(mm1(ratePerS), exact, durationS);
    // 95 % of 200, less two standard errors, to 99 %: an interval that is too narrow or too wide does not pass.
    expect(reported).toBeGreaterThan(0.92);
    expect(reported).toBeLessThan(0.99);
    expect(naive).toBeLessThan(0.6);
    expect(twiceAsWide).toBeGreaterThan(0.99);
  },
);

it('of values that depend on those before, intervals are wide enough, also where runs are short', () => {
  const random = new KeyedRandom(11);
  const [key0, key1] = random.keysOf('correlated');
  const coverageOf = (length: number): number => {
    let held = 0;
    const runs = 1000;
    for (let run = 0; run < runs; run++) {
      random.select(key0, key1, run, length, 0);
      const series = new Series();
      // Autoregressive, with a mean of 100 and a memory of some 50 values.
      let value = 0;
      for (let k = 0; k < 300 + length; k++) {
        value = 0.98 * value + random.uniform() - 0.5;
        if (k >= 300) series.add(100 + value);
      }
      const { meanS, meanCi95S } = series.summary();
      if (Math.abs(meanS! - 100) <= meanCi95S!) held++;
    }
    return held / runs;
  };
  // The shortest is 20 times the memory: 68 % without the correction.
  expect(coverageOf(1000)).toBeGreaterThan(0.87);
  expect(coverageOf(4000)).toBeGreaterThan(0.935);
  const long = coverageOf(20_000);
  expect(long).toBeGreaterThan(0.94);
  expect(long).toBeLessThan(0.98);
});
