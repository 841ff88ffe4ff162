import { describe, expect, it } from 'vitest';
import { createPlayer } from '../playback/createPlayer.ts';
import type { Player } from '../playback/player.ts';
import { checkout } from '../scenarios/checkout.ts';
import { LANE_IDS, type LaneId, type ParameterValue } from '../scenarios/scenario.ts';
import type { LaneReadouts, LaneTotals } from '../sim/metrics/readouts.ts';
import { laneFacts } from './laneFacts.ts';
import { narratorInput, type NarratorInput } from './narratorInput.ts';
import { narrate, narrateAll } from './narrate.ts';
import { NarratorVoice } from './narratorVoice.ts';
import { MAX_CHARACTERS, SENTENCE_LENGTHS } from './sentence.ts';

function started(values: Record<string, ParameterValue> = {}, seed = 7): Player {
  return createPlayer(checkout, { seed, values, playing: true, now: () => 0 });
}

function runTo(player: Player, timeS: number): Player {
  while (player.timeS < timeS) player.tick(Math.min(0.125, timeS - player.timeS));
  return player;
}

const say = (player: Player, lane: LaneId) => narrate(narratorInput(player, lane));

/** A moment of a real run with some of its numbers replaced. */
function withNumbers(
  player: Player,
  lane: LaneId,
  readouts: Partial<LaneReadouts>,
  totals: Partial<LaneTotals> = {},
): NarratorInput {
  const input = narratorInput(player, lane);
  return {
    ...input,
    readouts: {
      ...input.readouts,
      ...readouts,
      totals: { ...input.readouts.totals, ...totals },
    },
  };
}

describe('when nothing is the matter', () => {
  it('says how long a request holds a thread, from the parameters as they are', () => {
    const player = runTo(started(), 10);
    const sync = say(player, 'sync');
    expect(sync.cause).toBe('healthyWait');
    expect(sync.text).toMatch(
      /^One request keeps one API thread for all 550 ms, most of it parked\. \d+ of 20 are taken, so nobody queues\.$/,
    );
    const async = say(player, 'async');
    expect(async.cause).toBe('healthyQueue');
    expect(async.text).toContain('answers after 355 ms');
    expect(async.text).toContain('the email is out after 555 ms');
    player.setParameter('payment.latency', 100);
    player.setParameter('enqueue', 20);
    runTo(player, 11);
    expect(say(player, 'sync').text).toContain('350 ms');
    expect(say(player, 'async').text).toContain('170 ms');
  });

  it('says so where both lanes run the same program', () => {
    const player = runTo(started({ 'async.email': 'wait' }), 5);
    expect(say(player, 'sync').cause).toBe('healthyWait');
    expect(say(player, 'async').cause).toBe('sameProgram');
  });

  it('speaks of a lane by its program, not by its place', () => {
    const player = runTo(started({ 'sync.email': 'queue', 'async.email': 'wait' }), 5);
    expect(say(player, 'sync').cause).toBe('healthyQueue');
    expect(say(player, 'async').cause).toBe('healthyWait');
  });
});

