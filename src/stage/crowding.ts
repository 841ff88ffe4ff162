/**
 * Whether single tokens have become too many to follow. One answer for both lanes and the users'
 * stream, so that all of them change to dots, and back, together.
 */
import type { Player } from '../playback/player.ts';
import { MAX_TOKEN_SPEED } from '../scene/flights.ts';

/** After too many tokens the dots stay this long, so that the two do not alternate. */
const HOLD_MS = 3000;

export class Crowding {
  private untilMs = -Infinity;

  /** Some lane has more in the air than it can show one by one. */
  report(nowMs: number): void {
    this.untilMs = nowMs + HOLD_MS;
  }

  /** @param speed model seconds a viewer's second */
  isCrowded(nowMs: number, speed: number): boolean {
    return speed > MAX_TOKEN_SPEED || nowMs < this.untilMs;
  }
}

const crowdings = new WeakMap<Player, Crowding>();

export function crowdingOf(player: Player): Crowding {
  let crowding = crowdings.get(player);
  if (!crowding) {
    crowding = new Crowding();
    crowdings.set(player, crowding);
  }
  return crowding;
}
