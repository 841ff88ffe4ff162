import { describe, expect, it } from 'vitest';
import type { Flow, TimedInput, WorkersSpec } from '../flow.ts';
import { parseFlow } from '../format/parseFlow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { act, messageFlow, runMessages, set, stateOf } from '../testing/messageRun.ts';

const lease = (spec: object) => ({ kind: 'leaseQueue' as const, ...spec });
const work = (workMs: number) => ({ handler: [{ do: 'work' as const, name: 'do', workMs }] });

describe('workers', () => {
  it('run as many messages at once as there are workers', () => {
    const flow = messageFlow({
      users: { ratePerS: 10, limit: 4 },
      workers: { workers: 2, ...work(1000) },
    });
    expect(runMessages(flow, 9, ['ack']).log).toEqual([
      '1.1 ack 0',
      '1.2 ack 1',
      '2.1 ack 2',
      '2.2 ack 3',
    ]);
  });

  it('that are killed while idle die in their next work, for as long as was said', () => {
    const flow = messageFlow({
      users: { limit: 2 },
      workers: work(100),
      schedule: [{ timeS: 0.5, action: { do: 'kill', node: 'w', downS: 3 } }],
    });
    const { log } = runMessages(flow, 9, ['deliver', 'crash', 'up', 'ack']);
    const crashedS = Number(log[1].split(' ')[0]);
    expect(crashedS).toBeGreaterThan(1);
    expect(crashedS).toBeLessThan(1.1);
    const upS = Math.round((crashedS + 3) * 1e6) / 1e6;
    expect(log.slice(1, 4)).toEqual([`${crashedS} crash 0`, `${upS} up -1`, `${upS} deliver 0`]);
    expect(log.filter((line) => line.includes('ack'))).toHaveLength(2);
  });

  it('acknowledge a batch at its end, and fail all of it for one', () => {
    const flow = (failing: boolean) =>
      messageFlow({
        users: { ratePerS: 1000, limit: 3 },
        queue: { delayS: 1, backoffBaseS: 10, jitter: 'none', maxAttempts: 1 },
        workers: { batch: 3, acknowledge: 'batch', ...work(1000) },
        schedule: failing ? [{ timeS: 0, action: { do: 'poison', node: 'w' } }] : [],
      });
    const kinds = ['ack', 'dead-letter'];
    // The first came alone; the others waited for the worker and were fetched together.
    expect(runMessages(flow(false), 9, kinds).log).toEqual([
      '2.001 ack 0',
      '4.001 ack 1',
      '4.001 ack 2',
    ]);
    expect(runMessages(flow(true), 9, kinds).log[0]).toBe('2.001 dead-letter 0');
  });

  it('come back from a crash after their start-up; an ack queue redelivers at once, a lease queue after the lease', () => {
    const flow = (kind: 'queue' | 'leaseQueue') =>
      messageFlow({
        users: { limit: 1 },
        queue: kind === 'queue' ? {} : lease({ visibilityS: 10 }),
        workers: { workers: 2, startUpS: 2, ...work(1000) },
        schedule: [{ timeS: 1.5, action: { do: 'kill', node: 'w', downS: 2 } }],
      });
    const kinds = ['deliver', 'ack', 'up'];
    expect(runMessages(flow('queue'), 30, kinds).log).toEqual([
      '1 deliver 0',
      '1.5 deliver 0',
      '2.5 ack 0',
      '3.5 up -1',
    ]);
    expect(runMessages(flow('leaseQueue'), 30, kinds).log).toEqual([
      '1 deliver 0',
      '3.5 up -1',
      '11 deliver 0',
      '12 ack 0',
    ]);
  });

  it('do an effect twice after a crash between effect and acknowledgement, unless they are idempotent', () => {
    const effects = (idempotency: WorkersSpec['idempotency']) => {
      const flow = messageFlow({
        users: { limit: 1 },
        workers: { crashRate: 1, crashWhen: 'afterEffect', startUpS: 1, idempotency },
        schedule: [set(2, 'w.crashRate', 0)],
      });
      const { simulation } = runMessages(flow, 30);
      expect(stateOf(simulation, 'q').redeliveries).toBe(1);
      return stateOf(simulation, 'w').duplicateEffects;
    };
    expect(effects('none')).toBe(1);
    expect(effects('checkThenAct')).toBe(0);
    expect(effects('atomicClaim')).toBe(0);
  });

  it('race where they check then act, and do not where they claim', () => {
    const counts = (idempotency: WorkersSpec['idempotency']) => {
      const flow = messageFlow({
        users: { limit: 1 },
        queue: lease({ visibilityS: 3, maxReceives: 5 }),
        workers: { workers: 5, idempotency, ...work(4000) },
      });
      const { effects, duplicateEffects, executions } = stateOf(
        runMessages(flow, 60).simulation,
        'w',
      );
      return { effects, duplicateEffects, executions };
    };
    // Run at 1 and at 4, when the first has not had its effect yet: both passed the check.
    expect(counts('checkThenAct')).toEqual({ effects: 2, duplicateEffects: 1, executions: 3 });
    expect(counts('atomicClaim')).toEqual({ effects: 1, duplicateEffects: 0, executions: 3 });
    expect(counts('none').effects).toBe(5);
  });

  it('forget a key after its time to live', () => {
    const duplicates = (keyTtlS: number | null) => {
      const flow = messageFlow({
        users: { limit: 1 },
        workers: {
          crashRate: 1,
          crashWhen: 'afterEffect',
          startUpS: 20,
          idempotency: 'atomicClaim',
          keyTtlS,
        },
        schedule: [set(2, 'w.crashRate', 0)],
      });
      return stateOf(runMessages(flow, 60).simulation, 'w').duplicateEffects;
    };
    expect(duplicates(10)).toBe(1);
    expect(duplicates(30)).toBe(0);
    expect(duplicates(null)).toBe(0);
  });

  it('scale with the backlog: after the metric delay, new workers after their start-up', () => {
    const flow = messageFlow({
      users: { ratePerS: 10 },
      workers: {
        workers: 1,
        startUpS: 30,
        ...work(1000),
        autoscale: { min: 1, max: 20, targetBacklog: 10, everyS: 10, metricDelayS: 20 },
      },
    });
    const simulation = new Simulation(flow, { seed: 1, observe: 'none' });
    const capacityAt = (timeS: number) => {
      simulation.advance(timeS);
      return stateOf(simulation, 'w').capacity - stateOf(simulation, 'w').down;
    };
    expect(capacityAt(59)).toBe(1);
    // The backlog of 90 seen at 10 s is known at 30 s and asks for 9 workers; they work from 60 s.
    expect(capacityAt(61)).toBe(9);
    expect(stateOf(simulation, 'w').capacity).toBe(20);
    simulation.apply({ do: 'set', path: 'w.workMs', value: 100 });
    simulation.advance(300);
    expect(stateOf(simulation, 'q').ready).toBeLessThan(10);
    expect(stateOf(simulation, 'w').capacity).toBe(1);
  });

  it('scale on a backlog as old as the metric, also where that is no whole number of decisions', () => {
    const decided = (everyS: number, metricDelayS: number, atS: number) => {
      const autoscale = { min: 1, max: 1000, targetBacklog: 10, everyS, metricDelayS };
      const flow = messageFlow({ users: { ratePerS: 10 }, workers: { ...work(1e6), autoscale } });
      const simulation = new Simulation(flow, { seed: 1, observe: 'none' });
      simulation.advance(atS + 0.05);
      return stateOf(simulation, 'w').capacity;
    };
    // One worker has one message; of 10 a second, the others wait.
    expect(decided(60, 30, 60)).toBe(30);
    expect(decided(60, 0, 60)).toBe(60);
    expect(decided(60, 60, 60)).toBe(1);
    expect(decided(20, 50, 40)).toBe(1);
    expect(decided(20, 50, 60)).toBe(10);
  });

  it('that stay are not kept from fetching by what those hold that leave', () => {
    const flow = messageFlow({
      users: { ratePerS: 1000, limit: 100 },
      workers: { workers: 10, prefetch: 10, ...work(1000) },
      schedule: [set(0.5, 'w.workers', 1), act(0.6, { do: 'kill', node: 'w', downS: 0.1 })],
    });
    // The only one left loses its ten and is back while the other nine still work off theirs.
    const { log } = runMessages(flow, 2);
    expect(log.filter((line) => line.startsWith('0.7 deliver'))).toHaveLength(10);
  });

  it('lose no message and no request however they crash, fail and overrun their leases', () => {
    for (const queue of [{}, { ackTimeoutS: 0.5 }, lease({ visibilityS: 0.5, maxReceives: 4 })]) {
      const flow = messageFlow({
        users: { arrivals: 'poisson', ratePerS: 50, limit: 500 },
        queue,
        workers: {
          workers: 8,
          batch: 3,
          variability: { kind: 'exponential' },
          failureRate: 0.1,
          crashRate: 0.1,
          startUpS: 0.2,
        },
      });
      const simulation = new Simulation(flow, { seed: 3, observe: 'none' });
      simulation.advance(2000);
      const q = stateOf(simulation, 'q');
      const owed = q.ready + q.inFlight + q.backingOff;
      expect(q.published).toBe(500);
      expect(q.acknowledged + q.dead + owed).toBe(500);
      expect(owed).toBe(0);
      expect(simulation.messages.live).toBe(q.dead);
      expect(simulation.requests.live).toBe(q.dead);
      expect(simulation.jobs.live).toBe(0);
    }
  });
});

