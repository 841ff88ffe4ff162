/** The numbers that the stories about payments must reproduce: means of 20 seeds. */
import { describe, expect, it } from 'vitest';
import type { Flow } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import type { LaneReport } from '../metrics/laneReport.ts';
import { expectMean } from '../testing/expectMean.ts';
import { meanOf, stateOf } from '../testing/messageRun.ts';
import { awaitedCardFlow, paymentFlow, queuedCardFlow } from './payments.ts';

const seeds = Array.from({ length: 20 }, (_, k) => k + 1);

function run(flow: Flow, seed: number, untilS: number): Simulation {
  const simulation = new Simulation(flow, { seed, observe: 'metrics' });
  simulation.advance(untilS);
  return simulation;
}

const lanes = (flow: Flow, untilS: number): LaneReport[] =>
  seeds.map((seed) => run(flow, seed, untilS).report().lane);

describe('a card that is queued', () => {
  it('makes 2.5 false confirmations a second of 50 orders with 5 % declines', () => {
    const reports = lanes(queuedCardFlow(), 100);
    expectMean(
      meanOf(reports.map(({ confirmedThenDeclined }) => confirmedThenDeclined / 100)),
      2.5,
    );
    for (const { declined, failed } of reports) expect([declined, failed]).toEqual([0, 0]);
  });

  it('through 10 minutes of outage confirms 30,000 unpaid orders, and has 1,500 to retract', () => {
    const unpaid: number[] = [];
    const retracted: number[] = [];
    for (const seed of seeds) {
      const simulation = run(queuedCardFlow({ atS: 60, forS: 600 }), seed, 60);
      const before = simulation.report().lane.confirmedThenDeclined;
      simulation.advance(659.9);
      unpaid.push(stateOf(simulation, 'cards').ready);
      simulation.advance(900);
      expect(simulation.messages.live).toBe(0);
      retracted.push(simulation.report().lane.confirmedThenDeclined - before);
    }
    expectMean(meanOf(unpaid), 30_000);
    expectMean(meanOf(retracted), 1500);
  }, 60_000);

  it('and one that is awaited confirms nothing falsely: the outage is visible at once', () => {
    for (const seed of seeds) {
      const simulation = run(awaitedCardFlow({ atS: 60, forS: 60 }), seed, 180);
      const { lane } = simulation.report();
      expect(lane.confirmedThenDeclined).toBe(0);
      // 60 s of 50 orders each get an error; of the rest, 5 % are declined.
      const failed = lane.failed + lane.rejected;
      expect(Math.abs(failed / 3000 - 1)).toBeLessThan(0.1);
      expect(Math.abs(lane.declined / 300 - 1)).toBeLessThan(0.25);
      expect(lane.timedOut).toBe(0);
    }
  });
});

describe('a payment', () => {
  it('with all its parts awaited takes 1,350 ms and succeeds .999⁵ of the time', () => {
    const reports = lanes(paymentFlow(5), 200);
    for (const { response } of reports) expect(response.p50S).toBeCloseTo(1.35, 2);
    const ended = ({ served, failed }: LaneReport) => served + failed;
    expectMean(
      meanOf(reports.map((lane) => lane.failed / ended(lane))),
      1 - 0.999 * 0.999 * 0.999 * 0.999 * 0.999,
    );
  });

  it('with only the authorisation awaited takes 355 ms, .999², and scores, books and analyses later', () => {
    const reports = seeds.map((seed) => {
      const simulation = run(paymentFlow(2), seed, 200);
      const { lane, nodes } = simulation.report();
      for (const later of ['fraudScore', 'ledger', 'fraudAnalytics']) {
        const { effects = 0, duplicateEffects = 0 } = nodes[later].counts;
        expect(duplicateEffects).toBe(0);
        expect(Math.abs(effects / lane.served - 1)).toBeLessThan(0.03);
      }
      return lane;
    });
    for (const { response } of reports) expect(response.p50S).toBeCloseTo(0.355, 2);
    expectMean(
      meanOf(reports.map(({ served, failed }) => failed / (served + failed))),
      1 - 0.999 * 0.999,
    );
  });

  it('takes 405 ms with the fraud score awaited, too; its commit included', () => {
    const [{ response }] = lanes(paymentFlow(3), 60);
    expect(response.p50S).toBeCloseTo(0.405, 2);
  });

  it('loses events between commit and publish, unless they are in an outbox', () => {
    const lost = (mode: 'outbox' | 'publishAfterCommit') =>
      meanOf(
        seeds.map((seed) => {
          const simulation = run(paymentFlow(2, { mode, crashRate: 0.01 }), seed, 100);
          simulation.apply({ do: 'set', path: 'users.ratePerS', value: 0 });
          simulation.advance(400);
          const { committed } = stateOf(simulation, 'orders');
          return (committed - stateOf(simulation, 'ledger').effects) / committed;
        }),
      );
    expectMean(lost('publishAfterCommit'), 0.01);
    expect(Math.max(...lost('outbox').values)).toBe(0);
  });
});
