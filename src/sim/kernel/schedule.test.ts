import { expect, it } from 'vitest';
import type { Flow } from '../flow.ts';
import { Simulation } from './simulation.ts';
import { everySecond, flowOf, serviceOf, work } from '../testing/toyFlow.ts';

const flow: Flow = flowOf(
  {
    users: everySecond('api', Infinity),
    api: serviceOf([work(100)], { acceptQueue: 0 }),
  },
  [
    { timeS: 3, action: { do: 'set', path: 'api.workMs', value: 1500 } },
    { timeS: 1, action: { do: 'surge', node: 'users', factor: 2, durationS: 1 } },
  ],
);

it('applies a schedule in order of time, before what else happens at that instant', () => {
  const simulation = new Simulation(flow, { seed: 1, observe: 'live' });
  simulation.advance(5.25);
  // At 1 s the rate doubles before the arrival of that instant, at 2 s it halves before the next:
  // a gap that is under way keeps the share of it that is left.
  const journeys = simulation.recentJourneys(10).map((j) => [j.submittedS, j.endS! - j.submittedS]);
  expect(journeys.map(([submittedS]) => submittedS)).toEqual([1, 1.5, 2, 3]);
  expect(journeys.map(([, tookS]) => Math.round(tookS * 1000))).toEqual([100, 100, 100, 1500]);
  expect(simulation.readouts().totals.rejected).toBe(1);
});

it('keeps its place in the schedule across a checkpoint', () => {
  const straight = new Simulation(flow, { seed: 1, observe: 'live' });
  straight.advance(10);
  const restored = new Simulation(flow, { seed: 1, observe: 'live' });
  restored.advance(2.5);
  const checkpoint = restored.checkpoint();
  restored.advance(7);
  restored.restore(checkpoint);
  restored.advance(10);
  expect(restored.readouts()).toEqual(straight.readouts());
});
