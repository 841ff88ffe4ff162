/** The figures that the cascade, the spike and the retry storm must show; 20 seeds each. */
import { describe, expect, it } from 'vitest';
import type { Flow } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { Outcome } from '../outcome.ts';
import type { BrokerView, ClientsView } from '../view.ts';
import { CASCADE_SLOW_FROM_S, cascadeFlow, cascadeQueueFlow } from './cascade.ts';
import {
  ADMIT_30_PERCENT,
  FLUSH,
  NO_RETRIES,
  retryStormFlow,
  SLOW_BACKOFF,
  STALL_AT_S,
  STALL_FOR_S,
  TENTH_BUDGET,
  type RetryStormOptions,
} from './retryStorm.ts';
import { deferredSpikeFlow, SPIKE_FOR_S, SPIKE_FROM_S, spikeFlow } from './spike.ts';

const seeds = Array.from({ length: 20 }, (_, k) => k + 1);

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean is within 3 standard errors or 10 % of the figure. */
function expectMean(values: readonly number[], figure: number): void {
  const average = mean(values);
  const variance = mean(values.map((value) => (value - average) ** 2)) / (values.length - 1);
  const tolerance = Math.max(3 * Math.sqrt(variance), 0.1 * figure);
  expect(Math.abs(average - figure), `mean ${average} of ${figure}`).toBeLessThanOrEqual(tolerance);
}

/** The mean is in the range, or within 3 standard errors or 10 % of its nearer end. */
function expectMeanWithin(values: readonly number[], least: number, most: number): void {
  expectMean(values, Math.min(most, Math.max(least, mean(values))));
  expect(mean(values)).toBeGreaterThanOrEqual(0.9 * least);
  expect(mean(values)).toBeLessThanOrEqual(1.1 * most);
}

/** At least 18 of the 20 runs are in the range. */
function expectRange(values: readonly number[], least: number, most: number): void {
  const inside = values.filter((value) => value >= least && value <= most).length;
  expect(inside, values.join(' ')).toBeGreaterThanOrEqual(18);
}

function run(flow: Flow, seed: number): Simulation {
  return new Simulation(flow, { seed, observe: 'none' });
}

function view(simulation: Simulation, id: string) {
  const lane = simulation.createView();
  simulation.readView(lane);
  return lane.nodes.find((node) => node.id === id)!;
}
function outcomes(simulation: Simulation, id: string): Int32Array {
  return (view(simulation, id) as ClientsView).outcomes;
}
function queue(simulation: Simulation): BrokerView {
  return view(simulation, 'queue') as BrokerView;
}

describe('cascade: C goes from 0.1 s to 2 s for a minute', () => {
  function servedPerS(flow: Flow): { remote: number[]; local: number[] } {
    const rates = { remote: [] as number[], local: [] as number[] };
    for (const seed of seeds) {
      const simulation = run(flow, seed);
      simulation.advance(CASCADE_SLOW_FROM_S);
      const before = {
        remote: outcomes(simulation, 'remote')[Outcome.Served],
        local: outcomes(simulation, 'local')[Outcome.Served],
      };
      simulation.advance(CASCADE_SLOW_FROM_S + 60);
      for (const id of ['remote', 'local'] as const) {
        rates[id].push((outcomes(simulation, id)[Outcome.Served] - before[id]) / 60);
      }
    }
    return rates;
  }

  it('takes the requests down that never leave A: 9.8/s and 10/s of 50 each', () => {
    const { remote, local } = servedPerS(cascadeFlow('none'));
    expectMean(remote, 9.8);
    expectMean(local, 10);
  });

  it('stops at A with timeouts: 7.1/s and 49/s', () => {
    const { remote, local } = servedPerS(cascadeFlow('timeouts'));
    expectMean(remote, 7.1);
    expectMean(local, 49);
  });

  it('stops at A with a bulkhead of 10: 4.2/s and 50/s; the feature itself is not saved', () => {
    const { remote, local } = servedPerS(cascadeFlow('bulkhead'));
    expectMean(remote, 4.2);
    expectMean(local, 50);
  });

  it('becomes a backlog of 2,400 with a queue, at most 48 s old, drained in 16 to 18 s', () => {
    const flow = cascadeQueueFlow();
    const { remote, local } = servedPerS(flow);
    expectMean(remote, 50);
    expectMean(local, 49);
    const backlogs: number[] = [];
    const oldest: number[] = [];
    const drains: number[] = [];
    for (const seed of seeds) {
      const simulation = run(flow, seed);
      simulation.advance(120);
      backlogs.push(queue(simulation).ready);
      let oldestS = 0;
      let t = 120;
      while (queue(simulation).ready > 0 && t < 200) {
        oldestS = Math.max(oldestS, queue(simulation).oldestAgeS);
        simulation.advance((t += 0.1));
      }
      oldest.push(oldestS);
      drains.push(t - 120);
    }
    expectMean(backlogs, 2400);
    expectMean(oldest, 48);
    // 2,400 ÷ (200 − 50) = 16 s, and the slow work under way, of up to 2 s on average.
    expectMeanWithin(drains, 16, 18);
  });
});

