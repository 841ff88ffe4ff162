import { describe, expect, it } from 'vitest';
import type {
  Flow,
  LeaseQueueSpec,
  NodeSpec,
  QueueSpec,
  ServiceSpec,
  TimedInput,
} from '../flow.ts';
import { parseFlow } from '../format/parseFlow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { runMessages, set, stateOf } from '../testing/messageRun.ts';
import { everySecond, flowOf, serviceOf } from '../testing/toyFlow.ts';

/** Messages at 1 s, 2 s, …; the threads of service "w" work them off, 100 ms each. */
function flow(
  spec: Partial<ServiceSpec>,
  queue: Partial<QueueSpec> | (Partial<LeaseQueueSpec> & { readonly kind: 'leaseQueue' }) = {},
  schedule: readonly TimedInput[] = [],
  messages = 1,
  ratePerS = 1,
  more: Readonly<Record<string, NodeSpec>> = {},
): Flow {
  return flowOf(
    {
      users: everySecond('api', messages, { ratePerS }),
      api: serviceOf([{ do: 'publish', name: 'send', queue: 'q' }], { threads: 10 }),
      q: queue.kind === 'leaseQueue' ? queue : { kind: 'queue', limit: null, ...queue },
      w: {
        kind: 'service',
        threads: 1,
        acceptQueue: null,
        consumes: 'q',
        deliveryMs: 200,
        handler: [{ do: 'work', name: 'do', workMs: 100 }],
        ...spec,
      },
      ...more,
    },
    schedule,
  );
}
const lease = (spec: Partial<LeaseQueueSpec>) => ({ kind: 'leaseQueue', ...spec }) as const;

