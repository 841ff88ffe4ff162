import { describe, expect, it } from 'vitest';
import type { ClientsSpec, Flow, ProfilePoint, Variability } from '../flow.ts';
import { parseFlow } from '../format/parseFlow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { Dice } from '../testing/dice.ts';
import { eventLog } from '../testing/eventLog.ts';
import { everySecond, flowOf } from '../testing/toyFlow.ts';
import { unitsIn } from './loadProfile.ts';

/** A service that answers at once, and its users. */
function arrivalsOf(clients: Partial<ClientsSpec>, schedule: Flow['schedule'] = []): Flow {
  return flowOf(
    {
      users: everySecond('server', 1e6, clients),
      server: { kind: 'service', threads: 1, acceptQueue: null, handler: [] },
    },
    schedule,
  );
}

/** When users arrive, seconds. */
function times(flow: Flow, untilS: number): number[] {
  return eventLog(flow, untilS, 'Arrive').lines.map((line) => Number(line.split(' ')[0]));
}

/** The same to the last bit. */
function exactTimes(flow: Flow, count: number, seed = 1): number[] {
  const simulation = new Simulation(flow, { seed, observe: 'none' });
  const view = simulation.createView();
  const found: number[] = [];
  while (found.length < count) {
    simulation.readView(view);
    const [users] = view.nodes;
    if (users.kind !== 'clients' || users.nextRequest >= count) return found;
    if (users.nextRequest === found.length && users.nextArrivalS < Infinity) {
      found[users.nextRequest] = users.nextArrivalS;
    }
    const next = users.nextRequest;
    // A changed load moves the arrival: the last that is said before it happens is the one.
    while (users.nextRequest === next && simulation.runEvent()) {
      if (users.nextArrivalS < Infinity) found[next] = users.nextArrivalS;
      simulation.readView(view);
    }
  }
  return found;
}

describe('batches', () => {
  it('submit their requests at one instant, as many a second as the load says', () => {
    expect(times(arrivalsOf({ batchSize: 3 }), 7)).toEqual([3, 3, 3, 6, 6, 6]);
  });

  it('stop at the limit, in the middle of a batch', () => {
    expect(times(arrivalsOf({ batchSize: 3, limit: 4 }), 20)).toEqual([3, 3, 3, 6]);
    expect(times(arrivalsOf({ limit: 0 }), 20)).toEqual([]);
  });

  it('of random sizes are geometric, and the load stays what it is', () => {
    const users = 40_000;
    const mean = 4;
    const flow = arrivalsOf({ batchSize: mean, batchSizes: 'geometric', limit: users + 1 });
    const found = exactTimes(flow, users);
    const sizes: number[] = [];
    found.forEach((timeS, k) => {
      if (k > 0 && timeS === found[k - 1]) sizes[sizes.length - 1]++;
      else sizes.push(1);
    });
    const batches = sizes.length;
    // Evenly spaced, one every 4 s.
    expect(found.at(-1)).toBe(mean * batches);
    for (let size = 1; size <= 12; size++) {
      const share = sizes.filter((each) => each === size).length / batches;
      const exact = (1 / mean) * (1 - 1 / mean) ** (size - 1);
      const standardError = Math.sqrt((exact * (1 - exact)) / batches);
      expect(Math.abs(share - exact) / standardError, `size ${size}`).toBeLessThan(4);
    }
  });

  it('of random sizes with a mean of 1 are single requests', () => {
    const random = arrivalsOf({ arrivals: 'poisson', batchSizes: 'geometric' });
    expect(exactTimes(random, 100)).toEqual(exactTimes(arrivalsOf({ arrivals: 'poisson' }), 100));
  });
});

