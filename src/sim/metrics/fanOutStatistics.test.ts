import { describe, expect, it } from 'vitest';
import type { Flow, NodeSpec, QueueSpec, WorkersSpec } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { runHeadless } from '../runHeadless.ts';
import { everySecond, flowOf, serviceOf } from '../testing/toyFlow.ts';

/** Posts at 10, 20, … s, with as many messages each; a worker takes a second for one. */
function posts(
  copies: number,
  queue: Partial<QueueSpec> = {},
  workers: Partial<WorkersSpec> = {},
): Flow {
  return flowOf({
    users: everySecond('api', 5, { ratePerS: 0.1 }),
    api: serviceOf([{ do: 'publish', name: 'post', queue: 'q', copies }]),
    q: { kind: 'queue', limit: null, ...queue },
    w: {
      kind: 'workers',
      consumes: 'q',
      workers: 1,
      handler: [{ do: 'work', name: 'do', workMs: 1000 }],
      ...workers,
    },
  });
}
const laneOf = (flow: Flow) => runHeadless(flow, { seed: 1, durationS: 100 }).report.lane;

it('tells when the first and when all messages of a request are done', () => {
  const { firstMessageDone: first, allMessagesDone: all, response } = laneOf(posts(4));
  expect([first!.count, all!.count, response.count]).toEqual([5, 5, 5]);
  expect([first!.meanS, all!.meanS, response.meanS]).toEqual([1, 4, 0]);
});

it('never tells that all are done if one was dropped', () => {
  const { firstMessageDone, allMessagesDone } = laneOf(posts(4, { limit: 2 }));
  expect([firstMessageDone!.count, allMessagesDone!.count]).toEqual([5, 0]);
});

it('counts what was dead-lettered as not done', () => {
  const { firstMessageDone, allMessagesDone } = laneOf(
    posts(4, { maxAttempts: 1 }, { failureRate: 0.5 }),
  );
  expect(firstMessageDone!.count).toBeGreaterThan(3);
  expect(allMessagesDone!.count).toBeLessThan(2);
});

it('says nothing where no publish makes several messages', () => {
  const { firstMessageDone, allMessagesDone } = laneOf(posts(1));
  expect([firstMessageDone, allMessagesDone]).toEqual([null, null]);
});

it('forgets what was before the end of a warm-up, and is part of a checkpoint', () => {
  const simulation = new Simulation(posts(4), { seed: 1, observe: 'metrics' });
  simulation.advance(12.5);
  simulation.clearStatistics();
  const checkpoint = simulation.checkpoint();
  simulation.advance(100);
  const { lane } = simulation.report();
  expect([lane.firstMessageDone!.count, lane.allMessagesDone!.count]).toEqual([4, 5]);
  simulation.restore(checkpoint);
  simulation.advance(100);
  expect(simulation.report().lane).toEqual(lane);
});

describe('records of a log with several consumer groups', () => {
  /** Posts at 10, 20, … s of one record a copy; the groups take 1 s and 3 s for each. */
  const read = (copies: number, slow: Partial<WorkersSpec> = {}, groups = 2): Flow => {
    const flow = posts(copies);
    const w: WorkersSpec = {
      kind: 'workers',
      consumes: 'q',
      workers: 1,
      handler: [{ do: 'work', name: 'do', workMs: 1000 }],
    };
    const v = { ...w, handler: [{ do: 'work', name: 'do', workMs: 3000 }], ...slow } as WorkersSpec;
    const q = { kind: 'log', partitions: 1, maxAttempts: 2 } as const;
    return { ...flow, nodes: { ...flow.nodes, q, w, ...(groups > 1 ? { v } : {}) } };
  };

  it('are done when each group has committed them', () => {
    const { firstMessageDone: first, allMessagesDone: all } = laneOf(read(2));
    expect([first!.count, all!.count]).toEqual([5, 5]);
    expect([first!.meanS, all!.meanS]).toEqual([1, 6]);
  });

  it('count as several messages of one publish, but not for a single group of several nodes', () => {
    const { firstMessageDone: first, allMessagesDone: all } = laneOf(read(1));
    expect([first!.meanS, all!.meanS]).toEqual([1, 3]);
    expect(laneOf(read(1, {}, 1)).allMessagesDone).toBe(null);
    const { nodes, ...flow } = read(1);
    const together = (id: string) => ({ ...(nodes[id] as WorkersSpec), group: 'both' });
    const one = { ...flow, nodes: { ...nodes, w: together('w'), v: together('v') } };
    expect(laneOf(one).allMessagesDone).toBe(null);
  });

  it('are never all done if a group skips one, or nobody reads them', () => {
    const skipping = laneOf(read(1, { failureRate: 1 }));
    expect([skipping.firstMessageDone!.count, skipping.allMessagesDone!.count]).toEqual([5, 0]);
    const flow = read(2);
    const nodes = Object.entries(flow.nodes).filter(([, { kind }]) => kind !== 'workers');
    const alone = laneOf({ ...flow, nodes: Object.fromEntries(nodes) });
    expect([alone.firstMessageDone!.count, alone.allMessagesDone!.count]).toEqual([0, 0]);
  });

  it('are each as many as there are groups, whatever gets lost and is done again', () => {
    const rough = { deliveryMs: 100, deliveryLoss: 0.2, failureRate: 0.2, crashRate: 0.05 };
    const flow = read(2, { ...rough, workers: 2, startUpS: 1, handler: [] });
    const log: NodeSpec = { kind: 'log', partitions: 3, maxAttempts: null, sessionTimeoutS: 2 };
    const nodes = { ...flow.nodes, q: log };
    for (let seed = 1; seed <= 10; seed++) {
      const { lane } = runHeadless({ ...flow, nodes }, { seed, durationS: 1000 }).report;
      expect([lane.firstMessageDone!.count, lane.allMessagesDone!.count]).toEqual([5, 5]);
    }
  });
});
