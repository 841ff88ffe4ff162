import { describe, expect, it } from 'vitest';
import type { Flow, TimedInput, WorkersSpec } from '../flow.ts';
import { parseFlow } from '../format/parseFlow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { runHeadless } from '../runHeadless.ts';
import {
  act,
  messageFlow,
  runMessages,
  set,
  stateOf,
  type MessageRun,
} from '../testing/messageRun.ts';

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

describe('deliveries that take time', () => {
  /** Two messages, at 0.1 and 0.2. */
  const two = (workers: Partial<WorkersSpec>, queue = {}) =>
    messageFlow({ users: { ratePerS: 10, limit: 2 }, queue, workers });
  const one = (workers: Partial<WorkersSpec>, queue = {}, schedule: TimedInput[] = []) =>
    messageFlow({ users: { limit: 1 }, queue, workers, schedule });
  const effects = ({ simulation }: MessageRun) => stateOf(simulation, 'w').effects;

  it('cost a worker with a prefetch of 1 two ways between messages, and one with 2 none', () => {
    expect(runMessages(two({ deliveryMs: 200 }), 9).log).toEqual([
      '0.1 deliver 0',
      // There at 0.3, done at 0.4.
      '0.6 ack 0',
      '0.6 deliver 1',
      '1.1 ack 1',
    ]);
    expect(runMessages(two({ deliveryMs: 200, prefetch: 2 }), 9).log).toEqual([
      '0.1 deliver 0',
      '0.2 deliver 1',
      '0.6 ack 0',
      '0.7 ack 1',
    ]);
  });

  it('travel together in a batch, and so do their acknowledgements', () => {
    const flow = two({ deliveryMs: 200, batch: 2, acknowledge: 'batch' }, { delayS: 1 });
    expect(runMessages({ ...flow, schedule: [set(0, 'q.delayS', 0)] }, 9).log.slice(2)).toEqual([
      '0.6 deliver 1',
      '1.1 ack 1',
    ]);
    const together = messageFlow({
      users: { ratePerS: 10, limit: 3 },
      workers: { deliveryMs: 200, batch: 2, acknowledge: 'batch' },
    });
    expect(runMessages(together, 9).log.slice(2)).toEqual([
      ...['0.6 deliver 1', '0.6 deliver 2', '1.2 ack 1', '1.2 ack 2'],
    ]);
  });

  it('count against the lease from the receive at the broker until the delete is there', () => {
    const flow = (visibilityS: number) =>
      one({ deliveryMs: 200, ...work(100) }, lease({ visibilityS }));
    // Received at 1, run from 1.2 to 1.3, deleted at 1.5.
    const intime = runMessages(flow(0.51), 9, ['deliver', 'ack']);
    expect(intime.log).toEqual(['1 deliver 0', '1.5 ack 0']);
    const late = runMessages(flow(0.49), 1.55);
    expect(late.log).toEqual(['1 deliver 0', '1.5 deliver 0']);
    expect(stateOf(late.simulation, 'q').staleReceipts).toBe(1);
  });

  it('delay a heartbeat by the way there and the way back', () => {
    const flow = (visibilityS: number) =>
      one({ deliveryMs: 200, heartbeatS: 0.5, ...work(3000) }, lease({ visibilityS }));
    // Received at 1, there at 1.2; the first heartbeat is sent at 1.7 and known at 1.9.
    expect(runMessages(flow(0.91), 9).log).toEqual(['1 deliver 0', '4.4 ack 0']);
    expect(stateOf(runMessages(flow(0.89), 9).simulation, 'q').leasesExpired).toBeGreaterThan(0);
  });

  it('count against the acknowledgement timeout, even when nothing has arrived yet', () => {
    const flow = (ackTimeoutS: number) =>
      one({ deliveryMs: 200 }, { ackTimeoutS }, [set(1.25, 'w.deliveryMs', 0)]);
    expect(runMessages(flow(0.6), 9).log).toEqual(['1 deliver 0', '1.3 ack 0']);
    // The channel is closed at 1.15 and at 1.3, each time with the delivery under way; the third takes no time.
    expect(runMessages(flow(0.15), 9).log).toEqual([
      ...['1 deliver 0', '1.15 deliver 0', '1.3 deliver 0', '1.4 ack 0'],
    ]);
  });

  it('make a crash known one way later, and acknowledgements sent before it arrive', () => {
    const flow = messageFlow({
      users: { ratePerS: 10, limit: 2 },
      workers: { deliveryMs: 200, prefetch: 2, workers: 1, ...work(200) },
      schedule: [{ timeS: 0.6, action: { do: 'kill', node: 'w', downS: 1 } }],
    });
    // The first was done at 0.5; the second dies with the worker and comes back at 0.8.
    expect(runMessages(flow, 9, ['deliver', 'ack', 'crash', 'requeue', 'up']).log).toEqual([
      '0.1 deliver 0',
      '0.2 deliver 1',
      '0.6 crash 1',
      '0.7 ack 0',
      '0.8 requeue 1',
      '1.6 up -1',
      '1.6 deliver 1',
      '2.2 ack 1',
    ]);
  });

  it('get lost: a queue delivers again at once, a lease queue after the lease', () => {
    const flow = (queue: object) =>
      one({ deliveryMs: 200, deliveryLoss: 1 }, queue, [set(1.3, 'w.deliveryLoss', 0)]);
    const ack = runMessages(flow({}), 60);
    expect(ack.log).toEqual(['1 deliver 0', '1.2 deliver 0', '1.7 ack 0']);
    const leased = runMessages(flow(lease({ visibilityS: 10 })), 60);
    expect(leased.log).toEqual(['1 deliver 0', '11 deliver 0', '11.5 ack 0']);
    expect([effects(ack), effects(leased)]).toEqual([1, 1]);
  });

  it('with a lost acknowledgement have their effect twice', () => {
    const flow = (queue: object) =>
      one({ deliveryMs: 200 }, queue, [
        set(1.25, 'w.deliveryLoss', 1),
        set(1.55, 'w.deliveryLoss', 0),
      ]);
    const ack = runMessages(flow({}), 60);
    expect(ack.log).toEqual(['1 deliver 0', '1.5 deliver 0', '2 ack 0']);
    const leased = runMessages(flow(lease({ visibilityS: 10 })), 60);
    expect(leased.log).toEqual(['1 deliver 0', '11 deliver 0', '11.5 ack 0']);
    for (const run of [ack, leased]) {
      expect(effects(run)).toBe(2);
      expect(stateOf(run.simulation, 'w').duplicateEffects).toBe(1);
    }
  });

  it('all come back when their channel closes, also what is being worked on', () => {
    const flow = messageFlow({
      users: { ratePerS: 10, limit: 3 },
      workers: { deliveryMs: 200, prefetch: 3, ...work(300) },
      // The acknowledgement of the first, sent at 0.6, is lost when the second is half done.
      schedule: [set(0.7, 'w.deliveryLoss', 1), set(0.85, 'w.deliveryLoss', 0)],
    });
    const run = runMessages(flow, 60, ['requeue', 'ack']);
    expect(run.log.slice(0, 3).sort()).toEqual(['0.8 requeue 0', '0.8 requeue 1', '0.8 requeue 2']);
    expect(run.log.slice(3)).toEqual(['1.5 ack 0', '1.8 ack 1', '2.1 ack 2']);
    // The second was run to its end, at 0.9, for nothing.
    expect(effects(run)).toBe(5);
    expect(stateOf(run.simulation, 'q').inFlight).toBe(0);
  });

  it('and those of a log take time in both directions, per fetch', () => {
    const flow = messageFlow({
      users: { ratePerS: 10, limit: 4, target: 'writer' },
      workers: { deliveryMs: 200, batch: 10, consumes: 'log' },
      more: {
        log: { kind: 'log', partitions: 1 },
        writer: {
          kind: 'service',
          threads: 9,
          acceptQueue: null,
          handler: [{ do: 'publish', name: 'write', queue: 'log' }],
        },
      },
    });
    expect(runMessages(flow, 60).log).toEqual([
      ...['0.1 deliver 0', '0.6 ack 0', '0.6 deliver 1', '0.6 deliver 2', '0.6 deliver 3'],
      ...['1.1 ack 1', '1.2 ack 2', '1.3 ack 3'],
    ]);
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

describe('messages in the hands of a worker that is busy with another', () => {
  const flow = (workers: Partial<WorkersSpec>, schedule: readonly TimedInput[] = []) =>
    messageFlow({
      users: { ratePerS: 10, limit: 3 },
      workers: { prefetch: 3, ...work(1000), ...workers },
      schedule,
    });
  const report = (of: Flow, durationS = 10) => {
    const { q, w } = runHeadless(of, { seed: 1, durationS }).report.nodes;
    return { w, q };
  };

  it('are its queue in the report', () => {
    const { w } = report(flow({}));
    // Delivered at 0.1, 0.2 and 0.3; begun at 0.1, 1.1 and 2.1.
    expect(w.queue!.mean).toBeCloseTo((0.9 + 1.8) / 10, 9);
    expect([w.queue!.max, w.queue!.now]).toEqual([2, 0]);
    expect(w.queue!.oldestMaxS).toBeCloseTo(1.8, 9);
    expect(w.timeInQueue!.meanS).toBeCloseTo((0.9 + 1.8) / 3, 9);
    expect(w.threads!.busyMean).toBeCloseTo(0.3, 9);
    expect(w.littlesLaw!.numberMean).toBeCloseTo(0.57, 9);
    expect(w.littlesLaw!.rateTimesTime).toBeCloseTo(0.57, 9);
    const now = report(flow({}), 2).w.queue!;
    expect([now.now, now.max, now.oldestMaxS]).toEqual([1, 2, now.oldestS]);
    expect(now.oldestS).toBeCloseTo(1.7, 9);
  });

  it('are so too when they reach an idle worker in an outage', () => {
    const outage = { do: 'outage', node: 'w', how: 'stall', durationS: 5 } as const;
    const { w } = report(flow({ workers: 3, prefetch: 1, deliveryMs: 200 }, [act(0.35, outage)]));
    // Delivered at 0.3, 0.4 and 0.5; the last two begin at 5.35.
    expect(w.queue!.max).toBe(2);
    expect(w.queue!.mean).toBeCloseTo((4.95 + 4.85) / 10, 9);
    expect(w.littlesLaw!.rateTimesTime).toBeCloseTo(w.littlesLaw!.numberMean, 9);
  });

  it('have their time counted when they are taken back with a worker that dies', () => {
    const { w } = report(flow({}, [act(1.5, { do: 'kill', node: 'w', downS: 1 })]));
    // At 1.5 the second dies in its work and the third is still waiting; both come again at 2.5.
    expect(w.counts).toMatchObject({ started: 4, failed: 1, ok: 3, withdrawn: 1 });
    expect(w.offeredPerS).toBe(0.5);
    expect(w.queue!.mean).toBeCloseTo((0.9 + 1.2 + 1) / 10, 9);
    expect(w.littlesLaw!.numberMean).toBeCloseTo((0.9 + 1.2 + 1 + 3.4) / 10, 9);
    expect(w.littlesLaw!.rateTimesTime).toBeCloseTo(w.littlesLaw!.numberMean, 9);
  });

  it.each([
    ['a queue', {}],
    ['a lease queue', lease({ visibilityS: 3 })],
  ])("keep Little's law with deliveries from %s that take time and get lost", (_name, queue) => {
    const lossy = { prefetch: 4, workers: 2, deliveryMs: 200, deliveryLoss: 0.1, crashRate: 0.1 };
    const { w, q } = report(
      messageFlow({
        users: { arrivals: 'poisson', ratePerS: 4, limit: 400 },
        queue,
        workers: { ...work(400), ...lossy, startUpS: 1 },
      }),
      10_000,
    );
    const { started, withdrawn, lost } = w.counts;
    expect(q.queue!.now + w.queue!.now).toBe(0);
    expect(Math.min(started - 400, withdrawn, lost)).toBeGreaterThan(20);
    const { numberMean, rateTimesTime } = w.littlesLaw!;
    expect(rateTimesTime / numberMean).toBeCloseTo(1, 9);
    expect(numberMean).toBeCloseTo(w.queue!.mean + w.threads!.busyMean, 12);
    expect(w.queue!.mean).toBeGreaterThan(0.2 * w.threads!.busyMean);
  });
});
