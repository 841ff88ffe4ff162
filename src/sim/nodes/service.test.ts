import { describe, expect, it } from 'vitest';
import type { CallPolicy } from '../callPolicy.ts';
import type { ClientsSpec, Flow, NodeSpec, ServiceSpec, TimedInput } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { eventLog } from '../testing/eventLog.ts';
import { everySecond, flowOf } from '../testing/toyFlow.ts';
import type { ClientsView, PoolView } from '../view.ts';

const work = (workMs: number, name = 'work') => ({ do: 'work', name, workMs }) as const;

function service(spec: Partial<ServiceSpec>): NodeSpec {
  return { kind: 'service', threads: 1, acceptQueue: null, handler: [work(300)], ...spec };
}
/** Requests at 0.1, 0.2, 0.3, … s. */
function burst(requests: number, more: Partial<ClientsSpec> = {}): NodeSpec {
  return everySecond('api', requests, { ratePerS: 10, ...more });
}
function flow(
  requests: number,
  spec: Partial<ServiceSpec>,
  schedule: readonly TimedInput[] = [],
): Flow {
  return flowOf({ users: burst(requests), api: service(spec) }, schedule);
}
function starts(of: Flow, untilS = 20): string[] {
  return eventLog(of, untilS, 'Start').lines;
}
function view(simulation: Simulation, id: string) {
  const lane = simulation.createView();
  simulation.readView(lane);
  return lane.nodes.find((node) => node.id === id)!;
}

describe('endpoints, branches and parallel calls', () => {
  it('is held by a transfer for size over bandwidth, whatever the variability of its work', () => {
    const upload = { do: 'transfer', name: 'upload', sizeMB: 100, bandwidthMbps: 20 } as const;
    const spec = { handler: [upload], variability: { kind: 'exponential' } } as const;
    // 100 MB are 800 Mb.
    expect(eventLog(flow(1, spec), 99, 'Answer').lines).toEqual(['40.1 Answer users #0']);
    const faster = flow(1, spec, [
      { timeS: 0, action: { do: 'set', path: 'api.workMs.upload', value: 10_000 } },
    ]);
    expect(eventLog(faster, 99, 'Answer').lines).toEqual(['10.1 Answer users #0']);
  });

  it('runs the endpoint that is asked for', () => {
    const spec = service({ endpoints: { quick: [work(10)] } });
    const flow = flowOf({
      users: everySecond('api', 1, { endpoint: 'quick' }),
      api: service({
        handler: [{ do: 'call', name: 'b', target: 'b', endpoint: 'quick' }],
        endpoints: { quick: [{ do: 'call', name: 'b2', target: 'b', endpoint: 'quick' }] },
      }),
      b: spec,
    });
    expect(eventLog(flow, 9, 'Answer').lines).toEqual(['1.01 Answer users #0']);
  });

  it('takes each way of a branch as often as its probability says, or none', () => {
    const ways = [
      { probability: 0.2, steps: [work(10, 'short')] },
      { probability: 0.5, steps: [work(20, 'long')] },
    ];
    const simulation = new Simulation(
      flowOf({
        users: everySecond('api', 10_000),
        api: service({ handler: [{ do: 'branch', name: 'b', ways }] }),
      }),
      { seed: 3, observe: 'live' },
    );
    const counts = new Map<number, number>();
    for (let t = 1; t <= 10_000; t++) {
      simulation.advance(t + 0.5);
      const [journey] = simulation.recentJourneys(1);
      const ms = Math.round((journey.endS! - journey.submittedS) * 1000);
      counts.set(ms, (counts.get(ms) ?? 0) + 1);
    }
    expect(counts.get(10)! / 10_000).toBeCloseTo(0.2, 1);
    expect(counts.get(20)! / 10_000).toBeCloseTo(0.5, 1);
    expect(counts.get(0)! / 10_000).toBeCloseTo(0.3, 1);
  });

  it('waits for the slowest of parallel calls, and fails if one does', () => {
    const handler = [
      {
        do: 'parallel',
        name: 'both',
        calls: [
          { do: 'call', name: 'b', target: 'b' },
          { do: 'call', name: 'c', target: 'c' },
        ],
      },
    ] as const;
    const nodes = { users: everySecond('api', 1), api: service({ handler }), b: service({}) };
    const good = flowOf({ ...nodes, c: service({ handler: [work(500)] }) });
    expect(eventLog(good, 9, 'Start', 'Answer').lines).toEqual([
      '1 Start api #0',
      '1 Start b #0',
      '1 Start c #0',
      '1.5 Answer users #0',
    ]);
    const bad = flowOf({ ...nodes, c: service({ failureRate: 1, handler: [work(100)] }) });
    const { simulation, lines } = eventLog(bad, 9, 'Answer');
    expect(lines).toEqual(['1.3 Answer users #0']);
    expect(simulation.readouts().totals.failed).toBe(1);
    expect(simulation.jobs.live).toBe(0);
  });

  it('does without each parallel call for itself', () => {
    const optional = { whenFailed: 'goOn' } as const;
    const served = (b: object, c: object, failing: 'b' | 'c', policy?: CallPolicy): number => {
      const call = (name: string, more: object) =>
        ({ do: 'call', name, target: name, policy, ...more }) as const;
      const both = { do: 'parallel', name: 'both', calls: [call('b', b), call('c', c)] } as const;
      const of = (id: string) => service({ failureRate: id === failing ? 1 : 0 });
      const nodes = { users: everySecond('api', 1), b: of('b'), c: of('c') };
      // A job of workers goes the same way.
      const pump = { kind: 'workers', consumes: 'q', workers: 1, handler: [both] } as const;
      const api = service({ handler: [both, { do: 'publish', name: 'p', queue: 'q' }] });
      const q = { kind: 'queue', limit: null, maxAttempts: 1 } as const;
      const { simulation } = eventLog(flowOf({ ...nodes, api, q, pump }), 20, 'Answer');
      expect([simulation.jobs.live, simulation.calls.live]).toEqual([0, 0]);
      const { totals } = simulation.readouts();
      expect(totals.deadLettered).toBe(0);
      return totals.served;
    };
    for (const policy of [undefined, { timeoutMs: 1000 }]) {
      expect(served(optional, {}, 'b', policy)).toBe(1);
      expect(served(optional, {}, 'c', policy)).toBe(0);
      expect(served({}, optional, 'b', policy)).toBe(0);
      expect(served({}, optional, 'c', policy)).toBe(1);
    }
  });
});