describe('renewal arrivals', () => {
  it('are evenly spaced if nothing else is said', () => {
    expect(times(arrivalsOf({ arrivals: 'renewal', ratePerS: 2 }), 2.2)).toEqual([0.5, 1, 1.5, 2]);
  });

  it('are those of a Poisson process if their gaps are exponential', () => {
    const gapVariability: Variability = { kind: 'exponential' };
    const renewal = arrivalsOf({ arrivals: 'renewal', gapVariability });
    expect(times(renewal, 50)).toEqual(times(arrivalsOf({ arrivals: 'poisson' }), 50));
  });

  it('have the mean and the variation that the file asks for', () => {
    const gaps: readonly (readonly [Variability, number])[] = [
      [{ kind: 'gamma', cv: 0.4 }, 0.4],
      [{ kind: 'hyperexponential', cv: 2 }, 2],
      [{ kind: 'lognormal', cv: 1.5 }, 1.5],
      [{ kind: 'uniform', spread: 1 }, Math.sqrt(1 / 3)],
      [{ kind: 'empirical', values: [1, 3] }, 0.5],
    ];
    for (const [gapVariability, cv] of gaps) {
      const limit = 20_000;
      const flow = arrivalsOf({ arrivals: 'renewal', ratePerS: 4, gapVariability, limit });
      const found = exactTimes(flow, limit);
      let mean = 0;
      let square = 0;
      let lastS = 0;
      for (const timeS of found) {
        mean += (timeS - lastS) / limit;
        square += (timeS - lastS) ** 2 / limit;
        lastS = timeS;
      }
      // Four standard errors of the mean; those of the deviation are wider for long tails.
      expect(Math.abs(4 * mean - 1), gapVariability.kind).toBeLessThan((4 * cv) / Math.sqrt(limit));
      expect(Math.sqrt(square - mean * mean) / mean / cv).toBeGreaterThan(0.93);
      expect(Math.sqrt(square - mean * mean) / mean / cv).toBeLessThan(1.07);
    }
  });
});