describe('slow email at 30 req/s', () => {
  const player = runTo(started({ load: 30 }), 10);
  player.slowEmail();
  runTo(player, 34);

  it('names where the threads are parked, since when, and what it means for the users', () => {
    const { cause, text, parts } = say(player, 'sync');
    expect(cause).toBe('parkedOn.email');
    expect(text).toMatch(/^All 20 API threads are (parked|taken)/);
    expect(text).toMatch(/(19|18|17|all|parked) on Email, for 2[34] s\./);
    expect(text).toMatch(
      /\. \d+ of \d+ users a second are rejected\. Those let in waited \d\.\d s\.$/,
    );
    expect(parts).toContainEqual({ kind: 'glyph', name: 'parked-3' });
    expect(parts).toContainEqual({ kind: 'glyph', name: 'rejected' });
  });

  it('names the debt, its growth, when an email would come, and when the queue overflows', () => {
    const { cause, text } = say(player, 'async');
    expect(cause).toBe('debtGrows.emailQueue');
    expect(text).toMatch(
      /^Answers take 3\d\d ms, but 6\d\d emails are owed, 2\d more a second: one ordered now takes \d\.\d min; overflow in 1\d s\.$/,
    );
    const { owed } = player.readouts('async').totals;
    expect(text).toContain(`but ${owed} emails are owed`);
  });

  it('is the same after going back to that moment', () => {
    const [sync, async] = LANE_IDS.map((lane) => say(player, lane));
    runTo(player, 40);
    player.seek(34);
    expect(LANE_IDS.map((lane) => say(player, lane))).toEqual([sync, async]);
    runTo(player, 40);
  });

  it('says when the queue is full and what is lost', () => {
    runTo(player, 55);
    const { cause, text } = say(player, 'async');
    expect(cause).toBe('overflow.emailQueue');
    expect(text).toMatch(/^The queue is full at 1,000 messages: 2\d emails a second are lost/);
    const { dropped } = player.readouts('async').totals;
    expect(text).toContain(`lost, ${dropped} so far`);
  });

  it('says how long the backlog takes once the email is fast again', () => {
    player.slowEmail();
    runTo(player, 62);
    const facts = laneFacts(narratorInput(player, 'async')).debts[0];
    expect(say(player, 'async').cause).toBe('draining.emailQueue');
    const predictedS = facts?.emptyS ?? 0;
    let timeS = 62;
    while (player.readouts('async').totals.owed > 20 && timeS < 120) runTo(player, ++timeS);
    expect(Math.abs(timeS - 62 - predictedS)).toBeLessThan(0.15 * predictedS);
  });
});

it('predicts the overflow within 10 %, in nine of ten cases, from a second after the change', () => {
  const errors: number[] = [];
  for (let seed = 1; seed <= 8; seed++) {
    const player = runTo(started({ load: 30 }, seed), 10);
    player.slowEmail();
    const predicted: [number, number][] = [];
    let timeS = 10;
    while (player.readouts('async').totals.dropped === 0) {
      runTo(player, (timeS += 1));
      const overflowS = laneFacts(narratorInput(player, 'async')).debts[0]?.overflowS;
      if (overflowS) predicted.push([timeS, overflowS]);
    }
    // The last seconds are Poisson noise: a few messages decide.
    for (const [atS, overflowS] of predicted) {
      if (timeS - atS > 10) errors.push(Math.abs(overflowS / (timeS - 0.5 - atS) - 1));
    }
  }
  errors.sort((a, b) => a - b);
  expect(errors.length).toBeGreaterThan(170);
  expect(errors[Math.floor(0.9 * errors.length)]).toBeLessThan(0.1);
});

it('says that a prediction near to what the workers can do is rough', () => {
  const player = started({
    load: 64,
    'api.threads': 60,
    'payment.threads': 60,
    'api.queue': 1000,
  });
  let text = '';
  while (player.timeS < 60 && !/overflow/.test(text)) {
    runTo(player, player.timeS + 1);
    text = say(player, 'async').text;
  }
  const [debt] = laneFacts(narratorInput(player, 'async')).debts;
  expect(debt?.growthPerS).toBeCloseTo(4);
  expect(text).toContain('; overflow in about ');
});

