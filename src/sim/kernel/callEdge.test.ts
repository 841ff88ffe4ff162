import { describe, expect, it } from 'vitest';
import type { CallPolicy } from '../callPolicy.ts';
import type { Flow, ServiceSpec } from '../flow.ts';
import { runHeadless } from '../runHeadless.ts';
import { eventLog } from '../testing/eventLog.ts';
import { everySecond, flowOf } from '../testing/toyFlow.ts';
import type { PoolView } from '../view.ts';
import { Result } from './node.ts';
import { Simulation } from './simulation.ts';

/** Users ask `api`, which calls `db` with the policy. */
function apiAndDb(policy: CallPolicy, db: Partial<ServiceSpec> = {}, requests = 1): Flow {
  return flowOf({
    users: everySecond('api', requests),
    api: {
      kind: 'service',
      threads: 5,
      acceptQueue: null,
      handler: [{ do: 'call', name: 'db', target: 'db', policy }],
    },
    db: {
      kind: 'service',
      threads: 1,
      acceptQueue: null,
      handler: [{ do: 'work', name: 'query', workMs: 300 }],
      ...db,
    },
  });
}

function pool(simulation: Simulation, id: string): PoolView {
  const view = simulation.createView();
  simulation.readView(view);
  return view.nodes.find((node) => node.id === id) as PoolView;
}

describe('a call with a timeout', () => {
  it('frees the caller at once, while the target works on for nobody', () => {
    const { simulation, lines } = eventLog(apiAndDb({ timeoutMs: 100 }), 1.2);
    expect(lines).toEqual([
      '1 Arrive api #0',
      '1 Start api #0',
      '1 Park api #0',
      '1 Start db #0',
      '1.1 Resume api #0',
      '1.1 Fail db #0',
      '1.1 Answer users #0',
    ]);
    expect(pool(simulation, 'api').runningCount).toBe(0);
    expect(pool(simulation, 'db').runningCount).toBe(1);
    expect(pool(simulation, 'db').wasted[0]).toBe(1);
    expect(simulation.requests.rows[0].cause).toBe(Result.TimedOut);
    expect(simulation.readouts().totals.failed).toBe(1);
    simulation.advance(2);
    expect(pool(simulation, 'db').runningCount).toBe(0);
    expect(simulation.jobs.live).toBe(0);
  });

  it('is answered in time at any length under it', () => {
    const { simulation } = eventLog(apiAndDb({ timeoutMs: 301 }), 2);
    expect(simulation.readouts().totals.served).toBe(1);
    expect(simulation.calls.live).toBe(0);
  });
});

describe('retries', () => {
  const retry = { attempts: 4, baseS: 0.1, jitter: 'none', capS: 0.3 } as const;

  it('wait 0.1, 0.2 and then, at the cap, 0.3 s', () => {
    const flow = apiAndDb({ timeoutMs: 50, retry }, { threads: 9 });
    expect(eventLog(flow, 9, 'Start', 'Answer').lines).toEqual([
      '1 Start api #0',
      '1 Start db #0',
      '1.15 Start db #0',
      '1.4 Start db #0',
      '1.75 Start db #0',
      '1.8 Answer users #0',
    ]);
  });

  it('end with the first answer', () => {
    const flow = apiAndDb({ timeoutMs: 350, retry }, { failureRate: 0 });
    expect(eventLog(flow, 9, 'Start').lines).toEqual(['1 Start api #0', '1 Start db #0']);
  });

  it('are not made for a decline, which is an answer', () => {
    const flow = apiAndDb({ retry }, { failureRate: 1, failureKind: 'decline' });
    const { simulation, lines } = eventLog(flow, 9, 'Start');
    expect(lines).toEqual(['1 Start api #0', '1 Start db #0']);
    expect(simulation.readouts().totals.declined).toBe(1);
  });

  it('draw anew: half of the attempts fail, an eighth of the calls of three', () => {
    const flow = apiAndDb({ retry: { attempts: 3 } }, { failureRate: 0.5 }, 4000);
    const { simulation } = eventLog(flow, 5000);
    expect(Math.abs(simulation.readouts().totals.failed / 4000 - 0.125)).toBeLessThan(0.02);
  });

  it('stop when a budget of a tenth is spent', () => {
    const policy: CallPolicy = {
      retry: { attempts: 3 },
      retryBudget: { kind: 'ratio', ratio: 0.1, windowS: 100 },
    };
    const { lines } = eventLog(apiAndDb(policy, { failureRate: 1 }, 50), 60, 'Start');
    expect(lines.filter((line) => line.includes('db')).length).toBe(55);
  });

  it('stop at half the tokens: after five failures of ten tokens', () => {
    const policy: CallPolicy = {
      retry: { attempts: 3 },
      retryBudget: { kind: 'tokens', maxTokens: 10, tokenRatio: 0.1 },
    };
    const { lines } = eventLog(apiAndDb(policy, { failureRate: 1 }, 20), 60, 'Start');
    // Failures leave 9, 8 and 7 tokens (three tries), then 6 (one retry) and 5: no more.
    expect(lines.filter((line) => line.includes('db')).length).toBe(23);
  });
});

