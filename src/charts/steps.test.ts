import { describe, expect, it } from 'vitest';
import { stepUp, timeAxisEndS, timeTickLabel, timeTickStepS, valueTicks } from './steps.ts';

describe('stepUp', () => {
  it('goes 1, 2, 5, 10', () => {
    expect([0.9, 1, 1.01, 2, 3, 5, 5.1, 12, 21, 639, 1000].map((v) => stepUp(v, 1))).toEqual([
      1, 1, 2, 2, 5, 5, 10, 20, 50, 1000, 1000,
    ]);
  });

  it('leaves no binary dust below one', () => {
    expect([0.11, 0.2, 0.3, 0.5].map((v) => stepUp(v, 0.1))).toEqual([0.2, 0.2, 0.5, 0.5]);
  });

  it('never goes under the least, also for what is not a number', () => {
    expect([stepUp(0, 2), stepUp(-3, 2), stepUp(NaN, 2)]).toEqual([2, 2, 2]);
  });
});

describe('time axis', () => {
  it('covers the whole run in steps', () => {
    expect([0, 60, 60.1, 120, 121, 301, 1199, 1201].map(timeAxisEndS)).toEqual([
      60, 60, 120, 120, 300, 600, 1200, 3000,
    ]);
  });

  it('has ticks on round times, in minutes when they are minutes', () => {
    const ends = [60, 120, 300, 600, 1200, 3000];
    expect(ends.map((end) => timeTickStepS(end, 6))).toEqual([10, 20, 60, 120, 300, 600]);
    expect(timeTickLabel(40, 10)).toBe('40 s');
    expect(timeTickLabel(0, 300)).toBe('0 s');
    expect(timeTickLabel(600, 300)).toBe('10 min');
  });
});

it('divides a 1-2-5 axis into round values', () => {
  expect(valueTicks(1).map((v) => v.toFixed(1))).toEqual([
    '0.0',
    '0.2',
    '0.4',
    '0.6',
    '0.8',
    '1.0',
  ]);
  expect(valueTicks(20)).toEqual([0, 5, 10, 15, 20]);
  expect(valueTicks(0.5).at(-1)).toBe(0.5);
});
