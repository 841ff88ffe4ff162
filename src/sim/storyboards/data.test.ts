/** The numbers that the stories about copies of data must reproduce: means of 20 seeds. */
import { describe, expect, it } from 'vitest';
import type { Flow } from '../flow.ts';
import { meanOver, stateOf, type Mean } from '../testing/messageRun.ts';
import { expectMean } from '../testing/expectMean.ts';
import { searchLagFlow } from './searchLag.ts';

const SEEDS = 20;

/** Share of the searches that miss what their user has just saved. */
function stale(flow: Flow, untilS = 60): Mean {
  return meanOver(flow, SEEDS, untilS, (simulation) => {
    const { staleReads, copyReads } = stateOf(simulation, 'index');
    return staleReads / copyReads;
  });
}

describe('search lag', () => {
  it('after t seconds misses 1.2 − t of what was saved: 70 % at half a second', () => {
    for (const afterS of [0.2, 0.5, 0.7, 1.1]) {
      expectMean(stale(searchLagFlow({ afterS })), 1.2 - afterS);
    }
    expect(stale(searchLagFlow({ afterS: 0.19 })).mean).toBe(1);
    expect(stale(searchLagFlow({ afterS: 1.21 })).mean).toBe(0);
  });

  it('with a backlog of 600 writes at 100 a second is 6 s later', () => {
    const backlog = 600;
    for (const afterS of [6.5, 7]) {
      expectMean(stale(searchLagFlow({ afterS, backlog })), 7.2 - afterS);
    }
    expect(stale(searchLagFlow({ afterS: 6.15, backlog })).mean).toBe(1);
    expect(stale(searchLagFlow({ afterS: 7.25, backlog })).mean).toBe(0);
  });

  it('with two replicas that refresh at moments of their own goes back in time, unless users keep to one', () => {
    const twice = (replicaChoice: 'random' | 'perUser') => {
      const flow = searchLagFlow({ afterS: 0.7, index: { replicas: 2, replicaChoice } });
      const { api } = flow.nodes;
      if (api?.kind !== 'service') throw new Error('the flow has a service');
      const search = api.endpoints!['search'];
      const endpoints = { ...api.endpoints, search: [...search, search[2], search[2]] };
      return { ...flow, nodes: { ...flow.nodes, api: { ...api, endpoints } } };
    };
    const goBack = (flow: Flow) =>
      meanOver(flow, SEEDS, 60, (simulation) => stateOf(simulation, 'index').nonMonotonicReads);
    expect(goBack(twice('random')).mean).toBeGreaterThan(100);
    expect(Math.max(...goBack(twice('perUser')).values)).toBe(0);
    // Whichever replica it is: read-your-writes is violated as before.
    expectMean(stale(twice('random')), 0.5);
    expectMean(stale(twice('perUser')), 0.5);
  });

  it('is fixed by the primary after an own write, a version token, or a wait for the refresh', () => {
    const afterS = 0.5;
    const primary = searchLagFlow({
      afterS,
      index: { stickyS: 2 },
      read: { ownWrites: 'primaryAfterWrite' },
    });
    expect(
      Math.max(...meanOver(primary, SEEDS, 60, (run) => stateOf(run, 'index').copyReads).values),
    ).toBe(0);
    const waitedS = (flow: Flow) =>
      meanOver(flow, SEEDS, 60, (simulation) => {
        const { staleReads, waits, waitedS, writes } = stateOf(simulation, 'index');
        expect(staleReads).toBe(0);
        expect(waits).toBeGreaterThan(0);
        return waitedS / writes;
      });
    // A token waits for what is left of .2 s + U(0,1) after .5 s: .7²/2. The refresh, for all of it.
    expectMean(waitedS(searchLagFlow({ afterS, read: { ownWrites: 'versionToken' } })), 0.245);
    expectMean(waitedS(searchLagFlow({ afterS, waits: true })), 0.7);
  });
});
