import { describe, expect, it } from 'vitest';
import type { Flow, Step, StoreSpec } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { runHeadless } from '../runHeadless.ts';
import { stateOf } from '../testing/messageRun.ts';
import { everySecond, flowOf, serviceOf } from '../testing/toyFlow.ts';

type Read = Extract<Step, { readonly do: 'read' }>;

/** Users write, look at something else for a while, and read their own value. */
function flow(
  store: Partial<StoreSpec>,
  afterMs: number,
  read: Partial<Read> = {},
  until: 'primary' | 'copy' = 'primary',
  ratePerS = 20,
): Flow {
  return flowOf({
    users: { kind: 'clients', target: 'api', arrivals: 'poisson', ratePerS, patienceS: null },
    api: serviceOf(
      [
        { do: 'write', name: 'save', store: 'db', until },
        { do: 'work', name: 'look', workMs: afterMs },
        { do: 'read', name: 'show', store: 'db', from: 'copy', ...read },
      ],
      { threads: 1000 },
    ),
    db: { kind: 'store', ...store },
  });
}

function run(of: Flow, untilS = 200, seed = 1) {
  const simulation = new Simulation(of, { seed, observe: 'live' });
  simulation.advance(untilS);
  const { staleReads, copyReads, primaryReads, stalenessS } = stateOf(simulation, 'db');
  const counts = { staleReads, copyReads, primaryReads, stalenessS };
  return { ...counts, p50S: simulation.readouts().response.p50S!, simulation };
}

