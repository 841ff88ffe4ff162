/** The numbers that the stories about messages must reproduce: means of 20 seeds and more. */
import { describe, expect, it } from 'vitest';
import { Simulation } from '../kernel/simulation.ts';
import { expectMean } from '../testing/expectMean.ts';
import { meanOver, stateOf } from '../testing/messageRun.ts';
import type { Flow } from '../flow.ts';
import { serialFlow, sharedQueueFlow, topicFlow } from './fanOut.ts';
import { jobApiFlow } from './jobs.ts';
import { leaseQueue, poisonFlow, requeueLoop } from './poison.ts';
import { visibilityTimeoutFlow } from './visibilityTimeout.ts';

const SEEDS = 20;

function run(flow: Flow, seed: number, untilS: number): Simulation {
  const simulation = new Simulation(flow, { seed, observe: 'none' });
  simulation.advance(untilS);
  return simulation;
}
const poisoned = (flow: Flow, requests = 1): Flow => ({
  ...flow,
  schedule: Array.from({ length: requests }, (_, k) => ({
    timeS: k,
    action: { do: 'poison', node: 'workers' },
  })),
});

describe('a poison message', () => {
  it('without a dead-letter queue is run 11,520 times, until its retention of 4 days', () => {
    const simulation = run(poisoned(poisonFlow(leaseQueue(null), {}, 2, 1)), 1, 400_000);
    expect(stateOf(simulation, 'orders').deliveries).toBe(11_520);
    expect(stateOf(simulation, 'orders').expired).toBe(1);
    expect(simulation.messages.live).toBe(0);
  });

  it('with 5 receives and 30 s is dead-lettered 150 s after its first', () => {
    const simulation = run(poisoned(poisonFlow(leaseQueue(5), {}, 2, 1)), 1, 400);
    const { originalS, sinceS } = simulation.messages;
    expect(stateOf(simulation, 'orders').deliveries).toBe(5);
    expect(stateOf(simulation, 'orders').dead).toBe(1);
    expect(sinceS[0] - originalS[0]).toBe(150);
  });

  it('and so are healthy ones, in an outage longer than 150 s', () => {
    const dead = (outageS: number) => {
      const flow = poisonFlow(leaseQueue(5), { workers: 200 }, 1);
      const simulation = run(
        {
          ...flow,
          schedule: [
            { timeS: 10, action: { do: 'set', path: 'workers.failureRate', value: 1 } },
            { timeS: 10 + outageS, action: { do: 'set', path: 'workers.failureRate', value: 0 } },
          ],
        },
        1,
        800,
      );
      return stateOf(simulation, 'orders').dead;
    };
    // Runs at 0, 30, … 120 s fail: that takes an outage of 120 s and the last work.
    expect(dead(110)).toBe(0);
    // One a second comes in, and whoever is still failing 120 s later is lost.
    expect(dead(151)).toBeGreaterThan(20);
    expect(dead(151)).toBeLessThan(45);
    expect(Math.abs(dead(300) / 180 - 1)).toBeLessThan(0.2);
  });

  it('is a stall where as many as there are workers loop at the head of the queue', () => {
    const acknowledgedPerS = (poison: number) =>
      meanOver(
        { ...poisonFlow(requeueLoop, {}, 6), schedule: poisonFirst(poison) },
        SEEDS,
        120,
        (simulation) => stateOf(simulation, 'orders').acknowledged / 120,
      );
    // 4 workers at 500 ms do 8/s; each poison message takes one of them away.
    expectMean(acknowledgedPerS(0), 6);
    expectMean(acknowledgedPerS(2), 4);
    const stalled = { ...poisonFlow(requeueLoop, {}, 6), schedule: poisonFirst(4) };
    const simulation = run(stalled, 1, 20);
    const { acknowledged } = stateOf(simulation, 'orders');
    simulation.advance(120);
    expect(stateOf(simulation, 'orders').acknowledged).toBe(acknowledged);
  });

  it('transient failures of 5 % dead-letter 5 % at one attempt and 0.0125 % at three', () => {
    const share = (attempts: number, count: number) =>
      meanOver(
        poisonFlow(
          { ...requeueLoop, maxAttempts: attempts },
          { failureRate: 0.05, workers: 200, handler: [{ do: 'work', name: 'handle', workMs: 5 }] },
          1000,
          count,
        ),
        SEEDS,
        count / 1000 + 20,
        (simulation) => stateOf(simulation, 'orders').dead / count,
      );
    expectMean(share(1, 4000), 0.05);
    expectMean(share(3, 20_000), 0.000125);
  });
});

