import { describe, expect, it } from 'vitest';
import { KeyedRandom } from '../kernel/random.ts';
import { LatencyWindow } from './latencyWindow.ts';

describe('latency window', () => {
  it('gives the exact percentiles of the values still in the window, at any turn of its ring', () => {
    const random = new KeyedRandom(5);
    random.select(1, 2, 3, 4, 5);
    const window = new LatencyWindow(20);
    const all: { timeS: number; valueS: number }[] = [];
    for (let k = 0; k < 5000; k++) {
      const timeS = k / 20;
      // Ties, zeros and values beyond the outermost buckets too.
      const valueS =
        k % 7 === 0 ? 0.25 : k % 11 === 0 ? 0 : k % 501 === 0 ? 1e9 : random.exponential();
      window.add(timeS, valueS);
      all.push({ timeS, valueS });
      if (k % 97 !== 0 || k < 150) continue;
      const inside = all.filter((entry) => entry.timeS >= timeS - 20).map((entry) => entry.valueS);
      inside.sort((a, b) => a - b);
      const { count, p50S, p99S } = window.read(timeS);
      expect(count).toBe(inside.length);
      expect(p50S).toBe(inside[Math.ceil(0.5 * count) - 1]);
      expect(p99S).toBe(inside[Math.ceil(0.99 * count) - 1]);
      expect(window.readP99(timeS)).toBe(p99S);
    }
  });
});
