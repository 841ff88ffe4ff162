import { describe, expect, it } from 'vitest';
import type { InputAction } from '../sim/flow.ts';
import { Simulation } from '../sim/kernel/simulation.ts';
import type { BrokerView, PoolView } from '../sim/view.ts';
import { checkout } from './checkout.ts';
import type { LaneId } from './scenario.ts';

function run(lane: LaneId, seed: number, ...actions: InputAction[]): Simulation {
  const simulation = new Simulation(checkout.lanes[lane], { seed, observe: 'live' });
  for (const action of actions) expect(simulation.apply(action)).toBe(true);
  return simulation;
}
const set = (path: string, value: number | string | null): InputAction => ({
  do: 'set',
  path,
  value,
});
const constantTimes = ['api', 'payment', 'email'].map((node) => set(`${node}.cv`, 0));
const seeds = Array.from({ length: 20 }, (_, k) => k + 1);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function pool(simulation: Simulation, id: string): PoolView {
  const view = simulation.createView();
  simulation.readView(view);
  return view.nodes.find((node) => node.id === id) as PoolView;
}
function broker(simulation: Simulation, id: string): BrokerView {
  const view = simulation.createView();
  simulation.readView(view);
  return view.nodes.find((node) => node.id === id) as BrokerView;
}

describe('checkout, healthy', () => {
  it('answers after 550 ms when it waits and 355 ms when it queues, exactly, at constant times', () => {
    for (const [lane, expected] of [
      ['sync', 0.55],
      ['async', 0.355],
    ] as const) {
      const simulation = run(lane, 7, ...constantTimes, set('users.ratePerS', 2));
      simulation.advance(60);
      const { response, totals } = simulation.readouts();
      expect(response.count).toBeGreaterThan(20);
      expect(response.p50S).toBeCloseTo(expected, 9);
      expect(response.p99S).toBeCloseTo(expected, 9);
      expect(totals.served + totals.open).toBe(totals.submitted);
    }
  });

  it('is served in full at the default load', () => {
    for (const lane of ['sync', 'async'] as const) {
      const simulation = run(lane, 7);
      simulation.advance(60);
      const { totals, response } = simulation.readouts();
      expect(totals.submitted).toBeGreaterThan(600);
      expect(totals.rejected + totals.timedOut + totals.failed).toBe(0);
      expect(response.p50S).toBeGreaterThan(lane === 'sync' ? 0.5 : 0.3);
      expect(response.p50S).toBeLessThan(lane === 'sync' ? 0.6 : 0.4);
    }
  });
});

describe('checkout, email slowed to 4 s at 30 requests a second', () => {
  const slow = [set('users.ratePerS', 30), set('email.workMs', 4000)];

  it('sync: 3.0/s complete, 27/s are rejected, all threads are held, on Email', () => {
    const runs = seeds.map((seed) => {
      const simulation = run('sync', seed, ...slow);
      simulation.advance(60);
      const before = simulation.readouts().totals;
      const parked: number[] = [];
      const onEmail: number[] = [];
      const rates: number[] = [];
      const served: number[] = [];
      for (let t = 60; t < 160; t += 0.5) {
        simulation.advance(t);
        const api = pool(simulation, 'api');
        parked.push(api.parkedCount);
        expect(api.parkedCount + api.runningCount).toBe(20);
        onEmail.push(Array.from(api.targetNode.slice(0, 20)).filter((node) => node === 3).length);
        const readouts = simulation.readouts();
        rates.push(readouts.completedPerS);
        served.push(readouts.servedPerS);
      }
      const after = simulation.readouts();
      return {
        completed: mean(rates),
        served: mean(served),
        rejected: (after.totals.rejected - before.rejected) / 100,
        parked: mean(parked),
        onEmail: mean(onEmail),
        wait: after.acceptQueueWaitS!,
      };
    });
    const figure = (key: keyof (typeof runs)[number]) => mean(runs.map((r) => r[key]));
    expect(Math.abs(figure('completed') / 3 - 1)).toBeLessThan(0.05);
    expect(Math.abs(figure('rejected') / 27 - 1)).toBeLessThan(0.05);
    expect(figure('served')).toBeGreaterThan(1.0);
    expect(figure('served')).toBeLessThan(1.9);
    expect(figure('parked')).toBeGreaterThanOrEqual(19.5);
    expect(figure('onEmail')).toBeGreaterThanOrEqual(18.5);
    expect(figure('wait')).toBeGreaterThan(7);
    expect(figure('wait')).toBeLessThan(9);
  });

  it('async: p50 stays within 5 % of healthy and the queue of 1,000 overflows after 37 s', () => {
    const overflow: number[] = [];
    for (const seed of seeds) {
      const simulation = run('async', seed, set('users.ratePerS', 30));
      simulation.advance(30);
      const healthy = simulation.readouts().response.p50S!;
      simulation.apply(set('email.workMs', 4000));
      let t = 30;
      while (broker(simulation, 'emailQueue').dropped === 0 && t < 90) {
        t += 0.1;
        simulation.advance(t);
      }
      overflow.push(t - 30);
      const slowed = simulation.readouts().response.p50S!;
      expect(Math.abs(slowed / healthy - 1)).toBeLessThan(0.05);
    }
    expect(mean(overflow)).toBeGreaterThan(36);
    expect(mean(overflow)).toBeLessThan(38.5);
    const within = overflow.filter((t) => t >= 35 && t <= 40).length;
    expect(within).toBeGreaterThanOrEqual(18);
  });
});
