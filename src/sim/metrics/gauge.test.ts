import { expect, it } from 'vitest';
import { Gauge } from './gauge.ts';

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
