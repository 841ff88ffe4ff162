/** The numbers that the stories about one event for many must reproduce. */
import { describe, expect, it } from 'vitest';
import type { FeedSpec } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import type { RunReport } from '../metrics/runReport.ts';
import type { Feed } from '../nodes/feed.ts';
import { expectMean } from '../testing/expectMean.ts';
import { meanOf, stateOf } from '../testing/messageRun.ts';
import { CELEBRITY_POSTS_AT_S, celebrityFlow } from './celebrity.ts';
import { RENDITIONS_S, videoFlow } from './video.ts';

const seeds = Array.from({ length: 20 }, (_, k) => k + 1);

describe('a celebrity with a million followers', () => {
  it('delays everybody in one queue by up to 200 s, which clears in 800 s', () => {
    const longestS: number[] = [];
    const clearedS: number[] = [];
    for (const seed of seeds) {
      const simulation = new Simulation(celebrityFlow(0), { seed, observe: 'metrics' });
      simulation.advance(CELEBRITY_POSTS_AT_S + 1);
      let timeS = CELEBRITY_POSTS_AT_S + 1;
      while (stateOf(simulation, 'deliveries').ready > 5) simulation.advance(++timeS);
      clearedS.push(timeS - CELEBRITY_POSTS_AT_S);
      longestS.push(simulation.report().nodes['deliveries'].timeInQueue!.maxS!);
    }
    expectMean(meanOf(longestS), 200);
    expectMean(meanOf(clearedS), 800);
  }, 120_000);

  it('in a lane of its own delays nobody else', () => {
    for (const seed of seeds.slice(0, 5)) {
      const simulation = new Simulation(celebrityFlow(1), { seed, observe: 'metrics' });
      simulation.advance(300);
      const { nodes } = simulation.report();
      expect(nodes['deliveries'].timeInQueue!.maxS).toBeLessThan(3);
      // One worker of ten: 500 deliveries a second.
      expect(
        Math.abs(nodes['celebrityDeliveries'].counts['acknowledged'] / (280 / 0.15) - 1),
      ).toBeLessThan(0.02);
    }
  });
});

describe('a video', () => {
  const run = (...parts: Parameters<typeof videoFlow>): RunReport => {
    const simulation = new Simulation(videoFlow(...parts), { seed: 1, observe: 'metrics' });
    simulation.advance(6000);
    return simulation.report();
  };

  it('of 100 MB is 40 s on its way, in which its user waits', () => {
    const { response } = run('parallel', { visibilityS: 130 }, {}, 10).lane;
    expect([response.p50S, response.maxS]).toEqual([40, 40]);
  });

  it('is there after 240 s one rendition after the other; after 120 s side by side, playable after 10', () => {
    const { nodes: serial } = run('serial', { visibilityS: 250 }, {}, 10);
    expect(serial['all'].response!.maxS).toBeCloseTo(40 + 240, 6);
    const { nodes, lane } = run('parallel', { visibilityS: 130 }, {}, 10);
    const { firstMessageDone: playable, allMessagesDone: complete } = lane;
    expect([playable!.count, complete!.count]).toEqual([10, 10]);
    expect(playable!.maxS).toBeCloseTo(40 + 10, 6);
    expect(complete!.meanS).toBeCloseTo(40 + 120, 6);
    for (const s of RENDITIONS_S) {
      const { response, counts } = nodes[`rendition${s}`];
      expect(response!.maxS).toBeCloseTo(40 + s, 6);
      expect(counts['acknowledged']).toBe(10);
    }
  });

  it('needs a lease of more than 120 s, or a heartbeat', () => {
    const effects = (visibilityS: number, heartbeatS: number | null) => {
      const { nodes } = run('parallel', { visibilityS }, { heartbeatS }, 10);
      return RENDITIONS_S.map(
        (s) =>
          nodes[`rendition${s}Worker`].counts['effects'] +
          (nodes[`rendition${s}Worker`].counts['duplicateEffects'] ?? 0),
      );
    };
    expect(effects(121, null)).toEqual([10, 10, 10, 10, 10]);
    // The two longest are done five times each, and dead-lettered although all five succeeded.
    expect(effects(50, null)).toEqual([10, 10, 10, 50, 50]);
    expect(effects(50, 20)).toEqual([10, 10, 10, 10, 10]);
  });
});

describe('prices for 10,000 clients, 10 updates a second, 50 ms away', () => {
  /** Requests or messages a second, and staleness, mean and at most, of runs with random updates. */
  const figures = (
    spec: Partial<FeedSpec>,
    count: 'polls' | 'messages',
    ofSeeds: readonly number[],
  ) => {
    const all = ofSeeds.map((seed) => {
      const prices: FeedSpec = {
        kind: 'feed',
        updatesPerS: 10,
        updates: 'poisson',
        clients: 10_000,
        delivery: 'webSocket',
        delayMs: 50,
        ...spec,
      };
      const flow = { version: 1, nodes: { prices } } as const;
      const simulation = new Simulation(flow, { seed, observe: 'none' });
      simulation.advance(20);
      const feed = simulation.nodes[0] as Feed;
      return { perS: feed.state[count] / 20, ...feed.staleness(20) };
    });
    return {
      perS: meanOf(all.map(({ perS }) => perS)),
      meanS: meanOf(all.map(({ meanS }) => meanS)),
      maxS: meanOf(all.map(({ maxS }) => maxS)),
    };
  };

  it('polled every second are 10,000 requests a second, and .55 s old, 1.05 s at most', () => {
    const { perS, meanS, maxS } = figures({ delivery: 'poll' }, 'polls', seeds.slice(0, 5));
    expectMean(perS, 10_000);
    expectMean(meanS, 0.55);
    expectMean(maxS, 1.05);
  });

  it('pushed are .05 s old for 100,000 messages a second; conflated to 4 a second .175 s for fewer than 40,000', () => {
    const pushed = figures({}, 'messages', seeds);
    expectMean(pushed.perS, 100_000);
    expectMean(pushed.meanS, 0.05);
    const conflated = figures({ conflatePerS: 4 }, 'messages', seeds);
    expectMean(conflated.meanS, 0.175);
    // A flush sends nothing if nothing has changed: with random updates e^(−2.5) of them.
    expectMean(conflated.perS, 40_000 * (1 - Math.exp(-2.5)));
  });
});
