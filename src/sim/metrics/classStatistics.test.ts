import { describe, expect, it } from 'vitest';
import type { Flow } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { runHeadless } from '../runHeadless.ts';
import { flowOf, serviceOf } from '../testing/toyFlow.ts';

describe('reports by class', () => {
  /** Two users a second, to one thread: 300 ms for those who look, 900 ms and a patience of 2 s for all. */
  const classes = [
    { name: 'look', share: 3, priority: 0 },
    { name: 'buy', share: 1, endpoint: 'order', priority: 1 },
  ];
  const flow = (plain = false): Flow =>
    flowOf({
      users: {
        kind: 'clients',
        target: 'api',
        arrivals: 'poisson',
        ratePerS: 2,
        patienceS: 2,
        ...(plain ? {} : { classes }),
      },
      others: { kind: 'clients', target: 'api', arrivals: 'poisson', ratePerS: 0.2, patienceS: 9 },
      api: serviceOf([{ do: 'work', name: 'show', workMs: 300 }], {
        acceptQueue: 3,
        discipline: { kind: 'priority' },
        endpoints: { order: [{ do: 'work', name: 'sell', workMs: 900 }] },
      }),
    });

  it('account for every request of every class, across a warm-up', () => {
    const { lane, nodes } = runHeadless(flow(), { seed: 1, durationS: 500, warmupS: 50 }).report;
    const reported = nodes['users'].classes!;
    expect(reported.map(({ name }) => name)).toEqual(['look', 'buy']);
    expect(nodes['others'].classes).toBe(null);
    const total = { served: 0, rejected: 0, timedOut: 0, firstTries: 0 };
    for (const each of reported) {
      const { served, declined, rejected, timedOut, failed } = each;
      expect(each.openAtStart + each.firstTries).toBe(
        served + declined + rejected + timedOut + failed + each.open,
      );
      expect(each.response.count).toBe(served);
      expect(served).toBeGreaterThan(0);
      total.served += served;
      total.rejected += rejected;
      total.timedOut += timedOut;
      total.firstTries += each.firstTries;
    }
    expect(Math.min(total.rejected, total.timedOut)).toBeGreaterThan(0);
    expect(total.firstTries).toBe(nodes['users'].counts['firstTries']);
    expect(total.firstTries + nodes['others'].counts['firstTries']).toBe(lane.firstTries);
    expect(total.served).toBeLessThan(lane.served);
    const [look, buy] = reported;
    expect(look.firstTries / buy.firstTries).toBeGreaterThan(2.3);
    expect(look.firstTries / buy.firstTries).toBeLessThan(3.9);
    expect(look.response.p50S!).toBeLessThan(buy.response.p50S!);
    expect(look.timeInQueue.meanS!).toBeLessThan(buy.timeInQueue.meanS!);
    expect(look.timeInQueue.count + buy.timeInQueue.count).toBeLessThan(
      nodes['api'].timeInQueue!.count,
    );
  });

  it('change nothing else that is reported, and are part of a checkpoint', () => {
    const simulation = new Simulation(flow(), { seed: 3, observe: 'metrics' });
    simulation.advance(50);
    const checkpoint = simulation.checkpoint();
    simulation.advance(100);
    const first = simulation.report();
    simulation.restore(checkpoint);
    simulation.advance(100);
    expect(simulation.report()).toEqual(first);
    const one = [{ name: 'all', share: 1 }];
    const { nodes } = flow(true);
    const alike = {
      ...flow(true),
      nodes: { ...nodes, users: { ...nodes['users'], classes: one } },
    };
    const report = (each: Flow) => runHeadless(each, { seed: 1, durationS: 200 }).report;
    const plain = report(flow(true));
    const classed = report(alike);
    const [all] = classed.nodes['users'].classes!;
    expect({ ...classed.nodes['users'], classes: null }).toEqual(plain.nodes['users']);
    expect(classed.lane).toEqual(plain.lane);
    expect(all.firstTries).toBe(plain.nodes['users'].counts['firstTries']);
  });
});
