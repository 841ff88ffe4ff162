import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkout } from '../scenarios/checkout.ts';
import { LANE_IDS } from '../scenarios/scenario.ts';
import { createPlayer } from './createPlayer.ts';
import {
  historyOf,
  perform,
  picture,
  playing,
  runScript,
  runTo,
  type Act,
} from './testing/playerRun.ts';

const anyActs = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 7 })),
  { maxLength: 5 },
);

describe('a run', () => {
  it('does not depend on the length of the frames', () => {
    fc.assert(
      fc.property(anyActs, (acts) => {
        const slow = runScript(acts, 6, 1 / 8);
        const fast = runScript(acts, 6, 1 / 128);
        expect(fast.inputs).toEqual(slow.inputs);
        expect(picture(fast)).toEqual(picture(slow));
        expect(historyOf(fast)).toEqual(historyOf(slow));
      }),
      { numRuns: 12 },
    );
  });

  it('gives the same users to both lanes', () => {
    const player = playing();
    runTo(player, 20);
    const [sync, async] = [player.readouts('sync').totals, player.readouts('async').totals];
    expect(sync.submitted).toBe(async.submitted);
    expect(sync.submitted).toBeGreaterThan(180);
  });

  it('keeps both lanes on one clock', () => {
    const player = playing({ speed: 3 });
    for (let frame = 0; frame < 50; frame++) {
      player.tick(0.017);
      expect(player.view('sync').timeS).toBe(player.timeS);
      expect(player.view('async').timeS).toBe(player.timeS);
    }
    expect(player.timeS).toBeCloseTo(50 * 0.017 * 3);
  });

  it('starts with the values it is given', () => {
    const player = playing({ values: { load: 30, 'sync.email': 'queue' } });
    expect(player.status.startValues['load']).toBe(30);
    expect(player.status.interventions).toEqual([]);
    runTo(player, 30);
    const { sync, async } = { sync: player.readouts('sync'), async: player.readouts('async') };
    expect(sync.totals.submitted / 30).toBeGreaterThan(25);
    expect(sync.totals).toEqual(async.totals);
  });

  it('opens at the moment it is given', () => {
    const player = playing({ timeS: 12.5, values: { load: 30 } });
    expect(player.timeS).toBe(12.5);
    expect(player.status).toMatchObject({ headS: 12.5, seeking: null, playing: true });
    const fresh = playing({ values: { load: 30 } });
    runTo(fresh, 12.5);
    expect(picture(player)).toEqual(picture(fresh));
    expect(historyOf(player)).toEqual(historyOf(fresh));
    player.seek(3);
    expect(player.timeS).toBe(3);
  });

  it('never takes more than half a second of wall time at once', () => {
    const player = playing();
    player.tick(3600);
    expect(player.timeS).toBe(0.5);
    player.tick(NaN);
    player.tick(-5);
    expect(player.timeS).toBe(0.5);
  });

  it('falls behind instead of skipping when the machine is slow, and says so', () => {
    let nowMs = 0;
    const player = createPlayer(checkout, { playing: true, speed: 10, now: () => (nowMs += 3) });
    for (let frame = 0; frame < 80; frame++) player.tick(1 / 60);
    expect(player.timeS).toBeGreaterThan(1);
    expect(player.timeS).toBeLessThan(12);
    expect(player.view('sync').timeS).toBe(player.view('async').timeS);
    expect(player.status.laggingSpeed).toBeLessThan(9);
    player.pause();
    expect(player.status.laggingSpeed).toBe(null);
  });

  it('samples its history on a grid that doubles', () => {
    const player = playing({ speed: 10, values: { load: 2 } });
    runTo(player, 119, 0.5);
    expect(player.history).toMatchObject({ stepS: 0.1, length: 1191 });
    runTo(player, 130, 0.5);
    expect(player.history).toMatchObject({ stepS: 0.2, length: 651 });
  });
});

