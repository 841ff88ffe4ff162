/** What share of publishes is lost, made twice, or never confirmed: against the exact values. */
import { expect, it } from 'vitest';
import type { Flow, NodeSpec, OutboxSpec, Step } from '../flow.ts';
import '../nodes/allKinds.ts';
import { runHeadless } from '../runHeadless.ts';
import { messageFlow } from '../testing/messageRun.ts';

const PUBLISHES = 20_000;

/** Counts within 4 standard errors of their mean, which are at most a fifth of `effect`. */
function expectCount(count: number, mean: number, variance: number, effect: number): void {
  const standardError = Math.sqrt(variance);
  expect(standardError).toBeLessThan(effect / 5);
  expect(Math.abs(count - mean), `${count} for ${mean} ± ${standardError}`).toBeLessThan(
    4 * standardError,
  );
}

const publishes = (queue: Extract<NodeSpec, { readonly kind: 'queue' }>): Flow => {
  const users = { ratePerS: 100, limit: PUBLISHES } as const;
  const flow = messageFlow({
    users,
    workers: { handler: [{ do: 'work', name: 'do', workMs: 1 }] },
  });
  return { ...flow, nodes: { ...flow.nodes, q: queue } };
};

it('of publishes that are tried three times', () => {
  const loss = 0.2;
  const attempts = 3;
  const flow = publishes({
    ...{ kind: 'queue', limit: null, publishMs: 1 },
    ...{ publishLoss: loss, confirmTimeoutMs: 5, publishAttempts: attempts },
  });
  const { lane, nodes } = runHeadless(flow, { seed: 3, durationS: 250 }).report;
  // An attempt is confirmed, has reached the broker and is not confirmed, or got lost on its way there.
  const confirmed = (1 - loss) * (1 - loss);
  const unheard = (1 - loss) * loss;
  // By how many messages the broker has of a publish: the probability that it is still being tried.
  let tried = [1];
  const ended: number[] = [];
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const next: number[] = [];
    tried.forEach((share, taken) => {
      ended[taken + 1] = (ended[taken + 1] ?? 0) + share * confirmed;
      next[taken] = (next[taken] ?? 0) + share * loss;
      next[taken + 1] = (next[taken + 1] ?? 0) + share * unheard;
    });
    tried = next;
  }
  const never = tried.reduce((sum, share) => sum + share, 0);
  expect(never).toBeCloseTo((1 - confirmed) ** attempts, 12);
  tried.forEach((share, taken) => (ended[taken] = (ended[taken] ?? 0) + share));
  const again = (share: number, taken: number) => share * Math.max(0, taken - 1);
  const mean = ended.map(again).reduce((sum, part) => sum + part, 0);
  const square = ended
    .map((share, taken) => share * Math.max(0, taken - 1) ** 2)
    .reduce((sum, part) => sum + part, 0);
  const { publishedAgain, published, lost, unconfirmed } = nodes['q'].counts;
  // Wrong by the loss of one direction, as if either were not drawn, would be further off than that.
  const n = PUBLISHES;
  expectCount(publishedAgain, n * mean, n * (square - mean * mean), n * mean * loss);
  expectCount(lane.failed, n * never, n * never * (1 - never), n * never * loss);
  expectCount(
    ...([published - publishedAgain, n * (1 - loss ** attempts)] as const),
    ...([n * loss ** attempts * (1 - loss ** attempts), n * loss ** attempts] as const),
  );
  expect(unconfirmed).toBe(lost);
  expect(lane.served + lane.failed).toBe(n);
  expect(nodes['w'].counts['duplicateEffects']).toBe(publishedAgain);
});

it('of two attempts: loss · (1 − loss)² are there twice', () => {
  for (const loss of [0.1, 0.5]) {
    const flow = publishes({
      ...{ kind: 'queue', limit: null, publishMs: 1 },
      ...{ publishLoss: loss, confirmTimeoutMs: 5, publishAttempts: 2 },
    });
    const { nodes } = runHeadless(flow, { seed: 4, durationS: 250 }).report;
    const share = loss * (1 - loss) * (1 - loss);
    const n = PUBLISHES;
    expectCount(
      ...([nodes['q'].counts['publishedAgain'], n * share] as const),
      ...([n * share * (1 - share), n * share * Math.max(loss, 0.2)] as const),
    );
  }
});

it('of two producers of one request: each for itself', () => {
  const send: Step = { do: 'publish', name: 'send', queue: 'q' };
  const base = publishes({
    ...{ kind: 'queue', limit: null, publishMs: 1 },
    ...{ publishLoss: 0.5, confirmTimeoutMs: 5 },
  });
  const service = (handler: Step[]): NodeSpec => ({
    ...{ kind: 'service', threads: 100, acceptQueue: null, handler },
  });
  const calls = (target: string): Step => ({
    ...{ do: 'call', name: target, target, policy: {}, whenFailed: 'goOn' },
  });
  const flow: Flow = {
    ...base,
    nodes: {
      ...base.nodes,
      api: service([calls('one'), calls('other')]),
      one: service([send]),
      other: service([send]),
    },
  };
  const { nodes, calls: rows } = runHeadless(flow, { seed: 5, durationS: 250 }).report;
  const n = PUBLISHES;
  for (const row of Object.values(rows)) {
    expectCount(row.failed, 0.75 * n, (3 / 16) * n, 0.1 * n);
  }
  // Of two that are lost or not together the variance would be twice as large, and both would be equal.
  const counts = Object.values(rows).map(({ failed }) => failed);
  expect(counts[0]).not.toBe(counts[1]);
  expectCount(nodes['q'].counts['published'], n, n / 2, 0.1 * n);
});

it('of an outbox: what a process sends by itself is lost, what a relay sends comes, more than once', () => {
  const loss = 0.3;
  const n = PUBLISHES;
  const run = (outbox: Partial<OutboxSpec>) => {
    const base = publishes({ kind: 'queue', limit: null, publishLoss: loss });
    const nodes: Record<string, NodeSpec> = {
      ...base.nodes,
      api: {
        ...{ kind: 'service', threads: 100, acceptQueue: null },
        handler: [{ do: 'commit', name: 'order', outbox: 'orders' }],
      },
      orders: { kind: 'outbox', queue: 'q', relayEveryMs: 1, relayBatch: 1000, ...outbox },
    };
    return runHeadless({ ...base, nodes }, { seed: 6, durationS: 250 }).report;
  };
  for (const mode of ['publishAfterCommit', 'publishBeforeCommit'] as const) {
    const { lane, nodes } = run({ mode });
    const { eventsLost, committed } = nodes['orders'].counts;
    expect([lane.served, committed, eventsLost + nodes['q'].counts['published']]).toEqual([
      n,
      n,
      n,
    ]);
    expectCount(eventsLost, n * loss, n * loss * (1 - loss), n * loss * 0.1);
    expect(nodes['q'].counts['lost']).toBe(eventsLost);
  }
  const { lane, nodes } = run({});
  const { eventsRepeated, committed } = nodes['orders'].counts;
  expect([lane.served, committed]).toEqual([n, n]);
  expect(nodes['q'].counts['published']).toBe(n + eventsRepeated);
  // Messages per event until one is confirmed are geometric.
  const repeats = loss / (1 - loss);
  expectCount(eventsRepeated, n * repeats, (n * loss) / (1 - loss) ** 2, n * repeats * 0.1);
  expect(nodes['w'].counts).toMatchObject({ effects: n, duplicateEffects: eventsRepeated });
});
