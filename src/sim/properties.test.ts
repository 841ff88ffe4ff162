import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { checkout } from '../scenarios/checkout.ts';
import { LANE_IDS } from '../scenarios/scenario.ts';
import type { Flow, InputAction, NodeSpec, ServiceSpec } from './flow.ts';
import { Simulation } from './kernel/simulation.ts';
import { Dice } from './testing/dice.ts';
import {
  FIRST_DRAW,
  FLOW_SEEDS,
  look,
  MAX_EVENTS,
  run,
  unlessEndless,
  UNTIL_S,
  viewOf,
} from './testing/propertyRun.ts';
import { tenseFlow } from './testing/tenseFlow.ts';
import { changeFlow, sideBySide, validFlow } from './testing/validFlows.ts';

// Enough on a machine that does other things too.
vi.setConfig({ testTimeout: 90_000 });

function holds(runs: number, property: (seed: number) => void): void {
  const anySeed = fc.property(fc.integer(FLOW_SEEDS), unlessEndless(property));
  fc.assert(anySeed, { numRuns: runs, seed: FIRST_DRAW });
}

it("Little's law holds exactly at every node that has come to rest, whatever happened there", () => {
  let nodes = 0;
  let unblocked = 0;
  let refusing = 0;
  let buffering = 0;
  let takenBack = 0;
  holds(600, (seed) => {
    // Every third flow is one of those in which messages get lost and workers die while others wait.
    const make = seed % 3 === 0 ? tenseFlow : undefined;
    const flow = changeFlow(validFlow(seed, true, make), (value, field, key) => {
      if (key === 'copies') return Math.min(value as number, 5);
      if (field.type !== 'ref' || field.to !== 'node') return value;
      const node = value as NodeSpec;
      if (node.kind === 'clients') return { ...node, limit: 30 };
      if (node.kind === 'workers') {
        const { batch = 1, prefetch = 1 } = node;
        return batch === 1 && prefetch === 1 ? { ...node, prefetch: 3 } : node;
      }
      if (node.kind !== 'service') return node;
      // Half of them tight, and half of them without a thread while they wait.
      const dice = new Dice(seed);
      const tight = dice.chance(0.5) ? { threads: 1, acceptQueue: 1, rejectionMs: 300 } : {};
      return { ...node, ...tight, threading: dice.pick(['blocking', 'nonBlocking']) };
    });
    const simulation = run(flow, 'metrics', 1e6);
    const { nodes: reports } = simulation.report();
    for (const view of viewOf(simulation).nodes) {
      if (view.kind !== 'pool') continue;
      const { runningCount, parkedCount, queueLength, waitingCount } = view;
      if (runningCount + parkedCount + queueLength + waitingCount > 0) continue;
      const { littlesLaw, counts, threads, queue, timeInQueue } = reports[view.id];
      if (queue!.now > 0) continue;
      const { started = 0, ok = 0, declined = 0, failed = 0, rejected = 0 } = counts;
      // A handler that waits without a thread shows on none.
      if (started > ok + declined + failed) continue;
      // All that came has left: number × time is the sum of the times, to the last few bits.
      if (littlesLaw === null || littlesLaw.numberMean * simulation.timeS < 1e-3) continue;
      nodes++;
      const spec = flow.nodes[view.id] as ServiceSpec;
      if (spec.threading === 'nonBlocking' && threads!.parkedMean > 0) unblocked++;
      if ((spec.rejectionMs ?? 0) > 0 && rejected > 0 && threads!.waitingMean > 0) refusing++;
      expect(littlesLaw.rateTimesTime / littlesLaw.numberMean).toBeCloseTo(1, 6);
      if (reports[view.id].kind !== 'workers' || queue!.mean === 0) continue;
      buffering++;
      if ((counts['withdrawn'] ?? 0) > 0) takenBack++;
      else {
        // The same for the messages in their hands, on the figures of the table.
        const { count, meanS } = timeInQueue!;
        expect((count * meanS!) / (queue!.mean * simulation.timeS)).toBeCloseTo(1, 6);
      }
    }
  });
  expect(nodes).toBeGreaterThan(50);
  expect(unblocked).toBeGreaterThan(5);
  expect(refusing).toBeGreaterThan(5);
  expect(buffering).toBeGreaterThan(20);
  expect(takenBack).toBeGreaterThan(5);
});

