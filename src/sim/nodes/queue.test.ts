import { describe, expect, it } from 'vitest';
import type { ServiceSpec } from '../flow.ts';
import { runHeadless } from '../runHeadless.ts';
import { act, messageFlow, runMessages, set, stateOf } from '../testing/messageRun.ts';

describe('an acknowledging queue', () => {
  it('delivers in order, and to a prefetch of 2 also while the worker is busy', () => {
    const flow = messageFlow({
      users: { limit: 3 },
      workers: { prefetch: 2, handler: [{ do: 'work', name: 'do', workMs: 2500 }] },
    });
    expect(runMessages(flow, 20).log).toEqual([
      '1 deliver 0',
      '2 deliver 1',
      '3.5 ack 0',
      '3.5 deliver 2',
      '6 ack 1',
      '8.5 ack 2',
    ]);
  });

  it('gives the buffer of a dead consumer to the others at once, in its old order', () => {
    const flow = messageFlow({
      users: { ratePerS: 10, limit: 4 },
      workers: { prefetch: 3, handler: [{ do: 'work', name: 'do', workMs: 1000 }] },
      schedule: [act(0.5, { do: 'kill', node: 'w', downS: 1 })],
    });
    const { log } = runMessages(flow, 20, ['deliver', 'requeue', 'crash']);
    expect(log).toEqual([
      '0.1 deliver 0',
      '0.2 deliver 1',
      '0.3 deliver 2',
      '0.5 crash 0',
      '0.5 requeue 0',
      '0.5 requeue 1',
      '0.5 requeue 2',
      '1.5 deliver 0',
      '1.5 deliver 1',
      '1.5 deliver 2',
      '2.5 deliver 3',
    ]);
  });

  it('dead-letters a message that comes back from dead consumers beyond its delivery limit', () => {
    const flow = messageFlow({
      users: { limit: 1 },
      queue: { deliveryLimit: 2 },
      workers: { crashRate: 1, startUpS: 1 },
    });
    const { log } = runMessages(flow, 20, ['deliver', 'dead-letter']);
    expect(log.map((line) => line.split(' ')[1])).toEqual([
      'deliver',
      'deliver',
      'deliver',
      'dead-letter',
    ]);
  });

  it('does not count failures against that limit', () => {
    const flow = messageFlow({
      users: { limit: 1 },
      queue: { deliveryLimit: 1, maxAttempts: 10, backoffBaseS: 1, backoffCapS: 1, jitter: 'none' },
      schedule: [
        set(0, 'w.failureRate', 1),
        // Three attempts fail; the worker dies in the fourth; the fifth goes well.
        set(4, 'w.failureRate', 0),
        act(4, { do: 'kill', node: 'w', downS: 1 }),
      ],
    });
    const { log } = runMessages(flow, 30, ['back off', 'crash', 'dead-letter', 'ack']);
    expect(log.map((line) => line.slice(line.indexOf(' ') + 1))).toEqual([
      ...['back off 0', 'back off 0', 'back off 0', 'crash 0', 'ack 0'],
    ]);
  });

  it('can be told to wait for ever for an acknowledgement, or for a consumer that lives', () => {
    const flow = messageFlow({
      users: { limit: 1 },
      queue: { ackTimeoutS: 3, deliveryLimit: 0 },
      workers: { handler: [{ do: 'work', name: 'do', workMs: 5000 }] },
      schedule: [
        set(0, 'q.ackTimeoutS', null),
        set(0, 'q.deliveryLimit', null),
        act(2, { do: 'kill', node: 'w', downS: 1 }),
      ],
    });
    expect(runMessages(flow, 30, ['dead-letter', 'ack']).log).toEqual(['8 ack 0']);
  });

  it('closes the channel of a consumer that holds a delivery too long', () => {
    const flow = messageFlow({
      users: { limit: 2 },
      queue: { ackTimeoutS: 3, deliveryLimit: 1 },
      workers: { prefetch: 2, handler: [{ do: 'work', name: 'do', workMs: 5000 }] },
    });
    const { log, simulation } = runMessages(flow, 40, ['deliver', 'requeue', 'ack', 'dead-letter']);
    expect(log.slice(0, 4)).toEqual(['1 deliver 0', '2 deliver 1', '4 requeue 0', '4 requeue 1']);
    // The first run went on to 6 s; its acknowledgement came on a closed channel.
    expect(log).not.toContain('6 ack 0');
    expect(stateOf(simulation, 'q').staleReceipts).toBeGreaterThan(0);
    expect(simulation.messages.live).toBe(2);
  });

  it('drops the oldest, refuses, or blocks the producer when it is full', () => {
    const run = (overflow: 'dropOldest' | 'rejectPublish' | 'blockProducer') =>
      runMessages(
        messageFlow({
          users: { limit: 4 },
          queue: { limit: 1, overflow },
          workers: { handler: [{ do: 'work', name: 'do', workMs: 10_000 }] },
        }),
        60,
        ['enqueue', 'drop', 'refuse', 'answer'],
      ).log;
    expect(run('dropOldest').filter((line) => !line.includes('answer'))).toEqual([
      '1 enqueue 0',
      '2 enqueue 1',
      '3 enqueue 2',
      '3 drop 1',
      '4 enqueue 3',
      '4 drop 2',
    ]);
    expect(run('rejectPublish').filter((line) => line.includes('refuse'))).toEqual([
      '3 refuse 2',
      '4 refuse 3',
    ]);
    expect(run('blockProducer')).toEqual([
      '1 enqueue 0',
      '1 answer 0',
      '2 enqueue 1',
      '2 answer 1',
      '11 enqueue 2',
      '11 answer 2',
      '21 enqueue 3',
      '21 answer 3',
    ]);
  });

  it('is never fuller than its limit, whoever fills it', () => {
    for (const overflow of ['dropOldest', 'rejectPublish', 'blockProducer'] as const) {
      const full = { limit: 5, overflow, maxAttempts: 1 } as const;
      const topic = { kind: 'topic', subscriptions: ['q'] } as const;
      const flow = messageFlow({
        users: { ratePerS: 20, limit: 20 },
        queue: full,
        more: { topic },
      });
      const api = {
        ...(flow.nodes['api'] as ServiceSpec),
        handler: [{ do: 'publish', name: 'send', queue: 'topic' }],
      } as const;
      const failing = [
        set(0, 'w.failureRate', 1),
        act(10, { do: 'outage', node: 'w', how: 'stall', durationS: 10 }),
        act(11, { do: 'redrive', node: 'q' }),
      ];
      for (const nodes of [flow.nodes, { ...flow.nodes, api }]) {
        const { report } = runHeadless(
          { ...flow, nodes, schedule: failing },
          { seed: 1, durationS: 15 },
        );
        const { counts, queue } = report.nodes['q'];
        expect(counts['deadLettered']).toBeGreaterThan(5);
        expect(queue).toMatchObject({ max: 5, now: 5 });
      }
    }
  });

  it('expires what was not delivered within the retention', () => {
    const flow = messageFlow({
      users: { limit: 3 },
      queue: { retentionS: 4 },
      workers: { handler: [{ do: 'work', name: 'do', workMs: 5000 }] },
    });
    expect(runMessages(flow, 30, ['deliver', 'drop']).log).toEqual([
      '1 deliver 0',
      '6 deliver 1',
      '7 drop 2',
    ]);
  });

  it('delivers only after the delay', () => {
    const flow = messageFlow({ users: { limit: 2 }, queue: { delayS: 5 } });
    expect(runMessages(flow, 20, ['enqueue', 'deliver']).log).toEqual([
      '1 enqueue 0',
      '2 enqueue 1',
      '6 deliver 0',
      '7 deliver 1',
    ]);
  });

  it('has one message of a FIFO group in flight, and a failing one blocks its group only', () => {
    const flow = (groups: number | null) =>
      messageFlow({
        users: { ratePerS: 10, limit: 6 },
        queue: { groups, backoffBaseS: 5, jitter: 'none', maxAttempts: 2 },
        workers: { workers: 4 },
        schedule: [act(0, { do: 'poison', node: 'w' })],
      });
    const one = runMessages(flow(1), 30, ['deliver', 'ack', 'dead-letter']).log;
    expect(one.slice(0, 4)).toEqual([
      '0.1 deliver 0',
      '5.2 deliver 0',
      '5.3 dead-letter 0',
      '5.3 deliver 1',
    ]);
    expect(one.at(-1)).toBe('5.8 ack 5');
    const many = runMessages(flow(3), 30, ['ack']).log;
    const early = many.filter((line) => Number(line.split(' ')[0]) < 1);
    expect(early.length).toBeGreaterThan(0);
    expect(early.length).toBeLessThan(5);
  });

  it('keeps within its limit where all it holds wait behind a blocked group', () => {
    const flow = messageFlow({
      users: { ratePerS: 10, limit: 40 },
      queue: { groups: 2, limit: 5, backoffBaseS: 60, backoffCapS: 60, jitter: 'none' },
      workers: { workers: 4, failureRate: 1 },
    });
    const { simulation } = runMessages(flow, 30);
    const { ready, backingOff, dropped, published } = stateOf(simulation, 'q');
    // The two in front are on the shelf; the oldest behind them made room.
    expect([ready, backingOff, dropped, published]).toEqual([5, 2, 33, 40]);
    simulation.advance(1e6);
    const end = stateOf(simulation, 'q');
    expect([end.ready, end.backingOff, end.inFlight, end.dead + end.dropped]).toEqual([
      0, 0, 0, 40,
    ]);
  });

  it('lets the front of a group come back to a queue that is full of those behind it', () => {
    for (const overflow of ['rejectPublish', 'blockProducer'] as const) {
      for (const groups of [1, 2]) {
        const flow = messageFlow({
          users: { ratePerS: 10, limit: 60 },
          queue: { groups, limit: 5, overflow, backoffBaseS: 2, backoffCapS: 2, jitter: 'none' },
          workers: { workers: 3 },
          schedule: [set(0, 'w.failureRate', 0.7), set(30, 'w.failureRate', 0)],
        });
        const { simulation } = runMessages(flow, 300);
        const { published, acknowledged, dead, refused } = stateOf(simulation, 'q');
        expect(acknowledged + dead).toBe(published);
        expect(published + refused).toBe(60);
        expect(stateOf(simulation, 'q')).toMatchObject({ ready: 0, backingOff: 0, inFlight: 0 });
        expect(stateOf(simulation, 'q').waitingForPlace).toBe(0);
      }
    }
  });

  it('expires messages behind a blocked FIFO group like all others', () => {
    // The first, at 0.1, fails and blocks its group until 60.2; the others wait behind it.
    const flow = (deadLetters: 'failed' | 'all') =>
      messageFlow({
        users: { ratePerS: 10, limit: 4 },
        queue: {
          ...{ groups: 1, retentionS: 4, deadLetters },
          ...{ backoffBaseS: 60, backoffCapS: 60, jitter: 'none' },
        },
        schedule: [act(0, { do: 'poison', node: 'w' })],
      });
    const { log, simulation } = runMessages(flow('failed'), 30, ['deliver', 'drop']);
    expect(log).toEqual(['0.1 deliver 0', '4.2 drop 1', '4.3 drop 2', '4.4 drop 3']);
    expect(stateOf(simulation, 'q')).toMatchObject({ ready: 0, backingOff: 1, expired: 3 });
    expect(runMessages(flow('all'), 30, ['dead-letter']).log).toHaveLength(3);
  });

  it('expires what waits behind a message in work, and tells its age until then', () => {
    const flow = messageFlow({
      users: { limit: 2 },
      queue: { groups: 1, retentionS: 100 },
      workers: { handler: [{ do: 'work', name: 'do', workMs: 20_000 }] },
      schedule: [set(10, 'q.retentionS', 9)],
    });
    const { log, simulation } = runMessages(flow, 9, ['deliver', 'drop']);
    const view = simulation.createView();
    simulation.readView(view);
    expect(view.nodes[2]).toMatchObject({ ready: 1, oldestAgeS: 7 });
    expect(log).toEqual(['1 deliver 0']);
    expect(runMessages(flow, 60, ['deliver', 'drop']).log).toEqual(['1 deliver 0', '11 drop 1']);
  });

  it('expires and delivers by age whoever had to wait for their turn in a group', () => {
    for (const queue of [{ groups: 3 }, { groups: 3, kind: 'leaseQueue' as const }]) {
      const busy = messageFlow({
        users: { ratePerS: 2 },
        queue: { ...queue, retentionS: 5 },
        workers: { handler: [{ do: 'work', name: 'do', workMs: 1000 }] },
      });
      const { report } = runHeadless(busy, { seed: 1, durationS: 500 });
      const { counts, queue: ready } = report.nodes['q'];
      expect(counts['expired']).toBeGreaterThan(400);
      expect(ready?.oldestMaxS).toBeLessThanOrEqual(5);
      // The worker is as busy as without groups, and the oldest come first.
      const { log } = runMessages(busy, 30, ['deliver']);
      expect(log.length).toBeGreaterThan(25);
      const numbers = log.map((line) => Number(line.split(' ')[2]));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
  });

  it('delivers urgent messages first', () => {
    const flow = messageFlow({
      users: { ratePerS: 100, limit: 400 },
      queue: { priorityShares: [0.25, 0.75] },
      workers: { handler: [{ do: 'work', name: 'do', workMs: 100 }] },
    });
    // 140 have been run by then, all of the about 100 urgent ones among them.
    const late = runMessages(flow, 14).simulation;
    let stillUrgent = 0;
    for (let row = 0; row < late.messages.used; row++) {
      if (late.messages.phase[row] === 0 && late.messages.priority[row] === 0) stillUrgent++;
    }
    expect(stillUrgent).toBe(0);
    expect(stateOf(late, 'q').ready).toBeGreaterThan(200);
  });

  it('keeps the original time and the reason of a dead letter, and redrives it', () => {
    const flow = messageFlow({
      users: { limit: 2 },
      queue: { maxAttempts: 1, retentionS: 100 },
      workers: { failureRate: 1 },
      schedule: [set(10, 'w.failureRate', 0), act(10, { do: 'redrive', node: 'q' })],
    });
    const dead = runMessages(flow, 9).simulation;
    const { heads } = (dead.nodes[2].state as { deadList: { heads: Int32Array } }).deadList;
    expect(dead.messages.originalS[heads[0]]).toBe(1);
    expect(dead.messages.sinceS[heads[0]]).toBeCloseTo(1.1, 9);
    expect(dead.messages.reason[heads[0]]).toBe(0);
    const { log, simulation } = runMessages(flow, 20, ['dead-letter', 'requeue', 'ack']);
    expect(log).toEqual([
      '1.1 dead-letter 0',
      '2.1 dead-letter 1',
      '10 requeue 0',
      '10 requeue 1',
      '10.1 ack 0',
      '10.2 ack 1',
    ]);
    expect(simulation.messages.live).toBe(0);
  });

  it('runs the same from a checkpoint', () => {
    const flow = messageFlow({
      users: { arrivals: 'poisson', ratePerS: 20 },
      queue: { groups: 5, retentionS: 3, priorityShares: [0.5, 0.5], delayS: 0.5, ackTimeoutS: 1 },
      workers: { workers: 2, prefetch: 3, failureRate: 0.2, crashRate: 0.1, startUpS: 0.3 },
    });
    const { simulation } = runMessages(flow, 10);
    const checkpoint = simulation.checkpoint();
    simulation.advance(30);
    const once = JSON.stringify(stateOf(simulation, 'q'));
    const events = simulation.eventCount;
    simulation.restore(checkpoint);
    simulation.advance(30);
    expect(JSON.stringify(stateOf(simulation, 'q'))).toBe(once);
    expect(simulation.eventCount).toBe(events);
  });
});
