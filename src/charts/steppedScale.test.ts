import { expect, it } from 'vitest';
import { SteppedScale } from './steppedScale.ts';

it('grows at once and shrinks after three calm seconds', () => {
  const scale = new SteppedScale(0.1);
  const log = [
    [0, 0.7],
    [100, 14],
    [200, 0.7],
    [3100, 0.7],
    [3200, 0.7],
  ].map(([ms = 0, required = 0]) => scale.update(required, ms));
  expect(log).toEqual([1, 20, 20, 20, 1]);
});

it('forgets how long it was roomy when the room is needed again', () => {
  const scale = new SteppedScale(1);
  scale.update(14, 0);
  scale.update(1, 100);
  scale.update(14, 2000);
  expect(scale.update(1, 3200)).toBe(20);
});

it('fits at once after a seek', () => {
  const scale = new SteppedScale(1);
  scale.update(14, 0);
  expect(scale.update(1.5, 10, true)).toBe(2);
});
