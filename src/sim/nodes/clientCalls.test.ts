import { describe, expect, it } from 'vitest';
import type { CallPolicy } from '../callPolicy.ts';
import type { ClientsSpec, Flow, ServiceSpec } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { eventLog } from '../testing/eventLog.ts';
import { everySecond, flowOf } from '../testing/toyFlow.ts';

const retry = { attempts: 3, baseS: 0.1, jitter: 'none', multiplier: 1 } as const;

function flowWith(
  policy: CallPolicy,
  server: Partial<ServiceSpec> = {},
  users: Partial<ClientsSpec> = {},
  schedule: Flow['schedule'] = [],
): Flow {
  return flowOf(
    {
      users: everySecond('server', 1, { policy, ...users }),
      server: {
        kind: 'service',
        threads: 9,
        acceptQueue: 0,
        handler: [{ do: 'work', name: 'work', workMs: 300 }],
        ...server,
      },
    },
    schedule,
  );
}

/** Runs to the end: then nothing may be left, and every request has one outcome. */
function run(flow: Flow, ...only: Parameters<typeof eventLog>[2][]) {
  const { simulation, lines } = eventLog(flow, 1000, ...only);
  const blind = new Simulation(flow, { seed: 1, observe: 'none' });
  blind.advance(1000);
  expect([blind.calls.live, blind.jobs.live, blind.requests.live]).toEqual([0, 0, 0]);
  const { submitted, served, declined, rejected, timedOut, failed, open } =
    simulation.readouts().totals;
  expect(served + declined + rejected + timedOut + failed).toBe(submitted);
  expect(open).toBe(0);
  return { totals: simulation.readouts().totals, lines };
}

describe('the retries of clients', () => {
  it('follow a rejection; the last one is the outcome', () => {
    const flow = flowWith({ retry }, {}, {}, [
      { timeS: 0, action: { do: 'outage', node: 'server', durationS: 1.15, how: 'refuse' } },
    ]);
    const { lines, totals } = run(flow, 'Start', 'Reject', 'Answer');
    expect(lines).toEqual(['1.2 Start server #0', '1.5 Answer users #0']);
    expect(totals.served).toBe(1);
    const refused = flowWith({ retry }, {}, {}, [
      { timeS: 0, action: { do: 'outage', node: 'server', durationS: 9, how: 'refuse' } },
    ]);
    expect(run(refused, 'Start', 'Reject', 'Answer').lines).toEqual(['1.2 Reject server #0']);
    expect(run(refused).totals.rejected).toBe(1);
  });

  it('follow a rejection by shedding from the accept queue', () => {
    const shed = flowWith(
      { retry },
      {
        threads: 1,
        acceptQueue: null,
        discipline: { kind: 'deadlineDrop', maxWaitS: 0.05 },
        handler: [{ do: 'work', name: 'work', workMs: 150 }],
      },
      { limit: 2, batchSize: 2 },
    );
    // Found too late by the thread at 2.15, and back at 2.25.
    expect(run(shed, 'Start').lines).toEqual(['2 Start server #0', '2.25 Start server #1']);
  });

  it('follow a failure, and draw anew', () => {
    const { lines, totals } = run(flowWith({ retry }, { failureRate: 1 }), 'Start', 'Answer');
    expect(lines).toEqual([
      '1 Start server #0',
      '1.4 Start server #0',
      '1.8 Start server #0',
      '2.1 Answer users #0',
    ]);
    expect(totals.failed).toBe(1);
    const many = flowWith({ retry }, { failureRate: 0.5 }, { limit: 500 });
    expect(Math.abs(run(many).totals.failed - 500 / 8)).toBeLessThan(30);
  });

  it('follow a time-out; the server works on for every attempt', () => {
    const { lines, totals } = run(flowWith({ retry, timeoutMs: 250 }), 'Start', 'GiveUp', 'Answer');
    expect(lines).toEqual([
      '1 Start server #0',
      '1.35 Start server #0',
      '1.7 Start server #0',
      '1.95 GiveUp server #0',
    ]);
    expect(totals.timedOut).toBe(1);
  });

  it('follow a lost call and a lost answer', () => {
    const lost = run(flowWith({ retry, timeoutMs: 500, loss: 0.5 }, {}, { limit: 200 }));
    // An attempt fails with 1 − 0.5² = 0.75; three of them with 0.42.
    expect(Math.abs(lost.totals.timedOut / 200 - 0.75 ** 3)).toBeLessThan(0.14);
    expect(lost.totals.served + lost.totals.timedOut).toBe(200);
  });

  it('do not follow a decline, an open breaker or the throttle', () => {
    const declining = flowWith({ retry }, { failureRate: 1, failureKind: 'decline' });
    expect(run(declining, 'Start').lines.length).toBe(1);
    expect(run(declining).totals.declined).toBe(1);
    const breaker = { window: 1, minimumCalls: 1, openS: 100, probes: 1 };
    const broken = flowWith({ retry, breaker }, { failureRate: 1 }, { limit: 2 });
    expect(run(broken, 'Start').lines).toEqual(['1 Start server #0']);
    expect(run(broken).totals.failed).toBe(2);
  });

  it('follow a full bulkhead of their own', () => {
    const policy = { retry, maxConcurrent: 1 };
    const flow = flowWith(policy, {}, { limit: 2, batchSize: 2 });
    expect(run(flow, 'Start').lines).toEqual(['2 Start server #0']);
    expect(run(flow).totals).toMatchObject({ served: 1, rejected: 1 });
    const later = flowWith(
      { ...policy, retry: { ...retry, attempts: 4 } },
      {},
      {
        limit: 2,
        batchSize: 2,
      },
    );
    expect(run(later, 'Start').lines).toEqual(['2 Start server #0', '2.3 Start server #1']);
  });
});

