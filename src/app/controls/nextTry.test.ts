import { expect, it } from 'vitest';
import { createPlayer } from '../../playback/createPlayer.ts';
import { checkout } from '../../scenarios/checkout.ts';
import { nextTry } from './nextTry.ts';

it('leads a first visitor from the trouble to its cure and to going back, then keeps silent', () => {
  const player = createPlayer(checkout, { playing: false, now: () => 0 });
  const log = [nextTry(player.status, checkout.parameters)];
  const then = (act: () => void) => {
    act();
    log.push(nextTry(player.status, checkout.parameters));
  };
  const run = () => {
    player.play();
    for (let tick = 0; tick < 20; tick++) player.tick(0.1);
    player.pause();
  };
  then(() => player.slowEmail());
  run();
  then(() => player.setParameter('sync.email', 'queue'));
  run();
  then(() => {
    player.seek(1);
    player.setParameter('load', 20);
    player.tick(0);
  });
  expect(log).toEqual([
    'Start here: press “slow email”.',
    'Now flip wait to queue on email.send(), above.',
    'Now drag the playhead back and try it otherwise.',
    null,
  ]);
});

it('suggests nothing to who came by a link to something else', () => {
  const player = createPlayer(checkout, { values: { load: 50 }, playing: false, now: () => 0 });
  expect(nextTry(player.status, checkout.parameters)).toBeNull();
});