describe('a load profile', () => {
  const profile: readonly ProfilePoint[] = [
    { atS: 5, ratePerS: 1 },
    { atS: 2, ratePerS: 10 },
  ];

  it('steps, in order of time; what is left of a gap keeps its length in mean gaps', () => {
    const spike = [2.05, 2.1, 2.15, 2.2];
    expect(times(arrivalsOf({ profile: [{ atS: 2, ratePerS: 20 }] }), 2.21)).toEqual([
      1,
      2,
      ...spike,
    ]);
    // Between 2 and 5 s 30 users come, the last at 5.0 sharp; 10 s of the usual load follow.
    const found = times(arrivalsOf({ profile }), 15.5);
    expect(found.length).toBe(2 + 30 + 10);
    expect(found.slice(-11)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    const half = arrivalsOf({ ratePerS: 0.5, profile: [{ atS: 1, ratePerS: 1 }] });
    expect(times(half, 3)).toEqual([1.5, 2.5]);
  });

  it('ramps: the n-th user comes when the area under the load is n', () => {
    const ramp = arrivalsOf({ ratePerS: 0, profile: [{ atS: 10, ratePerS: 2, by: 'ramp' }] });
    const expected = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => Math.sqrt(10 * n));
    const found = exactTimes(ramp, 11);
    expected.forEach((timeS, k) => expect(found[k]).toBeCloseTo(timeS, 12));
    expect(found[9]).toBeCloseTo(10, 9);
    expect(found[10]).toBeCloseTo(10.5, 9);
  });

  it('goes down to nothing and up again without losing a part of a gap', () => {
    // Area 0.75 on the way down, nothing for 7 s, 0.25 on the way up: 0.5 x² / 2 = 0.25.
    const valley = arrivalsOf({
      ratePerS: 0.5,
      profile: [
        { atS: 3, ratePerS: 0, by: 'ramp' },
        { atS: 10, ratePerS: 0 },
        { atS: 12, ratePerS: 1, by: 'ramp' },
      ],
    });
    expect(exactTimes(valley, 2)[0]).toBeCloseTo(11, 9);
    expect(exactTimes(valley, 2)[1]).toBeCloseTo(12.25, 9);
  });

  it('goes on after the load was set by hand: the ramp from there, else the next point', () => {
    const set = (timeS: number, value: number) => ({
      timeS,
      action: { do: 'set' as const, path: 'users.ratePerS', value },
    });
    const steps = arrivalsOf({ profile: [{ atS: 4, ratePerS: 2 }] }, [set(2.5, 0)]);
    expect(times(steps, 5)).toEqual([1, 2, 4.25, 4.75]);
    const ramp: ProfilePoint = { atS: 10, ratePerS: 2, by: 'ramp' };
    const ramps = arrivalsOf({ ratePerS: 0, profile: [ramp] }, [set(5, 0)]);
    // The area is 2.5 at 5 s, and from there 0.2 x².
    expect(exactTimes(ramps, 3)[1]).toBeCloseTo(Math.sqrt(20), 9);
    expect(exactTimes(ramps, 3)[2]).toBeCloseTo(5 + Math.sqrt(0.5 / 0.2), 9);
  });

  it('starts again: the load as at the start, then the points', () => {
    const twice = arrivalsOf({ profile: [{ atS: 2, ratePerS: 4 }], repeatEveryS: 3 });
    const first = [1, 2, 2.25, 2.5, 2.75, 3];
    const all = [0, 3, 6].flatMap((startS) => first.map((timeS) => startS + timeS));
    expect(times(twice, 9.1)).toEqual(all);
    // Up within a second and down within another, twelve times a minute: 5 users each time.
    const peaks = arrivalsOf({
      ratePerS: 0,
      profile: [
        { atS: 1, ratePerS: 5, by: 'ramp' },
        { atS: 2, ratePerS: 0, by: 'ramp' },
      ],
      repeatEveryS: 5,
    });
    const found = times(peaks, 60);
    expect(found.length).toBe(60);
    found.forEach((timeS) => expect(timeS % 5).toBeLessThan(2.000_001));
  });

  it('that starts again is the same written out', () => {
    const points: readonly ProfilePoint[] = [
      { atS: 0, ratePerS: 3 },
      { atS: 4, ratePerS: 12, by: 'ramp' },
      { atS: 7, ratePerS: 6, by: 'ramp' },
      { atS: 7, ratePerS: 1 },
      { atS: 10, ratePerS: 2, by: 'ramp' },
    ];
    const repeated = { ratePerS: 9, profile: points, repeatEveryS: 10 };
    const written = {
      ratePerS: 9,
      profile: [0, 10, 20, 30, 40].flatMap((startS) => [
        { atS: startS, ratePerS: 9 },
        ...points.map((point) => ({ ...point, atS: startS + point.atS })),
      ]),
    };
    const users = 200;
    const one = exactTimes(arrivalsOf({ arrivals: 'poisson', ...repeated }), users);
    const other = exactTimes(arrivalsOf({ arrivals: 'poisson', ...written }), users);
    expect(one[users - 1]).toBeGreaterThan(30);
    one.forEach((timeS, k) => expect(timeS).toBeCloseTo(other[k], 9));
  });

  it('that starts again holds its points, and there is one', () => {
    const faults = (clients: Partial<ClientsSpec>) =>
      parseFlow(arrivalsOf(clients)).faults?.map(({ path }) => path);
    const profile = [{ atS: 5, ratePerS: 1 }];
    expect(faults({ profile, repeatEveryS: 5 })).toBeUndefined();
    expect(faults({ profile, repeatEveryS: 4 })).toEqual(['nodes.users.repeatEveryS']);
    expect(faults({ repeatEveryS: 4 })).toEqual(['nodes.users.repeatEveryS']);
  });

  it('changes the pace and nothing else: the same users come, whatever the profile', () => {
    const users = 200;
    const unit = exactTimes(arrivalsOf({ arrivals: 'poisson', limit: users + 1 }), users, 7);
    for (let seed = 0; seed < 100; seed++) {
      const dice = new Dice(seed);
      const points = Array.from({ length: 1 + dice.below(8) }, (): ProfilePoint => ({
        atS: dice.below(2) === 0 ? dice.below(30) : 30 * dice.share(),
        ratePerS: dice.chance(0.3) ? 0 : 40 * dice.share(),
        by: dice.pick(['step', 'ramp']),
      }));
      const last: ProfilePoint = { atS: 40, ratePerS: 3 };
      const surgeAtS = 30 * dice.share();
      const ratePerS = dice.chance(0.5) ? 0 : 10 * dice.share();
      const flow = arrivalsOf(
        { arrivals: 'poisson', ratePerS, limit: users + 1, profile: [...points, last] },
        [
          {
            timeS: surgeAtS,
            action: { do: 'surge', node: 'users', factor: 3, durationS: 4 },
          },
        ],
      );
      const found = exactTimes(flow, users, 7);
      expect(found.length).toBe(users);
      const sorted = [...points, last].sort((a, b) => a.atS - b.atS);
      found.forEach((timeS, k) => {
        const factor = areaUnder(ratePerS, sorted, 0, timeS);
        const from = Math.min(timeS, surgeAtS);
        const to = Math.min(timeS, surgeAtS + 4);
        const surge = 2 * areaUnder(ratePerS, sorted, from, to);
        expect((factor + surge) / unit[k], `seed ${seed}, user ${k}`).toBeCloseTo(1, 8);
      });
    }
  });

  it('counts in the limits of the load', () => {
    const asking = (clients: Partial<ClientsSpec>, factor: number) =>
      parseFlow(
        arrivalsOf(clients, [
          { timeS: 1, action: { do: 'surge', node: 'users', factor, durationS: 1 } },
        ]),
      ).faults?.map(({ path }) => path);
    const spike = { profile: [{ atS: 1, ratePerS: 50_000 }] };
    expect(asking(spike, 2)).toBeUndefined();
    expect(asking(spike, 3)).toEqual(['schedule[0].action.factor']);
    const bursts = { factor: 3, quietS: 1, burstS: 1 };
    expect(asking({ ...spike, bursts }, 0)).toEqual(['nodes.users.bursts']);
  });
});

