/** One time axis for the lifetimes of both lanes, so that looking straight down compares them. */
import type { Player } from '../playback/player.ts';
import type { LaneId } from '../scenarios/scenario.ts';
import { SteppedScale } from './steppedScale.ts';

const SHORTEST_S = 0.1;

export class SharedAxis {
  readonly #scale = new SteppedScale(SHORTEST_S);
  readonly #required = new Map<LaneId, number>();
  readonly #listeners = new Set<() => void>();

  get endS(): number {
    return this.#scale.max;
  }

  /** Says what one lane needs, seconds. */
  require(lane: LaneId, requiredS: number, nowMs: number, jumped: boolean): void {
    this.#required.set(lane, requiredS);
    this.#update(nowMs, jumped);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A lane that is shown no longer needs nothing. */
  leave(lane: LaneId): void {
    this.#required.delete(lane);
  }

  #update(nowMs: number, jumped: boolean): void {
    const before = this.#scale.max;
    this.#scale.update(Math.max(0, ...this.#required.values()), nowMs, jumped);
    if (this.#scale.max !== before) for (const listener of this.#listeners) listener();
  }
}

const axes = new WeakMap<Player, SharedAxis>();

export function sharedAxisOf(player: Player): SharedAxis {
  let axis = axes.get(player);
  if (!axis) {
    axis = new SharedAxis();
    axes.set(player, axis);
  }
  return axis;
}