describe('going back', () => {
  it('shows any moment as a fresh run does', () => {
    fc.assert(
      fc.property(anyActs, fc.integer({ min: 0, max: 48 }), (acts, eighth) => {
        const player = runScript(acts, 6, 1 / 8);
        const inputs = [...player.inputs];
        const history = historyOf(player);
        player.seek(eighth / 8);
        const before = acts.filter(([at]) => at <= eighth);
        const fresh = runScript(before, eighth / 8, 1 / 8);
        expect(player.timeS).toBe(eighth / 8);
        expect(picture(player)).toEqual(picture(fresh));
        expect(player.status.values).toEqual(fresh.status.values);
        expect(player.status.surgeUntilS).toBe(fresh.status.surgeUntilS);
        // Looking back changes nothing.
        expect(player.inputs).toEqual(inputs);
        expect(historyOf(player)).toEqual(history);
        expect(player.status.ghost).toBe(null);
        expect(player.status.headS).toBe(6);
      }),
      { numRuns: 20 },
    );
  });

  it('plays the known future again, values included, and on beyond it', () => {
    const acts: Act[] = [
      [8, 0],
      [16, 1],
    ];
    const player = runScript(acts, 4, 1 / 8);
    player.seek(0.5);
    expect(player.status.values['load']).toBe(12);
    runTo(player, 1.5);
    expect(player.status.values['load']).toBe(60);
    runTo(player, 6, 1 / 8);
    const straight = runScript(acts, 6, 1 / 8);
    expect(picture(player)).toEqual(picture(straight));
    expect(historyOf(player)).toEqual(historyOf(straight));
  });

  it('is right from every checkpoint of a longer run, thinned ones too', () => {
    const player = playing({ values: { load: 8 }, speed: 10 });
    runTo(player, 150, 0.5);
    for (const timeS of [149.5, 61.25, 3.75, 120.125, 0]) {
      player.seek(timeS);
      const fresh = playing({ values: { load: 8 }, speed: 10 });
      runTo(fresh, timeS, 0.5);
      expect(picture(player)).toEqual(picture(fresh));
    }
  });

  it('has the flights of the moment in the trace', () => {
    const player = playing({ values: { load: 40 } });
    runTo(player, 30);
    const events = (timeS: number): string[] => {
      const trace = player.trace('sync');
      const found: string[] = [];
      for (let entry = trace.first; entry < trace.count; entry++) {
        const i = entry & trace.mask;
        if ((trace.timeS[i] ?? 0) >= timeS - 2) {
          found.push(`${trace.timeS[i]} ${trace.kind[i]} ${trace.request[i]} ${trace.cell[i]}`);
        }
      }
      return found;
    };
    const atHead = events(30);
    expect(atHead.length).toBeGreaterThan(100);
    player.seek(10);
    player.seek(30);
    expect(events(30)).toEqual(atHead);
  });

  it('reaches further back in the trace at a higher speed', () => {
    const player = playing({ values: { load: 40 } });
    runTo(player, 30);
    player.seek(15);
    player.setSpeed(10);
    player.seek(15.5);
    const trace = player.trace('async');
    expect(trace.timeS[trace.first & trace.mask]).toBeLessThan(15.5 - 6);
  });

  it('keeps the old picture while a long seek runs in slices', () => {
    let nowMs = 0;
    let lookMs = 0;
    const player = createPlayer(checkout, {
      playing: true,
      values: { load: 60 },
      now: () => (nowMs += lookMs),
    });
    runTo(player, 30, 1 / 4);
    player.pause();
    const old = picture(player);
    // From here on every look at the clock costs 5 ms.
    lookMs = 5;
    player.seek(12.5);
    expect(player.status.seeking).toBeGreaterThan(0);
    expect(player.timeS).toBe(30);
    expect(
      LANE_IDS.map((lane) => player.view(lane).timeS).concat(
        LANE_IDS.map((lane) => player.readouts(lane).timeS),
      ),
    ).toEqual([30, 30, 30, 30]);
    let ticks = 0;
    while (player.status.seeking !== null && ticks++ < 1000) player.tick(0);
    expect(player.timeS).toBe(12.5);
    expect(player.status.seeking).toBe(null);
    player.seek(30);
    while (player.status.seeking !== null) player.tick(0);
    expect(picture(player)).toEqual(old);
  });

  it('stays within the run', () => {
    const player = playing();
    runTo(player, 2);
    player.seek(99);
    expect(player.timeS).toBe(2);
    player.seek(-1);
    expect(player.timeS).toBe(0);
    player.seek(NaN);
    expect(player.timeS).toBe(0);
  });
});