describe('the accept queue', () => {
  it('serves first come first', () => {
    expect(starts(flow(3, {}))).toEqual([
      '0.1 Start api #0',
      '0.4 Start api #1',
      '0.7 Start api #2',
    ]);
  });

  it('serves last come first under LIFO', () => {
    expect(starts(flow(4, { discipline: { kind: 'lifo' } }))).toEqual([
      '0.1 Start api #0',
      '0.4 Start api #2',
      '0.7 Start api #3',
      '1 Start api #1',
    ]);
  });

  it('serves by priority, and makes room for the urgent when full', () => {
    const nodes = {
      patient: everySecond('api', 3, {
        ratePerS: 10,
        classes: [{ name: 'low', share: 1, priority: 5 }],
      }),
      urgent: everySecond('api', 1, { ratePerS: 2.5, classes: [{ name: 'high', share: 1 }] }),
      api: service({ acceptQueue: 2, discipline: { kind: 'priority' }, handler: [work(1000)] }),
    };
    const { simulation, lines } = eventLog(flowOf(nodes), 9, 'Start');
    expect(lines).toEqual(['0.1 Start api #0', '1.1 Start api #0', '2.1 Start api #1']);
    expect(simulation.readouts().totals.rejected).toBe(1);
  });

  it('drops who waited too long, when their turn comes', () => {
    const { simulation, lines } = eventLog(
      flow(3, { discipline: { kind: 'deadlineDrop', maxWaitS: 0.35 } }),
      9,
      'Start',
    );
    expect(lines).toEqual(['0.1 Start api #0', '0.4 Start api #1']);
    expect(simulation.readouts().totals.rejected).toBe(1);
  });

  it('drops after 100 ms, and after 5 ms once it has stood for 100 ms (CoDel, Facebook)', () => {
    const nodes = {
      users: burst(9, { ratePerS: 25 }),
      api: service({ discipline: { kind: 'codelTimeout' }, handler: [work(150)] }),
    };
    // At 0.19: 1 has waited 110 ms, 2 only 70. At 0.34: 3 has waited 180 ms; 4 to 7 came to a
    // standing queue and have waited more than 5 ms.
    expect(starts(flowOf(nodes))).toEqual([
      '0.04 Start api #0',
      '0.19 Start api #2',
      '0.36 Start api #8',
    ]);
  });

  it('keeps the wait near the target under CoDel, where FIFO lets it grow', () => {
    const overload = (discipline: ServiceSpec['discipline']) => {
      const simulation = new Simulation(
        flowOf({
          users: burst(1e6, { ratePerS: 150 }),
          api: service({ discipline, handler: [work(10)] }),
        }),
        { seed: 1, observe: 'live' },
      );
      simulation.advance(60);
      return simulation.readouts().acceptQueueWaitS!;
    };
    expect(overload({ kind: 'fifo' })).toBeGreaterThan(10);
    expect(overload({ kind: 'codel' })).toBeLessThan(1);
  });

  it('spends a thread on telling who is rejected', () => {
    const { lines } = eventLog(
      flow(3, { acceptQueue: 0, rejectionMs: 50 }),
      9,
      'Start',
      'Answer',
      'Reject',
    );
    expect(lines).toEqual([
      '0.1 Start api #0',
      '0.4 Answer users #0',
      '0.4 Start api #1',
      '0.45 Reject api #1',
      '0.45 Start api #2',
      '0.5 Reject api #2',
    ]);
  });
});