describe('spike: ten times the load for 30 s, users wait 1 s', () => {
  function counts(acceptQueue: number | null) {
    const inTime: number[] = [];
    const late: number[] = [];
    const rejected: number[] = [];
    for (const seed of seeds) {
      const simulation = run(spikeFlow(acceptQueue), seed);
      simulation.advance(SPIKE_FROM_S + SPIKE_FOR_S + 10);
      const ended = outcomes(simulation, 'spike');
      inTime.push(ended[Outcome.Served]);
      late.push(ended[Outcome.TimedOut]);
      rejected.push(ended[Outcome.Rejected]);
    }
    return { inTime, late, rejected };
  }

  it('serves 2,990 in time and none late with 20 places', () => {
    const { inTime, late, rejected } = counts(20);
    expectMean(inTime, 2990);
    expect(Math.max(...late)).toBeLessThan(10);
    expectMean(rejected, 12_058);
  });

  it('serves 2,988 in time and a few late with 50 places', () => {
    const { inTime, late, rejected } = counts(50);
    expectMean(inTime, 2988);
    expectRange(late, 10, 45);
    // 50 departures at 100/s and a service time of its own: 0.88 % of the 2,988 take over 1 s.
    expectMean(late, 26.3);
    expectMean(rejected, 12_028);
  });

  it('serves most of them too late with 100 places: 530 to 1,150 in time', () => {
    const { inTime, late, rejected } = counts(100);
    expectMean(inTime, 840);
    expectRange(inTime, 530, 1150);
    expectMean(late, 2260);
    expectMean(rejected, 11_980);
  });

  it('serves all of them too late without a limit: 106 in time', () => {
    const { inTime, late, rejected } = counts(null);
    expectMean(inTime, 106);
    expectMean(late, 14_942);
    expect(Math.max(...rejected)).toBe(0);
  });

  it('follows the rule: places ÷ rate below the timeout less the service time', () => {
    // 1 s − 0.1 s is the wait behind 90 places at 100/s.
    for (const [places, least, most] of [
      [70, 0.9, 1],
      [90, 0.35, 0.65],
      [110, 0, 0.1],
    ]) {
      const { inTime, late } = counts(places);
      const share = mean(inTime) / (mean(inTime) + mean(late));
      expect(share, `${places} places`).toBeGreaterThanOrEqual(least);
      expect(share, `${places} places`).toBeLessThanOrEqual(most);
    }
  });

  it('is a backlog of 12,000 as messages, 120 s old, drained 240 s after', () => {
    const backlogs: number[] = [];
    const oldest: number[] = [];
    const drains: number[] = [];
    for (const seed of seeds) {
      const simulation = run(deferredSpikeFlow(), seed);
      let t = SPIKE_FROM_S + SPIKE_FOR_S;
      simulation.advance(t);
      backlogs.push(queue(simulation).ready);
      let oldestS = 0;
      while (queue(simulation).ready > 0 && t < 600) {
        simulation.advance((t += 1));
        oldestS = Math.max(oldestS, queue(simulation).oldestAgeS);
      }
      oldest.push(oldestS);
      drains.push(t - SPIKE_FROM_S - SPIKE_FOR_S);
    }
    expectMean(backlogs, 12_000);
    expectMean(oldest, 120);
    expectMean(drains, 240);
  });
});