it('works slower for a while', () => {
  const flow = messageFlow({
    users: { limit: 4 },
    schedule: [act(1.5, { do: 'slow', node: 'w', factor: 5, durationS: 2 })],
  });
  expect(parseFlow(flow).faults).toBeUndefined();
  expect(runMessages(flow, 20, ['ack']).log).toEqual([
    '1.1 ack 0',
    '2.5 ack 1',
    '3.5 ack 2',
    '4.1 ack 3',
  ]);
});

it('cannot turn calls away, since it gets none', () => {
  const outage = (how: 'stall' | 'refuse') => {
    const action = { do: 'outage', node: 'w', durationS: 2, how } as const;
    return parseFlow(messageFlow({ schedule: [act(1, action)] })).faults?.map(({ path }) => path);
  };
  expect(outage('stall')).toBeUndefined();
  expect(outage('refuse')).toEqual(['schedule[0].action.how']);
});

describe('a crash before the effect', () => {
  const crashing = (handler: WorkersSpec['handler'], crashRate = 1, more = {}) =>
    messageFlow({
      users: { ratePerS: 1, limit: 400 },
      queue: { deliveryLimit: 0 },
      workers: { workers: 50, crashRate, startUpS: 1, handler },
      more,
    });

  it('also comes where the handler has no work of its own', () => {
    const callee = { kind: 'service', threads: 50, acceptQueue: null } as const;
    const called = { ...callee, handler: [{ do: 'work', name: 'do', workMs: 100 }] } as const;
    const flow = crashing([{ do: 'call', name: 'ask', target: 'b' }], 0.5, { b: called });
    const { simulation } = runMessages(flow, 500);
    const { crashes, effects, executions } = stateOf(simulation, 'w');
    expect(executions).toBe(400);
    expect(crashes + effects).toBe(400);
    expect(Math.abs(crashes - 200)).toBeLessThan(40);
  });

  it('comes in any of several steps, by their share of the work', () => {
    const steps = [
      { do: 'work', name: 'first', workMs: 100 },
      { do: 'publish', name: 'tell', queue: 'told' },
      { do: 'work', name: 'second', workMs: 300 },
    ] as const;
    const { simulation } = runMessages(
      crashing(steps, 1, { told: { kind: 'queue', limit: null } }),
      500,
    );
    expect(stateOf(simulation, 'w')).toMatchObject({ crashes: 400, effects: 0 });
    // A quarter of the work lies before the publish.
    expect(Math.abs(stateOf(simulation, 'told').published - 300)).toBeLessThan(36);
  });
});

