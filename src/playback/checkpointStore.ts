/**
 * States of both lanes to return to. They stand close together where people rewind to, the last
 * minute, and thin out with age, within a limit of memory.
 */
import type { LaneId } from '../scenarios/scenario.ts';
import type { Checkpoint } from '../sim/kernel/simulation.ts';

/** All checkpoints of a page together, bytes. */
export const CHECKPOINT_LIMIT_BYTES = 64 * 2 ** 20;
/** Of which the last minute may take about this much; it sets the distance between checkpoints. */
const LAST_MINUTE_BYTES = 20 * 2 ** 20;
const LAST_MINUTE_S = 60;
const MIN_INTERVAL_S = 1;
const MAX_INTERVAL_S = 120;
/** Beyond the last minute, the distance grows to this share of the age. */
const SPACING_PER_AGE = 1 / 40;

/** Both lanes at one moment, before any input of that moment that is not in `inputCount`. */
export interface StoredCheckpoint {
  readonly timeS: number;
  /** Inputs already applied. */
  readonly inputCount: number;
  readonly lanes: Readonly<Record<LaneId, Checkpoint>>;
}

function bytesOf(checkpoint: StoredCheckpoint): number {
  return checkpoint.lanes.sync.bytes + checkpoint.lanes.async.bytes;
}

export class CheckpointStore {
  private readonly limitBytes: number;
  private readonly stored: StoredCheckpoint[] = [];
  private total = 0;

  constructor(limitBytes: number = CHECKPOINT_LIMIT_BYTES) {
    this.limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.total;
  }

  get count(): number {
    return this.stored.length;
  }

  /** Whether one more, as large as the last, would push none out. */
  get hasRoom(): boolean {
    const last = this.stored.at(-1);
    return last === undefined || this.total + bytesOf(last) <= this.limitBytes;
  }

  /** The latest at or before a moment; the one at time 0 is never dropped. */
  before(timeS: number): StoredCheckpoint {
    const found = this.stored[this.firstAfter(timeS) - 1];
    if (found === undefined) throw new Error('There is no checkpoint at time 0');
    return found;
  }

  /** How far after the one before `timeS` the next is wanted, seconds, with the run's head at `headS`. */
  intervalS(timeS: number, headS: number): number {
    const last = this.before(timeS);
    const share = (LAST_MINUTE_S * bytesOf(last)) / LAST_MINUTE_BYTES;
    const interval = Math.min(MAX_INTERVAL_S, Math.max(MIN_INTERVAL_S, Math.ceil(share)));
    return Math.max(interval, (headS - last.timeS - LAST_MINUTE_S) * SPACING_PER_AGE);
  }

  /** Adds one, and drops others where the limit asks for it. */
  add(checkpoint: StoredCheckpoint, headS: number): void {
    this.stored.splice(this.firstAfter(checkpoint.timeS), 0, checkpoint);
    this.total += bytesOf(checkpoint);
    while (this.total > this.limitBytes && this.stored.length > 2)
      this.drop(this.leastMissed(headS));
  }

  /** Forgets those after a moment. */
  dropAfter(timeS: number): void {
    for (let i = this.stored.length - 1; i >= this.firstAfter(timeS); i--) this.drop(i);
  }

  clear(): void {
    this.stored.length = 0;
    this.total = 0;
  }

  /** The one whose absence leaves the smallest gap for its age; never the first or the last. */
  private leastMissed(headS: number): number {
    let best = 1;
    let least = Infinity;
    for (let i = 1; i < this.stored.length - 1; i++) {
      const [previous, current, next] = [this.stored[i - 1], this.stored[i], this.stored[i + 1]];
      if (!previous || !current || !next) continue;
      const missed = (next.timeS - previous.timeS) / (headS - current.timeS + LAST_MINUTE_S / 4);
      if (missed < least) [best, least] = [i, missed];
    }
    return best;
  }

  private drop(index: number): void {
    for (const dropped of this.stored.splice(index, 1)) this.total -= bytesOf(dropped);
  }

  private firstAfter(timeS: number): number {
    let low = 0;
    let high = this.stored.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.stored[middle]?.timeS ?? Infinity) <= timeS) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
