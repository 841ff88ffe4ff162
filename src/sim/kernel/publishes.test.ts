/** Publishes and confirms that get lost, by hand: when each attempt is made and what comes of it. */
import { describe, expect, it } from 'vitest';
import type { ClientsSpec, Flow, Step, NodeSpec, QueueSpec, ServiceSpec } from '../flow.ts';
import { parseFlow } from '../format/parseFlow.ts';
import '../nodes/allKinds.ts';
import { runHeadless } from '../runHeadless.ts';
import { messageFlow, runMessages, set, stateOf } from '../testing/messageRun.ts';
import { Result } from './node.ts';
import { Simulation } from './simulation.ts';

const kinds = ['enqueue', 'answer'];
/** Between the first publish, at 1 s, and its arrival, and after that: so the confirm gets lost, and it alone. */
const losesFirstConfirm = [set(1.02, 'q.publishLoss', 1), set(1.1, 'q.publishLoss', 0)];

function publishing(
  queue: Partial<QueueSpec>,
  schedule: Flow['schedule'] = [],
  more: { readonly users?: Partial<ClientsSpec>; readonly api?: Partial<ServiceSpec> } = {},
): Flow {
  const flow = messageFlow({
    users: { limit: 1, ...more.users },
    queue: { publishMs: 50, confirmTimeoutMs: 200, publishAttempts: 3, ...queue },
    schedule,
  });
  return {
    ...flow,
    nodes: { ...flow.nodes, api: { ...flow.nodes['api'], ...more.api } as NodeSpec },
  };
}

const countsOf = (flow: Flow, durationS = 60) => runHeadless(flow, { seed: 1, durationS }).report;

/** Rows in use when all is over. */
function leftBehind(flow: Flow): readonly number[] {
  const simulation = new Simulation(flow, { seed: 1, observe: 'none' });
  simulation.advance(60);
  const { jobs, requests, messages } = simulation;
  return [jobs.live, requests.live, messages.live];
}

describe('a publish that gets lost', () => {
  it('is published again after the timeout, and fails after the last attempt like a call that timed out', () => {
    for (const threading of ['blocking', 'nonBlocking'] as const) {
      const flow = publishing({ publishLoss: 1 }, [], { api: { threading } });
      // Sent at 1, 1.2 and 1.4.
      const { log, simulation } = runMessages(flow, 60, kinds);
      expect(log).toEqual(['1.6 answer 0']);
      expect(simulation.requests.rows[0].cause).toBe(Result.TimedOut);
      const { lane, nodes } = countsOf(flow);
      expect(lane.failed).toBe(1);
      expect(nodes['q'].counts).toMatchObject({ lost: 3, unconfirmed: 3 });
      expect(nodes['q'].counts['publishedAgain'] ?? 0).toBe(0);
      expect(stateOf(simulation, 'q').published).toBe(0);
    }
  });

  it('arrives with the next attempt, once', () => {
    const flow = publishing({ publishLoss: 1 }, [set(1.1, 'q.publishLoss', 0)]);
    expect(runMessages(flow, 60, kinds).log).toEqual(['1.25 enqueue 0', '1.25 answer 0']);
    const { lane, nodes } = countsOf(flow);
    expect(lane.served).toBe(1);
    expect(nodes['q'].counts).toMatchObject({ published: 1, lost: 1, unconfirmed: 1 });
    expect(nodes['q'].counts['publishedAgain'] ?? 0).toBe(0);
  });

  it('parks its thread for ever where there is no timeout', () => {
    const { simulation } = runMessages(
      publishing({ publishLoss: 1, confirmTimeoutMs: null }),
      1e6,
      kinds,
    );
    expect(simulation.nextEventS()).toBe(Infinity);
    expect([simulation.parkedThreads, simulation.jobs.live]).toEqual([1, 1]);
  });

  it('is one attempt unless the file says more', () => {
    const flow = publishing({ publishLoss: 1, publishAttempts: undefined });
    expect(runMessages(flow, 60, kinds).log).toEqual(['1.2 answer 0']);
  });

  it('ends the handler as a call does: later steps are not begun', () => {
    const after: Step = { do: 'work', name: 'later', workMs: 1000 };
    const send: Step = { do: 'publish', name: 'send', queue: 'q' };
    const flow = publishing({ publishLoss: 1 }, [], { api: { handler: [send, after] } });
    expect(runMessages(flow, 60, kinds).log).toEqual(['1.6 answer 0']);
  });
});

