import { describe, expect, it } from 'vitest';
import type { Flow, NodeSpec } from '../flow.ts';
import { parseFlow } from '../format/parseFlow.ts';
import { messageFlow, runMessages, stateOf } from '../testing/messageRun.ts';

describe('copies of one event', () => {
  const posts = (copies: number, parts: Parameters<typeof messageFlow>[0] = {}): Flow => {
    const flow = messageFlow({ ...parts, users: { limit: 1, ...parts.users } });
    const api: NodeSpec = {
      kind: 'service',
      threads: 10,
      acceptQueue: null,
      handler: [{ do: 'publish', name: 'send', queue: 'q', copies }],
    };
    return { ...flow, nodes: { ...flow.nodes, api } };
  };

  it('are messages of their own, put on the queue in one step', () => {
    const { simulation } = runMessages(posts(1000, { queue: { publishMs: 5 } }), 1.01, []);
    expect(simulation.readouts().totals.served).toBe(1);
    expect(stateOf(simulation, 'q')).toMatchObject({ published: 1000, ready: 999, inFlight: 1 });
    simulation.advance(200);
    expect(stateOf(simulation, 'q').acknowledged).toBe(1000);
    // What is done once for each of many is no duplicate.
    expect(stateOf(simulation, 'w')).toMatchObject({ effects: 1000, duplicateEffects: 0 });
    expect([simulation.messages.live, simulation.requests.live]).toEqual([0, 1]);
  });

  it('ask for work of their own, and are spread over groups and partitions', () => {
    const handler = [
      { do: 'work', name: 'do', workMs: 100, variability: { kind: 'exponential' } },
    ] as const;
    const spread = posts(400, { queue: { groups: 50 }, workers: { handler, workers: 100 } });
    const run = runMessages(spread, 60, ['ack']);
    expect(new Set(run.log.map((line) => line.split(' ')[0])).size).toBeGreaterThan(300);
    const one = runMessages(posts(400, { workers: { workers: 100 } }), 60, ['ack']).log;
    expect(new Set(one.map((line) => line.split(' ')[0])).size).toBe(4);
    const log: NodeSpec = { kind: 'log', partitions: 10 };
    const partitioned = posts(400, { workers: { workers: 10 } });
    const { simulation } = runMessages(
      { ...partitioned, nodes: { ...partitioned.nodes, q: log } },
      60,
      [],
    );
    const { end } = stateOf(simulation, 'q') as unknown as { readonly end: Float64Array };
    expect(Math.min(...end)).toBeGreaterThan(15);
    expect(end.reduce((sum, count) => sum + count)).toBe(400);
  });

  it('count as done twice only if the same one is, and an idempotent consumer tells them apart', () => {
    const lossy = (idempotency: 'none' | 'atomicClaim', keyTtlS: number | null) =>
      runMessages(
        posts(300, {
          queue: { kind: 'leaseQueue', visibilityS: 2 },
          workers: {
            ...{ workers: 10, deliveryMs: 10, deliveryLoss: 0.2, idempotency, keyTtlS },
            handler: [{ do: 'work', name: 'do', workMs: 10 }],
          },
        }),
        900,
        [],
      ).simulation;
    const twice = stateOf(lossy('none', null), 'w');
    expect(twice.duplicateEffects).toBeGreaterThan(20);
    expect(twice.effects - twice.duplicateEffects).toBe(300);
    for (const keyTtlS of [null, 1000]) {
      expect(stateOf(lossy('atomicClaim', keyTtlS), 'w')).toMatchObject({
        ...{ effects: 300, duplicateEffects: 0 },
      });
    }
  });

  it('wait one by one for a full queue that blocks its producers, who take turns', () => {
    const flow = posts(3, {
      users: { limit: 2, ratePerS: 100 },
      queue: { limit: 1, overflow: 'blockProducer' },
      workers: { handler: [{ do: 'work', name: 'do', workMs: 1000 }] },
    });
    // One is in work and one is ready when the producer has to wait for the third; then the second comes.
    expect(runMessages(flow, 60, ['enqueue', 'answer']).log).toEqual([
      ...['0.01 enqueue 0', '0.01 enqueue 0', '1.01 enqueue 0', '1.01 answer 0'],
      ...['2.01 enqueue 1', '3.01 enqueue 1', '4.01 enqueue 1', '4.01 answer 1'],
    ]);
    const { simulation } = runMessages(flow, 60, []);
    expect(stateOf(simulation, 'q')).toMatchObject({ acknowledged: 6, refused: 0, dropped: 0 });
  });

  it('are at most 20,000 in one step, and a bad file is told so', () => {
    const { faults } = parseFlow(posts(1_000_000));
    expect(faults).toHaveLength(1);
    expect(faults![0].path).toBe('nodes.api.handler[0].copies');
    expect(`${faults![0].message} ${faults![0].right}`).toMatch(/20.?000/);
    const { simulation } = runMessages(posts(20_000, { workers: { workers: 1000 } }), 30, []);
    expect(stateOf(simulation, 'q').acknowledged).toBe(20_000);
  });
});