describe('other causes', () => {
  it('a service behind the front is saturated', () => {
    const player = runTo(started({ load: 100 }), 20);
    const { cause, text } = say(player, 'async');
    expect(cause).toBe('parkedOn.payment');
    expect(text).toContain('on Payment');
    expect(text).toContain('users a second are rejected');
  });

  it('two services share the parked threads', () => {
    const player = runTo(started({ load: 120 }), 20);
    const { cause, text } = say(player, 'sync');
    expect(cause).toBe('frontFull');
    expect(text).toMatch(/taken, \d+ on Payment, \d+ on Email/);
  });

  it("the front's own work fills it", () => {
    const player = runTo(started({ load: 60, 'api.latency': 2000 }), 20);
    expect(say(player, 'sync').cause).toBe('frontBusy');
  });

  it('a full queue refuses publishes', () => {
    const player = runTo(
      started({
        load: 30,
        'queue.limit': 20,
        'queue.overflow': 'rejectPublish',
        'email.latency': 4000,
      }),
      20,
    );
    const { cause, text } = say(player, 'async');
    expect(cause).toBe('overflow.emailQueue');
    expect(text).toContain('refuses');
    expect(text).toContain('“confirmed, email failed”');
  });

  it('users time out', () => {
    const player = runTo(started({ patience: 0.5 }), 20);
    const { cause, text, parts } = say(player, 'sync');
    expect(cause).toBe('timedOut');
    expect(text).toMatch(/users a second time out\..* % of the requests run were for nobody\./);
    expect(parts[0]).toEqual({ kind: 'glyph', name: 'timedOut' });
  });

  it('users were rejected a moment ago', () => {
    const input = withNumbers(runTo(started(), 10), 'sync', {
      rejectedPerS: 4,
      firstTriesPerS: 12,
    });
    expect(narrate(input)).toMatchObject({ cause: 'rejected' });
    expect(narrate(input).text).toMatch(/^4 of 12 users a second were rejected in the last 5 s\./);
  });

  it('email fails: errors where one waits, retries where it is queued', () => {
    const player = runTo(started({ 'email.failure': 30 }), 20);
    const sync = say(player, 'sync');
    expect(sync.cause).toBe('failed');
    expect(sync.text).toMatch(
      /^30 % of calls to Email fail: [\d.]+ of 12 users a second get an error\./,
    );
    const { chargedButFailed } = player.readouts('sync').totals;
    expect(sync.text).toContain(`${chargedButFailed} users charged, not confirmed, so far.`);
    const declining = runTo(started({ 'email.failure': 30, 'payment.failure': 30 }), 20);
    expect(say(declining, 'sync').text).toContain('30 % of calls to Email fail');
    const async = say(player, 'async');
    expect(async.cause).toBe('failing.emailQueue');
    expect(async.text).toMatch(/^30 % of attempts at Email fail: \d+ messages? backs? off/);
    expect(async.text).toContain('Answers are not affected.');
  });

  it('a service that always fails delivers nothing, and no arrival is promised', () => {
    const player = started({ 'email.failure': 100 });
    for (const timeS of [20, 40, 60]) {
      runTo(player, timeS);
      const { cause, text } = say(player, 'async');
      expect(cause).toBe('failing.emailQueue');
      expect(text).toMatch(
        /^Every attempt at Email fails: .* dead-lettered\. No email is delivered\./,
      );
      expect(text).not.toMatch(/takes|overflow/);
      expect(say(player, 'sync').text).toMatch(
        /^Every call to Email fails: [\d.]+ (of 1\d )?users a second get an error/,
      );
    }
  });

  it('the time until an email arrives includes its retries', () => {
    const player = runTo(
      started({
        load: 30,
        'email.failure': 60,
        'email.latency': 2000,
        'queue.limit': 100_000,
      }),
      40,
    );
    const [debt] = laneFacts(narratorInput(player, 'async')).debts;
    const onePassS = (debt?.broker.ready ?? 0) / 6 + 2;
    // Two fifths take one pass; the mean over the 92 % that arrive at all is 2.1 passes and more.
    expect(debt?.arrivesS).toBeGreaterThan(2 * onePassS);
    expect(debt?.arrivesS).toBeLessThan(2.5 * onePassS);
    const { text } = say(player, 'async');
    expect(text).toMatch(/^60 % of attempts at Email fail: /);
    expect(text).toMatch(/An email now takes [\d.]+ min, if it comes\./);
  });

  it('a queue that swings about its level is no trend', () => {
    // Twelve workers at 97 % of what they can do: about 15 messages wait, sometimes 60.
    const player = started({ load: 58, 'api.threads': 40, 'payment.threads': 40 });
    const causes = new Map<string, number>();
    for (let timeS = 5; timeS <= 120; timeS++) {
      runTo(player, timeS);
      const [family = ''] = say(player, 'async').cause.split('.');
      causes.set(family, (causes.get(family) ?? 0) + 1);
    }
    expect(causes.get('draining') ?? 0).toBeLessThan(5);
    expect(causes.get('debtGrows') ?? 0).toBeLessThan(5);
    expect(causes.get('debt')).toBeGreaterThan(20);
  });

  it('a killed worker', () => {
    const player = runTo(started(), 5);
    player.kill();
    runTo(player, 8);
    expect(say(player, 'async')).toMatchObject({ cause: 'down.email' });
    expect(say(player, 'async').text).toContain('1 of 12 Email workers is down, back in 7 s.');
    expect(say(player, 'sync').text).toContain('1 of 12 Email threads is down, back in 7 s.');
    runTo(player, 16);
    expect(say(player, 'async').cause).toBe('healthyQueue');
  });

  it('all workers killed: names them, and reckons with their return', () => {
    const player = runTo(started(), 5);
    for (let k = 0; k < 16; k++) player.kill();
    runTo(player, 9);
    const { cause, text } = say(player, 'async');
    expect(cause).toBe('down.email');
    expect(text).toMatch(/^(All 12|1[01] of 12) Email workers are down, all back in \d+ s\./);
    expect(text).toMatch(/An email now takes [5-9]\.\d s\./);
    expect(text).not.toContain('overflow');
    const [debt] = laneFacts(narratorInput(player, 'async')).debts;
    expect(debt?.overflowS).toBe(null);
    expect(say(player, 'sync').text).toMatch(/Email threads are down, all back in \d+ s\. /);
  });

  it('a poison message ends in the dead-letter queue', () => {
    const player = runTo(started(), 5);
    player.poison();
    let timeS = 6;
    while (player.readouts('async').totals.deadLettered === 0 && timeS < 120)
      runTo(player, timeS++);
    expect(say(player, 'async').cause).toBe('deadLetters.emailQueue');
    expect(say(player, 'async').text).toContain('after 5 attempts; 1 so far');
    runTo(player, timeS + 12);
    expect(say(player, 'async').cause).toBe('healthyQueue');
  });

  it('the spike, and how long it goes on', () => {
    const player = runTo(started({ load: 2 }), 5);
    player.spike();
    runTo(player, 10);
    const { cause, text } = say(player, 'async');
    expect(cause).toBe('surge');
    expect(text).toMatch(/^The spike brings 20 req\/s and ends in 25 s\./);
    player.setParameter('load', 20);
    runTo(player, 20);
    expect(say(player, 'sync').text).toContain('The spike ends in 15 s.');
  });

  it('a queued payment confirms before it charges', () => {
    const player = runTo(started({ 'async.payment': 'queue' }), 20);
    const before = say(player, 'async');
    expect(before.cause).toBe('unchecked');
    expect(before.parts.at(-1)).toEqual({
      kind: 'action',
      action: 'setDeclines',
      label: 'Decline 5 % (illustrative)',
    });
    expect(before.text).not.toContain('[');
    player.setParameter('payment.failure', 5);
    runTo(player, 60);
    const after = say(player, 'async');
    expect(after.cause).toBe('confirmedThenDeclined');
    const { confirmedThenDeclined } = player.readouts('async').totals;
    expect(confirmedThenDeclined).toBeGreaterThan(5);
    expect(after.text).toContain(`${confirmedThenDeclined} users read “confirmed”`);
    const { cause, text } = say(player, 'sync');
    expect(cause).toBe('declined');
    expect(text).toMatch(/^5 % of cards are declined/);
  });
});

