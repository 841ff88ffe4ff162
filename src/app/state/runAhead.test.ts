import { expect, it } from 'vitest';
import { createPlayer } from '../../playback/createPlayer.ts';
import { checkout } from '../../scenarios/checkout.ts';
import { runAhead } from './runAhead.ts';

it('opens a run at a later moment, as it would have been', () => {
  const ahead = createPlayer(checkout, { seed: 11, playing: false });
  expect(runAhead(ahead, 20)).toBe(true);
  expect(ahead.timeS).toBeCloseTo(20, 9);
  expect(ahead.status).toMatchObject({ playing: false, speed: 1 });

  const lived = createPlayer(checkout, { seed: 11, playing: true });
  while (lived.timeS < 20) lived.tick(Math.min(1 / 60, 20 - lived.timeS));
  expect(ahead.readouts('sync').totals).toEqual(lived.readouts('sync').totals);
  expect(ahead.readouts('async').response).toEqual(lived.readouts('async').response);
});
