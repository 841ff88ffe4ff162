import { describe, expect, it } from 'vitest';
import type { WorkersSpec } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { messageFlow, runMessages, set, stateOf } from '../testing/messageRun.ts';

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