describe('a bulkhead', () => {
  it('refuses at once what exceeds it, and nothing else', () => {
    const flow = apiAndDb({ maxConcurrent: 1 }, { threads: 9 }, 2);
    const quick = {
      ...flow,
      nodes: { ...flow.nodes, users: everySecond('api', 2, { ratePerS: 10 }) },
    };
    const { simulation } = eventLog(quick, 9);
    expect(simulation.readouts().totals).toMatchObject({ served: 1, rejected: 1, failed: 0 });
  });
});

describe('a circuit breaker', () => {
  const breaker = { window: 4, minimumCalls: 2, failureRate: 0.5, openS: 3, probes: 1 };

  it('is counted when it opens, apart from the calls that it then turns back', () => {
    const flow = apiAndDb({ breaker }, { failureRate: 1, handler: [] }, 12);
    const { counts } = runHeadless(flow, { seed: 1, durationS: 20 }).report.nodes['api'];
    // On the second failure, at 2 s, and on each probe: at 5, 8 and 11 s.
    expect(counts).toMatchObject({ callAttempts: 5, breakerOpened: 4, breakerOpen: 7 });
  });

  it('opens after two failures, fails fast for 3 s, and closes after a good probe', () => {
    const policy: CallPolicy = { breaker, retry: { attempts: 5, baseS: 0.01, jitter: 'none' } };
    const flow = apiAndDb(policy, { failureRate: 1, handler: [] }, 8);
    const healed: Flow = {
      ...flow,
      schedule: [{ timeS: 3.5, action: { do: 'set', path: 'db.failureRate', value: 0 } }],
    };
    // Retries never go through an open breaker: one call each at 1 and 1.01, then none before 4.01.
    expect(eventLog(healed, 9, 'Start').lines.filter((line) => line.includes('db'))).toEqual([
      '1 Start db #0',
      '1.01 Start db #0',
      '5 Start db #4',
      '6 Start db #5',
      '7 Start db #6',
      '8 Start db #7',
    ]);
  });

  it('tells why the request failed', () => {
    const policy: CallPolicy = { breaker };
    const { simulation } = eventLog(apiAndDb(policy, { failureRate: 1, handler: [] }, 3), 4);
    const causes = simulation.requests.rows.slice(0, 3).map(({ cause }) => cause);
    expect(causes).toEqual([Result.Failed, Result.Failed, Result.BreakerOpen]);
  });
});

describe('an adaptive throttle', () => {
  it('lets about twice as many calls out as are accepted', () => {
    const policy: CallPolicy = { throttle: { k: 2, windowS: 30 } };
    const flow = apiAndDb(
      policy,
      { acceptQueue: 0, handler: [{ do: 'work', name: 'w', workMs: 100 }] },
      1e6,
    );
    const busy = {
      ...flow,
      nodes: { ...flow.nodes, users: everySecond('api', 1e6, { ratePerS: 100 }) },
    };
    const { simulation } = eventLog(busy, 60);
    const metrics = new Simulation(busy, { seed: 1, observe: 'metrics' });
    metrics.advance(60);
    metrics.clearStatistics();
    metrics.advance(120);
    const { counts } = metrics.report().nodes['api'];
    expect(counts['callAttempts'] / metrics.report().nodes['db'].counts['ok']).toBeGreaterThan(1.8);
    expect(counts['callAttempts'] / metrics.report().nodes['db'].counts['ok']).toBeLessThan(2.2);
    // A thread of 10/s without a queue accepts half of 10/s at random (Erlang B): 5/s go on.
    expect(simulation.readouts().totals.served).toBeGreaterThan(280);
  });

  it('looks at its window only: what was accepted before it counts no more', () => {
    const policy: CallPolicy = { throttle: { k: 2, windowS: 10 } };
    const flow = apiAndDb(policy, { handler: [{ do: 'work', name: 'query', workMs: 10 }] });
    const busy: Flow = {
      ...flow,
      nodes: { ...flow.nodes, users: everySecond('api', 1e6, { ratePerS: 10 }) },
      schedule: [
        { timeS: 40, action: { do: 'outage', node: 'db', durationS: 100, how: 'refuse' } },
      ],
    };
    const simulation = new Simulation(busy, { seed: 1, observe: 'metrics' });
    const throttled = (untilS: number) => {
      simulation.advance(untilS);
      return simulation.report().nodes['api'].counts['throttled'] ?? 0;
    };
    expect(throttled(40)).toBe(0);
    const before = throttled(52);
    // 100 requests in the window and none accepted: 100 ÷ 101 are held back.
    expect(throttled(62) - before).toBeGreaterThan(90);
  });
});

