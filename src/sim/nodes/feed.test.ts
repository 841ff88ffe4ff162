import { describe, expect, it } from 'vitest';
import type { FeedSpec } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { runHeadless } from '../runHeadless.ts';
import type { Feed } from './feed.ts';

/** Prices: 10,000 clients, 10 updates a second, 50 ms one way. */
function run(spec: Partial<FeedSpec>, untilS = 20) {
  const prices: FeedSpec = {
    kind: 'feed',
    updatesPerS: 10,
    clients: 10_000,
    delivery: 'webSocket',
    delayMs: 50,
    ...spec,
  };
  const simulation = new Simulation(
    { version: 1, nodes: { prices } },
    { seed: 1, observe: 'none' },
  );
  simulation.advance(untilS);
  const feed = simulation.nodes[0] as Feed;
  return { ...feed.state, ...feed.staleness(untilS), simulation, feed };
}

describe('a feed', () => {
  it('polled every second: 10,000 requests a second, 0.55 s stale and 1.05 s at most, 1 in 10 updates seen', () => {
    const from = run({ delivery: 'poll' }, 5);
    const { simulation, feed } = from;
    simulation.advance(25);
    const { polls, staleS2, seen, updates } = feed.state;
    expect((polls - from.polls) / 20).toBeCloseTo(10_000, -1);
    expect((staleS2 - from.staleS2) / 20 / 10_000).toBeCloseTo(0.55, 3);
    expect(feed.state.mostStaleS).toBeCloseTo(1.05, 3);
    const share = (seen - from.seen) / (updates - from.updates) / 10_000;
    expect(Math.abs(share / 0.1 - 1)).toBeLessThan(0.01);
  });

  it('pushed: 0.05 s stale for 100,000 messages a second', () => {
    const { meanS, maxS, messages, seen, updates } = run({});
    expect(meanS).toBeCloseTo(0.05, 9);
    expect(maxS).toBeCloseTo(0.05, 9);
    expect(Math.abs(messages / 20 / 100_000 - 1)).toBeLessThan(0.01);
    expect(seen).toBe(updates * 10_000);
  });

  it('pushed and conflated to 4 a second: 0.175 s stale for 40,000 messages a second', () => {
    const { meanS, maxS, messages } = run({ conflatePerS: 4 }, 200);
    expect(Math.abs(meanS - 0.175)).toBeLessThan(0.002);
    expect(maxS).toBeCloseTo(0.3, 9);
    expect(Math.abs(messages / 200 / 40_000 - 1)).toBeLessThan(0.01);
  });

  it('falls further and further behind in a client that is too slow, unless it is conflated', () => {
    const slow = { slowShare: 0.01, slowMs: 200 };
    // 5 a second are worked off of 10: after 60 s it shows what was right 30 s ago.
    const behind = run(slow, 60);
    expect(Math.abs(behind.mostSlowStaleS - 30)).toBeLessThan(1);
    expect(Math.abs(run(slow, 120).mostSlowStaleS - 60)).toBeLessThan(1);
    expect(run({ ...slow, conflatePerS: 10 }, 120).mostSlowStaleS).toBeLessThan(0.7);
  });

  it('after a broken connection replays what was missed over SSE, and not over WebSocket', () => {
    const cut = { connectionS: 100, reconnectS: 2 };
    const sse = run({ ...cut, delivery: 'sse' }, 50);
    // 100 of 10,000 connections break every second, and each misses 20 updates.
    expect(Math.abs(sse.drops / 50 - 100)).toBeLessThan(5);
    expect(Math.abs(sse.replayed / (sse.drops * 20) - 1)).toBeLessThan(0.06);
    expect(sse.missed).toBe(0);
    const socket = run(cut, 50);
    expect(socket.replayed).toBe(0);
    expect(Math.abs(socket.missed / (socket.drops * 19) - 1)).toBeLessThan(0.06);
    // Away 2 s in 100: 2 s² for every break, shared by all.
    expect(Math.abs(socket.meanS - (0.05 + 0.02))).toBeLessThan(0.003);
  });

  it('sends nothing to a client that is away', () => {
    const sent = (spec: Partial<FeedSpec>) => {
      const { updates, drops, messages } = run({ connectionS: 100, reconnectS: 2, ...spec }, 50);
      return { share: messages / (updates * 10_000), drops, updates };
    };
    // What came while it was away comes late over SSE; of a WebSocket's 20 only the latest.
    expect(sent({ delivery: 'sse' }).share).toBe(1);
    const { share, drops, updates } = sent({});
    expect(Math.abs((1 - share) / ((19 * drops) / (updates * 10_000)) - 1)).toBeLessThan(0.06);
  });

  it('reports how stale what is shown is at all times: from d to d + P by polling, to d + C conflated', () => {
    const prices = { kind: 'feed', updatesPerS: 10, clients: 100, delayMs: 50 } as const;
    const staleness = (spec: Pick<FeedSpec, 'delivery'> & Partial<FeedSpec>) =>
      runHeadless(
        { version: 1, nodes: { prices: { ...prices, ...spec } } },
        { seed: 1, durationS: 1000, warmupS: 10 },
      ).report.nodes['prices'].staleness!;
    const evenly = (spec: Parameters<typeof staleness>[0], spanS: number): void => {
      const { meanS, sdS, p50S, p90S, p99S, maxS } = staleness(spec);
      expect(maxS).toBeCloseTo(0.05 + spanS, 9);
      expect(Math.abs(meanS! - (0.05 + spanS / 2))).toBeLessThan(0.001 * spanS);
      expect(Math.abs(sdS! - spanS / Math.sqrt(12))).toBeLessThan(0.005 * spanS);
      for (const [share, found] of [
        [0.5, p50S],
        [0.9, p90S],
        [0.99, p99S],
      ] as const) {
        expect(Math.abs(found! / (0.05 + share * spanS) - 1)).toBeLessThan(0.01);
      }
    };
    evenly({ delivery: 'poll', pollEveryS: 1 }, 1);
    evenly({ delivery: 'sse', conflatePerS: 4 }, 0.25);
  });

  it('reports messages, what was seen and missed, and slow clients apart', () => {
    const prices = { kind: 'feed', updatesPerS: 10, clients: 1000, delayMs: 50 } as const;
    const report = (spec: Partial<FeedSpec>) =>
      runHeadless(
        { version: 1, nodes: { prices: { ...prices, delivery: 'webSocket', ...spec } } },
        { seed: 1, durationS: 60, warmupS: 10.05 },
      ).report.nodes['prices'];
    const { counts, staleness, slowStaleness } = report({ slowShare: 0.1, slowMs: 200 });
    // 900 are shown all, 100 half of it, and show at 70 s what was right at 35 s.
    expect(counts).toMatchObject({ updates: 600, messages: 600_000 });
    expect(counts['updatesSeen'] / 600).toBeCloseTo(950, -1);
    expect(staleness?.maxS).toBeCloseTo(0.05, 9);
    expect(slowStaleness?.meanS).toBeGreaterThan(15);
    expect(slowStaleness?.maxS).toBeCloseTo(35, -1);
    expect(report({}).slowStaleness).toBe(null);
    const cut = report({ connectionS: 50, reconnectS: 2 });
    expect(cut.counts['connectionsLost']).toBeGreaterThan(1000);
    expect(cut.counts['updatesMissed']).toBeGreaterThan(18 * cut.counts['connectionsLost']);
  });
});