describe('a confirm that gets lost', () => {
  it('means a second message, which an idempotent consumer knows', () => {
    for (const idempotency of ['none', 'atomicClaim'] as const) {
      const base = publishing({}, losesFirstConfirm);
      const workers = { ...base.nodes['w'], idempotency } as NodeSpec;
      const flow = { ...base, nodes: { ...base.nodes, w: workers } };
      expect(runMessages(flow, 60, kinds).log).toEqual([
        ...['1.05 enqueue 0', '1.25 enqueue 0', '1.25 answer 0'],
      ]);
      const { lane, nodes } = countsOf(flow);
      expect(lane.served).toBe(1);
      expect(nodes['q'].counts).toMatchObject({
        ...{ published: 2, lost: 1, unconfirmed: 1, publishedAgain: 1 },
      });
      expect(nodes['w'].counts['duplicateEffects'] ?? 0).toBe(idempotency === 'none' ? 1 : 0);
    }
  });

  it('leaves the message there, and its producer fails, not knowing of it', () => {
    const flow = publishing({ publishAttempts: 1 }, losesFirstConfirm);
    expect(runMessages(flow, 60, kinds).log).toEqual(['1.05 enqueue 0', '1.2 answer 0']);
    const { lane, nodes } = countsOf(flow);
    expect([lane.failed, nodes['w'].counts['effects']]).toEqual([1, 1]);
  });

  it('is not one that says no: the producer has not been refused', () => {
    const users = { limit: 2, ratePerS: 1 };
    const flow = (publishLoss: number) =>
      publishing(
        { limit: 1, overflow: 'rejectPublish', publishAttempts: 1 },
        // The worker never gets to the first message: the second finds no place.
        [set(0, 'w.workers', 1), set(2.02, 'q.publishLoss', publishLoss)],
        { users: { ...users } },
      );
    const stalled = (of: Flow): Flow => ({
      ...of,
      schedule: [
        ...of.schedule!,
        { timeS: 0, action: { do: 'outage', node: 'w', how: 'stall', durationS: 100 } },
      ],
    });
    const told = countsOf(stalled(flow(0)));
    const notTold = countsOf(stalled(flow(1)));
    for (const { nodes } of [told, notTold]) expect(nodes['q'].counts['refused']).toBe(1);
    expect([told.lane.confirmedButRefused, told.lane.failed]).toEqual([1, 0]);
    expect([notTold.lane.confirmedButRefused, notTold.lane.failed]).toEqual([0, 1]);
  });
});

describe('a confirm that is late', () => {
  it('is ignored, and its message is there all the same', () => {
    const flow = publishing({ publishMs: 300, publishAttempts: 2 });
    // Sent at 1 and 1.2.
    expect(runMessages(flow, 60, kinds).log).toEqual([
      ...['1.3 enqueue 0', '1.4 answer 0', '1.5 enqueue 0'],
    ]);
    const { lane, nodes } = countsOf(flow);
    expect([lane.failed, nodes['w'].counts['duplicateEffects']]).toEqual([1, 1]);
    expect(nodes['q'].counts).toMatchObject({ published: 2, unconfirmed: 2, publishedAgain: 1 });
    expect(leftBehind(flow)).toEqual([0, 0, 0]);
  });

  it('is in time at the very moment of the timeout', () => {
    const flow = publishing({ publishMs: 200 });
    expect(runMessages(flow, 60, kinds).log).toEqual(['1.2 enqueue 0', '1.2 answer 0']);
  });

  it('may be that of a publish which waits for a place in a full queue, for nobody', () => {
    const flow = publishing(
      { limit: 1, overflow: 'blockProducer', publishMs: 300, publishAttempts: 2 },
      [],
      { users: { limit: 2, ratePerS: 10 } },
    );
    const slow = { ...flow, schedule: [set(0, 'w.workMs', 1000)] };
    // Two attempts each, one in work and one ready at a time.
    expect(runMessages(slow, 60, ['enqueue']).log).toEqual([
      '0.4 enqueue 0',
      '0.5 enqueue 1',
      '1.4 enqueue 0',
      '2.4 enqueue 1',
    ]);
    expect(leftBehind(slow)).toEqual([0, 0, 0]);
  });
});

