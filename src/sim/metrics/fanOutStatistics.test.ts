import { expect, it } from 'vitest';
import type { Flow, QueueSpec, WorkersSpec } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { runHeadless } from '../runHeadless.ts';

/** Posts at 10, 20, … s, with as many messages each; a worker takes a second for one. */
function posts(
  copies: number,
  queue: Partial<QueueSpec> = {},
  workers: Partial<WorkersSpec> = {},
): Flow {
  return {
    version: 1,
    nodes: {
      users: {
        kind: 'clients',
        target: 'api',
        arrivals: 'constant',
        ratePerS: 0.1,
        limit: 5,
        patienceS: null,
      },
      api: {
        kind: 'service',
        threads: 1,
        acceptQueue: null,
        handler: [{ do: 'publish', name: 'post', queue: 'q', copies }],
      },
      q: { kind: 'queue', limit: null, ...queue },
      w: {
        kind: 'workers',
        consumes: 'q',
        workers: 1,
        handler: [{ do: 'work', name: 'do', workMs: 1000 }],
        ...workers,
      },
    },
  };
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
