import { describe, expect, it } from 'vitest';
import { checkout } from '../scenarios/checkout.ts';
import { Simulation } from '../sim/kernel/simulation.ts';
import { VisibleEvent } from '../sim/trace.ts';
import type { ClientsSpec } from '../sim/flow.ts';
import type { ClientsView } from '../sim/view.ts';
import { UpcomingArrivals } from './upcomingArrivals.ts';

const users = checkout.lanes.sync.nodes['users'] as ClientsSpec;

/** Told at 3 s, and what the run then had until 6 s. */
function foretoldAndHad(spec: ClientsSpec): [told: [number, number][], had: [number, number][]] {
  const flow = { ...checkout.lanes.sync, nodes: { ...checkout.lanes.sync.nodes, users: spec } };
  const simulation = new Simulation(flow, { seed: 7, observe: 'live' });
  simulation.advance(3);
  simulation.apply({ do: 'surge', node: 'users', factor: 10, durationS: 0.5 });
  const view = simulation.createView();
  simulation.readView(view);
  const upcoming = new UpcomingArrivals(200);
  upcoming.read(view.nodes[0] as ClientsView, spec, 7, 12, 6);
  const told = Array.from({ length: upcoming.count }, (_, i): [number, number] => [
    upcoming.request[i],
    upcoming.timeS[i],
  ]);
  simulation.trace.clear();
  simulation.advance(6);
  const had: [number, number][] = [];
  for (let e = 0; e < simulation.trace.count; e++) {
    if (simulation.trace.kind[e] !== VisibleEvent.Arrive) continue;
    had.push([simulation.trace.request[e], simulation.trace.timeS[e]]);
  }
  return [told, had];
}

describe('upcoming arrivals', () => {
  it.each(['poisson', 'constant'] as const)(
    'are the ones the run then has, through the end of a spike too: %s',
    (arrivals) => {
      const [told, had] = foretoldAndHad({ ...users, arrivals });
      expect(had.length).toBeGreaterThan(60);
      expect(told.length).toBe(had.length);
      had.forEach(([request, timeS], i) => {
        expect(told[i][0]).toBe(request);
        expect(told[i][1]).toBeCloseTo(timeS, 9);
      });
    },
  );

  it.each<[string, Partial<ClientsSpec>]>([
    ['renewal gaps', { arrivals: 'renewal', gapVariability: { kind: 'lognormal', cv: 2 } }],
    ['batches', { batchSize: 5 }],
    ['a profile', { profile: [{ atS: 4, ratePerS: 50 }] }],
    ['bursts', { bursts: { factor: 4, quietS: 1, burstS: 1 } }],
    ['a limit', { limit: 40 }],
  ])('of %s are not foretold', (_, change) => {
    const [told, had] = foretoldAndHad({ ...users, ...change });
    expect(had.length).toBeGreaterThan(0);
    expect(told).toEqual([]);
  });
});
