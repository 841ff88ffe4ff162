/** Every feature of the request path at once: rewinding, scaling of time, conservation. */
import { describe, expect, it } from 'vitest';
import type { Flow } from './flow.ts';
import { Simulation } from './kernel/simulation.ts';
import { disciplines, requestPathFlow } from './testing/requestPathFlow.ts';

/** Every visible event between two moments, as one number; times divided by the scale. */
function traceFrom(simulation: Simulation, untilS: number, scale = 1): number {
  const { trace } = simulation;
  trace.clear();
  simulation.advance(untilS);
  expect(trace.first).toBe(0);
  const time = new Float64Array(1);
  const words = new Int32Array(time.buffer);
  let hash = 0x811c9dc5;
  const add = (word: number): void => {
    hash = Math.imul(hash ^ word, 0x01000193);
  };
  for (let i = 0; i < trace.count; i++) {
    time[0] = trace.timeS[i] / scale;
    for (const word of [words[0], words[1], trace.kind[i], trace.request[i], trace.node[i]])
      add(word);
    for (const word of [trace.cell[i], trace.otherNode[i], trace.detail[i]]) add(word);
  }
  return hash;
}

describe.each(disciplines)('the request path with $kind', (discipline) => {
  it('goes on from a checkpoint as it went the first time', () => {
    for (const checkpointS of [7.3, 8.5, 15.9, 21]) {
      const first = new Simulation(requestPathFlow(discipline), { seed: 5, observe: 'live' });
      first.advance(checkpointS);
      const checkpoint = first.checkpoint();
      const expected = traceFrom(first, 30);
      const second = new Simulation(requestPathFlow(discipline), { seed: 5, observe: 'live' });
      second.restore(checkpoint);
      expect(traceFrom(second, 30)).toBe(expected);
      first.restore(checkpoint);
      expect(traceFrom(first, 30)).toBe(expected);
    }
  });

  it('is the same at a quarter of all durations', () => {
    const [usual, quick] = [1, 0.25].map((scale) =>
      traceFrom(
        new Simulation(requestPathFlow(discipline, scale), { seed: 6, observe: 'live' }),
        30 * scale,
        scale,
      ),
    );
    expect(quick).toBe(usual);
  });

  it('ends every request in one outcome and leaves nothing behind', () => {
    const flow = requestPathFlow(discipline);
    const { open, closed } = flow.nodes;
    const simulation = new Simulation(
      {
        ...flow,
        nodes: { ...flow.nodes, open: { ...open, limit: 3000 }, closed: { ...closed, limit: 300 } },
      } as Flow,
      { seed: 7, observe: 'metrics' },
    );
    simulation.advance(Infinity);
    const { lane, nodes } = simulation.report();
    expect(lane.firstTries).toBe(3300);
    expect(lane.offered).toBeGreaterThan(3300);
    expect(lane.open).toBe(0);
    expect(lane.served + lane.rejected + lane.timedOut + lane.failed).toBe(3300);
    for (const ended of [lane.served, lane.rejected, lane.timedOut, lane.failed]) {
      expect(ended).toBeGreaterThan(0);
    }
    expect(nodes['api'].counts['callRetries']).toBeGreaterThan(0);
    expect(nodes['api'].counts['breakerOpen']).toBeGreaterThan(0);
    expect(simulation.jobs.live + simulation.calls.live + simulation.requests.live).toBe(0);
    expect(simulation.events.pending).toBe(0);
  });
});
