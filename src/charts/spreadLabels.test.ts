import { expect, it } from 'vitest';
import { spreadLabels } from './spreadLabels.ts';

it('leaves labels alone that are far enough apart', () => {
  expect(spreadLabels([30, 5], 14, 0, 40)).toEqual([30, 5]);
});

it('parts two that coincide evenly, the first one above', () => {
  expect(spreadLabels([20, 20], 14, 0, 40)).toEqual([13, 27]);
});

it('pushes inwards at the ends', () => {
  expect(spreadLabels([39, 40], 14, 0, 40)).toEqual([26, 40]);
  expect(spreadLabels([0, 1], 14, 0, 40)).toEqual([0, 14]);
});

it('keeps a third label free when two others move', () => {
  expect(spreadLabels([10, 13, 30], 14, 0, 60).map((y) => y.toFixed(1))).toEqual([
    '3.7',
    '17.7',
    '31.7',
  ]);
});

it('closes ranks when there is too little room', () => {
  expect(spreadLabels([5, 5, 5], 14, 0, 20)).toEqual([0, 10, 20]);
});
