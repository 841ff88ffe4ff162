import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { CallStep, Flow, NodeSpec } from './flow.ts';
import { Outcome } from './outcome.ts';
import { Dice } from './testing/dice.ts';
import { FIRST_DRAW, FLOW_SEEDS, run, unlessEndless, viewOf } from './testing/propertyRun.ts';
import { messageFlow, stateOf } from './testing/messageRun.ts';
import { changeFlow, validFlow } from './testing/validFlows.ts';

// Enough on a machine that does other things too.
vi.setConfig({ testTimeout: 90_000 });

function holds(runs: number, property: (seed: number) => void): void {
  const anySeed = fc.property(fc.integer(FLOW_SEEDS), unlessEndless(property));
  fc.assert(anySeed, { numRuns: runs, seed: FIRST_DRAW });
}

describe('conservation', () => {
  it('every request ends in exactly one outcome or is in the system', () => {
    holds(150, (seed) => {
      const simulation = run(validFlow(seed, true));
      const { lane } = simulation.report();
      const { requests } = simulation;
      let open = 0;
      for (let row = 0; row < requests.used; row++) {
        if (requests.rows[row].references > 0 && requests.rows[row].outcome === Outcome.Open)
          open++;
      }
      const { served, declined, rejected, timedOut, failed } = lane;
      expect(lane.open).toBe(open);
      expect(served + declined + rejected + timedOut + failed + open).toBe(lane.firstTries);
    });
  });

  it('every message is acknowledged, expired, dropped, dead-lettered or there', () => {
    let messages = 0;
    holds(150, (seed) => {
      const flow = validFlow(seed, true);
      const simulation = run(flow);
      const { nodes } = simulation.report();
      simulation.brokers.forEach((broker) => {
        const spec = broker === null ? null : flow.nodes[broker.id];
        // A topic hands on and a log keeps: only queues end what they take in.
        if (broker === null || (spec?.kind !== 'queue' && spec?.kind !== 'leaseQueue')) return;
        // With `all`, what expires is dead-lettered too.
        const expiresToDead = spec.kind === 'queue' && spec.deadLetters === 'all';
        const {
          published = 0,
          acknowledged = 0,
          deadLettered = 0,
          dropped = 0,
          expired = 0,
          cancelled = 0,
        } = nodes[broker.id].counts;
        messages += published;
        expect(
          acknowledged +
            deadLettered +
            dropped +
            cancelled +
            broker.owed +
            (expiresToDead ? 0 : expired),
          // What is sent back to the queue has been dead-lettered and is there again.
        ).toBe(published + stateOf(simulation, broker.id).redriven);
      });
    });
    expect(messages).toBeGreaterThan(1000);
  });

  /** Runs a flow with 20 users until the last is through. @returns whether it got there */
  const leavesNothing = (flow: Flow): boolean => {
    const limited = changeFlow(flow, (value, field, key) => {
      if (key === 'visibilityS') return 43_200;
      if (key === 'ackTimeoutS') return undefined;
      if (field.type !== 'ref' || field.to !== 'node') return value;
      const node = value as NodeSpec;
      return node.kind === 'clients' ? { ...node, limit: 20 } : node;
    });
    const simulation = run(limited, 'none', 1e8);
    const { jobs, requests, calls, messages } = simulation;
    // Messages that go round for ever, or wait where no worker is, keep a flow from ending.
    if (simulation.nextEventS() !== Infinity || messages.live > 0) return false;
    expect([jobs.live, requests.live, calls.live]).toEqual([0, 0, 0]);
    for (const node of viewOf(simulation).nodes) {
      if (node.kind === 'pool') {
        expect([node.runningCount, node.parkedCount, node.queueLength]).toEqual([0, 0, 0]);
      }
    }
    return true;
  };

  it('nothing is left behind when the last request is through: no thread, no job, no row', () => {
    let through = 0;
    let throughJobs = 0;
    let lossy = 0;
    let lossyPublishes = 0;
    const withTimeout = (step: CallStep): CallStep => {
      const { policy } = step;
      if ((policy?.loss ?? 0) === 0) return step;
      return { ...step, policy: { ...policy, timeoutMs: policy?.timeoutMs ?? 5000 } };
    };
    holds(300, (seed) => {
      const ending = changeFlow(validFlow(seed), (value, field) => {
        if (typeof value !== 'object' || value === null) return value;
        // What hangs for ever, or waits for ever for what was lost, stays: that is what it means. So a hang
        // ends, a thread's call and a publish have a timeout, and users have patience; then whatever gets lost may.
        if ('do' in value && value.do === 'call') return withTimeout(value as CallStep);
        if (field.type !== 'ref' || field.to !== 'node') return value;
        const node = value as NodeSpec;
        if (node.kind === 'service') return { ...node, hangS: node.hangS ?? 30 };
        if ('publishLoss' in node && (node.publishLoss ?? 0) > 0) {
          lossyPublishes++;
          return { ...node, confirmTimeoutMs: node.confirmTimeoutMs ?? 1000 };
        }
        if (node.kind !== 'clients') return node;
        const users = { ...node, patienceS: node.patienceS ?? 60 };
        const { loss = 0, timeoutMs = null } = node.policy ?? {};
        if (loss === 0 || timeoutMs !== null) return users;
        lossy++;
        // Patience that only runs until the start does not end the wait for an answer that is lost.
        return { ...users, patienceRuns: 'untilAnswered' };
      });
      if (!leavesNothing(ending)) return;
      through++;
      if (Object.values(ending.nodes).some(({ kind }) => kind === 'jobApi')) throughJobs++;
    });
    expect(through).toBeGreaterThan(50);
    expect(throughJobs).toBeGreaterThan(10);
    expect(lossy).toBeGreaterThan(10);
    expect(lossyPublishes).toBeGreaterThan(50);
  });

  it('nor by job APIs, whatever their clients send again and whenever results expire', () => {
    let duplicates = 0;
    let through = 0;
    holds(150, (seed) => {
      const flow = jobFlow(new Dice(seed));
      if (leavesNothing(flow)) through++;
      duplicates += run(flow, 'metrics', 200).report().nodes['jobs'].counts['duplicateJobs'] ?? 0;
    });
    expect(through).toBeGreaterThan(80);
    expect(duplicates).toBeGreaterThan(100);
  });
});