it('the clock never goes back', () => {
  holds(100, (seed) => {
    const simulation = new Simulation(validFlow(seed, true), { seed: 1, observe: 'none' });
    let lastS = 0;
    for (let k = 0; k < 1000 && simulation.runEvent(); k++) {
      expect(simulation.timeS).toBeGreaterThanOrEqual(lastS);
      lastS = simulation.timeS;
    }
  });
});

it('queues keep within their bounds, threads within their pools', () => {
  holds(100, (seed) => {
    // What comes back from a consumer that died goes to its place, full or not.
    const returning = new Set(['ackTimeoutS', 'crashRate', 'deliveryLoss']);
    const flow = changeFlow(validFlow(seed), (value, _field, key) =>
      returning.has(key) ? undefined : value,
    );
    const simulation = new Simulation(flow, { seed: 1, observe: 'none' });
    const view = simulation.createView();
    for (let k = 0; k < 300 && simulation.runEvent(); k++) {
      simulation.readView(view);
      for (const node of view.nodes) {
        if (node.kind === 'broker') expect(node.ready).toBeLessThanOrEqual(node.limit);
        if (node.kind !== 'pool') continue;
        expect(node.queueLength).toBeLessThanOrEqual(node.queueLimit);
        const held = node.runningCount + node.parkedCount + node.downCount;
        expect(held).toBeLessThanOrEqual(node.capacity);
      }
    }
  });
});

describe('one seed, one run', () => {
  it('the same flow and seed give the same run, observed or not', () => {
    holds(40, (seed) => {
      const flow = validFlow(seed, true);
      expect(look(run(flow))).toEqual(look(run(flow)));
      const seen = (['none', 'live', 'metrics'] as const).map((observe) => run(flow, observe));
      if (seen.some(({ eventCount }) => eventCount === MAX_EVENTS)) return;
      const [blind, live, metrics] = seen.map(viewOf);
      expect(live).toEqual(blind);
      expect(metrics).toEqual(blind);
    });
  });

  const inputs: readonly InputAction[] = [
    { do: 'set', path: 'email.workMs', value: 3000 },
    { do: 'set', path: 'users.ratePerS', value: 60 },
    { do: 'set', path: 'api.threads', value: 7 },
    { do: 'set', path: 'api.mode.email', value: 'queue' },
    { do: 'set', path: 'email.failureRate', value: 0.4 },
    { do: 'set', path: 'emailQueue.limit', value: 10 },
    { do: 'surge', node: 'users', factor: 10, durationS: 5 },
    { do: 'kill', node: 'email', downS: 10 },
    { do: 'poison', node: 'email' },
  ];

  it('going back to t and on is a fresh run, for any t and any inputs; a fork leaves the past as it was', () => {
    holds(40, (seed) => {
      const dice = new Dice(seed);
      const flow = checkout.lanes[dice.pick(LANE_IDS)];
      const planned = Array.from({ length: 4 }, () => ({
        timeS: 20 * dice.share(),
        action: dice.pick(inputs),
      })).sort((a, b) => a.timeS - b.timeS);
      const goOn = (simulation: Simulation, untilS: number): void => {
        for (const { timeS, action } of planned) {
          if (timeS < simulation.timeS || timeS >= untilS) continue;
          simulation.advance(timeS);
          simulation.apply(action);
        }
        simulation.advance(untilS);
      };
      const fresh = new Simulation(flow, { seed, observe: 'metrics' });
      goOn(fresh, 25);
      const travelled = new Simulation(flow, { seed, observe: 'metrics' });
      goOn(travelled, 20 * dice.share());
      const checkpoint = travelled.checkpoint();
      const before = JSON.stringify(checkpoint);
      // Another future from here: it must leave no mark.
      travelled.apply(dice.pick(inputs));
      travelled.advance(travelled.timeS + 15);
      travelled.restore(checkpoint);
      expect(JSON.stringify(checkpoint)).toBe(before);
      goOn(travelled, 25);
      expect(look(travelled)).toEqual(look(fresh));
    });
  });

  it('going back in any flow, whatever it is made of', () => {
    holds(60, (seed) => {
      const flow = validFlow(seed, true);
      const share = new Dice(seed).share();
      const travelled = run(flow, 'metrics', UNTIL_S * share);
      const checkpoint = travelled.checkpoint();
      travelled.advanceWithin(UNTIL_S, MAX_EVENTS / 2);
      travelled.restore(checkpoint);
      travelled.advanceWithin(UNTIL_S, MAX_EVENTS - travelled.eventCount);
      expect(look(travelled)).toEqual(look(run(flow)));
    });
  });
});

