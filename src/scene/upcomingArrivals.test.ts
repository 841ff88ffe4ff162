import { describe, expect, it } from 'vitest';
import { checkout } from '../scenarios/checkout.ts';
import { Simulation } from '../sim/kernel/simulation.ts';
import { VisibleEvent } from '../sim/trace.ts';
import type { ClientsView } from '../sim/view.ts';
import { UpcomingArrivals } from './upcomingArrivals.ts';

describe('upcoming arrivals', () => {
  it('are the ones the run then has, through the end of a spike too', () => {
    const simulation = new Simulation(checkout.lanes.sync, { seed: 7, observe: 'live' });
    simulation.advance(3);
    simulation.apply({ do: 'surge', node: 'users', factor: 10, durationS: 0.5 });
    const view = simulation.createView();
    simulation.readView(view);
    const upcoming = new UpcomingArrivals(200);
    upcoming.read(view.nodes[0] as ClientsView, 7, 12, true, 6);
    simulation.trace.clear();
    simulation.advance(6);
    const arrivals: [number, number][] = [];
    for (let e = 0; e < simulation.trace.count; e++) {
      if (simulation.trace.kind[e] !== VisibleEvent.Arrive) continue;
      arrivals.push([simulation.trace.request[e], simulation.trace.timeS[e]]);
    }
    expect(arrivals.length).toBeGreaterThan(60);
    expect(upcoming.count).toBe(arrivals.length);
    arrivals.forEach(([request, timeS], i) => {
      expect(upcoming.request[i]).toBe(request);
      expect(upcoming.timeS[i]).toBeCloseTo(timeS, 9);
    });
  });
});
