import { describe, expect, it } from 'vitest';
import type { Variability } from '../flow.ts';
import { Variation } from './distributions.ts';
import { DrawsAhead } from './drawsAhead.ts';
import { KeyedRandom, Purpose } from './random.ts';

class Counted extends Variation {
  lines = 0;

  override drawEach(...line: Parameters<Variation['drawEach']>): void {
    this.lines++;
    super.drawEach(...line);
  }
}

const shapes: readonly Variability[] = [
  { kind: 'exponential' },
  { kind: 'gamma', cv: 0.3 },
  { kind: 'lognormal', cv: 2 },
  { kind: 'hyperexponential', cv: 3 },
  { kind: 'uniform', spread: 0.5 },
  { kind: 'empirical', values: [1, 2, 6] },
];

/** In order, out of order, again, far ahead and back. */
function requests(random: KeyedRandom): number[] {
  const asked: number[] = [];
  random.select(1, 2, 3, 4, 5);
  for (let number = 0; number < 2000; number += Math.floor(3 * random.uniform())) {
    asked.push(Math.floor(random.uniform() * 30) + number);
    if (random.uniform() < 0.01) asked.push(Math.floor(random.uniform() * 2 ** 31));
  }
  return asked;
}

describe('draws ahead', () => {
  it.each(shapes)('are those that would be made one by one: %o', (shape) => {
    const random = new KeyedRandom(7);
    const variation = new Variation(shape);
    const ahead = new DrawsAhead(random, 'api', variation, Purpose.Work + 2, 1);
    const [key0, key1] = random.keysOf('api');
    requests(random).forEach((request, k) => {
      const attempt = k % 11 === 0 ? 2 : 1;
      // A slider that moves.
      if (k === 700 && variation.fits(1)) variation.cv = 1;
      if (k === 900 && variation.fits(0.5)) variation.cv = 0.5;
      const found = ahead.take(request, attempt, variation.cv);
      random.select(key0, key1, request, attempt, Purpose.Work + 2);
      expect(found).toBe(variation.draw(random));
    });
  });

  it('come in lines where all are asked for, and singly where few are', () => {
    const random = new KeyedRandom(7);
    const lines = (every: number) => {
      const variation = new Counted({ kind: 'exponential' });
      const ahead = new DrawsAhead(random, 'api', variation, Purpose.Work, 1);
      for (let k = 0; k < 16_000; k++) ahead.take(k * every, 1, variation.cv);
      return variation.lines;
    };
    expect(lines(1)).toBe(1000);
    // Half of a line is used.
    expect(lines(2)).toBe(2000);
    expect(lines(16)).toBeLessThan(100);
  });
});