describe('the clock of a producer', () => {
  const held = (schedule: Flow['schedule']) =>
    publishing(
      { limit: 1, overflow: 'blockProducer', publishMs: 10, confirmTimeoutMs: 50 },
      [set(0, 'w.workMs', 1000), ...schedule!],
      { users: { limit: 3, ratePerS: 100 } },
    );

  it('stands still while a full queue blocks it', () => {
    expect(runMessages(held([]), 60, kinds).log).toEqual([
      ...['0.02 enqueue 0', '0.02 answer 0', '0.03 enqueue 1', '0.03 answer 1'],
      ...['1.02 enqueue 2', '1.02 answer 2'],
    ]);
    expect(countsOf(held([])).nodes['q'].counts['unconfirmed'] ?? 0).toBe(0);
  });

  it('goes on from there when the confirm of such a publish gets lost', () => {
    // Sent at 0.03 and held from 0.04 on: 40 ms are left at 1.02.
    const flow = held([set(0.5, 'q.publishLoss', 1), set(1.03, 'q.publishLoss', 0)]);
    expect(runMessages(flow, 60, kinds).log.slice(4)).toEqual([
      ...['1.02 enqueue 2', '2.02 enqueue 2', '2.02 answer 2'],
    ]);
    const unconfirmed = (durationS: number) =>
      countsOf(flow, durationS).nodes['q'].counts['unconfirmed'] ?? 0;
    expect([unconfirmed(1.059), unconfirmed(1.061)]).toEqual([0, 1]);
    expect(countsOf(flow).nodes['q'].counts).toMatchObject({ unconfirmed: 1, publishedAgain: 1 });
  });

  it('is not cut short by a deadline that its caller has passed on', () => {
    const flow = publishing({}, losesFirstConfirm, {
      users: { policy: { timeoutMs: 100, propagateDeadline: true } },
      api: {
        handler: [
          { do: 'publish', name: 'send', queue: 'q' },
          { do: 'work', name: 'later', workMs: 1000 },
        ],
      },
    });
    const { log, simulation } = runMessages(flow, 1.3, ['enqueue']);
    expect(log).toEqual(['1.05 enqueue 0', '1.25 enqueue 0']);
    // But nothing is begun after it.
    expect(simulation.jobs.live).toBe(1);
    expect(countsOf(flow).nodes['api'].counts['ok'] ?? 0).toBe(0);
  });
});

describe('copies of one event', () => {
  const handler: Step[] = [{ do: 'publish', name: 'send', queue: 'q', copies: 3 }];

  it('are lost together', () => {
    const { nodes } = countsOf(publishing({ publishLoss: 1 }, [], { api: { handler } }));
    expect(nodes['q'].counts).toMatchObject({ lost: 3, unconfirmed: 3 });
    expect(nodes['q'].counts['published'] ?? 0).toBe(0);
  });

  it('come again together when their confirm gets lost', () => {
    const { nodes } = countsOf(publishing({}, losesFirstConfirm, { api: { handler } }));
    expect(nodes['q'].counts).toMatchObject({ published: 6, lost: 1, publishedAgain: 3 });
    expect(nodes['w'].counts).toMatchObject({ effects: 3, duplicateEffects: 3 });
  });

  it('come again when the confirm was late', () => {
    const flow = publishing({ publishMs: 300, publishAttempts: 2 }, [], { api: { handler } });
    const { nodes } = countsOf(flow);
    expect(nodes['q'].counts).toMatchObject({ published: 6, publishedAgain: 3, unconfirmed: 2 });
  });
});

