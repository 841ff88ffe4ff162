import { describe, expect, it } from 'vitest';
import type { CallPolicy } from '../callPolicy.ts';
import type { Flow, NodeSpec, ServiceSpec } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { runHeadless } from '../runHeadless.ts';

const work = (workMs: number) => [{ do: 'work', name: 'work', workMs }] as const;

/** Requests at 0.1, 0.2, 0.3, … s. */
const users = (limit: number, policy?: CallPolicy): NodeSpec => ({
  kind: 'clients',
  target: 'api',
  arrivals: 'constant',
  ratePerS: 10,
  limit,
  patienceS: null,
  policy,
});
const service = (spec: Partial<ServiceSpec>): NodeSpec => ({
  kind: 'service',
  threads: 1,
  acceptQueue: 0,
  handler: work(500),
  ...spec,
});
const reportOf = (nodes: Flow['nodes']) =>
  runHeadless({ version: 1, nodes }, { seed: 1, durationS: 10 }).report;

describe('who is rejected at a cost', () => {
  /** The first has the thread from 0.1 to 0.6; the others are told at 0.7 and 0.8. */
  const nodes = { users: users(3), api: service({ rejectionMs: 100 }) };

  it('is at the service, but in no queue and in no handler, until the thread has told it', () => {
    const simulation = new Simulation({ version: 1, nodes }, { seed: 1, observe: 'metrics' });
    simulation.advance(0.55);
    const view = simulation.createView();
    simulation.readView(view);
    expect(view.nodes[1]).toMatchObject({ waitingCount: 2, queueLength: 0, runningCount: 1 });
    simulation.advance(10);
    const { counts, threads, queue, response, littlesLaw } = simulation.report().nodes['api'];
    expect(counts).toEqual({ started: 1, ok: 1, rejected: 2 });
    expect(queue!.max).toBe(0);
    expect(threads!.waitingMean).toBeCloseTo((0.4 + 0.4) / 10, 9);
    expect(threads!.busyMean).toBeCloseTo(0.7 / 10, 9);
    expect([response!.count, response!.maxS]).toEqual([1, 0.5]);
    expect(littlesLaw!.numberMean).toBeCloseTo(1.5 / 10, 9);
    expect(littlesLaw!.rateTimesTime).toBeCloseTo(1.5 / 10, 9);
  });

  it('is offered once', () => {
    const { nodes: reports } = reportOf(nodes);
    expect(reports['api'].offeredPerS).toBe(0.3);
    expect(reports['api'].completedPerS).toBe(0.1);
    expect(reports['api'].shedRate).toBeCloseTo(2 / 3, 12);
  });
});

it('a non-blocking service that waits keeps no thread busy', () => {
  const { nodes } = reportOf({
    users: users(5),
    api: service({
      threading: 'nonBlocking',
      handler: [...work(20), { do: 'call', name: 'b', target: 'b' }],
    }),
    b: service({ threads: 5, handler: work(800) }),
  });
  const { threads, littlesLaw } = nodes['api'];
  expect(threads!.busyMean).toBeCloseTo((5 * 0.02) / 10, 9);
  expect(threads!.utilisation).toBeCloseTo(0.01, 9);
  expect(threads!.parkedMean).toBeCloseTo((5 * 0.8) / 10, 9);
  expect(littlesLaw!.numberMean).toBeCloseTo(littlesLaw!.rateTimesTime, 9);
});

describe('rejected at a node is what the node turned away', () => {
  /** Four requests whose handlers call b, which takes 500 ms. */
  const through = (policy: CallPolicy | undefined, b: Partial<ServiceSpec>) =>
    reportOf({
      users: users(4),
      api: service({ threads: 9, handler: [{ do: 'call', name: 'b', target: 'b', policy }] }),
      b: service({ threads: 9, ...b }),
    });

  it('not what the bulkhead of its caller refused', () => {
    const { nodes, calls, lane } = through({ maxConcurrent: 1 }, {});
    expect(nodes['b'].counts['rejected']).toBe(undefined);
    expect([nodes['b'].offeredPerS, nodes['b'].shedRate]).toEqual([0.1, 0]);
    expect(nodes['api'].counts).toMatchObject({ bulkheadFull: 3, callAttempts: 1 });
    expect(calls['api/b']).toMatchObject({
      ...{ from: 'api', to: 'b', attempts: 1, rejected: 0, bulkheadFull: 3 },
      ...{ breakerOpen: 0, throttled: 0, shedRate: 0.75 },
    });
    expect([lane.served, lane.rejected]).toEqual([1, 3]);
  });

  it('nor what an open breaker or an adaptive throttle did not send', () => {
    const breaker = { window: 1, minimumCalls: 1, openS: 100 };
    const open = through({ breaker }, { failureRate: 1, handler: [] });
    expect(open.nodes['b'].counts).toEqual({ started: 1, failed: 1 });
    expect(open.calls['api/b']).toMatchObject({ attempts: 1, failed: 1, breakerOpen: 3 });
    const refused = through({ throttle: { k: 1 } }, { threads: 1 });
    const { attempts, rejected, throttled } = refused.calls['api/b'];
    expect(attempts + throttled).toBe(4);
    expect(refused.nodes['b'].counts['rejected']).toBe(rejected);
    expect(throttled).toBeGreaterThan(0);
  });

  it('and is counted by attempt, whoever asked and by whatever way', () => {
    const retry = { attempts: 3, baseS: 0.01, jitter: 'none' } as const;
    const retried = through({ retry }, { threads: 1 });
    // The first is at work until 0.6: three times three attempts come to nothing.
    expect(retried.nodes['b'].counts).toEqual({ started: 1, ok: 1, rejected: 9 });
    expect(retried.calls['api/b']).toMatchObject({ attempts: 10, retries: 6, rejected: 9 });
    const plain = through(undefined, { threads: 1 });
    expect(plain.nodes['b'].counts).toEqual({ started: 1, ok: 1, rejected: 3 });
    expect(plain.calls).toEqual({});
    const direct = reportOf({ users: users(4), api: service({}) });
    expect(direct.nodes['api'].counts).toEqual({ started: 1, ok: 1, rejected: 3 });
  });

  it('also what its discipline dropped, which has not left of its own', () => {
    const { nodes } = reportOf({
      users: users(4),
      api: service({ acceptQueue: null, discipline: { kind: 'deadlineDrop', maxWaitS: 0.35 } }),
    });
    // At 0.6 the one of 0.2 has waited too long; the one of 0.4 has at 1.1.
    const { started, rejected, withdrawn } = nodes['api'].counts;
    expect([started + rejected, withdrawn]).toEqual([4, undefined]);
    expect(rejected).toBeGreaterThan(0);
    expect(nodes['api'].offeredPerS).toBe(0.4);
    const { numberMean, rateTimesTime } = nodes['api'].littlesLaw!;
    expect(numberMean).toBeCloseTo(rateTimesTime, 9);
  });

  it('and what a client does not send, because its own breaker is open, is failed and breaker-open', () => {
    const breaker = { window: 2, minimumCalls: 2, openS: 1000 };
    const { lane, calls, nodes } = reportOf({
      users: users(10, { breaker }),
      api: service({ failureRate: 1, handler: [] }),
    });
    expect([lane.failed, lane.breakerOpen, lane.rejected]).toEqual([10, 8, 0]);
    expect(calls['users/call']).toMatchObject({ attempts: 2, failed: 2, breakerOpen: 8 });
    expect(nodes['api'].offeredPerS).toBe(0.2);
  });
});
