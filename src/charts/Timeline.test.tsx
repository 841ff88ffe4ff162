// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPlayer } from '../playback/createPlayer.ts';
import type { Player } from '../playback/player.ts';
import { checkout } from '../scenarios/checkout.ts';
import type { Frames } from './frames.ts';
import { boxObserver } from './testing/boxObserver.ts';
import { Timeline } from './Timeline.tsx';
import { keyTarget } from './usePlayhead.ts';
import { noteOf } from './useScaleNote.ts';

/** Beats by hand. */
class HandFrames implements Frames {
  readonly #paints = new Set<(nowMs: number) => void>();
  readonly #updates = new Set<() => (() => void) | void>();

  onFrame(paint: (nowMs: number) => void): () => void {
    this.#paints.add(paint);
    return () => this.#paints.delete(paint);
  }

  onReadout(update: () => (() => void) | void): () => void {
    this.#updates.add(update);
    return () => this.#updates.delete(update);
  }

  invalidate(): void {
    for (const paint of [...this.#paints]) paint(0);
    for (const update of [...this.#updates]) update()?.();
  }
}

function runTo(player: Player, timeS: number): void {
  player.play();
  while (player.timeS < timeS) player.tick(Math.min(0.1, timeS - player.timeS));
  player.pause();
}

beforeEach(() => {
  vi.stubGlobal('ResizeObserver', boxObserver(1094, 162));
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(player: Player) {
  const frames = new HandFrames();
  render(<Timeline player={player} frames={frames} variant="full" />);
  return { frames, slider: screen.getByRole('slider', { name: 'Time shown' }) };
}

it('goes back in time by keys and says where it is', () => {
  const player = createPlayer(checkout, { playing: false, now: () => 0 });
  runTo(player, 20);
  const { slider } = show(player);
  expect(slider.getAttribute('aria-valuetext')).toBe('20.0 seconds of 20');

  const log = [
    ['ArrowLeft', false],
    ['ArrowLeft', true],
    ['PageDown', false],
    ['Home', false],
    ['ArrowLeft', false],
    ['End', false],
  ].map(([key, shiftKey]) => {
    act(() => void fireEvent.keyDown(slider, { key, shiftKey }));
    return slider.getAttribute('aria-valuetext');
  });
  expect(log).toEqual([
    '19.0 seconds of 20',
    '18.9 seconds of 20',
    '8.9 seconds of 20',
    '0.0 seconds of 20',
    '0.0 seconds of 20',
    '20.0 seconds of 20',
  ]);
});

it('leaves other keys to the page', () => {
  expect(keyTarget(' ', false, 5, 20)).toBeNull();
});

it('announces a longer axis', () => {
  const player = createPlayer(checkout, { playing: false, now: () => 0 });
  const { frames } = show(player);
  expect(screen.getByRole('status').textContent).toBe('');
  runTo(player, 61);
  act(() => frames.invalidate());
  expect(screen.getByRole('status').textContent).toBe('time axis now 0 to 120 s');
});

it('announces each value scale that steps', () => {
  const before = {
    axisEndS: 60,
    max: { parked: 20, queued: 1000, p99: 2 },
    queueing: { sync: false, async: true },
  };
  const now = { ...before, max: { parked: 20, queued: 2000, p99: 20 } };
  expect(noteOf(before, now)).toEqual({
    axis: null,
    spoken: 'messages in queue: scale now 0 to 2,000; p99 response time: scale now 0 to 20 s',
  });
  expect(noteOf(before, before).spoken).toBe('');
});

it('names the values beside the lines and lists what was done', () => {
  const player = createPlayer(checkout, { playing: false, now: () => 0 });
  runTo(player, 10);
  player.slowEmail();
  runTo(player, 30);
  show(player);
  const values = [...document.querySelectorAll('.timeline-value')]
    .filter((text) => text.getAttribute('visibility') !== 'hidden')
    .map((text) => text.textContent);
  expect(values).toHaveLength(5);
  const api = player.view('sync').nodes.find((node) => node.id === 'api');
  expect(values[0]).toBe(`sync${api?.kind === 'pool' ? api.parkedCount : ''}`);
  expect(screen.getByRole('list', { name: 'Changes made' }).textContent).toMatch(
    /^at 10\.0 seconds: email/,
  );
});
