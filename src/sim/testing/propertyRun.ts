/** How tests of properties run a random flow, and what they look at. */
import type { Flow } from '../flow.ts';
import { LimitError } from '../kernel/limits.ts';
import { Simulation, type Observation } from '../kernel/simulation.ts';
import type { LaneView } from '../view.ts';

export const UNTIL_S = 20;
export const MAX_EVENTS = 4000;

/** The seeds of random flows, and a fixed start among them, so that a failure can be repeated. */
export const FLOW_SEEDS = { min: 0, max: 1_000_000 };
export const FIRST_DRAW = 20_261_123;

/** A flow may hand messages round at one instant for ever: the engine says so and stops, and that is no failure. */
export function unlessEndless(property: (seed: number) => void): (seed: number) => void {
  return (seed) => {
    try {
      property(seed);
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
    }
  };
}

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
