import { describe, expect, it } from 'vitest';
import type { CallPolicy } from '../callPolicy.ts';
import type { ClientsSpec, Flow, ServiceSpec } from '../flow.ts';
import { eventLog } from '../testing/eventLog.ts';
import { everySecond, flowOf } from '../testing/toyFlow.ts';
import type { PoolView } from '../view.ts';
import { BreakerPhase } from './breakerState.ts';
import { Simulation } from './simulation.ts';

/** Ten users a second, `api` with a thread for each, and a bulkhead of 1 before a `db` of 300 ms. */
function flowWith(
  policy: CallPolicy,
  users: Partial<ClientsSpec> = {},
  db: Partial<ServiceSpec> = {},
  schedule: Flow['schedule'] = [],
): Flow {
  return flowOf(
    {
      users: everySecond('api', 3, { ratePerS: 10, ...users }),
      api: {
        kind: 'service',
        threads: 100,
        acceptQueue: null,
        handler: [
          { do: 'call', name: 'db', target: 'db', policy: { maxConcurrent: 1, ...policy } },
        ],
      },
      db: {
        kind: 'service',
        threads: 9,
        acceptQueue: null,
        handler: [{ do: 'work', name: 'query', workMs: 300 }],
        ...db,
      },
    },
    schedule,
  );
}

function log(flow: Flow, ...only: Parameters<typeof eventLog>[2][]) {
  const { simulation, lines } = eventLog(flow, 60, ...only);
  // Whatever happens, nobody keeps a place, and no call stays.
  expect([simulation.calls.live, simulation.jobs.live]).toEqual([0, 0]);
  for (const edge of simulation.edges) {
    expect(edge.state).toMatchObject({ bulkhead: { taken: 0, head: -1, tail: -1 } });
  }
  return { simulation, lines };
}