/** By the trapezium rule on fine pieces that end at the points: exact for what it is given. */
function areaUnder(
  startPerS: number,
  sorted: readonly ProfilePoint[],
  fromS: number,
  toS: number,
): number {
  let area = 0;
  let atS = 0;
  let ratePerS = startPerS;
  for (const point of [...sorted, { atS: Infinity, ratePerS: 0 } satisfies ProfilePoint]) {
    const ramps = point.by === 'ramp' && point.atS > atS;
    const slope = ramps ? (point.ratePerS - ratePerS) / (point.atS - atS) : 0;
    const lowS = Math.max(fromS, atS);
    const highS = Math.min(toS, point.atS);
    if (highS > lowS) area += unitsIn(ratePerS + slope * (lowS - atS), slope, highS - lowS);
    atS = point.atS;
    ratePerS = point.ratePerS;
  }
  return area;
}

describe('patience that differs', () => {
  const variable = (patienceVariability: Variability, clients: Partial<ClientsSpec> = {}): Flow =>
    flowOf({
      users: everySecond('server', 3000, {
        ratePerS: 100,
        patienceS: 2,
        patienceVariability,
        ...clients,
      }),
      server: {
        kind: 'service',
        threads: 1,
        acceptQueue: null,
        handler: [{ do: 'work', name: 'work', workMs: 1e7 }],
      },
    });
  const patience = (flow: Flow): Map<string, number> => {
    const arrivedS = new Map<string, number>();
    const waitedS = new Map<string, number>();
    for (const line of eventLog(flow, 1000, 'Arrive', 'GiveUp').lines) {
      const [timeS, kind, , request] = line.split(' ');
      if (kind === 'Arrive') arrivedS.set(request, Number(timeS));
      else waitedS.set(request, Number(timeS) - arrivedS.get(request)!);
    }
    return waitedS;
  };

  it('is drawn for each user, with the mean of the file', () => {
    const waitedS = [...patience(variable({ kind: 'exponential' })).values()];
    expect(waitedS.length).toBe(3000);
    const mean = waitedS.reduce((sum, each) => sum + each, 0) / 3000;
    expect(Math.abs(mean - 2)).toBeLessThan((4 * 2) / Math.sqrt(3000));
    expect(Math.min(...waitedS)).toBeLessThan(0.01);
    expect(Math.max(...waitedS)).toBeGreaterThan(10);
  });

  it('belongs to the user: however fast others come, and whatever the server is', () => {
    const one = patience(variable({ kind: 'gamma', cv: 0.5 }));
    const other = patience(variable({ kind: 'gamma', cv: 0.5 }, { ratePerS: 5 }));
    for (const [request, waitedS] of other) expect(waitedS).toBeCloseTo(one.get(request)!, 5);
  });

  it('is without end for everybody if it is for all', () => {
    const flow = variable(
      { kind: 'empirical', values: [0, 1] },
      { patienceS: null, ratePerS: 1, limit: 50 },
    );
    expect(patience(flow).size).toBe(0);
  });

  it('leaves no timer behind for whoever was answered', () => {
    const flow = arrivalsOf({
      limit: 100,
      patienceS: 3,
      patienceVariability: { kind: 'exponential' },
    });
    const simulation = new Simulation(flow, { seed: 1, observe: 'none' });
    simulation.advance(500);
    expect([simulation.nextEventS(), simulation.requests.live]).toEqual([Infinity, 0]);
  });
});