it('a change to one node does not reshuffle another that has nothing to do with it', () => {
  holds(80, (seed) => {
    const left = validFlow(seed);
    const untilS = 5;
    const runBeside = (right: Flow) => {
      const simulation = new Simulation(sideBySide(left, right), { seed: 1, observe: 'metrics' });
      simulation.advanceWithin(untilS, 10 * MAX_EVENTS);
      if (simulation.timeS < untilS) return null;
      return Object.entries(simulation.report().nodes).filter(([id]) => id.startsWith('left-'));
    };
    const one = runBeside(validFlow(seed + 1));
    const other = runBeside(validFlow(seed + 2));
    if (one !== null && other !== null) expect(other).toEqual(one);
  });
});

it('draws belong to names: a node that nobody uses, before all others, changes nothing', () => {
  const spare: NodeSpec = { kind: 'service', threads: 1, acceptQueue: null, handler: [] };
  let events = 0;
  holds(300, (seed) => {
    const flow = validFlow(seed, true, tenseFlow);
    const one = run(flow);
    const other = run({ ...flow, nodes: { spare, ...flow.nodes } });
    const { nodes } = one.report();
    expect(other.report().nodes).toEqual({ ...nodes, spare: other.report().nodes['spare'] });
    events += one.eventCount;
  });
  expect(events).toBeGreaterThan(50_000);
});

it('without failure, timeout, rejection, crash, loss or lease expiry nothing is tried twice', () => {
  let calls = 0;
  const unlimited = new Set([
    'acceptQueue',
    'limit',
    'patienceS',
    'retentionS',
    'inFlightLimit',
    'quotaPerS',
    'resultTtlS',
    'maxPollIntervalS',
  ]);
  const removed = new Set([
    'timeoutMs',
    'connectTimeoutMs',
    'confirmTimeoutMs',
    'maxConcurrent',
    'throttle',
    'discipline',
    'breaker',
  ]);
  holds(100, (seed) => {
    const flow = changeFlow(validFlow(seed), (value, field, key) => {
      if (key === 'visibilityS') return 43_200;
      if (key === 'ackTimeoutS') return undefined;
      if (key === 'loss' || key === 'deliveryLoss' || key === 'publishLoss') return 0;
      if (/(failure|hang|crash|loss|invalid|rollback)Rate$/i.test(key)) return 0;
      if (unlimited.has(key) && field.type === 'number' && field.none !== undefined) return null;
      return removed.has(key) ? undefined : value;
    });
    const { nodes, lane } = run(flow).report();
    calls += lane.offered;
    for (const { counts } of Object.values(nodes)) {
      const { callRetries = 0, redelivered = 0, deadLettered = 0, backedOff = 0 } = counts;
      expect([callRetries, redelivered, deadLettered, backedOff]).toEqual([0, 0, 0, 0]);
      const { lost = 0, unconfirmed = 0, publishedAgain = 0 } = counts;
      expect([lost, unconfirmed, publishedAgain]).toEqual([0, 0, 0]);
    }
    expect([lane.rejected, lane.failed, lane.timedOut]).toEqual([0, 0, 0]);
  });
  expect(calls).toBeGreaterThan(1000);
});