it('does not say that nobody queues when the last thread is taken', () => {
  const player = runTo(started({ load: 30 }), 5);
  const seen = new Set<number>();
  for (let step = 0; step < 200; step++) {
    runTo(player, player.timeS + 0.05);
    const input = narratorInput(player, 'sync');
    const { taken, front } = laneFacts(input);
    const { cause, text } = narrate(input);
    if (cause !== 'healthyWait') continue;
    seen.add(taken);
    expect([taken, front.queueLength, text.includes('so nobody queues')]).toEqual([
      taken,
      front.queueLength,
      taken < front.capacity && front.queueLength === 0,
    ]);
  }
  expect(seen).toContain(20);
});

it('speaks of a single thread as such', () => {
  const front = runTo(started({ 'api.threads': 1 }), 10);
  expect(say(front, 'sync').text).toMatch(/^The only API thread is (taken|parked on)/);
  const callee = runTo(started({ 'payment.threads': 1 }), 10);
  expect(say(callee, 'sync').text).not.toMatch(/\b1 \w+ threads are/);
  expect(say(callee, 'async').text).not.toMatch(/\b1 \w+ threads are/);
});

describe('as it is heard', () => {
  /** Plays like the page: readouts ten times a second of wall time. @returns what each one showed */
  function listen(player: Player, lane: LaneId, voice: NarratorVoice, fromMs: number, ms: number) {
    const heard: { timeS: number; text: string; cause: string; readouts: LaneReadouts }[] = [];
    for (let nowMs = fromMs; nowMs < fromMs + ms; nowMs += 100) {
      for (let frame = 0; frame < 4; frame++) player.tick(0.025);
      const { sentence } = voice.say(narrateAll(narratorInput(player, lane)), nowMs, player.timeS);
      const readouts = player.readouts(lane);
      heard.push({ timeS: player.timeS, text: sentence.text, cause: sentence.cause, readouts });
    }
    return heard;
  }

  it.each([1, 10] as const)('the spike is told soon, at %s×', (speed) => {
    const player = runTo(started(), 10);
    player.setSpeed(speed);
    for (const lane of LANE_IDS) {
      const voice = new NarratorVoice();
      listen(player, lane, voice, 0, 500);
    }
    const voice = new NarratorVoice();
    listen(player, 'sync', voice, 0, 500);
    player.spike();
    const heard = listen(player, 'sync', voice, 500, 2600);
    const late = heard.filter(
      ({ readouts, cause }) => readouts.rejectedPerS > 5 && cause === 'healthyWait',
    );
    expect(late.length).toBeLessThanOrEqual(speed === 1 ? 10 : 5);
    expect(heard.slice(20).every(({ cause }) => cause !== 'healthyWait')).toBe(true);
    // And while it gives way, its numbers stay true.
    const isFalse = ({ text, readouts }: (typeof heard)[number]) =>
      text.includes('so nobody queues') && readouts.rejectedPerS > 0;
    expect(heard.filter(isFalse).length).toBeLessThanOrEqual(5);
  });

  it.each([1, 3, 10] as const)('no overflow is predicted that has happened, at %s×', (speed) => {
    const player = runTo(started({ load: 30 }), 10);
    player.slowEmail();
    runTo(player, 30);
    player.setSpeed(speed);
    const heard = listen(player, 'async', new NarratorVoice(), 0, 25_000 / speed);
    const firstLostS = heard.find(({ readouts }) => readouts.totals.dropped > 0)?.timeS ?? 0;
    const latest = heard.reverse().find(({ text }) => text.includes('overflow'));
    expect(firstLostS).toBeGreaterThan(40);
    expect((latest?.timeS ?? 0) - firstLostS).toBeLessThan(2.1);
    expect(heard[0]?.cause).toBe('overflow.emailQueue');
  });
});

