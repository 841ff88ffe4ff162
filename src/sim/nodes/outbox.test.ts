import { describe, expect, it } from 'vitest';
import type { Flow, OutboxSpec, QueueSpec } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { runHeadless } from '../runHeadless.ts';
import { set, stateOf } from '../testing/messageRun.ts';

/** 1,000 orders, each a commit and an event. */
function flow(outbox: Partial<OutboxSpec>, idempotent = false): Flow {
  return {
    version: 1,
    nodes: {
      users: {
        kind: 'clients',
        target: 'api',
        arrivals: 'poisson',
        ratePerS: 100,
        patienceS: null,
        limit: 1000,
      },
      api: {
        kind: 'service',
        threads: 50,
        acceptQueue: null,
        handler: [{ do: 'commit', name: 'order', outbox: 'orders' }],
      },
      orders: { kind: 'outbox', queue: 'events', commitMs: 5, ...outbox },
      events: { kind: 'queue', limit: null },
      mail: {
        kind: 'workers',
        consumes: 'events',
        workers: 10,
        handler: [{ do: 'work', name: 'send', workMs: 5 }],
        idempotency: idempotent ? 'atomicClaim' : 'none',
      },
    },
  };
}

function run(of: Flow): Readonly<Record<string, number>> {
  const simulation = new Simulation(of, { seed: 1, observe: 'live' });
  simulation.advance(200);
  return {
    ...stateOf(simulation, 'orders'),
    failed: simulation.readouts().totals.failed,
    effects: stateOf(simulation, 'mail').effects,
    duplicateEffects: stateOf(simulation, 'mail').duplicateEffects,
    messages: simulation.messages.live,
  };
}

describe('a commit and an event', () => {
  it('lose the event of a process that dies after the commit', () => {
    const { committed, lost, effects } = run(flow({ mode: 'publishAfterCommit', crashRate: 0.1 }));
    expect(committed).toBe(1000);
    expect(lost).toBeGreaterThan(60);
    expect(effects).toBe(1000 - lost);
  });

  it('invent the event of a process that dies before the commit', () => {
    const { committed, invented, effects } = run(
      flow({ mode: 'publishBeforeCommit', crashRate: 0.1 }),
    );
    expect(invented).toBeGreaterThan(60);
    expect(committed).toBe(1000 - invented);
    expect(effects).toBe(1000);
  });

  it('are one with an outbox: no event is lost or invented, whatever dies', () => {
    const state = run(flow({ crashRate: 0.1, rollbackRate: 0.05 }));
    expect(state.rolledBack).toBeGreaterThan(20);
    expect(state.effects).toBe(state.committed);
    expect(state.duplicateEffects).toBe(0);
    expect(state.failed).toBeGreaterThan(state.rolledBack);
    expect(state.messages).toBe(0);
  });

  it('reach the queue half a look of the relay later, on average', () => {
    const { delayS, committed } = run(flow({ relayEveryMs: 400, relayBatch: 1000 }));
    expect(Math.abs(delayS / committed - 0.2)).toBeLessThan(0.02);
  });

  it('are published again by a relay that died before it marked them; a claim stops the second effect', () => {
    const crashing = { relayCrashRate: 0.05, relayRestartS: 0.1 };
    const state = run(flow(crashing));
    expect(state.duplicates).toBeGreaterThan(20);
    expect(state.duplicateEffects).toBe(state.duplicates);
    expect(run(flow(crashing, true)).duplicateEffects).toBe(0);
  });
});

it('reports what was committed, lost, invented and repeated, and the events of a topic', () => {
  const counts = (outbox: Partial<OutboxSpec>): Record<string, number> => {
    const of = flow({ ...outbox, queue: 'topic' });
    const topic = { kind: 'topic', subscriptions: ['events'] } as const;
    const nodes = { ...of.nodes, topic };
    const { report } = runHeadless({ ...of, nodes }, { seed: 1, durationS: 200 });
    const { published } = report.nodes['events'].counts;
    expect(report.nodes['topic'].counts['events']).toBe(published);
    expect(report.nodes['topic'].offeredPerS).toBe(published / 200);
    return { ...report.nodes['orders'].counts, published };
  };
  const after = counts({ mode: 'publishAfterCommit', crashRate: 0.2 });
  expect(after['committed']).toBe(1000);
  expect(after['eventsLost']).toBe(1000 - after['published']);
  const before = counts({ mode: 'publishBeforeCommit', crashRate: 0.2, rollbackRate: 0.1 });
  expect(before['published']).toBe(1000);
  expect(before['eventsInvented']).toBe(1000 - before['committed']);
  expect(before['rolledBack']).toBe(before['eventsInvented']);
  const outbox = counts({ crashRate: 0.2, relayCrashRate: 0.1 });
  expect(outbox['committed']).toBe(1000);
  expect(outbox['eventsRepeated']).toBe(outbox['published'] - 1000);
  expect(outbox['eventsRepeated']).toBeGreaterThan(50);
});

it('invents no event whose publish was refused, and loses it', () => {
  const of = flow({ mode: 'publishBeforeCommit', rollbackRate: 0.5 });
  const events = { kind: 'queue', limit: 1, overflow: 'rejectPublish' } as const;
  const { api } = of.nodes;
  const nodes = {
    users: of.nodes['users'],
    api,
    orders: of.nodes['orders'],
    events,
    mail: { ...of.nodes['mail'], handler: [{ do: 'work', name: 'send', workMs: 1e6 }] },
  } as Flow['nodes'];
  const { report } = runHeadless({ ...of, nodes }, { seed: 1, durationS: 200 });
  const { committed, eventsLost, eventsInvented = 0 } = report.nodes['orders'].counts;
  const { published } = report.nodes['events'].counts;
  // What was published is either of a commit or invented.
  expect(published).toBe(committed - eventsLost + eventsInvented);
});

describe('a relay', () => {
  const relaying = (events: Partial<QueueSpec>, outbox: Partial<OutboxSpec> = {}): Flow => {
    const base = flow({ commitMs: 0, ...outbox });
    return {
      ...base,
      nodes: { ...base.nodes, events: { kind: 'queue', limit: null, ...events } },
    };
  };

  it('looks at its own pace also where multiples of that are not exact', () => {
    // 4.3 ÷ 0.1 is a little under 43.
    const simulation = new Simulation(relaying({ delayS: 1000 }, { relayBatch: 1 }), {
      seed: 1,
      observe: 'none',
    });
    const published = [4.25, 4.35, 14.25].map((untilS) => {
      simulation.advance(untilS);
      return stateOf(simulation, 'events').published;
    });
    expect(published[1] - published[0]).toBe(1);
    expect(published[2] - published[0]).toBe(100);
  });

  it('tries again what a full queue refuses, and nobody is told that it is lost', () => {
    for (const overflow of ['rejectPublish', 'blockProducer'] as const) {
      const of = relaying({ limit: 5, overflow });
      const slow = { ...of, schedule: [set(0, 'mail.workMs', 400)] };
      const { report } = runHeadless(slow, { seed: 1, durationS: 100 });
      expect(report.nodes['events'].queue?.max).toBe(5);
      expect(report.nodes['events'].counts['refused']).toBeGreaterThan(0);
      expect(report.nodes['orders'].counts['eventsLost'] ?? 0).toBe(0);
      expect(report.nodes['events'].counts['acknowledged']).toBe(1000);
      expect(report.lane.confirmedButRefused).toBe(0);
    }
  });
});