describe('retry storm: a stall of 5 s at 80 % load, three attempts of 1 s', () => {
  const afterStallS = STALL_AT_S + STALL_FOR_S;

  /** Served per second, five to six minutes after the start. */
  function goodput(options: RetryStormOptions): number[] {
    return seeds.map((seed) => {
      const simulation = run(retryStormFlow(options), seed);
      simulation.advance(300);
      const before = outcomes(simulation, 'users')[Outcome.Served];
      simulation.advance(360);
      return (outcomes(simulation, 'users')[Outcome.Served] - before) / 60;
    });
  }

  /** Seconds from the end of the stall to the first second with 80 % of the usual goodput. */
  function recovery(options: RetryStormOptions): number[] {
    return seeds.map((seed) => {
      const simulation = run(retryStormFlow(options), seed);
      let t = afterStallS;
      simulation.advance(t);
      let before = outcomes(simulation, 'users')[Outcome.Served];
      for (; t < 200; t++) {
        simulation.advance(t + 1);
        const served = outcomes(simulation, 'users')[Outcome.Served];
        if (served - before >= 0.8 * (options.ratePerS ?? 80)) break;
        before = served;
      }
      return t + 1 - afterStallS;
    });
  }

  it('never ends by itself: no request is served any more, 237 attempts/s are offered', () => {
    expect(Math.max(...goodput({}))).toBe(0);
    const offered = seeds.map((seed) => {
      const simulation = new Simulation(retryStormFlow(), { seed, observe: 'metrics' });
      simulation.advance(200);
      simulation.clearStatistics();
      simulation.advance(260);
      const { lane } = simulation.report();
      expect(lane.amplification).toBeGreaterThan(2.8);
      expect(lane.wastedShare).toBe(1);
      return lane.offeredPerS;
    });
    expectMean(offered, 237);
  });

  it('does not end with slow backoff either', () => {
    expect(Math.max(...goodput({ policy: SLOW_BACKOFF }))).toBeLessThan(1);
  });

  it('ends at once with an accept queue of 50, or last in, first out', () => {
    for (const service of [{ acceptQueue: 50 }, { discipline: { kind: 'lifo' } }] as const) {
      expectMean(goodput({ service }), 78);
      expect(Math.max(...recovery({ service }))).toBeLessThanOrEqual(3);
    }
  });

  it('does not end with 50 places if a rejection costs 60 ms of a thread', () => {
    const service = { acceptQueue: 50, rejectionMs: 60 };
    expect(Math.max(...goodput({ service }))).toBeLessThan(1);
  });

  it('ends within 14 to 18 s without retries', () => {
    const seconds = recovery({ policy: NO_RETRIES });
    expectMean(seconds, 16);
    expectMean(goodput({ policy: NO_RETRIES }), 80);
  });

  it('ends within 22 to 36 s with a retry budget of 10 %', () => {
    const seconds = recovery({ policy: TENTH_BUDGET });
    expect(mean(seconds)).toBeGreaterThan(22);
    expect(mean(seconds)).toBeLessThan(36);
    expectMean(goodput({ policy: TENTH_BUDGET }), 80);
  });

  it('does not end by emptying the queue alone, but with 30 % let in for 30 s', () => {
    expect(Math.max(...goodput({ measures: [FLUSH] }))).toBe(0);
    expectMean(goodput({ measures: [FLUSH, ADMIT_30_PERCENT] }), 80);
  });

  it('needs load × attempts above the capacity: ends at 30/s, never at 40/s', () => {
    expectMean(goodput({ ratePerS: 30 }), 30);
    expect(Math.max(...goodput({ ratePerS: 40 }))).toBe(0);
  });
});
