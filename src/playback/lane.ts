/** One of the two programs, with the latest picture and readouts of it. */
import { type LaneId, type Scenario } from '../scenarios/scenario.ts';
import { Simulation } from '../sim/kernel/simulation.ts';
import type { LaneReadouts } from '../sim/metrics/readouts.ts';
import type { LaneView } from '../sim/view.ts';
import type { HistorySample } from './historyRecorder.ts';

export class Lane {
  readonly id: LaneId;
  readonly simulation: Simulation;
  /** As it was read last. */
  readonly view: LaneView;
  latestReadouts: LaneReadouts | null = null;
  private viewVersion = -1;
  private readoutsVersion = -1;

  constructor(id: LaneId, scenario: Scenario, seed: number) {
    this.id = id;
    this.simulation = new Simulation(scenario.lanes[id], { seed, observe: 'live' });
    this.view = this.simulation.createView();
  }

  /** @param version of the state; each is read once */
  readView(version: number): LaneView {
    if (version !== this.viewVersion) {
      this.simulation.readView(this.view);
      this.viewVersion = version;
    }
    return this.view;
  }

  readReadouts(version: number): LaneReadouts {
    if (version !== this.readoutsVersion || this.latestReadouts === null) {
      this.latestReadouts = this.simulation.readouts();
      this.readoutsVersion = version;
    }
    return this.latestReadouts;
  }

  /** Values for the timeline; at high speed there are more samples than frames. */
  sample(withP99: boolean, into: HistorySample): void {
    const { simulation } = this;
    into.parked = simulation.parkedThreads;
    into.queued = simulation.readyMessages;
    if (withP99) into.p99S = simulation.responseP99S ?? NaN;
  }
}

export type Lanes = Readonly<Record<LaneId, Lane>>;

export function createLanes(scenario: Scenario, seed: number): Lanes {
  return { sync: new Lane('sync', scenario, seed), async: new Lane('async', scenario, seed) };
}