describe('a non-blocking service', () => {
  const handler = [
    work(10, 'before'),
    { do: 'call', name: 'db', target: 'db' },
    work(10, 'after'),
  ] as const;
  const nodes = (spec: Partial<ServiceSpec>) =>
    flowOf({
      users: burst(3, { ratePerS: 100 }),
      api: service({ handler, ...spec }),
      db: service({ threads: 9 }),
    });

  it('gives its thread back while it waits: one thread, three requests under way', () => {
    const { lines } = eventLog(nodes({ threading: 'nonBlocking' }), 9, 'Start', 'Answer');
    expect(lines).toEqual([
      '0.01 Start api #0',
      '0.02 Start db #0',
      '0.02 Start api #1',
      '0.03 Start db #1',
      '0.03 Start api #2',
      '0.04 Start db #2',
      '0.33 Answer users #0',
      '0.34 Answer users #1',
      '0.35 Answer users #2',
    ]);
    expect(eventLog(nodes({}), 9, 'Answer').lines.at(-1)).toBe('0.97 Answer users #2');
  });

  it('begins no more than its in-flight limit, and goes on before it begins', () => {
    const { lines } = eventLog(
      nodes({ threading: 'nonBlocking', inFlightLimit: 2 }),
      9,
      'Start',
      'Answer',
    );
    expect(lines.slice(4)).toEqual([
      '0.33 Answer users #0',
      '0.34 Answer users #1',
      '0.34 Start api #2',
      '0.35 Start db #2',
      '0.66 Answer users #2',
    ]);
  });
});

describe('faults', () => {
  const at = (timeS: number, action: TimedInput['action']): TimedInput => ({ timeS, action });

  it('hang a thread for ever, or for a while', () => {
    const { simulation } = eventLog(flow(2, { threads: 2, hangRate: 1 }), 99);
    expect((view(simulation, 'api') as PoolView).runningCount).toBe(2);
    const ended = eventLog(flow(2, { threads: 2, hangRate: 1, hangS: 5 }), 99, 'Answer');
    expect(ended.lines).toEqual(['5.1 Answer users #0', '5.2 Answer users #1']);
    expect(ended.simulation.readouts().totals.failed).toBe(2);
  });

  it('stall: nothing starts, work under way goes on, the queue is worked off afterwards', () => {
    const stall = at(0.15, { do: 'outage', node: 'api', durationS: 2, how: 'stall' });
    expect(eventLog(flow(3, { threads: 2 }, [stall]), 9, 'Start', 'Answer').lines).toEqual([
      '0.1 Start api #0',
      '0.4 Answer users #0',
      '2.15 Start api #1',
      '2.15 Start api #2',
      '2.45 Answer users #1',
      '2.45 Answer users #2',
    ]);
  });

  it('refuse: calls are turned away until it is over', () => {
    const refuse = at(0.15, { do: 'outage', node: 'api', durationS: 0.1, how: 'refuse' });
    const { simulation, lines } = eventLog(flow(3, {}, [refuse]), 9, 'Start', 'Reject');
    expect(lines).toEqual(['0.1 Start api #0', '0.2 Reject api #1', '0.4 Start api #2']);
    expect(simulation.readouts().totals.rejected).toBe(1);
  });

  it('slow: only work that starts meanwhile takes longer', () => {
    const slow = at(0.15, { do: 'slow', node: 'api', factor: 10, durationS: 0.1 });
    expect(eventLog(flow(3, { threads: 3 }, [slow]), 9, 'Answer').lines).toEqual([
      '0.4 Answer users #0',
      '0.6 Answer users #2',
      '3.2 Answer users #1',
    ]);
  });
});