describe('every kind of broker', () => {
  const way = { publishMs: 50, confirmTimeoutMs: 200, publishAttempts: 3 } as const;
  const log: NodeSpec = { kind: 'log', partitions: 1, ...way };
  const topic: NodeSpec = { kind: 'topic', subscriptions: ['other'], ...way };
  const brokers: readonly NodeSpec[] = [
    { kind: 'queue', limit: null, ...way },
    { kind: 'leaseQueue', ...way },
    log,
    topic,
  ];

  const flowOf = (q: NodeSpec, schedule: Flow['schedule']): Flow => {
    const base = publishing({}, schedule);
    const other: NodeSpec = { kind: 'queue', limit: null };
    const w = { ...base.nodes['w'], consumes: q.kind === 'topic' ? 'other' : 'q' } as NodeSpec;
    return { ...base, nodes: { ...base.nodes, q, w, ...(q.kind === 'topic' ? { other } : {}) } };
  };

  it('loses publishes and confirms in the same way', () => {
    for (const broker of brokers) {
      const again = countsOf(flowOf(broker, losesFirstConfirm));
      expect(again.nodes['q'].counts, broker.kind).toMatchObject({ lost: 1, publishedAgain: 1 });
      expect(again.nodes['w'].counts).toMatchObject({ effects: 1, duplicateEffects: 1 });
      const never = countsOf(flowOf({ ...broker, publishLoss: 1 } as NodeSpec, []));
      expect([never.lane.failed, never.nodes['q'].counts['lost']]).toEqual([1, 3]);
    }
  });

  it('has a second message of it, with demands of its own', () => {
    const variability = { kind: 'exponential' } as const;
    for (const broker of brokers) {
      const base = flowOf(broker, losesFirstConfirm);
      const handler: Step[] = [{ do: 'work', name: 'do', workMs: 100, variability }];
      const w = { ...base.nodes['w'], handler } as NodeSpec;
      const { log } = runMessages({ ...base, nodes: { ...base.nodes, w } }, 60);
      const times = log.map((line) => Number(line.split(' ')[0]));
      expect(times).toHaveLength(4);
      expect(times[3] - times[2], broker.kind).not.toBeCloseTo(times[1] - times[0], 3);
    }
  });

  it('takes its parameters while it runs, and none that is out of range', () => {
    for (const broker of brokers) {
      const simulation = new Simulation(flowOf(broker, []), { seed: 1, observe: 'none' });
      const sets = (name: string, value: number | null) =>
        simulation.apply({ do: 'set', path: `q.${name}`, value });
      expect(sets('publishLoss', 0.5)).toBe(true);
      expect(sets('publishLoss', 1.5)).toBe(false);
      expect(sets('confirmTimeoutMs', null)).toBe(true);
      expect(sets('confirmTimeoutMs', 100)).toBe(true);
      expect(sets('confirmTimeoutMs', 0)).toBe(false);
      expect(sets('publishAttempts', 7)).toBe(true);
      expect(sets('publishAttempts', 0)).toBe(false);
      expect(sets('publishAttempts', 1001)).toBe(false);
      expect(sets('publishMs', 20)).toBe(true);
      expect(stateOf(simulation, 'q')['publishing']).toEqual({
        ...{ publishS: 0.02, loss: 0.5, confirmTimeoutS: 0.1, attempts: 7 },
      });
    }
  });

  it('says what is wrong in a file', () => {
    const bad = { publishLoss: 1.5, confirmTimeoutMs: 0, publishAttempts: 1.5 };
    for (const broker of brokers) {
      const { faults } = parseFlow(flowOf({ ...broker, ...bad }, []));
      expect(faults!.map(({ path }) => path)).toEqual(
        Object.keys(bad).map((name) => `nodes.q.${name}`),
      );
    }
  });
});

describe('a worker that publishes', () => {
  it('fails its message when no confirm comes, which is tried again', () => {
    const flow = messageFlow({
      users: { limit: 1 },
      queue: { maxAttempts: 2, backoffBaseS: 1, jitter: 'none' },
      workers: { handler: [{ do: 'publish', name: 'pass on', queue: 'out' }] },
      more: {
        out: {
          ...{ kind: 'queue', limit: null, publishLoss: 1 },
          ...{ confirmTimeoutMs: 100, publishAttempts: 2 },
        },
      },
    });
    expect(runMessages(flow, 60, ['deliver', 'back off', 'dead-letter']).log).toEqual([
      ...['1 deliver 0', '1.2 back off 0', '2.2 deliver 0', '2.4 dead-letter 0'],
    ]);
    expect(countsOf(flow).nodes['out'].counts).toMatchObject({ lost: 4, unconfirmed: 4 });
  });
});

describe('who waits for no confirm', () => {
  it('a job API puts its jobs on the queue whatever gets lost', () => {
    const flow = messageFlow({
      users: { target: 'jobs', limit: 20, ratePerS: 10 },
      queue: { publishLoss: 1, limit: 1, overflow: 'blockProducer' },
      more: { jobs: { kind: 'jobApi', queue: 'q' } },
    });
    const { lane, nodes } = countsOf(flow);
    expect([lane.served, nodes['q'].counts['lost'] ?? 0]).toEqual([20, 0]);
  });
});

it('goes on from a checkpoint as if nothing had been', () => {
  const flow = publishing(
    { publishLoss: 0.3, limit: 3, overflow: 'blockProducer', publishMs: 190 },
    [set(10, 'q.publishMs', 250)],
    { users: { limit: 100, ratePerS: 8, arrivals: 'poisson' } },
  );
  for (const atS of [3, 9.99, 11, 13.7]) {
    const simulation = new Simulation(flow, { seed: 5, observe: 'metrics' });
    simulation.advance(atS);
    const checkpoint = simulation.checkpoint();
    simulation.advance(40);
    const once = JSON.stringify(simulation.report());
    simulation.restore(checkpoint);
    simulation.advance(40);
    expect(JSON.stringify(simulation.report())).toBe(once);
    const fresh = new Simulation(flow, { seed: 5, observe: 'metrics' });
    fresh.advance(40);
    expect(JSON.stringify(fresh.report())).toBe(once);
    expect(simulation.report().nodes['q'].counts['publishedAgain']).toBeGreaterThan(20);
  }
});
