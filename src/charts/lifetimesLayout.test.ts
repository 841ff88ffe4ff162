import { expect, it } from 'vitest';
import { layoutLifetimes, timeToBarX } from './lifetimesLayout.ts';

it('has fewer rows where twelve would be too thin', () => {
  expect([150, 120, 90, 40].map((height) => layoutLifetimes(336, height, 12).rows)).toEqual([
    12, 12, 8, 3,
  ]);
});

it('finds the row under a height, also outside the bars', () => {
  const layout = layoutLifetimes(336, 152, 12);
  expect([0, layout.barTop(4), 151].map((y) => layout.rowAt(y))).toEqual([0, 4, 11]);
});

it('keeps what lies beyond the axis within the box', () => {
  const layout = layoutLifetimes(336, 150, 12);
  expect(timeToBarX(layout, 1, 0)).toBe(1);
  expect(timeToBarX(layout, 1, 500)).toBeLessThan(336 - 8);
});
