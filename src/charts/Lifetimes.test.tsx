// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPlayer } from '../playback/createPlayer.ts';
import { PointedRequest } from '../playback/pointedRequest.ts';
import { checkout } from '../scenarios/checkout.ts';
import { Lifetimes } from './Lifetimes.tsx';
import { boxObserver } from './testing/boxObserver.ts';

const frames = {
  onFrame: () => () => undefined,
  onReadout: () => () => undefined,
  invalidate: () => undefined,
};

beforeEach(() => {
  vi.stubGlobal('ResizeObserver', boxObserver(336, 150));
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('names each bar, and picks one by keyboard', () => {
  const player = createPlayer(checkout, { playing: true });
  while (player.timeS < 10) player.tick(0.1);
  const picked: (number | null)[] = [];
  const pointed = new PointedRequest();
  render(
    <Lifetimes
      player={player}
      frames={frames}
      pointed={pointed}
      lane="async"
      onPick={(request) => picked.push(request)}
    />,
  );
  const options = screen.getAllByRole('option').map((option) => option.getAttribute('aria-label'));
  expect(options).toHaveLength(12);
  expect(
    options.every((name) => /^Request \d+: served after \d+ ms; email /.test(name ?? '')),
  ).toBe(true);

  const list = screen.getByRole('listbox');
  act(() => list.focus());
  act(() => void fireEvent.keyDown(list, { key: 'ArrowDown' }));
  const active = document.getElementById(list.getAttribute('aria-activedescendant') ?? '');
  act(() => void fireEvent.keyDown(list, { key: 'Enter' }));
  expect(active?.getAttribute('aria-label')).toContain(`Request ${picked[0]}:`);
  // The rest of the page shows the request that the keyboard is on, as long as it is.
  expect(pointed.current).toBe(picked[0]);
  act(() => list.blur());
  expect(pointed.current).toBeNull();
});