describe('a bulkhead that lets calls wait', () => {
  it('gives places in the order of arrival, while the threads stay parked', () => {
    const { simulation, lines } = log(flowWith({ maxWaitMs: 1000 }), 'Start', 'Answer');
    expect(lines).toEqual([
      '0.1 Start api #0',
      '0.1 Start db #0',
      '0.2 Start api #1',
      '0.3 Start api #2',
      '0.4 Answer users #0',
      '0.4 Start db #1',
      '0.7 Answer users #1',
      '0.7 Start db #2',
      '1 Answer users #2',
    ]);
    expect(simulation.readouts().totals.served).toBe(3);
    const again = new Simulation(flowWith({ maxWaitMs: 1000 }), { seed: 1, observe: 'none' });
    again.advance(0.35);
    const view = again.createView();
    again.readView(view);
    expect((view.nodes[1] as PoolView).parkedCount).toBe(3);
    expect((view.nodes[2] as PoolView).runningCount).toBe(1);
  });

  it('refuses who has waited long enough, and tells so', () => {
    const flow = flowWith({ maxWaitMs: 250 });
    expect(log(flow, 'Start', 'Answer').lines).toEqual([
      '0.1 Start api #0',
      '0.1 Start db #0',
      '0.2 Start api #1',
      '0.3 Start api #2',
      '0.4 Answer users #0',
      '0.4 Start db #1',
      '0.55 Answer users #2',
      '0.7 Answer users #1',
    ]);
    const measured = new Simulation(flow, { seed: 1, observe: 'metrics' });
    measured.advance(60);
    const { lane, nodes } = measured.report();
    expect([lane.served, lane.rejected]).toEqual([2, 1]);
    expect(nodes['api'].counts).toMatchObject({ bulkheadFull: 1, callAttempts: 2 });
  });

  it('starts the timeout when there is a place', () => {
    const policy = { maxWaitMs: 1000, timeoutMs: 310 };
    expect(log(flowWith(policy), 'Start').lines.filter((line) => line.includes('db'))).toEqual([
      '0.1 Start db #0',
      '0.4 Start db #1',
      '0.7 Start db #2',
    ]);
  });

  it('hands a place on when an attempt times out, though the target still works', () => {
    expect(log(flowWith({ maxWaitMs: 1000, timeoutMs: 150 }), 'Start').lines).toEqual([
      '0.1 Start api #0',
      '0.1 Start db #0',
      '0.2 Start api #1',
      '0.25 Start db #1',
      '0.3 Start api #2',
      '0.4 Start db #2',
    ]);
  });

  it('lets a retry wait behind the others', () => {
    const policy: CallPolicy = {
      maxWaitMs: 1000,
      timeoutMs: 200,
      retry: { attempts: 2, baseS: 0, jitter: 'none' },
    };
    const { lines } = log(flowWith(policy, { limit: 2 }), 'Start');
    expect(lines.filter((line) => line.includes('db'))).toEqual([
      '0.1 Start db #0',
      '0.3 Start db #1',
      '0.5 Start db #0',
      '0.7 Start db #1',
    ]);
  });

  it('passes places on at one instant when the target turns all away, thousands of them', () => {
    const outage = (how: 'refuse'): Flow['schedule'] => [
      { timeS: 0.35, action: { do: 'outage', node: 'db', durationS: 100, how } },
    ];
    const users = { batchSize: 5000, ratePerS: 50_000, limit: 10_000 };
    const flow = flowWith({ maxWaitMs: 1000 }, users, {}, outage('refuse'));
    const threads = { ...flow.nodes['api'], threads: 1000 } as ServiceSpec;
    const wide: Flow = { ...flow, nodes: { ...flow.nodes, api: threads } };
    const { simulation } = log(wide);
    expect(simulation.readouts().totals).toMatchObject({ served: 1, rejected: 9999 });
  });

  it('waits no longer than to a deadline that propagates', () => {
    const policy = { maxWaitMs: 1000, propagateDeadline: true };
    const flow = flowWith(policy);
    const asking = flowOf({
      ...flow.nodes,
      users: everySecond('front', 3, { ratePerS: 10 }),
      front: {
        kind: 'service',
        threads: 9,
        acceptQueue: null,
        handler: [
          {
            do: 'call',
            name: 'api',
            target: 'api',
            policy: { timeoutMs: 350, propagateDeadline: true },
          },
        ],
      },
    });
    // #1 gets its place at 0.4 and has until 0.55; #2 would have until 0.65 and gets its place then.
    const { lines } = log(asking, 'Start', 'Answer');
    expect(lines.filter((line) => !line.includes('front'))).toEqual([
      '0.1 Start api #0',
      '0.1 Start db #0',
      '0.2 Start api #1',
      '0.3 Start api #2',
      '0.4 Answer users #0',
      '0.4 Start db #1',
      '0.55 Answer users #1',
      '0.55 Start db #2',
      '0.65 Answer users #2',
    ]);
    const measured = new Simulation(
      flowOf({ ...asking.nodes, users: everySecond('front', 9, { ratePerS: 100 }) }),
      { seed: 1, observe: 'metrics' },
    );
    measured.advance(60);
    expect(measured.report().nodes['api'].counts).toMatchObject({ callsTimedOut: 8 });
    expect(measured.report().nodes['api'].counts['bulkheadFull']).toBeUndefined();
  });

  it('keeps a thread whose own caller has gone, if no deadline propagates', () => {
    const flow = flowWith({ maxWaitMs: 1000 });
    const users = everySecond('api', 3, { ratePerS: 10, policy: { timeoutMs: 150 } });
    const { lines } = log(flowOf({ ...flow.nodes, users }), 'Start', 'GiveUp');
    expect(lines.filter((line) => !line.includes('Start api'))).toEqual([
      '0.1 Start db #0',
      '0.25 GiveUp api #0',
      '0.35 GiveUp api #1',
      '0.4 Start db #1',
      '0.45 GiveUp api #2',
      '0.7 Start db #2',
    ]);
  });

  it('begins the way to the target when there is a place', () => {
    const policy = { maxWaitMs: 1000, travelMs: 50 };
    const { lines } = log(flowWith(policy, { limit: 2 }), 'Start', 'Answer');
    expect(lines).toEqual([
      '0.1 Start api #0',
      '0.15 Start db #0',
      '0.2 Start api #1',
      '0.5 Answer users #0',
      '0.55 Start db #1',
      '0.9 Answer users #1',
    ]);
  });

  it('lets waiting calls in when it is widened', () => {
    const flow = flowWith({ maxWaitMs: 1000 }, {}, {}, [
      { timeS: 0.35, action: { do: 'set', path: 'api.call.db.maxConcurrent', value: 3 } },
    ]);
    expect(log(flow, 'Start').lines.filter((line) => line.includes('db'))).toEqual([
      '0.1 Start db #0',
      '0.35 Start db #1',
      '0.35 Start db #2',
    ]);
  });

  describe('behind a circuit breaker', () => {
    const breaker = { window: 2, minimumCalls: 2, failureRate: 1, openS: 1, probes: 1 };
    const breakerOf = (simulation: Simulation) =>
      (simulation.edges[0].state as { breaker: { phase: number; probing: number } }).breaker;

    it('what was permitted goes out, though it has opened meanwhile; what comes later does not', () => {
      const handler = [{ do: 'work', name: 'query', workMs: 270 }] as const;
      const db = { failureRate: 1, handler };
      const { lines } = log(flowWith({ maxWaitMs: 1000, breaker }, { limit: 8 }, db));
      const seen = lines.filter((line) => /Start db|Answer/.test(line));
      // The second failure opens it, at 0.64: those who wait have their permission.
      expect(seen).toEqual([
        '0.1 Start db #0',
        '0.37 Answer users #0',
        '0.37 Start db #1',
        '0.64 Answer users #1',
        '0.64 Start db #2',
        '0.7 Answer users #6',
        '0.8 Answer users #7',
        '0.91 Answer users #2',
        '0.91 Start db #3',
        '1.18 Answer users #3',
        '1.18 Start db #4',
        '1.45 Answer users #4',
        '1.45 Start db #5',
        '1.72 Answer users #5',
      ]);
    });

    it('gives a probe back that waited in vain', () => {
      // Opened at 0.7, half open from 0.95 on. #9 and #10, at 1 and 1.1, are the two probes: one works,
      // the other waits in vain, like #11 with its permission, and #12 gets it. Both are well: closed.
      const flow = flowWith(
        { maxWaitMs: 95, breaker: { ...breaker, openS: 0.25, probes: 2 } },
        { limit: 13 },
        { failureRate: 1 },
        [{ timeS: 0.75, action: { do: 'set', path: 'db.failureRate', value: 0 } }],
      );
      const { simulation, lines } = log(flow, 'Start');
      const late = lines.filter((line) => line.includes('db') && Number(line.split(' ')[0]) >= 1);
      expect(late).toEqual(['1 Start db #9', '1.3 Start db #12']);
      expect(breakerOf(simulation).phase).toBe(BreakerPhase.Closed);
    });
  });
});
