import { describe, expect, it } from 'vitest';
import { checkout } from '../scenarios/checkout.ts';
import { Simulation } from '../sim/kernel/simulation.ts';
import { VisibleEvent } from '../sim/trace.ts';
import { flightPaths, readFlights, TokenBuffer } from './flights.ts';
import { layoutLane } from './laneLayout.ts';
import { readStructure, readTopology } from './laneStructure.ts';
import { placesOf, stepPlaces } from './requestPlaces.ts';

const flow = checkout.lanes.async;
const topology = readTopology(flow);

function run(observeS: number, settings: Readonly<Record<string, number>> = {}) {
  const simulation = new Simulation(flow, { seed: 7, observe: 'live' });
  for (const [path, value] of Object.entries(settings)) {
    expect(simulation.apply({ do: 'set', path, value })).toBe(true);
  }
  const view = simulation.createView();
  simulation.advance(observeS);
  simulation.readView(view);
  const structure = readStructure(
    topology,
    view,
    (step) => (step === 'email' ? 'queue' : 'wait'),
    null,
  );
  return { simulation, view, geometry: layoutLane(structure, 'full') };
}

describe('places of a request', () => {
  it.each([
    ['at ease', {}],
    ['overloaded', { 'users.ratePerS': 60, 'email.failureRate': 0.5 }],
  ])('are what every single step can be seen by, with the token in the air: %s', (_, settings) => {
    const { simulation, view, geometry } = run(8, settings);
    const paths = flightPaths(geometry);
    const { trace } = simulation;
    const tokens = new TokenBuffer();
    const unseen: string[] = [];
    let steps = 0;
    while (steps < 300) {
      const before = trace.count;
      simulation.runEvent();
      if (trace.count === before) continue;
      steps++;
      simulation.readView(view);
      const i = before & trace.mask;
      const step = { request: trace.request[i], node: trace.node[i], cell: trace.cell[i] };
      const { timeS } = view;
      readFlights({ geometry, paths, view, trace, timeS, speed: 1, stepS: timeS }, tokens);
      const inTheAir = [...tokens.request.subarray(0, tokens.count)].some(
        (request, k) => request === step.request && tokens.alpha[k] > 0.5,
      );
      const places = stepPlaces(geometry, view, trace, step, inTheAir);
      if (places.length === 0 && !inTheAir) unseen.push(`kind ${trace.kind[i]}`);
    }
    expect(unseen).toEqual([]);
  });

  it('name the very thread that works for it', () => {
    const { simulation, view, geometry } = run(8);
    const { trace } = simulation;
    let entry = trace.count - 1;
    while (trace.kind[entry & trace.mask] !== VisibleEvent.Start) entry--;
    const i = entry & trace.mask;
    const mark = trace.cell[i];
    const rooms = placesOf(geometry, view, trace.request[i]).filter((p) => p.kind === 'cell');
    const room = geometry.rooms.find((r) => r.node === trace.node[i]);
    expect(rooms).toContainEqual({ kind: 'cell', room, mark });
    expect(placesOf(geometry, view, 1_000_000)).toEqual([]);
  });

  it('are none where nothing has happened, and the thread it left where its message has ended', () => {
    const { simulation, view, geometry } = run(8);
    const { trace } = simulation;
    let entry = trace.count - 1;
    while (trace.kind[entry & trace.mask] !== VisibleEvent.Acknowledge) entry--;
    const i = entry & trace.mask;
    const [request, node, cell] = [trace.request[i], trace.node[i], trace.cell[i]];
    const left = stepPlaces(geometry, view, trace, { request, node, cell }, false);
    expect(left).toEqual([expect.objectContaining({ kind: 'cell' })]);
    expect(stepPlaces(geometry, view, trace, { request, node: -1, cell }, false)).toEqual([]);
  });
});