/** Poisons the first `count` requests, one just before each arrives. */
function poisonFirst(count: number): Flow['schedule'] {
  return Array.from({ length: count }, (_, k) => ({
    timeS: 2 * k,
    action: { do: 'poison', node: 'workers' } as const,
  }));
}

describe('a visibility timeout', () => {
  it('of 30 s for exponential work of 10 s duplicates 5 %, of 60 s 0.25 %', () => {
    const share = (visibilityS: number) =>
      meanOver(
        visibilityTimeoutFlow(visibilityS, 10, { kind: 'exponential' }, {}, 2000),
        SEEDS,
        2000,
        (simulation) => {
          // First executions that outlived their lease.
          const { redeliveries, leasesExpired } = stateOf(simulation, 'invoices');
          expect(redeliveries).toBe(leasesExpired);
          return stateOf(simulation, 'workers').duplicateEffects / 2000;
        },
      );
    // Each redelivery may be late, too: p + p² + … of the first, which is p/(1 − p).
    for (const visibilityS of [30, 60]) {
      const late = Math.exp(-visibilityS / 10);
      const figure = share(visibilityS);
      expectMean(figure, late);
      expect(Math.abs(figure.mean - late / (1 - late))).toBeLessThan(3 * figure.standardError);
    }
  });

  it('of 30 s for work of 40 s gives 5 effects, and the dead-letter queue although all 5 succeeded', () => {
    const flow = visibilityTimeoutFlow(30, 40, { kind: 'constant' }, {}, 100);
    const simulation = run(flow, 1, 1000);
    expect(stateOf(simulation, 'workers').effects).toBe(500);
    expect(stateOf(simulation, 'workers').duplicateEffects).toBe(400);
    expect(stateOf(simulation, 'invoices').dead).toBe(100);
    expect(stateOf(simulation, 'invoices').acknowledged).toBe(0);
  });

  it('is fixed by a heartbeat; its effects by an atomic claim, not by check-then-act', () => {
    const effects = (workers: Parameters<typeof visibilityTimeoutFlow>[3]) => {
      const flow = visibilityTimeoutFlow(30, 40, { kind: 'constant' }, workers, 100);
      const simulation = run(flow, 1, 1000);
      return [
        stateOf(simulation, 'workers').effects,
        stateOf(simulation, 'invoices').redeliveries,
        stateOf(simulation, 'invoices').dead,
      ];
    };
    expect(effects({ heartbeatS: 10 })).toEqual([100, 0, 0]);
    expect(effects({ idempotency: 'atomicClaim' })[0]).toBe(100);
    expect(effects({ idempotency: 'checkThenAct' })[0]).toBe(200);
  });
});

describe('fan-out', () => {
  it('with a queue per subscriber: the CRM down for 120 s owes 12,000, the others nothing, and drains in 240 s', () => {
    const flow = topicFlow({ atS: 10, forS: 120 });
    const backlog: number[] = [];
    const drainS: number[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const simulation = run(flow, seed, 130);
      backlog.push(stateOf(simulation, 'crmQueue').ready);
      for (const other of ['search', 'mail', 'audit']) {
        expect(stateOf(simulation, `${other}Queue`).ready).toBeLessThan(30);
      }
      let timeS = 130;
      while (stateOf(simulation, 'crmQueue').ready > 0) simulation.advance(++timeS);
      drainS.push(timeS - 130);
    }
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / SEEDS;
    expect(Math.abs(mean(backlog) / 12_000 - 1)).toBeLessThan(0.02);
    expect(Math.abs(mean(drainS) / 240 - 1)).toBeLessThan(0.05);
  }, 60_000);

  it('through one shared queue gives each subscriber a quarter of the events', () => {
    for (const subscriber of ['crm', 'search', 'mail', 'audit']) {
      const share = meanOver(sharedQueueFlow(), SEEDS, 60, (simulation) => {
        const { published } = stateOf(simulation, 'events');
        return stateOf(simulation, subscriber).executions / published;
      });
      expectMean(share, 0.25);
    }
  });

  it('by four calls takes 200 ms and fails for one in 250', () => {
    let failed = 0;
    let submitted = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const simulation = new Simulation(serialFlow(), { seed, observe: 'live' });
      simulation.advance(120);
      const { response, totals } = simulation.readouts();
      expect(response.p50S).toBeCloseTo(0.2, 9);
      failed += totals.failed;
      submitted += totals.submitted;
    }
    const expected = 1 - 0.999 * 0.999 * 0.999 * 0.999;
    const error = Math.sqrt((expected * (1 - expected)) / submitted);
    expect(Math.abs(failed / submitted - expected)).toBeLessThan(3 * error);
  });
});