describe('clients', () => {
  it('in a closed loop ask again when they have thought, also after a rejection', () => {
    const users: NodeSpec = {
      kind: 'clients',
      target: 'api',
      arrivals: 'closed',
      ratePerS: 0,
      patienceS: null,
      users: 2,
      thinkS: 1,
      limit: 5,
    };
    const { lines } = eventLog(
      flowOf({ users, api: service({ acceptQueue: 0 }) }),
      9,
      'Arrive',
      'Reject',
    );
    expect(lines).toEqual([
      '1 Arrive api #0',
      '1 Arrive api #1',
      '1 Reject api #1',
      '2 Arrive api #2',
      '2.3 Arrive api #3',
      '2.3 Reject api #3',
      '3.3 Arrive api #4',
    ]);
  });

  it('of a closed loop take no surge', () => {
    const flow = flowOf({ users: burst(3, { arrivals: 'closed' }), api: service({}) });
    const simulation = new Simulation(flow, { seed: 1, observe: 'none' });
    const surge = { do: 'surge', node: 'users', factor: 2, durationS: 1 } as const;
    expect(simulation.apply(surge)).toBe(false);
  });

  it('come in bursts: the rate is multiplied for a while', () => {
    const users = burst(1e6, {
      arrivals: 'constant',
      bursts: { factor: 10, quietS: 1, burstS: 1, lengths: 'fixed' },
    });
    const simulation = new Simulation(flowOf({ users, api: service({ handler: [] }) }), {
      seed: 1,
      observe: 'none',
    });
    simulation.advance(10.001);
    expect((view(simulation, 'users') as ClientsView).nextRequest).toBe(5 * 10 + 5 * 100);
  });
});

describe('outages that overlap', () => {
  const outage = (timeS: number, how: 'stall' | 'refuse', durationS: number): TimedInput => ({
    timeS,
    action: { do: 'outage', node: 'api', how, durationS },
  });
  const outcomes = (...schedule: readonly TimedInput[]) => {
    const users = everySecond('api', 30);
    const { lines } = eventLog(
      flowOf({ users, api: service({}) }, schedule),
      99,
      'Start',
      'Reject',
    );
    return (['Start', 'Reject'] as const).map((kind) =>
      lines.filter((line) => line.includes(kind)),
    );
  };

  it('end with the last of them, in whatever order they began', () => {
    for (const schedule of [
      [outage(1.5, 'stall', 20), outage(3.5, 'stall', 2)],
      [outage(1.5, 'stall', 2), outage(2.5, 'stall', 19)],
    ]) {
      const [started] = outcomes(...schedule);
      expect(started.slice(0, 2)).toEqual(['1 Start api #0', '21.5 Start api #1']);
    }
  });

  it('let what is under way go on, on threads or not', () => {
    const calling = [
      work(100, 'before'),
      { do: 'call', name: 'b', target: 'b' } as const,
      work(100),
    ];
    for (const threading of ['blocking', 'nonBlocking'] as const) {
      const api = service({ handler: calling, threading });
      const nodes = { users: everySecond('api', 2), api, b: service({}) };
      const { lines } = eventLog(flowOf(nodes, [outage(1.2, 'stall', 20)]), 99, 'Answer');
      expect(lines).toEqual(['1.5 Answer users #0', '21.7 Answer users #1']);
    }
  });

  it('turn calls away while one of them does', () => {
    const [started, rejected] = outcomes(outage(1.5, 'stall', 20), outage(3.5, 'refuse', 2));
    expect(started.slice(0, 2)).toEqual(['1 Start api #0', '21.5 Start api #1']);
    expect(rejected.map((line) => line.split(' ')[0])).toEqual(['4', '5']);
  });

  it('keep workers from their messages for as long', () => {
    const log = eventLog(
      flowOf(
        {
          users: everySecond('api', 3),
          api: service({ handler: [{ do: 'publish', name: 'p', queue: 'q' }] }),
          q: { kind: 'queue', limit: null },
          w: { kind: 'workers', consumes: 'q', workers: 1, handler: [] },
        },
        [
          { timeS: 0.5, action: { do: 'outage', node: 'w', how: 'stall', durationS: 20 } },
          { timeS: 1.5, action: { do: 'outage', node: 'w', how: 'stall', durationS: 1 } },
        ],
      ),
      99,
      'Deliver',
    );
    expect(log.lines.map((line) => line.split(' ')[0])).toEqual(['20.5', '20.5', '20.5']);
  });
});
