import { expect, it } from 'vitest';
import { LimitError, MAX_PENDING, nextCapacity } from './limits.ts';

it('refuses to hold more than the limit', () => {
  expect(nextCapacity(64, 'events')).toBe(128);
  expect(nextCapacity(MAX_PENDING - 1, 'events')).toBe(MAX_PENDING);
  expect(() => nextCapacity(MAX_PENDING, 'events')).toThrow(LimitError);
  expect(() => nextCapacity(MAX_PENDING, 'events')).toThrow('5000000 events are pending');
});