describe('travel and loss', () => {
  it('take their time each way', () => {
    expect(eventLog(apiAndDb({ travelMs: 25 }), 9, 'Start', 'Answer').lines).toEqual([
      '1 Start api #0',
      '1.025 Start db #0',
      '1.35 Answer users #0',
    ]);
  });

  it('let the caller time out; a call that is lost never reaches the target', () => {
    expect(eventLog(apiAndDb({ loss: 1, timeoutMs: 70 }), 9, 'Start', 'Answer').lines).toEqual([
      '1 Start api #0',
      '1.07 Answer users #0',
    ]);
  });

  it('end at the connect timeout if there is no connection by then', () => {
    const policy: CallPolicy = { travelMs: 60, connectTimeoutMs: 100, timeoutMs: 1000 };
    expect(eventLog(apiAndDb(policy), 9, 'Start', 'Answer').lines).toEqual([
      '1 Start api #0',
      '1.1 Answer users #0',
    ]);
  });
});

describe('a deadline that propagates', () => {
  const slow = {
    handler: [
      { do: 'work', name: 'a', workMs: 300 },
      { do: 'work', name: 'b', workMs: 300 },
    ],
  } as const;

  it('ends the work at the next step', () => {
    for (const [propagateDeadline, freeS] of [
      [true, 1.3],
      [false, 1.6],
    ] as const) {
      const flow = apiAndDb({ timeoutMs: 100, propagateDeadline }, slow);
      const simulation = new Simulation(flow, { seed: 1, observe: 'none' });
      simulation.advance(freeS);
      expect(pool(simulation, 'db').runningCount).toBe(1);
      simulation.advance(freeS + 0.001);
      expect(pool(simulation, 'db').runningCount).toBe(0);
    }
  });
});

describe('clients that retry', () => {
  const service: ServiceSpec = {
    kind: 'service',
    threads: 3,
    acceptQueue: 0,
    handler: [{ do: 'work', name: 'w', workMs: 300 }],
  };
  const policy: CallPolicy = {
    timeoutMs: 100,
    retry: { attempts: 3, baseS: 0.05, jitter: 'none' },
  };

  it('end as timed out after the last attempt, once', () => {
    const flow = flowOf({ users: everySecond('api', 1, { policy }), api: service });
    const { simulation, lines } = eventLog(flow, 9, 'Start', 'GiveUp', 'Answer');
    expect(lines).toEqual([
      '1 Start api #0',
      '1.15 Start api #0',
      '1.35 Start api #0',
      '1.45 GiveUp api #0',
    ]);
    expect(simulation.readouts().totals).toMatchObject({ submitted: 1, timedOut: 1, open: 0 });
    expect(simulation.jobs.live + simulation.calls.live).toBe(0);
  });

  it('stop when their own patience ends', () => {
    const flow = flowOf({
      users: everySecond('api', 1, { policy, patienceS: 0.2 }),
      api: service,
    });
    const { simulation, lines } = eventLog(flow, 9, 'Start', 'GiveUp');
    expect(lines).toEqual(['1 Start api #0', '1.15 Start api #0', '1.2 GiveUp api #0']);
    expect(simulation.calls.live).toBe(0);
  });

  it('give up their place in the accept queue if they leave it', () => {
    const flow = flowOf({
      users: everySecond('api', 3, {
        ratePerS: 10,
        policy: { timeoutMs: 1000 },
        patienceS: 0.15,
        whenImpatient: 'leavesAcceptQueue',
      }),
      api: { ...service, threads: 1, acceptQueue: null },
    });
    const { simulation, lines } = eventLog(flow, 9, 'Start', 'GiveUp');
    expect(lines).toEqual([
      '0.1 Start api #0',
      '0.25 GiveUp api #0',
      '0.35 GiveUp api #1',
      '0.4 Start api #2',
      '0.45 GiveUp api #2',
    ]);
    expect(simulation.jobs.live + simulation.calls.live).toBe(0);
  });
});