describe('patience bounds the whole of it', () => {
  it('ends a backoff that would go beyond it before it begins', () => {
    const flow = flowWith({ retry }, { failureRate: 1 }, { patienceS: 0.35 });
    const { lines, totals } = run(flow, 'Start', 'Answer', 'GiveUp');
    expect(lines).toEqual(['1 Start server #0', '1.3 Answer users #0']);
    expect(totals.failed).toBe(1);
  });

  it('ends a backoff under way, if it is for the start that the user waits', () => {
    const users = { patienceS: 0.35, patienceRuns: 'untilStarted' } as const;
    const { lines, totals } = run(
      flowWith({ retry }, { failureRate: 1 }, users),
      'Start',
      'GiveUp',
    );
    expect(lines).toEqual(['1 Start server #0', '1.35 GiveUp server #0']);
    expect(totals.timedOut).toBe(1);
  });

  it('lets the attempt that has started come to its end, as the last', () => {
    const users = { patienceS: 0.5, patienceRuns: 'untilStarted' } as const;
    const flow = flowWith({ retry }, { failureRate: 1 }, users);
    expect(run(flow, 'Start', 'GiveUp', 'Answer').lines).toEqual([
      '1 Start server #0',
      '1.4 Start server #0',
      '1.7 Answer users #0',
    ]);
    expect(run(flow).totals.failed).toBe(1);
    // Nor does the deadline of the start end work that has begun.
    const slow = flowWith({ propagateDeadline: true }, {}, { ...users, patienceS: 0.1 });
    expect(run(slow).totals.served).toBe(1);
  });

  it('takes a second attempt out of the accept queue, if users leave it', () => {
    const flow = flowWith(
      { retry, timeoutMs: 100 },
      { threads: 1, acceptQueue: null },
      { patienceS: 0.25, whenImpatient: 'leavesAcceptQueue' },
    );
    const { lines } = run(flow, 'Start', 'Wait', 'GiveUp', 'Answer');
    expect(lines).toEqual(['1 Start server #0', '1.2 Wait server #0', '1.25 GiveUp server #0']);
  });

  it('ends the wait for a place in the bulkhead', () => {
    const users = { limit: 3, batchSize: 3, patienceS: 0.4 };
    const flow = flowWith({ maxConcurrent: 1, maxWaitMs: 5000 }, {}, users);
    const { lines, totals } = run(flow, 'Start', 'GiveUp', 'Answer');
    // #1 is given up on in work, #2 while it waits: that one never starts.
    expect(lines).toEqual([
      '3 Start server #0',
      '3.3 Answer users #0',
      '3.3 Start server #1',
      '3.4 GiveUp server #1',
      '3.4 GiveUp server #2',
      '3.6 Answer users #1',
    ]);
    expect(totals).toMatchObject({ served: 1, timedOut: 2 });
  });
});

describe('a call that nothing will ever end', () => {
  const places = (flow: Flow): number => {
    const simulation = new Simulation(flow, { seed: 1, observe: 'none' });
    simulation.advance(1000);
    return simulation.calls.live;
  };

  it('is released when its user gives up, whether it or its answer was lost', () => {
    const flow = flowWith({ loss: 0.5 }, {}, { limit: 300, patienceS: 5 });
    expect(run(flow).totals.timedOut).toBeGreaterThan(200);
  });

  it('is released when its answer is lost after its user gave up', () => {
    const flow = flowWith({ loss: 0.5 }, {}, { limit: 300, patienceS: 0.1 });
    expect(run(flow).totals.timedOut).toBe(300);
  });

  it('gives its place in the bulkhead to the next', () => {
    const flow = flowWith(
      { loss: 1, maxConcurrent: 1, maxWaitMs: 5000 },
      {},
      { limit: 2, patienceS: 1.5 },
      [{ timeS: 1.5, action: { do: 'set', path: 'users.call.loss', value: 0 } }],
    );
    expect(run(flow, 'Start', 'GiveUp', 'Answer').lines).toEqual([
      '2.5 GiveUp server #0',
      '2.5 Start server #1',
      '2.8 Answer users #1',
    ]);
  });

  it('stays for users who wait for ever, and for threads without a timeout', () => {
    expect(places(flowWith({ loss: 1 }, {}, { limit: 10 }))).toBe(10);
    const flow = flowWith({}, {}, { limit: 10, patienceS: 1 });
    const front: ServiceSpec = {
      kind: 'service',
      threads: 9,
      acceptQueue: 0,
      handler: [{ do: 'call', name: 'server', target: 'server', policy: { loss: 1 } }],
    };
    const users = everySecond('front', 20, { patienceS: 1 });
    expect(places(flowOf({ ...flow.nodes, users, front }))).toBe(9);
  });
});