/** Clients whose POSTs to a job API are late, lost, turned away and sent again. */
function jobFlow(dice: Dice): Flow {
  const some = (most: number) => (dice.chance(0.3) ? 0 : most * dice.share());
  const loss = some(0.3);
  // Without patience only a timeout ends the wait for what was lost.
  const patienceS = dice.chance(0.3) ? null : 0.1 + some(20);
  const needsTimeout = loss > 0 && patienceS === null;
  return messageFlow({
    users: {
      target: 'jobs',
      ratePerS: 5,
      patienceS,
      whenImpatient: dice.pick(['stays', 'leavesAcceptQueue']),
      policy: {
        timeoutMs: !needsTimeout && dice.chance(0.3) ? null : 100 + some(1000),
        travelMs: some(200),
        loss,
        retry: { attempts: 1 + dice.below(5), baseS: some(2) },
      },
    },
    queue: {
      limit: dice.chance(0.5) ? null : 1 + dice.below(5),
      overflow: dice.pick(['dropOldest', 'rejectPublish', 'blockProducer']),
      maxAttempts: 1 + dice.below(3),
      retentionS: dice.chance(0.5) ? null : 1 + some(20),
    },
    workers: { handler: [{ do: 'work', name: 'do', workMs: some(500) }], failureRate: some(0.5) },
    more: {
      jobs: {
        kind: 'jobApi',
        queue: 'q',
        acceptMs: some(800),
        invalidRate: some(0.2),
        limit: dice.chance(0.5) ? null : dice.below(5),
        throttlePerS: dice.chance(0.5) ? null : 4,
        rejectionRetryAfterS: dice.chance(0.5) ? null : some(3),
        idempotencyKey: dice.pick(['none', 'returnsFirst']),
        keyTtlS: 0.1 + some(5),
        notice: dice.pick(['poll', 'webhook']),
        pollEveryS: 0.1 + some(3),
        webhookMs: some(500),
        webhookFailureRate: some(0.5),
        webhookAckLossRate: some(0.5),
        resultTtlS: dice.chance(0.5) ? null : some(5),
      },
    },
  });
}