describe('a store', () => {
  it('misses own writes in a replica that lags longer than the reader looks away', () => {
    expect(run(flow({ lagMs: 300 }, 299)).staleReads).toBeGreaterThan(3000);
    expect(run(flow({ lagMs: 300 }, 301)).staleReads).toBe(0);
    expect(run(flow({ lagMs: 300 }, 100, { from: 'primary' })).staleReads).toBe(0);
  });

  it('behind a pipeline of 0.2 s and a refresh every second misses 1.2 − t of the writes after t', () => {
    for (const [afterMs, expected] of [
      [300, 0.9],
      [500, 0.7],
      [1000, 0.2],
      [1201, 0],
    ]) {
      let stale = 0;
      let reads = 0;
      for (let seed = 1; seed <= 20; seed++) {
        const state = run(flow({ lagMs: 200, refreshS: 1 }, afterMs), 100, seed);
        stale += state.staleReads;
        reads += state.copyReads;
      }
      const error = Math.sqrt((expected * (1 - expected)) / reads);
      expect(Math.abs(stale / reads - expected)).toBeLessThanOrEqual(4 * error);
    }
  });

  it('with a backlog of 600 writes and 100 applied a second is 6 s behind', () => {
    // 160 a second come in, 100 are applied: 600 are waiting after 10 s.
    const { simulation } = run(flow({ applyPerS: 100 }, 0, {}, 'primary', 160), 10);
    const { appliedS } = stateOf(simulation, 'db');
    expect(Math.abs(appliedS - 10 - 6)).toBeLessThan(1.5);
  });

  it('is read rightly from the primary after an own write, with a version token, or after a wait', () => {
    const store = { lagMs: 300, stickyS: 1 };
    const sticky = run(flow(store, 100, { ownWrites: 'primaryAfterWrite' }));
    expect([sticky.staleReads, sticky.copyReads]).toEqual([0, 0]);
    const short = run(flow({ ...store, stickyS: 0.05 }, 100, { ownWrites: 'primaryAfterWrite' }));
    expect(short.staleReads).toBe(short.copyReads);
    const token = run(flow(store, 100, { ownWrites: 'versionToken' }));
    expect([token.staleReads, token.primaryReads]).toEqual([0, 0]);
    expect(token.p50S).toBeCloseTo(0.3, 9);
    const wait = run(flow(store, 100, {}, 'copy'));
    expect(wait.staleReads).toBe(0);
    expect(wait.p50S).toBeCloseTo(0.4, 9);
  });

  it('counts the staleness of what it shows from the first write it misses', () => {
    const { stalenessS, copyReads } = run(flow({ lagMs: 300 }, 100));
    expect(stalenessS / copyReads).toBeCloseTo(0.1, 9);
  });

  it('shares a value among the requests of one user', () => {
    const state = run(flow({ lagMs: 300, keys: 1 }, 400));
    // Somebody else has written the same value meanwhile, more often than not.
    expect(state.staleReads / state.copyReads).toBeGreaterThan(0.9);
  });

  describe('with several replicas', () => {
    /** A user writes, looks away for 200 ms and reads three times in a row. */
    const thrice = (store: Partial<StoreSpec>, read: Partial<Read> = {}): Flow => {
      const of = flow(store, 200);
      const { api } = of.nodes;
      if (api?.kind !== 'service') throw new Error('the flow has a service');
      const reads = ['show', 'reload', 'reload again'].map((name): Read => ({
        do: 'read',
        name,
        store: 'db',
        from: 'copy',
        ...read,
      }));
      const handler = [...api.handler.slice(0, 2), ...reads];
      return { ...of, nodes: { ...of.nodes, api: { ...api, handler } } };
    };
    const counts = (of: Flow) => {
      let requests = 0;
      let stale = 0;
      let nonMonotonic = 0;
      for (let seed = 1; seed <= 20; seed++) {
        const { simulation, staleReads, copyReads, primaryReads } = run(of, 50, seed);
        requests += (copyReads + primaryReads) / 3;
        stale += staleReads;
        nonMonotonic += stateOf(simulation, 'db').nonMonotonicReads;
      }
      return { requests, stale, nonMonotonic };
    };
    const half = { replicas: 2, lagsMs: [100, 500] };

    it('read at random, misses own writes in the share that lags and goes back in time', () => {
      const { requests, stale, nonMonotonic } = counts(thrice(half));
      // Three reads, half of each stale: the variance of their sum is 3/4.
      expect(Math.abs(stale / requests - 1.5)).toBeLessThan(4 * Math.sqrt(0.75 / requests));
      // The second goes back in 1/2 · 1/2 of the cases, the third in 3/4 · 1/2.
      expect(Math.abs(nonMonotonic / requests - 5 / 8)).toBeLessThan(4 * Math.sqrt(1 / requests));
    });

    it('with a replica for each user never goes back in time, but still misses own writes', () => {
      const { requests, stale, nonMonotonic } = counts(
        thrice({ ...half, replicaChoice: 'perUser' }),
      );
      expect(nonMonotonic).toBe(0);
      // All three or none.
      expect(Math.abs(stale / requests - 1.5)).toBeLessThan(4 * Math.sqrt(2.25 / requests));
      const users = counts(
        thrice({
          ...half,
          lagVariability: { kind: 'exponential' },
          refreshS: 0.3,
          keys: 30,
          replicaChoice: 'perUser',
        }),
      );
      expect(users.nonMonotonic).toBe(0);
      expect(users.stale).toBeGreaterThan(users.requests / 2);
    });

    it('is read rightly from the primary, with a version token, or after a wait for the slowest', () => {
      for (const read of [
        { ownWrites: 'primaryAfterWrite' },
        { ownWrites: 'versionToken' },
        { from: 'primary' },
      ] as const) {
        expect(counts(thrice(half, read))).toMatchObject({ stale: 0, nonMonotonic: 0 });
      }
      const wait = run(flow(half, 0, {}, 'copy'));
      expect(wait.staleReads).toBe(0);
      expect(wait.p50S).toBeCloseTo(0.5, 9);
    });

    it('goes back in time, too, from the primary to one that lags', () => {
      const of = thrice({ lagMs: 500 }, { from: 'primary' });
      const { api } = of.nodes;
      if (api?.kind !== 'service') throw new Error('the flow has a service');
      const handler = api.handler.map((step): Step =>
        step.name === 'reload' ? { ...(step as Read), from: 'copy' } : step,
      );
      const { simulation, copyReads } = run(
        { ...of, nodes: { ...of.nodes, api: { ...api, handler } } },
        20,
      );
      expect(copyReads).toBeGreaterThan(300);
      expect(stateOf(simulation, 'db').nonMonotonicReads).toBe(copyReads);
    });

    it('draws the lag of each by itself: one more changes nothing about the others', () => {
      const of = (replicas: number) =>
        flow({ replicas, lagMs: 300, lagVariability: { kind: 'exponential' }, refreshS: 0.7 }, 0);
      const lastVisibleS = (replicas: number) => {
        const state = stateOf(run(of(replicas), 20).simulation, 'db');
        return [...(state['lastVisibleS'] as unknown as Float64Array)];
      };
      const three = lastVisibleS(3);
      expect(three.slice(0, 2)).toEqual(lastVisibleS(2));
      expect(new Set(three).size).toBe(3);
    });

    it('takes a new lag of one of them while it runs', () => {
      const of = flow({ replicas: 2 }, 100);
      const simulation = new Simulation(of, { seed: 1, observe: 'none' });
      simulation.advance(20);
      expect(stateOf(simulation, 'db').staleReads).toBe(0);
      expect(simulation.apply({ do: 'set', path: 'db.lagsMs.2', value: 500 })).toBe(false);
      expect(simulation.apply({ do: 'set', path: 'db.lagsMs.1', value: 500 })).toBe(true);
      const before = stateOf(simulation, 'db').copyReads;
      simulation.advance(220);
      const { staleReads, copyReads } = stateOf(simulation, 'db');
      expect(staleReads / (copyReads - before)).toBeGreaterThan(0.45);
      expect(staleReads / (copyReads - before)).toBeLessThan(0.55);
    });
  });

  it('runs the same from a checkpoint', () => {
    const of = flow(
      {
        replicas: 3,
        lagMs: 300,
        lagVariability: { kind: 'exponential' },
        refreshS: 0.7,
        keys: 50,
      },
      400,
    );
    const { simulation } = run(of, 20);
    const checkpoint = simulation.checkpoint();
    simulation.advance(60);
    const once = JSON.stringify(stateOf(simulation, 'db'));
    simulation.restore(checkpoint);
    simulation.advance(60);
    expect(JSON.stringify(stateOf(simulation, 'db'))).toBe(once);
  });
});

it('reports writes, reads of the primary, and waits for a copy', () => {
  const counts = (ownWrites: 'primaryAfterWrite' | 'versionToken') =>
    runHeadless(
      flowOf({
        users: everySecond('api', 10),
        api: serviceOf(
          [
            { do: 'write', name: 'write', store: 'store' },
            { do: 'read', name: 'read', store: 'store', from: 'copy', ownWrites },
          ],
          { threads: 10 },
        ),
        store: { kind: 'store', lagMs: 500 },
      }),
      { seed: 1, durationS: 20 },
    ).report.nodes['store'].counts;
  expect(counts('primaryAfterWrite')).toEqual({ reads: 10, writes: 10, primaryReads: 10 });
  expect(counts('versionToken')).toEqual({ reads: 10, writes: 10, waitsForCopy: 10 });
});
