import { expect, it, vi } from 'vitest';
import type { Flow, InputAction, TimedInput } from './flow.ts';
import { Simulation } from './kernel/simulation.ts';
import { Dice } from './testing/dice.ts';
import { act, messageFlow, set, stateOf } from './testing/messageRun.ts';

vi.setConfig({ testTimeout: 90_000 });

const RUNS = 200;

it('whatever a queue holds comes out in the end: nothing waits for what never comes', () => {
  for (let seed = 0; seed < RUNS; seed++) {
    const flow = queueFlow(new Dice(seed));
    const simulation = new Simulation(flow, { seed, observe: 'none' });
    simulation.advance(4000);
    const q = stateOf(simulation, 'q');
    const { holding } = stateOf(simulation, 'w');
    const { ready, inFlight, backingOff, waitingForPlace } = q;
    expect({ seed, ready, inFlight, backingOff, waitingForPlace, holding }).toEqual({
      ...{ seed, ready: 0, inFlight: 0, backingOff: 0, waitingForPlace: 0, holding: 0 },
    });
    expect(simulation.jobs.live).toBe(0);
    const { acknowledged, dropped, dead, redriven, expired, published, deadLettersAll } = q;
    const gone = acknowledged + dropped + dead - redriven + (deadLettersAll === 1 ? 0 : expired);
    expect({ seed, gone }).toEqual({ seed, gone: published });
  }
});

/** 400 messages and whatever may happen to them in two minutes, then an hour of peace. */
function queueFlow(dice: Dice): Flow {
  const groups = dice.pick([null, 1, 4]);
  const retentionS = dice.pick([null, 5, 20]);
  const delayS = dice.pick([0, 0.5]);
  const acknowledging = {
    ...{ groups, retentionS, delayS },
    limit: dice.pick([null, 3, 10]),
    overflow: dice.pick(['dropOldest', 'rejectPublish', 'blockProducer'] as const),
    maxAttempts: dice.pick([1, 3, null]),
    deliveryLimit: dice.pick([null, 0, 2]),
    backoffBaseS: dice.pick([0.1, 1]),
    ackTimeoutS: dice.pick([null, 2]),
    deadLetters: dice.pick(['failed', 'all'] as const),
  };
  const leasing = {
    ...{ kind: 'leaseQueue' as const, groups, retentionS, delayS },
    // More than a worker takes for all it holds, or it would never be done in time.
    visibilityS: dice.pick([2, 5]),
    maxReceives: dice.pick([null, 1, 3]),
    inFlightLimit: dice.pick([3, 100]),
    whenFailed: dice.pick(['release', 'waitForLease'] as const),
  };
  const deliveryMs = dice.pick([0, 20]);
  const happens = (): InputAction =>
    dice.pick<InputAction>([
      { do: 'redrive', node: 'q' },
      { do: 'kill', node: 'w', downS: 2 },
      { do: 'outage', node: 'w', how: 'stall', durationS: 4 },
      { do: 'slow', node: 'w', factor: 3, durationS: 4 },
      { do: 'set', path: 'w.workers', value: dice.pick([1, 5]) },
      { do: 'set', path: 'w.prefetch', value: dice.pick([1, 5]) },
    ]);
  const schedule: TimedInput[] = [];
  for (let timeS = 5; timeS < 120; timeS += 5) schedule.push(act(timeS + dice.share(), happens()));
  schedule.push(set(120, 'w.failureRate', 0), set(120, 'w.crashRate', 0));
  return messageFlow({
    users: { ratePerS: dice.pick([5, 20]), limit: 400 },
    queue: dice.chance(0.6) ? acknowledging : leasing,
    workers: {
      ...{ workers: dice.pick([1, 3, 8]), prefetch: dice.pick([1, 4]), batch: dice.pick([1, 4]) },
      acknowledge: dice.pick(['each', 'batch']),
      crashRate: dice.pick([0, 0.1]),
      failureRate: dice.pick([0, 0.3]),
      startUpS: 0.5,
      deliveryMs,
      deliveryLoss: deliveryMs === 0 ? 0 : dice.pick([0, 0.05]),
    },
    schedule,
  });
}
