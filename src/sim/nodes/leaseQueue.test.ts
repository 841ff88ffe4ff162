import { describe, expect, it } from 'vitest';
import type { NodeSpec } from '../flow.ts';
import { act, messageFlow, runMessages, stateOf } from '../testing/messageRun.ts';
import { flowOf } from '../testing/toyFlow.ts';

const lease = (spec: object) => ({ kind: 'leaseQueue' as const, ...spec });
const work = (workMs: number) => ({ handler: [{ do: 'work' as const, name: 'do', workMs }] });

describe('a lease queue', () => {
  it('with 5 receives runs a failing message 5 times; the 6th receive moves it', () => {
    const flow = messageFlow({
      users: { limit: 1 },
      queue: lease({ maxReceives: 5 }),
      workers: { failureRate: 1 },
    });
    expect(runMessages(flow, 1000, ['deliver', 'dead-letter']).log).toEqual([
      '1 deliver 0',
      '31 deliver 0',
      '61 deliver 0',
      '91 deliver 0',
      '121 deliver 0',
      '151 dead-letter 0',
    ]);
  });

  it('does not move it while nobody receives', () => {
    const flow = messageFlow({
      users: { limit: 1 },
      queue: lease({ maxReceives: 1 }),
      workers: { crashRate: 1, startUpS: 100 },
    });
    const { log } = runMessages(flow, 1000, ['deliver', 'dead-letter']);
    expect(log.map((line) => line.split(' ')[1])).toEqual(['deliver', 'dead-letter']);
    // The lease ends at 31 s, but the only worker starts at 101 s and something.
    expect(Number(log[1].split(' ')[0])).toBeGreaterThan(101);
  });

  it('with leases of no length at all makes no progress, and the run says so', () => {
    // Whatever it takes waits for the other queue, and is there to be taken again.
    const flow = flowOf({
      ...messageFlow({ queue: lease({ visibilityS: 0 }) }).nodes,
      other: { kind: 'queue', limit: null, publishMs: 100 },
      w: {
        kind: 'service',
        threads: 1,
        threading: 'nonBlocking',
        acceptQueue: null,
        consumes: 'q',
        handler: [{ do: 'publish', name: 'pass on', queue: 'other' }],
      },
    });
    expect(() => runMessages(flow, 2)).toThrow(/no progress at node q/);
  });

  it('deletes with the latest receipt only', () => {
    const flow = messageFlow({
      users: { limit: 1 },
      queue: lease({ visibilityS: 3 }),
      workers: { workers: 2, ...work(4000) },
      schedule: [{ timeS: 4.5, action: { do: 'set', path: 'w.workMs', value: 1000 } }],
    });
    // Run at 1 and 4; the first is done at 5 with an old receipt, is received again at 7.
    const { log, simulation } = runMessages(flow, 30, ['deliver', 'ack']);
    expect(log).toEqual(['1 deliver 0', '4 deliver 0', '7 deliver 0', '8 ack 0']);
    expect(stateOf(simulation, 'q').staleReceipts).toBe(2);
    expect(stateOf(simulation, 'q').leasesExpired).toBe(2);
    expect(stateOf(simulation, 'w').effects).toBe(3);
    expect(stateOf(simulation, 'w').duplicateEffects).toBe(2);
    expect(simulation.messages.live).toBe(0);
    expect(simulation.requests.live).toBe(1);
  });

  it('keeps a lease alive with heartbeats', () => {
    const flow = messageFlow({
      users: { limit: 1 },
      queue: lease({ visibilityS: 3 }),
      workers: { workers: 2, heartbeatS: 1, ...work(20_000) },
    });
    expect(runMessages(flow, 60).log).toEqual(['1 deliver 0', '21 ack 0']);
  });

  it('counts the time in a batch against the lease', () => {
    const flow = messageFlow({
      users: { ratePerS: 1000, limit: 4 },
      queue: lease({ visibilityS: 2.5, delayS: 1 }),
      workers: { workers: 1, batch: 4, ...work(1000) },
    });
    const { simulation } = runMessages(flow, 60);
    expect(stateOf(simulation, 'q').leasesExpired).toBeGreaterThan(0);
    const single = messageFlow({
      users: { ratePerS: 1000, limit: 4 },
      queue: lease({ visibilityS: 2.5, delayS: 1 }),
      workers: { workers: 1, ...work(1000) },
    });
    expect(stateOf(runMessages(single, 60).simulation, 'q').leasesExpired).toBe(0);
  });

  it('gives a released message back at once, and a failed one at the end of its lease', () => {
    const flow = (whenFailed: 'release' | 'waitForLease') =>
      messageFlow({
        users: { limit: 1 },
        queue: lease({ maxReceives: 2, whenFailed, visibilityS: 10 }),
        workers: { failureRate: 1 },
      });
    const kinds = ['deliver', 'dead-letter'];
    expect(runMessages(flow('release'), 50, kinds).log).toEqual([
      '1 deliver 0',
      '1.1 deliver 0',
      '1.2 dead-letter 0',
    ]);
    expect(runMessages(flow('waitForLease'), 50, kinds).log).toEqual([
      '1 deliver 0',
      '11 deliver 0',
      '21 dead-letter 0',
    ]);
  });

  it('makes no progress with messages that fail at once and are released at once, and the run says so', () => {
    const nobody: NodeSpec = {
      ...{ kind: 'service', threads: 1, acceptQueue: 0 },
      handler: [{ do: 'work', name: 'do', workMs: 1000 }],
    };
    const flow = messageFlow({
      users: { limit: 1 },
      queue: lease({ whenFailed: 'release' }),
      workers: { handler: [{ do: 'call', name: 'ask', target: 'nobody' }] },
      more: { nobody },
      schedule: [act(0, { do: 'outage', node: 'nobody', how: 'refuse', durationS: 100 })],
    });
    expect(() => runMessages(flow, 60)).toThrow('no progress');
  });

  it('has at most its limit in flight', () => {
    const flow = messageFlow({
      users: { ratePerS: 100, limit: 10 },
      queue: lease({ inFlightLimit: 2 }),
      workers: { workers: 5, ...work(1000) },
    });
    const { log } = runMessages(flow, 60, ['deliver']);
    expect(log.map((line) => Math.floor(Number(line.split(' ')[0])))).toEqual([
      0, 0, 1, 1, 2, 2, 3, 3, 4, 4,
    ]);
  });

  it('blocks a FIFO group until its message is through', () => {
    const flow = messageFlow({
      users: { ratePerS: 10, limit: 3 },
      queue: lease({ groups: 1, maxReceives: 2 }),
      workers: { workers: 3 },
      schedule: [act(0, { do: 'poison', node: 'w' })],
    });
    expect(runMessages(flow, 200, ['deliver', 'dead-letter']).log).toEqual([
      '0.1 deliver 0',
      '30.1 deliver 0',
      '60.1 dead-letter 0',
      '60.1 deliver 1',
      '60.2 deliver 2',
    ]);
  });
});
