import { describe, expect, it } from 'vitest';
import type { Flow, OutboxSpec } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { stateOf } from '../testing/messageRun.ts';

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
