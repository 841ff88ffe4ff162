/** Every feature of the request path at once: rewinding, scaling of time, conservation. */
import { describe, expect, it } from 'vitest';
import type { Flow, ServiceSpec } from './flow.ts';
import { Simulation } from './kernel/simulation.ts';

const disciplines: readonly NonNullable<ServiceSpec['discipline']>[] = [
  { kind: 'fifo' },
  { kind: 'lifo' },
  { kind: 'priority' },
  { kind: 'deadlineDrop', maxWaitS: 0.5 },
  { kind: 'codel' },
  { kind: 'codelTimeout' },
];

/** @param scale multiplies every duration and divides every rate */
function everything(discipline: ServiceSpec['discipline'], scale = 1): Flow {
  const ms = (value: number): number => value * scale;
  const s = ms;
  const scaled =
    discipline?.kind === 'deadlineDrop'
      ? { ...discipline, maxWaitS: s(discipline.maxWaitS ?? 1) }
      : discipline?.kind === 'codel' || discipline?.kind === 'codelTimeout'
        ? { ...discipline, targetMs: ms(5), intervalMs: ms(100) }
        : discipline;
  return {
    version: 1,
    nodes: {
      open: {
        kind: 'clients',
        target: 'api',
        arrivals: 'poisson',
        ratePerS: 30 / scale,
        patienceS: s(2),
        whenImpatient: 'leavesAcceptQueue',
        bursts: { factor: 5, quietS: s(4), burstS: s(1) },
        classes: [
          { name: 'urgent', share: 1, priority: 0 },
          { name: 'patient', share: 2, priority: 3, endpoint: 'fan' },
        ],
        policy: {
          timeoutMs: ms(700),
          retry: { attempts: 3, baseS: s(0.1), capS: s(1), jitter: 'decorrelated' },
          retryBudget: { kind: 'ratio', ratio: 0.5, windowS: s(5) },
          propagateDeadline: true,
          travelMs: ms(10),
          loss: 0.02,
        },
      },
      closed: {
        kind: 'clients',
        target: 'api',
        arrivals: 'closed',
        ratePerS: 0,
        patienceS: null,
        users: 5,
        thinkS: s(0.5),
        thinkVariability: { kind: 'exponential' },
      },
      api: {
        kind: 'service',
        threads: 8,
        acceptQueue: 20,
        rejectionMs: ms(2),
        ...(scaled && { discipline: scaled }),
        variability: { kind: 'lognormal', cv: 1 },
        failureRate: 0.02,
        handler: [
          { do: 'work', name: 'own', workMs: ms(20) },
          {
            do: 'branch',
            name: 'some',
            ways: [
              {
                probability: 0.7,
                steps: [
                  {
                    do: 'call',
                    name: 'db',
                    target: 'db',
                    policy: {
                      timeoutMs: ms(300),
                      maxConcurrent: 6,
                      retry: { attempts: 2, baseS: s(0.05), jitter: 'equal' },
                      retryBudget: { kind: 'tokens' },
                      breaker: { window: 20, minimumCalls: 10, openS: s(1), probes: 3 },
                    },
                  },
                ],
              },
            ],
          },
        ],
        endpoints: {
          fan: [
            {
              do: 'parallel',
              name: 'both',
              calls: [
                {
                  do: 'call',
                  name: 'search',
                  target: 'search',
                  policy: { timeoutMs: ms(400), throttle: { windowS: s(10) } },
                },
                { do: 'call', name: 'db2', target: 'db' },
              ],
            },
          ],
        },
      },
      db: {
        kind: 'service',
        threads: 4,
        acceptQueue: 10,
        variability: { kind: 'hyperexponential', cv: 2 },
        hangRate: 0.002,
        hangS: s(2),
        handler: [{ do: 'work', name: 'query', workMs: ms(80) }],
      },
      search: {
        kind: 'service',
        threads: 2,
        acceptQueue: null,
        threading: 'nonBlocking',
        inFlightLimit: 10,
        handler: [
          { do: 'work', name: 'parse', workMs: ms(5) },
          { do: 'call', name: 'index', target: 'index', whenFailed: 'goOn' },
          { do: 'work', name: 'rank', workMs: ms(5) },
        ],
      },
      index: {
        kind: 'service',
        threads: 5,
        acceptQueue: 5,
        variability: { kind: 'uniform', spread: 0.5 },
        handler: [{ do: 'work', name: 'read', workMs: ms(120) }],
      },
    },
    schedule: [
      { timeS: s(8), action: { do: 'outage', node: 'db', durationS: s(1), how: 'stall' } },
      { timeS: s(12), action: { do: 'outage', node: 'index', durationS: s(1), how: 'refuse' } },
      { timeS: s(15), action: { do: 'slow', node: 'db', factor: 5, durationS: s(3) } },
      { timeS: s(20), action: { do: 'flush', node: 'api' } },
      { timeS: s(22), action: { do: 'kill', node: 'api', downS: s(3) } },
    ],
  };
}

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
      const first = new Simulation(everything(discipline), { seed: 5, observe: 'live' });
      first.advance(checkpointS);
      const checkpoint = first.checkpoint();
      const expected = traceFrom(first, 30);
      const second = new Simulation(everything(discipline), { seed: 5, observe: 'live' });
      second.restore(checkpoint);
      expect(traceFrom(second, 30)).toBe(expected);
      first.restore(checkpoint);
      expect(traceFrom(first, 30)).toBe(expected);
    }
  });

  it('is the same at a quarter of all durations', () => {
    const [usual, quick] = [1, 0.25].map((scale) =>
      traceFrom(
        new Simulation(everything(discipline, scale), { seed: 6, observe: 'live' }),
        30 * scale,
        scale,
      ),
    );
    expect(quick).toBe(usual);
  });

  it('ends every request in one outcome and leaves nothing behind', () => {
    const flow = everything(discipline);
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
