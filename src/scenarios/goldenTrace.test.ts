/**
 * Golden traces: what happens in checkout, event by event, as one number per run. A change of these
 * numbers is a change of behaviour; work on speed must leave them alone.
 */
import { describe, expect, it } from 'vitest';
import type { InputAction, TimedInput } from '../sim/flow.ts';
import { Simulation } from '../sim/kernel/simulation.ts';
import { checkout } from './checkout.ts';
import { LANE_IDS, type LaneId } from './scenario.ts';

const set = (timeS: number, path: string, value: number | string | null): TimedInput => ({
  timeS,
  action: { do: 'set', path, value },
});
const act = (timeS: number, action: InputAction): TimedInput => ({ timeS, action });

const cases: Readonly<Record<string, readonly TimedInput[]>> = {
  untouched: [],
  'overload and slow email': [
    set(0, 'users.ratePerS', 60),
    set(20, 'email.workMs', 4000),
    act(40, { do: 'kill', node: 'email', downS: 10 }),
    act(60, { do: 'surge', node: 'users', factor: 10, durationS: 20 }),
    set(100, 'email.workMs', 200),
  ],
  'failures, kills and switches': [
    set(0, 'users.ratePerS', 30),
    set(5, 'email.failureRate', 0.3),
    set(5, 'payment.failureRate', 0.05),
    act(20, { do: 'poison', node: 'email' }),
    act(25, { do: 'kill', node: 'email', downS: 10 }),
    act(25, { do: 'kill', node: 'payment', downS: 10 }),
    set(40, 'api.mode.payment', 'queue'),
    set(60, 'api.threads', 5),
    set(80, 'api.threads', 40),
    set(90, 'emailQueue.limit', 20),
    set(90, 'email.threads', 2),
  ],
  'impatience, constant and exponential times': [
    set(0, 'users.whenImpatient', 'leavesAcceptQueue'),
    set(0, 'users.patienceS', 2),
    set(0, 'users.ratePerS', 50),
    set(0, 'api.cv', 1),
    set(0, 'email.cv', 0),
    set(50, 'users.patienceRuns', 'untilStarted'),
    set(50, 'users.patienceS', 1),
  ],
};

/** FNV-1a over every visible event of 120 s, times to the last bit. */
function traceHash(lane: LaneId, seed: number, inputs: readonly TimedInput[]): string {
  const flow = { ...checkout.lanes[lane], schedule: inputs };
  const simulation = new Simulation(flow, { seed, observe: 'live' });
  const { trace } = simulation;
  const float = new Float64Array(1);
  const words = new Int32Array(float.buffer);
  let hash = 0x811c9dc5;
  const add = (word: number): void => {
    hash = Math.imul(hash ^ word, 0x01000193);
  };
  let read = 0;
  for (let timeS = 1; timeS <= 120; timeS++) {
    simulation.advance(timeS);
    expect(trace.first).toBeLessThanOrEqual(read);
    for (; read < trace.count; read++) {
      const i = read & trace.mask;
      float[0] = trace.timeS[i]!;
      add(words[0]);
      add(words[1]);
      add(trace.kind[i]);
      add(trace.request[i]);
      add(trace.node[i]);
      add(trace.cell[i]);
      add(trace.otherNode[i]);
      add(trace.otherCell[i]);
      add(trace.detail[i]);
    }
  }
  return `${read} ${(hash >>> 0).toString(16)}`;
}

const golden: Readonly<Record<string, Readonly<Record<LaneId, readonly string[]>>>> = {
  untouched: {
    sync: ['12534 3e188da9', '12971 7ba731ef', '12516 5f297d7b'],
    async: ['15315 8e5fb500', '15853 5c9401dc', '15299 12e98404'],
  },
  'overload and slow email': {
    sync: ['49363 10d2a940', '49579 e1cddcdf', '49049 9955470'],
    async: ['98415 cfc7d0b9', '98855 7ff64078', '98032 61814b84'],
  },
  'failures, kills and switches': {
    sync: ['31751 2f903b05', '32358 3ed852f3', '32347 d48e655a'],
    async: ['45958 d0e17231', '46924 24f135e3', '46982 ca07c54d'],
  },
  'impatience, constant and exponential times': {
    sync: ['46669 57987401', '47111 5c53dc71', '46834 bdd8e152'],
    async: ['70002 a9902a1d', '74687 84c6902a', '72094 9c549d2c'],
  },
};

describe('golden traces', () => {
  for (const [name, inputs] of Object.entries(cases)) {
    for (const lane of LANE_IDS) {
      it(`${name}, ${lane}`, () => {
        const hashes = [1, 2, 12345].map((seed) => traceHash(lane, seed, inputs));
        expect(hashes).toEqual(golden[name][lane]);
      });
    }
  }
});