it('turn a switched step for the messages that they begin afterwards', () => {
  const call = { do: 'call', name: 'ask', target: 'b' } as const;
  const tell = { do: 'publish', name: 'tell', queue: 'told' } as const;
  const step = { do: 'switch', name: 'how', mode: 'queue', wait: call, queue: tell } as const;
  const more = {
    told: { kind: 'queue', limit: null },
    b: { kind: 'service', threads: 1, acceptQueue: null, handler: [] },
  } as const;
  const published = (crashRate: number, ...schedule: readonly TimedInput[]) => {
    const { simulation } = runMessages(
      messageFlow({
        users: { limit: 20 },
        workers: { ...work(100), handler: [step, ...work(100).handler], crashRate, startUpS: 0.1 },
        more,
        schedule,
      }),
      30,
    );
    expect(stateOf(simulation, 'w').effects).toBe(20);
    return stateOf(simulation, 'told').published - stateOf(simulation, 'w').crashes;
  };
  expect(published(0)).toBe(20);
  // At 15.05 s the one that came at 15 has begun.
  expect(published(0, set(15.05, 'w.mode.how', 'wait'))).toBe(15);
  // That it is to die does not change what it does.
  expect(published(0.2)).toBe(20);
});

describe('an outage of workers', () => {
  const flow = (workers: Partial<WorkersSpec>, queue = {}, atS = 2.5) =>
    messageFlow({
      users: { ratePerS: 100, limit: 10 },
      queue,
      workers: { ...work(1000), ...workers },
      schedule: [act(atS, { do: 'outage', node: 'w', how: 'stall', durationS: 20 })],
    });
  const acknowledgedS = (of: Flow) =>
    runMessages(of, 60, ['ack']).log.map((line) => Number(line.split(' ')[0]));

  it('also lets what they have fetched wait', () => {
    for (const workers of [{}, { prefetch: 10 }, { batch: 10 }, { deliveryMs: 1, prefetch: 5 }]) {
      const timesS = acknowledgedS(flow(workers));
      expect(timesS).toHaveLength(10);
      // The third is under way and ends; the others begin when the outage is over.
      expect(timesS[2]).toBeCloseTo(3.01, 1);
      expect(timesS[3]).toBeCloseTo(23.5, 1);
      expect(timesS[9]).toBeCloseTo(29.5, 1);
    }
  });

  it('gives back what they hold when their channel closes, and they go on afterwards', () => {
    for (const workers of [{ prefetch: 10 }, { batch: 10 }, { deliveryMs: 900 }]) {
      // The last has nothing in hand when it begins, and one message on its way.
      const atS = 'deliveryMs' in workers ? 0.5 : 2.5;
      const run = runMessages(flow(workers, { ackTimeoutS: 5 }, atS), 100, ['ack']);
      expect(run.log).toHaveLength(10);
      expect(stateOf(run.simulation, 'q').leasesExpired).toBeGreaterThan(0);
      expect(stateOf(run.simulation, 'w')).toMatchObject({ holding: 0, idleCount: 1 });
    }
  });
});
