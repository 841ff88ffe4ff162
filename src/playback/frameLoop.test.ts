import { describe, expect, it } from 'vitest';
import { checkout } from '../scenarios/checkout.ts';
import { createPlayer } from './createPlayer.ts';
import { FrameLoop } from './frameLoop.ts';
import type { Player } from './player.ts';

/** A window whose frames come when the test says so. */
function harness(player: Player) {
  let waiting: ((nowMs: number) => void) | null = null;
  let handle = 0;
  const loop = new FrameLoop(player, {
    requestFrame: (callback) => {
      waiting = callback;
      return ++handle;
    },
    cancelFrame: () => (waiting = null),
  });
  const log = { paints: 0, readouts: 0 };
  loop.onFrame(() => log.paints++);
  loop.onReadout(() => void log.readouts++);
  return {
    loop,
    log,
    get idle() {
      return waiting === null;
    },
    frame(nowMs: number) {
      const callback = waiting;
      waiting = null;
      callback?.(nowMs);
    },
  };
}

const pausedPlayer = (): Player => createPlayer(checkout, { now: () => 0 });

describe('the frame loop', () => {
  it('paints every frame and shows numbers ten times a second', () => {
    const player = pausedPlayer();
    player.play();
    const page = harness(player);
    page.loop.start();
    for (let frame = 0; frame <= 120; frame++) page.frame((frame * 1000) / 60);
    expect(player.timeS).toBeCloseTo(2);
    expect(page.log.paints).toBe(121);
    expect(page.log.readouts).toBeGreaterThan(15);
    expect(page.log.readouts).toBeLessThanOrEqual(21);
  });

  it('shares what takes long among the times numbers are shown, and shows all of it when paused', () => {
    const player = pausedPlayer();
    player.play();
    const page = harness(player);
    const turns: number[] = [];
    page.loop.onReadout(() => void turns.push(0), 0);
    page.loop.onReadout(() => void turns.push(1), 1);
    page.loop.start();
    // A few frames more: the numbers of one moment are written over several.
    for (let frame = 0; frame <= 124; frame++) page.frame((frame * 1000) / 60);
    expect(turns.length).toBe(page.log.readouts);
    turns.forEach((turn, k) => expect(turn).toBe((turns[0] + k) % 2));
    player.pause();
    turns.length = 0;
    page.frame(2500);
    expect(turns).toEqual([0, 1]);
  });

  it('reads what has to be of one moment in one frame, and writes all numbers in one', () => {
    const player = pausedPlayer();
    player.play();
    const page = harness(player);
    let frame = 0;
    const read: number[] = [];
    const wrote: number[] = [];
    const readout = () => {
      read.push(frame);
      return () => void wrote.push(frame);
    };
    for (let k = 0; k < 3; k++) page.loop.onReadout(() => readout(), 'first');
    for (let k = 0; k < 4; k++) page.loop.onReadout(() => readout());
    page.loop.start();
    for (; frame < 36; frame++) page.frame((frame * 1000) / 60);
    const groups = (frames: readonly number[]) =>
      Array.from({ length: Math.floor(frames.length / 7) }, (_, k) =>
        frames.slice(7 * k, 7 * k + 7),
      );
    expect(groups(wrote).length).toBeGreaterThan(3);
    for (const group of groups(wrote)) expect(new Set(group).size).toBe(1);
    for (const group of groups(read)) {
      expect(new Set(group.slice(0, 3)).size).toBe(1);
      expect(new Set(group).size).toBeGreaterThan(2);
    }
  });

  it('writes nothing for who is gone', () => {
    const player = pausedPlayer();
    player.play();
    const page = harness(player);
    const log: string[] = [];
    const remove = page.loop.onReadout(() => {
      log.push('read');
      return () => void log.push('written');
    }, 'first');
    page.loop.start();
    page.frame(0);
    expect(log).toEqual(['read']);
    remove();
    for (let frame = 1; frame < 30; frame++) page.frame(frame * 16);
    expect(log).toEqual(['read']);
  });

  it('leaves no readout out where frames are few', () => {
    const player = pausedPlayer();
    player.play();
    const page = harness(player);
    const shown = [0, 0, 0, 0, 0, 0, 0, 0];
    shown.forEach((_, k) => page.loop.onReadout(() => void shown[k]++));
    page.loop.start();
    for (let frame = 0; frame <= 20; frame++) page.frame(frame * 120);
    // The first frame does not know yet how long frames are. From the fourth on it is clear that all are
    // slow: then every other one shows numbers.
    expect(shown).toEqual(shown.map(() => 11));
  });

  it('shows numbers five times a second where frames are slow, not after a single long one', () => {
    const player = pausedPlayer();
    player.play();
    const page = harness(player);
    page.loop.start();
    let nowMs = 0;
    const readoutsOf = (frames: number, frameMs: number) => {
      const before = page.log.readouts;
      for (let frame = 0; frame < frames; frame++) page.frame((nowMs += frameMs));
      return page.log.readouts - before;
    };
    readoutsOf(60, 1000 / 60);
    page.frame((nowMs += 90));
    expect(readoutsOf(120, 1000 / 60)).toBeGreaterThan(15);
    readoutsOf(30, 40);
    expect(readoutsOf(50, 40)).toBe(10);
    readoutsOf(60, 1000 / 60);
    expect(readoutsOf(120, 1000 / 60)).toBeGreaterThan(15);
  });

  it('asks for no frame while paused, and for one when something changes', () => {
    const player = pausedPlayer();
    const page = harness(player);
    page.loop.start();
    page.frame(0);
    expect(page.log).toEqual({ paints: 1, readouts: 1 });
    expect(page.idle).toBe(true);
    player.setParameter('load', 40);
    expect(page.idle).toBe(false);
    page.frame(500);
    expect(page.log).toEqual({ paints: 2, readouts: 2 });
    // The engine was told in that frame, which changed the status once more.
    page.frame(516);
    page.frame(616);
    expect(page.idle).toBe(true);
    expect(player.inputs).toHaveLength(1);
  });

  it('makes no jump after a pause of an hour', () => {
    const player = pausedPlayer();
    const page = harness(player);
    page.loop.start();
    page.frame(0);
    player.play();
    page.frame(3_600_000);
    expect(player.timeS).toBe(0);
    page.frame(3_600_016);
    expect(player.timeS).toBeCloseTo(0.016);
    page.loop.stop();
    expect(page.idle).toBe(true);
    page.loop.start();
    page.frame(7_200_000);
    expect(player.timeS).toBeCloseTo(0.016);
  });

  it('removes what is removed', () => {
    const player = pausedPlayer();
    const page = harness(player);
    let calls = 0;
    const remove = page.loop.onFrame(() => calls++);
    page.loop.start();
    page.frame(0);
    remove();
    page.loop.invalidate();
    page.frame(16);
    expect(calls).toBe(1);
  });
});