describe('a job API', () => {
  const count = (simulation: Simulation, name: string) => stateOf(simulation, 'api')[name];

  it('without a limit grows by 120 a minute; after 5 min a job waits 60 s', () => {
    const flow = jobApiFlow({}, null);
    expectMean(
      meanOver(flow, SEEDS, 600, (simulation) => stateOf(simulation, 'jobs').ready / 10),
      120,
    );
    expectMean(
      meanOver(flow, SEEDS, 300, (simulation) => stateOf(simulation, 'jobs').ready / 10),
      60,
    );
    // Whoever came at 300 s is next at 360 s.
    expectMean(
      meanOver(flow, SEEDS, 360, (simulation) => {
        const view = simulation.createView();
        simulation.readView(view);
        const jobs = view.nodes.find(({ id }) => id === 'jobs');
        return jobs?.kind === 'broker' ? jobs.oldestAgeS : NaN;
      }),
      60,
    );
  });

  it('is polled 240 times a second when 1,200 are queued', () => {
    const flow = jobApiFlow({}, null);
    const perS: number[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const simulation = run(flow, seed, 590);
      const before = count(simulation, 'pollCount');
      simulation.advance(610);
      perS.push((count(simulation, 'pollCount') - before) / 20);
    }
    const mean = perS.reduce((sum, value) => sum + value, 0) / SEEDS;
    // Those in work are polled as well: 1,220 ÷ 5 s.
    expect(Math.abs(mean / 244 - 1)).toBeLessThan(0.1);
  });

  it('has no goodput at full utilisation once the wait exceeds 60 s of patience', () => {
    const flow = jobApiFlow({}, 60);
    for (let seed = 1; seed <= SEEDS; seed++) {
      const simulation = new Simulation(flow, { seed, observe: 'metrics' });
      simulation.advance(600);
      simulation.clearStatistics();
      const noticed = count(simulation, 'noticed');
      const completed = count(simulation, 'completed');
      simulation.advance(900);
      expect((count(simulation, 'noticed') - noticed) / 300).toBeLessThan(0.05);
      expect((count(simulation, 'completed') - completed) / 300).toBeGreaterThan(9.5);
      expect(simulation.report().nodes['workers'].threads?.utilisation).toBeGreaterThan(0.999);
    }
  });

  it('that rejects beyond 300 turns 16.7 % away and does the rest in about 32 s, 10 a second', () => {
    const flow = jobApiFlow({ limit: 300 }, 60);
    const rejected: number[] = [];
    const perS: number[] = [];
    const responseS: number[] = [];
    const doneS: number[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const simulation = new Simulation(flow, { seed, observe: 'live' });
      simulation.advance(300);
      const before = simulation.readouts().totals;
      simulation.advance(900);
      const { totals, response } = simulation.readouts();
      rejected.push((totals.rejected - before.rejected) / (totals.submitted - before.submitted));
      perS.push((totals.served - before.served) / 600);
      responseS.push(response.p50S!);
      expect(totals.timedOut).toBe(0);
      const measured = new Simulation(flow, { seed, observe: 'metrics' });
      measured.advance(300);
      measured.clearStatistics();
      measured.advance(900);
      doneS.push(measured.report().nodes['jobs'].response!.meanS!);
    }
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / SEEDS;
    expect(Math.abs(mean(rejected) / 0.167 - 1)).toBeLessThan(0.1);
    expect(Math.abs(mean(perS) / 10 - 1)).toBeLessThan(0.02);
    // 300 ÷ 10/s + 2 s of work …
    expect(Math.abs(mean(doneS) / 32 - 1)).toBeLessThan(0.05);
    // … and half a polling interval until the user knows.
    expect(Math.abs(mean(responseS) - 34.5)).toBeLessThan(1.5);
  });

  it('throttled to 9 a second runs at 90 %; the excess waits at the producer', () => {
    const flow = jobApiFlow({ throttlePerS: 9 }, null);
    expectMean(
      meanOver(flow, SEEDS, 600, (simulation) => {
        const api = stateOf(simulation, 'api') as unknown as { line: { size: number } };
        expect(stateOf(simulation, 'jobs').ready).toBeLessThan(20);
        return api.line.size;
      }),
      1800,
    );
    expectMean(
      meanOver(flow, SEEDS, 600, (simulation) => count(simulation, 'completed') / 600 / 10),
      0.9,
    );
  });
});
