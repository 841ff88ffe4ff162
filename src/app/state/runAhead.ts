import type { Player } from '../../playback/player.ts';

/** Longest the page may be kept waiting for the moment a link opens at, milliseconds. */
const LONGEST_MS = 3000;
/** What one tick takes at most, seconds of wall time. */
const TICK_S = 0.5;

/**
 * Runs a player that is at its start to a later moment, at once.
 *
 * @param timeS model time, seconds
 * @returns whether it got there in the time it may take
 */
export function runAhead(player: Player, timeS: number): boolean {
  const { playing, speed } = player.status;
  const endMs = performance.now() + LONGEST_MS;
  player.setSpeed(10);
  player.play();
  while (player.timeS < timeS && performance.now() < endMs) {
    player.tick(Math.min(TICK_S, (timeS - player.timeS) / 10));
  }
  player.setSpeed(speed);
  if (!playing) player.pause();
  return player.timeS >= timeS;
}
