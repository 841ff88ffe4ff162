import { describe, expect, it } from 'vitest';
import { checkout } from '../scenarios/checkout.ts';
import { Simulation } from '../sim/kernel/simulation.ts';
import { readStructure, readTopology, structureKey, type LaneStructure } from './laneStructure.ts';

const flow = checkout.lanes.async;
const topology = readTopology(flow);

function run(): {
  simulation: Simulation;
  structure: (email: 'wait' | 'queue', previous?: LaneStructure) => LaneStructure;
} {
  const simulation = new Simulation(flow, { seed: 7, observe: 'live' });
  const view = simulation.createView();
  return {
    simulation,
    structure: (email, previous) => {
      simulation.readView(view);
      const modeOf = (step: string): 'wait' | 'queue' => (step === 'email' ? email : 'wait');
      return readStructure(topology, view, modeOf, previous ?? null);
    },
  };
}

describe('the rooms of a lane', () => {
  it('follow the switches of its program', () => {
    const { structure } = run();
    expect(topology.steps.map((step) => step.name)).toEqual(['payment', 'email']);
    expect(structure('queue').steps.map((step) => step.access)).toEqual(['calls', 'queue']);
    expect(structure('wait').steps.map((step) => step.access)).toEqual(['calls', 'calls']);
  });

  it('keep the queue after a switch back until its last message is worked off', () => {
    const { simulation, structure } = run();
    simulation.apply({ do: 'set', path: 'email.workMs', value: 2000 });
    simulation.advance(10);
    simulation.apply({ do: 'set', path: 'api.mode.email', value: 'wait' });
    const seen = new Set<string>();
    for (let timeS = 10; timeS < 60; timeS += 0.5) {
      if (timeS === 12) simulation.apply({ do: 'set', path: 'email.workMs', value: 50 });
      simulation.advance(timeS);
      seen.add(structure('wait').steps[1].access);
    }
    expect([...seen]).toEqual(['both', 'calls']);
  });

  it('keep their cells while a smaller pool waits for threads to come free', () => {
    const { simulation, structure } = run();
    simulation.apply({ do: 'set', path: 'payment.workMs', value: 5000 });
    simulation.advance(10);
    const before = structure('queue');
    simulation.apply({ do: 'set', path: 'payment.threads', value: 4 });
    const during = structure('queue', before);
    expect(during.steps[0].threads).toBe(16);
    expect(structureKey(during)).not.toBe(structureKey({ ...during, steps: [] }));
    simulation.advance(40);
    expect(structure('queue', during).steps[0].threads).toBe(4);
  });
});
