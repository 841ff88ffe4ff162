/** How tests of properties run a random flow, and what they look at. */
import type { Flow } from '../flow.ts';
import { Simulation, type Observation } from '../kernel/simulation.ts';
import type { LaneView } from '../view.ts';

export const UNTIL_S = 20;
export const MAX_EVENTS = 4000;

export function run(
  flow: Flow,
  observe: Observation = 'metrics',
  untilS = UNTIL_S,
  seed = 1,
): Simulation {
  const simulation = new Simulation(flow, { seed, observe });
  simulation.advanceWithin(untilS, MAX_EVENTS);
  return simulation;
}

export function viewOf(simulation: Simulation): LaneView {
  const view = simulation.createView();
  simulation.readView(view);
  return view;
}

/** Everything that shows: the report, what the next event is, and every node's view. */
export function look(simulation: Simulation): unknown {
  const { eventCount } = simulation;
  return [eventCount, simulation.nextEventS(), simulation.report(), viewOf(simulation)];
}