describe('another future', () => {
  it('forks where something is changed in the past, and keeps what was as the ghost', () => {
    const player = runScript([[8, 1]], 10, 1 / 8);
    const old = structuredClone(historyOf(player));
    player.seek(4);
    expect(player.status.ghost).toBe(null);
    player.setParameter('load', 100);
    runTo(player, 4.125);
    expect(player.status.ghost).toMatchObject({ forkS: 4, endS: 10, interventions: [] });
    expect(player.status.ghost && historyOf(player.status.ghost)).toEqual(old);
    expect(player.status.headS).toBe(4.125);
    expect(player.status.interventions.map((each) => each.text)).toEqual([
      'email 200 ms → 4.0 s',
      'load 12 → 100',
    ]);
    runTo(player, 6);
    // The past is what it was.
    player.seek(3.5);
    const fresh = runScript([[8, 1]], 3.5, 1 / 8);
    expect(picture(player)).toEqual(picture(fresh));
  });

  it('is the run in which the other thing was done from the start', () => {
    fc.assert(
      fc.property(
        anyActs,
        fc.integer({ min: 8, max: 47 }),
        fc.integer({ min: 0, max: 7 }),
        fc.integer({ min: 0, max: 64 }),
        (acts, forkEighth, what, lookEighth) => {
          const player = runScript(acts, 6, 1 / 8);
          player.seek(forkEighth / 8);
          perform(player, what);
          runTo(player, 8, 1 / 8);
          // Setting what is already so is no change, and then there is no other future.
          fc.pre(player.status.ghost !== null);
          const kept = acts.filter(([at]) => at <= forkEighth);
          const other: Act[] = [...kept.sort((a, b) => a[0] - b[0]), [forkEighth, what]];
          const straight = runScript(other, 8, 1 / 8);
          expect(player.inputs).toEqual(straight.inputs);
          expect(picture(player)).toEqual(picture(straight));
          expect(historyOf(player)).toEqual(historyOf(straight));
          player.seek(lookEighth / 8);
          straight.seek(lookEighth / 8);
          expect(picture(player)).toEqual(picture(straight));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('gives the dropped interventions to the ghost, and the latest ghost is the only one', () => {
    const player = runScript(
      [
        [8, 0],
        [32, 1],
      ],
      6,
      1 / 8,
    );
    player.seek(2);
    player.kill();
    expect(player.status.ghost?.interventions.map((each) => each.text)).toEqual([
      'email 200 ms → 4.0 s',
    ]);
    expect(player.status.interventions.map((each) => each.text)).toEqual([
      'load 12 → 60',
      'kill a worker',
    ]);
    expect(player.status.values['email.latency']).toBe(200);
    runTo(player, 3);
    player.seek(2.5);
    player.poison();
    expect(player.status.ghost).toMatchObject({ forkS: 2.5, endS: 3 });
  });
});

describe('inputs', () => {
  it('takes one input a frame from a drag, and flags it once', () => {
    let nowMs = 0;
    const player = createPlayer(checkout, { playing: true, now: () => nowMs });
    runTo(player, 1);
    for (let load = 13; load <= 30; load++) {
      player.setParameter('load', load - 0.4);
      player.setParameter('load', load);
      expect(player.status.values['load']).toBe(load);
      nowMs += 16;
      player.tick(1 / 64);
    }
    expect(player.inputs).toHaveLength(18);
    expect(player.status.interventions.map((each) => each.text)).toEqual(['load 12 → 30']);
    expect(player.status.interventions[0]?.timeS).toBe(1);
    nowMs += 5000;
    player.setParameter('load', 40);
    player.tick(1 / 64);
    expect(player.status.interventions.map((each) => each.text)).toEqual([
      'load 12 → 30',
      'load 30 → 40',
    ]);
  });

  it('puts an input after the event that a step handled, so that a replay agrees', () => {
    const player = playing();
    runTo(player, 2);
    player.step();
    const eventS = player.timeS;
    player.setParameter('api.threads', 2);
    player.play();
    runTo(player, 6);
    expect(player.inputs[0]?.timeS).toBeGreaterThan(eventS);
    const shown = picture(player);
    player.seek(1);
    player.seek(6);
    expect(picture(player)).toEqual(shown);
  });

  it('ignores unknown keys and clamps values', () => {
    const player = playing();
    player.setParameter('nonsense', 5);
    player.setParameter('load', 1e9);
    player.tick(0.01);
    expect(player.status.values['load']).toBe(2000);
    expect(player.inputs).toHaveLength(1);
  });

  it('spikes for 30 s, and ends a running spike', () => {
    const player = playing();
    runTo(player, 1);
    player.spike();
    expect(player.status.surgeUntilS).toBe(31);
    expect(player.status.values['load']).toBe(12);
    const users = player.view('async').nodes[0];
    expect(users?.kind === 'clients' && users.ratePerS).toBe(120);
    runTo(player, 2);
    player.spike();
    expect(player.status.surgeUntilS).toBe(0);
    expect(player.status.interventions.map((each) => each.text)).toEqual([
      '10× spike',
      'spike ended',
    ]);
    player.spike();
    runTo(player, 33, 0.5);
    expect(player.status.surgeUntilS).toBe(0);
  });

  it('slows the email and restores what it was', () => {
    const player = playing();
    player.setParameter('email.latency', 350);
    runTo(player, 1);
    player.slowEmail();
    expect(player.status.values['email.latency']).toBe(4000);
    runTo(player, 2);
    player.slowEmail();
    expect(player.status.values['email.latency']).toBe(350);
  });
});

describe('steps', () => {
  it('go to the next visible event of either lane and name it', () => {
    const player = playing();
    player.step();
    expect(player.status.playing).toBe(false);
    expect(player.status.lastStep).toMatchObject({ lane: 'sync', request: 0 });
    expect(player.status.lastStep?.text).toBe('Request 0 arrives and starts on API thread 1');
    const firstS = player.timeS;
    player.step();
    expect(player.timeS).toBe(firstS);
    expect(player.status.lastStep).toMatchObject({ lane: 'async', request: 0 });
    const texts: string[] = [];
    for (let i = 0; i < 60; i++) {
      player.step();
      texts.push(player.status.lastStep?.text ?? '');
    }
    expect(texts.every((text) => text !== '')).toBe(true);
    expect(texts.some((text) => text.includes('parks on Payment'))).toBe(true);
    expect(texts.some((text) => text.includes('parks on Email'))).toBe(true);
    expect(texts.some((text) => text.includes('leaves a message in the queue'))).toBe(true);
  });

  it('do not change the run', () => {
    const player = playing();
    for (let i = 0; i < 40; i++) player.step();
    player.play();
    runTo(player, 8);
    const straight = playing();
    runTo(straight, 8);
    expect(picture(player)).toEqual(picture(straight));
    expect(historyOf(player)).toEqual(historyOf(straight));
  });

  it('follow one request to its end and then stay', () => {
    const player = playing();
    runTo(player, 3);
    const users = player.view('sync').nodes[0];
    const request = users?.kind === 'clients' ? users.nextRequest : -1;
    player.follow(request);
    let steps = 0;
    for (;;) {
      const beforeS = player.timeS;
      player.step(true);
      expect(player.status.lastStep?.request).toBe(request);
      if (player.timeS === beforeS && player.status.lastStep?.node === -1) break;
      if (++steps > 40) throw new Error('it never ends');
    }
    expect(steps).toBeGreaterThan(8);
    expect(player.status.lastStep?.text).toBe(`Request ${request} has ended in both lanes`);
  });

  it('stay where they are when the followed request is no longer kept', () => {
    const player = playing({ values: { load: 30 } });
    runTo(player, 20);
    player.follow(3);
    expect(LANE_IDS.map((lane) => player.journey(lane, 3))).toEqual([null, null]);
    player.step(true);
    expect(player.timeS).toBe(20);
    expect(player.status.headS).toBe(20);
    expect(player.status.lastStep?.text).toBe('Request 3 has ended in both lanes');
  });

  it('leave the followed request remembered, and others forgotten', () => {
    const player = playing({ values: { load: 60, 'email.latency': 100 } });
    runTo(player, 2);
    player.follow(100);
    runTo(player, 20);
    const journey = player.journey('async', 100);
    expect(journey?.messages[0]?.end).toBe('acknowledged');
    expect(player.journey('async', 101)).toBe(null);
    player.seek(1);
    expect(player.journey('async', 100)).toBe(null);
    player.seek(20);
    expect(player.journey('async', 100)).toEqual(journey);
    player.seek(1);
    player.setParameter('load', 61);
    expect(player.journey('async', 100)).toBe(null);
    runTo(player, 20);
    player.follow(null);
    expect(player.journey('async', 100)).toBe(null);
  });

  it('come back from a search that finds nothing', () => {
    const player = playing({ values: { load: 2 } });
    runTo(player, 5);
    player.step();
    const before = picture(player);
    const [timeS, length] = [player.timeS, player.history.length];
    // A request of the day after tomorrow.
    player.follow(1_000_000);
    player.step(true);
    expect(player.timeS).toBe(timeS);
    expect(player.status.headS).toBe(timeS);
    expect(player.history.length).toBe(length);
    expect(picture(player)).toEqual(before);
    expect(player.status.lastStep).toMatchObject({ request: 1_000_000, node: -1 });
    player.follow(null);
    player.play();
    runTo(player, 8);
    const straight = playing({ values: { load: 2 } });
    runTo(straight, 8);
    expect(picture(player)).toEqual(picture(straight));
  });
});

describe('starting again', () => {
  it('resets to the start values and the same seed', () => {
    const player = playing({ seed: 11, values: { load: 20 } });
    runTo(player, 3);
    const first = picture(player);
    player.setParameter('load', 90);
    player.spike();
    runTo(player, 5);
    player.reset();
    expect(player.timeS).toBe(0);
    expect(player.status).toMatchObject({ headS: 0, seed: 11, interventions: [], surgeUntilS: 0 });
    expect(player.status.values['load']).toBe(20);
    expect(player.inputs).toHaveLength(1);
    runTo(player, 3);
    expect(picture(player)).toEqual(first);
  });

  it('comes back to the moment it opened at, with the seed chosen since then', () => {
    const player = playing({ timeS: 4, values: { load: 30 } });
    const opened = picture(player);
    player.setParameter('load', 60);
    runTo(player, 8);
    player.reset();
    expect(player.timeS).toBe(4);
    expect(player.status).toMatchObject({ headS: 4, interventions: [], seeking: null });
    expect(player.status.values['load']).toBe(30);
    expect(picture(player)).toEqual(opened);
    player.setSeed(8);
    expect(player.timeS).toBe(0);
    player.reset();
    expect(player.timeS).toBe(4);
    expect(player.status.seed).toBe(8);
    expect(picture(player)).not.toEqual(opened);
  });

  it('keeps what was changed when the seed changes', () => {
    const player = playing();
    player.setParameter('load', 25);
    runTo(player, 3);
    const old = picture(player);
    player.setSeed(8);
    expect(player.status).toMatchObject({ seed: 8, headS: 0 });
    expect(player.status.values['load']).toBe(25);
    runTo(player, 3);
    expect(picture(player)).not.toEqual(old);
    player.reset();
    expect(player.status.values['load']).toBe(12);
    expect(player.status.seed).toBe(8);
  });
});

it('tells of a seek while paused, which changes nothing else', () => {
  const player = playing();
  runTo(player, 3);
  player.pause();
  const { status } = player;
  let calls = 0;
  player.subscribe(() => calls++);
  player.seek(1);
  expect(calls).toBe(1);
  expect(player.status).toBe(status);
});

it('replaces the status only when something changed', () => {
  const player = playing();
  runTo(player, 1);
  let changes = 0;
  const unsubscribe = player.subscribe(() => changes++);
  const { status } = player;
  runTo(player, 5);
  expect(changes).toBe(0);
  expect(player.status).toBe(status);
  expect(status.headS).toBe(5);
  player.pause();
  expect(changes).toBe(1);
  unsubscribe();
  player.play();
  expect(changes).toBe(1);
});