describe('deliveries to the threads of a service', () => {
  it('take their time each way, and a thread waits two ways for its next message', () => {
    expect(runMessages(flow({}, {}, [], 2, 10), 9).log).toEqual([
      ...['0.1 deliver 0', '0.6 ack 0', '0.6 deliver 1', '1.1 ack 1'],
    ]);
    const two = runMessages(flow({ threads: 2 }, {}, [], 2, 10), 9);
    expect(two.log).toEqual(['0.1 deliver 0', '0.2 deliver 1', '0.6 ack 0', '0.7 ack 1']);
  });

  it('need no time unless the flow says so', () => {
    expect(runMessages(flow({ deliveryMs: 0 }), 9).log).toEqual(['1 deliver 0', '1.1 ack 0']);
  });

  it('count against the lease from the receive until the delete is there', () => {
    const spec = (visibilityS: number) => flow({}, lease({ visibilityS }));
    expect(runMessages(spec(0.51), 9).log).toEqual(['1 deliver 0', '1.5 ack 0']);
    const late = runMessages(spec(0.49), 1.55);
    expect(late.log).toEqual(['1 deliver 0', '1.5 deliver 0']);
    expect(stateOf(late.simulation, 'q')).toMatchObject({ leasesExpired: 1, staleReceipts: 1 });
  });

  it('keep no thread from a call that comes meanwhile, and wait for one then', () => {
    const caller: NodeSpec = everySecond('w', 1, { ratePerS: 1 / 1.15 });
    const spec = flow({}, {}, [], 1, 1, { callers: caller });
    // The call has the only thread from 1.15 to 1.25; the message, there at 1.2, follows.
    const { log, simulation } = runMessages(spec, 1.22, ['deliver', 'answer']);
    expect(log).toEqual(['1 deliver 0', '1 answer 0']);
    const view = simulation.createView();
    simulation.readView(view);
    expect(view.nodes[3]).toMatchObject({ waitingCount: 1, runningCount: 1 });
    expect(runMessages(spec, 9, ['ack', 'answer']).log).toEqual([
      ...['1 answer 0', '1.25 answer 0', '1.55 ack 0'],
    ]);
    const measured = new Simulation(spec, { seed: 1, observe: 'metrics' });
    measured.advance(10);
    const { threads, littlesLaw } = measured.report().nodes['w'];
    expect(threads!.waitingMean).toBeCloseTo(0.05 / 10, 9);
    expect(littlesLaw!.numberMean).toBeCloseTo(littlesLaw!.rateTimesTime, 9);
  });

  it('get lost: a queue delivers again at once, a lease queue after the lease', () => {
    const spec = (queue: object) =>
      flow({ deliveryLoss: 1 }, queue, [set(1.3, 'w.deliveryLoss', 0)]);
    const ack = runMessages(spec({}), 60);
    expect(ack.log).toEqual(['1 deliver 0', '1.2 deliver 0', '1.7 ack 0']);
    const leased = runMessages(spec(lease({ visibilityS: 10 })), 60);
    expect(leased.log).toEqual(['1 deliver 0', '11 deliver 0', '11.5 ack 0']);
    for (const run of [ack, leased]) {
      expect(stateOf(run.simulation, 'w')).toMatchObject({ lostDeliveries: 1, underWay: 0 });
    }
  });

  it('are worked off twice if the acknowledgement is lost', () => {
    const spec = (queue: object) =>
      flow({}, queue, [set(1.25, 'w.deliveryLoss', 1), set(1.55, 'w.deliveryLoss', 0)]);
    expect(runMessages(spec({}), 60).log).toEqual(['1 deliver 0', '1.5 deliver 0', '2 ack 0']);
    const leased = runMessages(spec(lease({ visibilityS: 10 })), 60);
    expect(leased.log).toEqual(['1 deliver 0', '11 deliver 0', '11.5 ack 0']);
    expect(stateOf(leased.simulation, 'w').lostAcknowledgements).toBe(1);
  });

  it('are not begun once the queue has closed the channel', () => {
    // A call has the thread until 2; the channel closes at 1.6, and the message is delivered again then.
    const caller: NodeSpec = everySecond('w', 1, { ratePerS: 1 / 1.1, endpoint: 'slow' });
    const slow = { slow: [{ do: 'work', name: 'slow', workMs: 900 }] } as const;
    const queue = { ackTimeoutS: 0.6 };
    const spec = flow({ endpoints: slow }, queue, [], 1, 1, { callers: caller });
    const run = runMessages(spec, 9, ['deliver', 'requeue', 'ack']);
    expect(run.log).toEqual(['1 deliver 0', '1.6 requeue 0', '2 deliver 0', '2.5 ack 0']);
    expect(stateOf(run.simulation, 'q').staleReceipts).toBe(1);
    // It was there from 1.2 to 2 in vain, and from 2.2 to 2.3; the call for 0.9 s.
    const measured = new Simulation(spec, { seed: 1, observe: 'metrics' });
    measured.advance(10);
    const { counts, littlesLaw } = measured.report().nodes['w'];
    expect(counts['withdrawn']).toBe(1);
    expect(littlesLaw!.numberMean).toBeCloseTo((0.8 + 0.1 + 0.9) / 10, 9);
    expect(littlesLaw!.rateTimesTime).toBeCloseTo((0.8 + 0.1 + 0.9) / 10, 9);
  });

  it('make a thread that dies known one way later', () => {
    const spec = flow({ handler: [{ do: 'work', name: 'do', workMs: 500 }] }, {}, [
      { timeS: 1.5, action: { do: 'kill', node: 'w', downS: 1 } },
    ]);
    expect(runMessages(spec, 9, ['deliver', 'ack', 'crash', 'requeue']).log).toEqual([
      ...['1 deliver 0', '1.5 crash 0', '1.7 requeue 0', '2.5 deliver 0', '3.4 ack 0'],
    ]);
  });

  it('lose no message, whatever is lost, fails, stalls and dies', () => {
    const spec = flow(
      {
        threads: 3,
        deliveryLoss: 0.2,
        failureRate: 0.1,
        handler: [{ do: 'work', name: 'do', workMs: 40 }],
      },
      { maxAttempts: null, backoffBaseS: 0.1, backoffCapS: 0.5 },
      [
        { timeS: 5, action: { do: 'kill', node: 'w', downS: 2 } },
        { timeS: 9, action: { do: 'outage', node: 'w', durationS: 3, how: 'stall' } },
        set(20, 'w.threads', 1),
        set(30, 'w.threads', 4),
      ],
      200,
      5,
    );
    const simulation = new Simulation(spec, { seed: 3, observe: 'none' });
    simulation.advance(20);
    const checkpoint = simulation.checkpoint();
    simulation.advance(1000);
    const ended = stateOf(simulation, 'q');
    expect(ended).toMatchObject({ acknowledged: 200, ready: 0, inFlight: 0, backingOff: 0 });
    expect(stateOf(simulation, 'w')).toMatchObject({ underWay: 0, waiting: 0 });
    expect(stateOf(simulation, 'w').lostDeliveries).toBeGreaterThan(20);
    expect([simulation.jobs.live, simulation.messages.live, simulation.requests.live]).toEqual([
      0, 0, 0,
    ]);
    const { redeliveries } = ended;
    simulation.restore(checkpoint);
    simulation.advance(1000);
    expect(stateOf(simulation, 'q').redeliveries).toBe(redeliveries);
  });

  it('cannot be lost in no time', () => {
    const { faults } = parseFlow(flow({ deliveryMs: 0, deliveryLoss: 0.1 }));
    expect(faults?.map(({ path }) => path)).toEqual(['nodes.w.deliveryLoss']);
  });
});
