import { describe, expect, it } from 'vitest';
import { checkout } from '../scenarios/checkout.ts';
import { Trace, VisibleEvent } from '../sim/trace.ts';
import { Simulation } from '../sim/kernel/simulation.ts';
import {
  flightPaths,
  hopModelS,
  MAX_TOKENS,
  readFlights,
  TokenBuffer,
  TokenKind,
} from './flights.ts';
import { layoutLane } from './laneLayout.ts';
import { readStructure, readTopology } from './laneStructure.ts';

const flow = checkout.lanes.async;
const simulation = new Simulation(flow, { seed: 7, observe: 'live' });
const view = simulation.createView();
simulation.readView(view);
const geometry = layoutLane(
  readStructure(readTopology(flow), view, (step) => (step === 'email' ? 'queue' : 'wait'), null),
  'full',
);
const paths = flightPaths(geometry);
const QUEUE = view.nodes.findIndex((node) => node.id === 'emailQueue');

function inTheAir(trace: Trace, timeS: number, speed = 1, stepS: number | null = null): string[] {
  const buffer = new TokenBuffer();
  const fits = readFlights({ geometry, paths, view, trace, timeS, speed, stepS }, buffer);
  if (!fits) return ['too many'];
  return [...buffer.kind.subarray(0, buffer.count)].map(
    (kind, i) =>
      `${Object.keys(TokenKind).find((name) => TokenKind[name as keyof typeof TokenKind] === kind)} ${buffer.request[i]} at ${Math.round(buffer.x[i])}`,
  );
}

describe('flights', () => {
  const trace = new Trace(8);
  trace.write(1, VisibleEvent.Deliver, 5, QUEUE, -1, 3, 0, 0);

  it('depend on nothing but the event, the moment and the speed', () => {
    expect(inTheAir(trace, 0.99)).toEqual([]);
    expect(inTheAir(trace, 1)).toEqual(['Message 5 at 514']);
    expect(inTheAir(trace, 1.054)).toEqual(['Message 5 at 528']);
    expect(inTheAir(trace, 1.054)).toEqual(inTheAir(trace, 1.054));
    expect(inTheAir(trace, 1.12)).toEqual([]);
    // Three times as fast, a flight takes as long for the viewer, so three times the model time.
    expect(inTheAir(trace, 1.162, 3)).toEqual(['Message 5 at 528']);
  });

  it('last 240 ms of the viewer, up to 600 in slow motion', () => {
    expect([0.1, 0.25, 1, 3].map((speed) => hopModelS(speed) / speed)).toEqual([
      expect.closeTo(0.6),
      expect.closeTo(0.6),
      expect.closeTo(0.24),
      expect.closeTo(0.24),
    ]);
  });

  it('stand at their end after a single step', () => {
    expect(inTheAir(trace, 1, 1, 1)).toEqual(['Message 5 at 542']);
  });

  it('show a rejected request bouncing, not arriving', () => {
    const rejected = new Trace(8);
    rejected.write(1, VisibleEvent.Arrive, 9, 1, -1, -1, -1, 0);
    rejected.write(1, VisibleEvent.Reject, 9, 1, -1, -1, -1, 0);
    expect(inTheAir(rejected, 1.1)).toEqual([expect.stringMatching(/^Rejected 9 at 1\d$/)]);
  });

  it('are faint and small inside the accept queue, where only what waits is drawn in full', () => {
    const arriving = new Trace(8);
    const entry = geometry.entry.node;
    arriving.write(1, VisibleEvent.Arrive, 9, entry, -1, -1, -1, 0);
    arriving.write(1, VisibleEvent.Start, 9, entry, 0, -1, -1, 0);
    const buffer = new TokenBuffer();
    const at = (timeS: number, stepS: number | null): readonly number[] => {
      readFlights({ geometry, paths, view, trace: arriving, timeS, speed: 1, stepS }, buffer);
      return [buffer.x[0] - paths.brimX, buffer.alpha[0], buffer.size[0]];
    };
    expect(at(1, null)).toEqual([paths.arrive[0] - paths.brimX, 1, 1]);
    const [beyond, alpha, size] = at(1.23, null);
    expect(beyond).toBeGreaterThan(20);
    expect(alpha).toBeLessThan(0.5);
    expect(size).toBeLessThan(0.7);
    // After a step it stands before the queue: the thread it started on has the ring.
    expect(at(1, 1)[0]).toBeLessThan(0);
  });

  it('give way to a ribbon above 60', () => {
    const busy = new Trace(8);
    for (let i = 0; i <= MAX_TOKENS; i++)
      busy.write(1, VisibleEvent.Deliver, i, QUEUE, -1, 3, 0, 0);
    expect(inTheAir(busy, 1.05)).toEqual(['too many']);
  });
});
