import { describe, expect, it } from 'vitest';
import { KeyedRandom } from '../kernel/random.ts';
import { Series, studentT975 } from './series.ts';

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
