import { describe, expect, it } from 'vitest';
import { checkout } from '../../scenarios/checkout.ts';
import { Simulation } from '../../sim/kernel/simulation.ts';
import { Trace, VisibleEvent } from '../../sim/trace.ts';
import { describeForgotten, describeJourney } from './journeyText.ts';
import { tableRooms } from './tableRooms.ts';

function run(untilS: number) {
  const flow = checkout.lanes.async;
  const simulation = new Simulation(flow, { seed: 7, observe: 'live' });
  simulation.advance(untilS);
  const view = simulation.createView();
  simulation.readView(view);
  return { flow, simulation, view };
}

describe('journey in words', () => {
  it('tells a request from submit to delivered email', () => {
    const { flow, simulation } = run(10);
    const [journey] = simulation.recentJourneys(20);
    if (!journey) throw new Error('nobody has been answered');
    const text = describeJourney(journey, simulation.timeS, flow);
    expect(text.outcome).toMatch(/^served after \d+ ms$/);
    expect(text.now).toBe('');
    expect(text.steps.map((step) => step.what)).toEqual([
      'running in API',
      'thread parked on Payment',
      'thread parked on Queue',
      'message ready in Queue',
      'message in work at Email',
      'message handled',
    ]);
  });
});

it('remembers of a rejected request that it was rejected', () => {
  const trace = new Trace(4);
  trace.write(3, VisibleEvent.Arrive, 5, 1, -1, -1, -1, 0);
  trace.write(3, VisibleEvent.Reject, 5, 1, -1, -1, -1, 0);
  trace.write(4, VisibleEvent.Arrive, 6, 1, -1, -1, -1, 0);
  expect(describeForgotten(trace, 5)).toContain('Rejected at 3.00 s');
  expect(describeForgotten(trace, 6)).toContain('No longer kept');
});

describe('tables', () => {
  it('have a row for each thread that is not idle', () => {
    const { flow, view } = run(10);
    const rooms = tableRooms(view, flow);
    const api = rooms.find((room) => room.name === 'API');
    const pool = view.nodes.find((node) => node.kind === 'pool' && node.id === 'api');
    if (!api || pool?.kind !== 'pool') throw new Error('no API');
    expect(api.rows).toHaveLength(pool.runningCount + pool.parkedCount + pool.downCount);
    expect(api.rows.filter((row) => row[1] === 'parked').every((row) => row[4] !== '')).toBe(true);
  });

  it('name the request of every thread and every message that waits', () => {
    const flow = checkout.lanes.async;
    const simulation = new Simulation(flow, { seed: 7, observe: 'live' });
    simulation.apply({ do: 'set', path: 'users.ratePerS', value: 200 });
    simulation.advance(6);
    const view = simulation.createView();
    simulation.readView(view);
    const rooms = tableRooms(view, flow);
    expect(rooms.map((room) => room.name)).toContain('API, accept queue');
    for (const room of rooms) {
      for (const row of room.rows) expect(row[room.requestColumn]).toMatch(/^\d+$/);
    }
    const waiting = rooms.find((room) => room.name === 'API, accept queue');
    const api = view.nodes.find((node) => node.kind === 'pool' && node.id === 'api');
    expect(api?.kind === 'pool' && String(api.queueRequest[0])).toBe(waiting?.rows[0]?.[1]);
  });

  it('leave out a broker that was never used', () => {
    const { flow, view } = run(0);
    expect(tableRooms(view, flow).map((room) => room.name)).toEqual(['API', 'Payment', 'Email']);
  });
});
