import { expect, it } from 'vitest';
import { assignRows } from './rowSlots.ts';

it('fills empty rows from the top, oldest first', () => {
  expect(assignRows([null, null, null], [4, 5])).toEqual([4, 5, null]);
});

it('lets a newcomer take the row of the one that left', () => {
  const log = [
    [4, 5, 6],
    [5, 6, 7],
    [6, 7, 9],
    [7, 9, 8],
  ];
  let rows: (number | null)[] = [null, null, null];
  expect(log.map((requests) => (rows = assignRows(rows, requests)))).toEqual([
    [4, 5, 6],
    [7, 5, 6],
    [7, 9, 6],
    [7, 9, 8],
  ]);
});

it('starts at the top again when nobody stays', () => {
  expect(assignRows([7, 5, 6], [20, 21, 22])).toEqual([20, 21, 22]);
});

it('shows everyone after any history', () => {
  expect(assignRows([1, null, 3], [3, 8, 9]).sort()).toEqual([3, 8, 9]);
});
