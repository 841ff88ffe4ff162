/** Time as the player owns it: any moment, any order of doing and looking. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freshPicture, historyOf, perform, picture, playing, runTo } from './testing/playerRun.ts';
import type { Player, Speed } from './player.ts';

type Move =
  | { readonly do: 'run'; readonly wallS: number; readonly speed: Speed }
  | { readonly do: 'seek'; readonly share: number }
  | { readonly do: 'step'; readonly count: number }
  | { readonly do: 'act'; readonly what: number };

const anyMove: fc.Arbitrary<Move> = fc.oneof(
  fc.record({
    do: fc.constant('run' as const),
    wallS: fc.double({ min: 0.001, max: 1.5, noNaN: true }),
    speed: fc.constantFrom<Speed[]>(0.1, 0.25, 1, 3, 10),
  }),
  fc.record({
    do: fc.constant('seek' as const),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({ do: fc.constant('step' as const), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('act' as const), what: fc.integer({ min: 0, max: 7 }) }),
);

function make(player: Player, move: Move): void {
  switch (move.do) {
    case 'run': {
      player.setSpeed(move.speed);
      player.play();
      for (let left = move.wallS; left > 0; left -= 0.3) player.tick(Math.min(left, 0.3));
      return;
    }
    case 'seek':
      return player.seek(move.share * player.status.headS);
    case 'step':
      for (let k = 0; k < move.count; k++) player.step();
      return;
    case 'act':
      perform(player, move.what);
      player.tick(0);
  }
}

describe('any moment', () => {
  it('after any moves is what a fresh run with the same inputs shows', () => {
    fc.assert(
      fc.property(fc.array(anyMove, { minLength: 3, maxLength: 12 }), (moves) => {
        const player = playing();
        for (const move of moves) make(player, move);
        // Where a step stopped, only some events of the instant have happened.
        if (moves.at(-1)?.do === 'step') player.seek(player.timeS - 1e-9);
        expect(picture(player)).toEqual(freshPicture(player));
        const { headS } = player.status;
        player.seek(headS / 3);
        expect(picture(player)).toEqual(freshPicture(player));
        player.seek(headS);
        expect(picture(player)).toEqual(freshPicture(player));
      }),
      { numRuns: 40 },
    );
  });

  it('looking at it changes nothing: no fork, no input, no other history', () => {
    fc.assert(
      fc.property(
        fc.array(anyMove, { minLength: 3, maxLength: 8 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
        (moves, looks) => {
          const player = playing();
          for (const move of moves) make(player, move);
          const { ghost, headS, interventions } = player.status;
          const inputs = structuredClone(player.inputs);
          const history = historyOf(player);
          for (const share of looks) player.seek(share * headS);
          player.play();
          player.tick(0.01);
          if (player.timeS > headS) return;
          expect(player.status.ghost).toBe(ghost);
          expect(player.status.headS).toBe(headS);
          expect(player.status.interventions).toEqual(interventions);
          expect(player.inputs).toEqual(inputs);
          expect(historyOf(player)).toEqual(history);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('of a run with a long queue is right too, from checkpoints that share most of it', () => {
    const player = playing({
      speed: 10,
      values: { load: 400, 'api.threads': 400, 'email.latency': 4000, 'queue.limit': 20_000 },
    });
    runTo(player, 60, 0.25);
    for (const timeS of [57.3, 12.01, 40.5, 59.999, 40.6]) {
      player.seek(timeS);
      expect(picture(player)).toEqual(freshPicture(player));
    }
    // Another future, over the same checkpoints.
    player.setParameter('email.latency', 100);
    runTo(player, 50, 0.25);
    player.seek(45.25);
    expect(picture(player)).toEqual(freshPicture(player));
  });
});

describe('a fork', () => {
  it('comes with the first change in the past only; a drag there keeps the ghost it made', () => {
    const player = playing();
    runTo(player, 4);
    player.pause();
    player.seek(2);
    for (let load = 20; load < 25; load++) {
      player.setParameter('load', load);
      player.tick(1 / 60);
    }
    expect(player.status.ghost).toMatchObject({ forkS: 2, endS: 4 });
    expect(player.inputs).toHaveLength(5);
    expect(player.status.interventions.map(({ text }) => text)).toEqual(['load 12 → 24']);
    expect(player.status.headS).toBe(2);
  });

  it('at the moment of an input keeps that input', () => {
    const player = playing();
    runTo(player, 1);
    player.setParameter('load', 30);
    runTo(player, 3);
    player.seek(1);
    expect(player.status.values['load']).toBe(30);
    player.setParameter('email.latency', 300);
    player.tick(0.25);
    expect(player.status.interventions.map(({ text }) => text)).toEqual([
      'load 12 → 30',
      'email 200 → 300 ms',
    ]);
    expect(player.status.ghost?.interventions).toEqual([]);
    expect(player.inputs.map(({ timeS }) => timeS)).toEqual([1, 1]);
  });

  it('in the middle of a drag cuts its flag: the start stays, the whole goes to the ghost', () => {
    const player = playing();
    runTo(player, 1);
    for (const load of [20, 30, 40]) {
      player.setParameter('load', load);
      player.tick(0.5);
    }
    expect(player.status.interventions.map(({ text }) => text)).toEqual(['load 12 → 40']);
    player.seek(1.75);
    expect(player.status.values['load']).toBe(30);
    player.kill();
    expect(player.status.interventions.map(({ text }) => text)).toEqual([
      'load 12 → 30',
      'kill a worker',
    ]);
    expect(player.status.ghost?.interventions.map(({ text }) => text)).toEqual(['load 12 → 40']);
    expect(player.inputs).toHaveLength(3);
  });

  it('is not made by setting what is so already, nor by a slider that returns within a frame', () => {
    const player = playing();
    runTo(player, 3);
    player.seek(1);
    player.setParameter('load', 12);
    player.setParameter('load', 50);
    player.setParameter('load', 12);
    player.tick(0.1);
    expect(player.inputs).toEqual([]);
    expect(player.status.ghost).toBe(null);
    expect(player.status.headS).toBe(3);
  });
});

describe('a drag', () => {
  it('of two parameters in a frame is one input and one flag each', () => {
    const player = playing();
    runTo(player, 1);
    for (const value of [20, 21, 22]) {
      player.setParameter('load', value);
      player.setParameter('email.latency', 10 * value);
    }
    player.tick(1 / 60);
    expect(player.inputs).toHaveLength(2);
    expect(player.status.interventions.map(({ text }) => text)).toEqual([
      'load 12 → 22',
      'email 200 → 220 ms',
    ]);
  });

  it('at the same moment, paused, is still one flag; back where it began it says so', () => {
    const player = playing();
    runTo(player, 1);
    player.pause();
    for (const load of [20, 30, 12]) {
      player.setParameter('load', load);
      player.tick(1 / 60);
    }
    expect(player.inputs.map(({ timeS }) => timeS)).toEqual([1, 1, 1]);
    expect(player.status.interventions.map(({ text }) => text)).toEqual(['load back to 12 req/s']);
    player.play();
    runTo(player, 4);
    expect(picture(player)).toEqual(freshPicture(player));
  });

  it('ends with a step, a seek or something else that is done', () => {
    const flagsWith = (between: (player: Player) => void): string[] => {
      const player = playing();
      runTo(player, 1);
      player.setParameter('load', 20);
      player.tick(1 / 60);
      between(player);
      player.setParameter('load', 30);
      player.tick(1 / 60);
      return player.status.interventions.map(({ text }) => text);
    };
    expect(flagsWith(() => undefined)).toEqual(['load 12 → 30']);
    expect(flagsWith((player) => player.step())).toEqual(['load 12 → 20', 'load 20 → 30']);
    expect(flagsWith((player) => player.seek(1))).toEqual(['load 12 → 20', 'load 20 → 30']);
    expect(flagsWith((player) => player.kill())).toEqual([
      'load 12 → 20',
      'kill a worker',
      'load 20 → 30',
    ]);
  });
});

describe('steps in the past', () => {
  it('go through what is known, inputs included, without a fork', () => {
    const player = playing();
    runTo(player, 1);
    player.setParameter('load', 60);
    runTo(player, 3);
    const history = historyOf(player);
    player.seek(0.9);
    while (player.timeS < 1.2) player.step();
    expect(player.status.values['load']).toBe(60);
    expect(player.status).toMatchObject({ headS: 3, ghost: null });
    expect(historyOf(player)).toEqual(history);
    player.seek(3);
    expect(picture(player)).toEqual(freshPicture(player));
  });

  it('of the followed request stop at its events only, each once, in order', () => {
    const player = playing({ values: { load: 30 } });
    runTo(player, 4);
    player.follow(60);
    player.seek(1);
    const seen: string[] = [];
    for (let k = 0; k < 60; k++) {
      player.step(true);
      const { lastStep } = player.status;
      expect(lastStep?.request).toBe(60);
      if (lastStep === null || lastStep.node < 0) break;
      expect(player.timeS).toBe(lastStep.timeS);
      seen.push(`${lastStep.lane} ${lastStep.text}`);
    }
    expect(seen.filter((text) => text.includes('arrives'))).toHaveLength(2);
    expect(seen.filter((text) => /^async.* is answered/.test(text))).toHaveLength(1);
    expect(seen.filter((text) => /^sync.* is answered/.test(text))).toHaveLength(1);
    expect(new Set(seen).size).toBe(seen.length);
    expect(player.status.ghost).toBe(null);
  });

  it('with nobody followed go to the next visible event, as without shift', () => {
    const [one, other] = [playing(), playing()];
    for (let k = 0; k < 20; k++) {
      one.step(true);
      other.step();
      expect(one.status.lastStep).toEqual(other.status.lastStep);
    }
  });
});
