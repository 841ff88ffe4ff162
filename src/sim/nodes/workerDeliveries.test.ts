import { describe, expect, it } from 'vitest';
import type { Flow, TimedInput, WorkersSpec } from '../flow.ts';
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