it('always says when a message ordered now would come, while there is a debt', () => {
  // The front is full and there is a debt behind it, too.
  const player = runTo(started({ load: 100, 'email.latency': 4000 }), 12);
  const { text } = say(player, 'async');
  expect(text).toMatch(/^All 20 API threads/);
  expect(text).toContain('An email now takes');
});

it('keeps to the room of each length, whatever happens', () => {
  const acts: ((player: Player) => void)[] = [
    (player) => player.slowEmail(),
    (player) => player.spike(),
    (player) => player.setParameter('email.failure', 50),
    (player) => player.kill(),
    (player) => player.setParameter('async.payment', 'queue'),
    (player) => player.setParameter('payment.failure', 10),
    (player) => player.setParameter('queue.overflow', 'rejectPublish'),
    (player) => player.slowEmail(),
    (player) => player.setParameter('patience', 0.3),
    (player) => player.setParameter('api.threads', 1000),
    (player) => player.setParameter('load', 2000),
    (player) => player.setParameter('payment.latency', 10_000),
    (player) => player.setParameter('queue.limit', 100_000),
  ];
  const player = started({ load: 40 });
  const causes = new Set<string>();
  acts.forEach((act, i) => {
    act(player);
    for (let k = 1; k <= 8; k++) {
      runTo(player, i * 4 + k / 2);
      for (const lane of LANE_IDS) {
        for (const length of SENTENCE_LENGTHS) {
          const { cause, text } = narrate(narratorInput(player, lane), length);
          causes.add(cause);
          expect(text).not.toMatch(/undefined|NaN|Infinity|null|[{}[\]*]/);
          expect([text.length <= MAX_CHARACTERS[length], text]).toEqual([true, text]);
        }
      }
    }
  });
  expect(causes.size).toBeGreaterThan(6);
});
