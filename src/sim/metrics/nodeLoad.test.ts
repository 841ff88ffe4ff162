import { describe, expect, it } from 'vitest';
import type { Flow, NodeSpec, Step } from '../flow.ts';
import { runHeadless } from '../runHeadless.ts';
import { Dice } from '../testing/dice.ts';
import { messageFlow } from '../testing/messageRun.ts';
import { everySecond, flowOf, serviceOf } from '../testing/toyFlow.ts';

/** Ten requests, one a second, to a server with these steps and beside these nodes. */
function flowWith(handler: readonly Step[], more: Readonly<Record<string, NodeSpec>>): Flow {
  return flowOf({
    users: everySecond('api', 10),
    api: serviceOf(handler, { threads: 10 }),
    ...more,
  });
}
/** What is offered, completed, good and turned away in 20 s, of one node. */
const loadOf = (flow: Flow, id: string): readonly (number | null)[] => {
  const { nodes } = runHeadless(flow, { seed: 1, durationS: 20 }).report;
  const { offeredPerS, completedPerS, goodputPerS, shedRate } = nodes[id];
  return [offeredPerS, completedPerS, goodputPerS, shedRate];
};

describe('what is offered to a node', () => {
  const saving = flowWith(
    [
      { do: 'write', name: 'save', store: 'db' },
      { do: 'read', name: 'show', store: 'db' },
      { do: 'read', name: 'again', store: 'db' },
      { do: 'publish', name: 'tell', queue: 'news' },
      { do: 'commit', name: 'order', outbox: 'orders' },
    ],
    {
      db: { kind: 'store' },
      orders: { kind: 'outbox', queue: 'mail', rollbackRate: 1 },
      news: { kind: 'topic', subscriptions: ['mail'] },
      mail: { kind: 'queue', limit: null },
      idle: { kind: 'queue', limit: null },
    },
  );

  it.each([
    ['clients: nobody asks them', 'users', [null, null, null, null]],
    ['a service: its attempts', 'api', [0.5, 0.5, 0, 0]],
    ['a store: reads and writes', 'db', [1.5, null, null, null]],
    ['an outbox: transactions, those rolled back included', 'orders', [0.5, null, null, null]],
    ['a topic: events', 'news', [0.5, null, null, null]],
    ['a queue: messages', 'mail', [0.5, 0, 0, null]],
    ['a queue that nobody used: none', 'idle', [0, 0, 0, null]],
  ])('%s', (_name, id, expected) => {
    expect(loadOf(saving, id)).toEqual(expected);
  });

  it('a full queue that rejects: its publishes, and the share that it refused', () => {
    const full = (overflow: 'rejectPublish' | 'dropOldest') =>
      loadOf(
        flowWith([{ do: 'publish', name: 'tell', queue: 'mail' }], {
          mail: { kind: 'queue', limit: 4, overflow },
        }),
        'mail',
      );
    expect(full('rejectPublish')).toEqual([0.5, 0, 0, 0.6]);
    expect(full('dropOldest')).toEqual([0.5, 0, 0, null]);
  });

  it('a feed: polls, and nothing where it pushes', () => {
    const feed = { kind: 'feed', updatesPerS: 1, clients: 10, pollEveryS: 1 } as const;
    const nodes = { polled: { ...feed, delivery: 'poll' }, pushed: { ...feed, delivery: 'sse' } };
    const flow: Flow = flowOf(nodes as Flow['nodes']);
    expect(loadOf(flow, 'polled')[0]).toBeCloseTo(10, 0);
    expect(loadOf(flow, 'pushed')).toEqual([null, null, null, null]);
  });

  it('a queue that only drains after the warm-up is told as one', () => {
    const workers = { handler: [{ do: 'work', name: 'do', workMs: 2000 }] } as const;
    const flow = messageFlow({ users: { limit: 10 }, workers });
    const options = { seed: 1, durationS: 10, warmupS: 10.5 };
    const { q } = runHeadless(flow, options).report.nodes;
    expect([q.offeredPerS, q.completedPerS, q.goodputPerS]).toEqual([0, 0.5, 0.5]);
    expect(q.queue!.max).toBe(5);
  });

  it('a job API: every POST, whatever came of it, and not only those it turned away', () => {
    const users = { target: 'jobs', ratePerS: 10, limit: 40 };
    const jobs = (api: object): Flow =>
      messageFlow({ users, more: { jobs: { kind: 'jobApi', queue: 'q', ...api } } });
    expect(loadOf(jobs({}), 'jobs')).toEqual([2, null, null, 0]);
    expect(loadOf(jobs({ invalidRate: 1 }), 'jobs')).toEqual([2, null, null, 0]);
    expect(loadOf(jobs({ quotaPerS: 2 }), 'jobs')).toEqual([2, null, null, 32 / 40]);
  });

  it('a job API: as many POSTs as clients sent, for all that is retried, turned away or taken back', () => {
    let sent = 0;
    let withdrawn = 0;
    for (let seed = 0; seed < 200; seed++) {
      const dice = new Dice(seed);
      const some = (most: number) => (dice.chance(0.3) ? 0 : most * dice.share());
      const flow = messageFlow({
        users: {
          target: 'jobs',
          ratePerS: 5,
          limit: 20,
          patienceS: dice.chance(0.3) ? null : 0.1 + some(5),
          whenImpatient: dice.pick(['stays', 'leavesAcceptQueue']),
          policy: { timeoutMs: 100 + some(1000), retry: { attempts: 1 + dice.below(4) } },
        },
        queue: {
          limit: 1 + dice.below(5),
          overflow: dice.pick(['rejectPublish', 'blockProducer']),
        },
        workers: { handler: [{ do: 'work', name: 'do', workMs: some(500) }] },
        more: {
          jobs: {
            kind: 'jobApi',
            queue: 'q',
            acceptMs: some(800),
            invalidRate: some(0.3),
            limit: dice.chance(0.5) ? null : dice.below(5),
            quotaPerS: dice.chance(0.5) ? null : 4,
            throttlePerS: dice.chance(0.5) ? null : 4,
            idempotencyKey: dice.pick(['none', 'returnsFirst']),
          },
        },
      });
      const { lane, nodes } = runHeadless(flow, { seed, durationS: 1000 }).report;
      expect(nodes['jobs'].offeredPerS! * 1000, `seed ${seed}`).toBeCloseTo(lane.offered, 6);
      sent += lane.offered;
      withdrawn += nodes['jobs'].counts['withdrawn'] ?? 0;
    }
    expect(sent).toBeGreaterThan(5000);
    expect(withdrawn).toBeGreaterThan(100);
  });
});
