/**
 * States of both lanes to return to. They stand close together where people rewind to, the last
 * minute, and thin out with age, within a limit of memory. Neighbours have in common what did not
 * change between them, and that is counted once.
 */
import { LANE_IDS, type LaneId } from '../scenarios/scenario.ts';
import type { Page } from '../sim/kernel/pages.ts';
import { pageListsOf, sharedBytes } from '../sim/kernel/plainState.ts';
import type { Checkpoint } from '../sim/kernel/simulation.ts';

const MB = 2 ** 20;
/** All checkpoints of a page together, bytes. */
export const CHECKPOINT_LIMIT_BYTES = 64 * MB;
/** Of which the last minute may take about this much; it sets the distance between checkpoints. */
const LAST_MINUTE_BYTES = 32 * MB;
const LAST_MINUTE_S = 60;
/**
 * A copy takes the time of its frame: so much may be copied in a second of model time, which at ten
 * times speed leaves 30 frames in 31 without one where two lanes take 1.3 MB. Larger states wait no longer than this, or going
 * back would take too long.
 */
const BYTES_PER_S = 0.25 * MB;
const MAX_COPY_INTERVAL_S = 10;
const MIN_INTERVAL_S = 1;
const MAX_INTERVAL_S = 30;
/** Beyond the last minute, the distance grows to this share of the age. */
const SPACING_PER_AGE = 1 / 40;

/** Both lanes at one moment, before any input of that moment that is not in `inputCount`. */
export interface StoredCheckpoint {
  readonly timeS: number;
  /** Inputs already applied. */
  readonly inputCount: number;
  readonly lanes: Readonly<Record<LaneId, Checkpoint>>;
}

interface Entry {
  readonly checkpoint: StoredCheckpoint;
  readonly bytes: number;
  readonly pages: readonly (readonly Page[])[];
  /** What it has in common with the one before it. */
  sharedBytes: number;
  /** What would be free without it; null where that has to be counted anew. */
  freedBytes: number | null;
}

export class CheckpointStore {
  private readonly limitBytes: number;
  private readonly entries: Entry[] = [];
  private total = 0;

  constructor(limitBytes: number = CHECKPOINT_LIMIT_BYTES) {
    this.limitBytes = limitBytes;
  }

  /** Memory they take together. */
  get bytes(): number {
    return this.total;
  }

  get count(): number {
    return this.entries.length;
  }

  /** Whether one more, as large as the last, would push none out. */
  get hasRoom(): boolean {
    const last = this.entries.at(-1);
    return last === undefined || this.total + ownBytes(last) <= this.limitBytes;
  }

  /** The latest at or before a moment; the one at time 0 is never dropped. */
  before(timeS: number): StoredCheckpoint {
    return this.entryBefore(timeS).checkpoint;
  }

  /** How far after the one before `timeS` the next is wanted, seconds, with the run's head at `headS`. */
  intervalS(timeS: number, headS: number): number {
    const last = this.entryBefore(timeS);
    const wantedS = Math.max(
      (LAST_MINUTE_S * ownBytes(last)) / LAST_MINUTE_BYTES,
      Math.min(MAX_COPY_INTERVAL_S, last.bytes / BYTES_PER_S),
    );
    const intervalS = Math.min(MAX_INTERVAL_S, Math.max(MIN_INTERVAL_S, Math.ceil(wantedS)));
    const ageS = headS - last.checkpoint.timeS;
    return Math.max(intervalS, (ageS - LAST_MINUTE_S) * SPACING_PER_AGE);
  }

  /** Adds one, and drops others where the limit asks for it. */
  add(checkpoint: StoredCheckpoint, headS: number): void {
    const at = this.firstAfter(checkpoint.timeS);
    const entry = createEntry(checkpoint);
    this.entries.splice(at, 0, entry);
    this.total += entry.bytes;
    this.share(at);
    this.share(at + 1);
    while (this.total > this.limitBytes && this.entries.length > 2) {
      this.drop(this.leastMissed(headS));
    }
  }

  /** Forgets those after a moment. */
  dropAfter(timeS: number): void {
    for (let i = this.entries.length - 1; i >= this.firstAfter(timeS); i--) this.drop(i);
  }

  clear(): void {
    this.entries.length = 0;
    this.total = 0;
  }

  /**
   * The one whose absence leaves the smallest gap for its age and for the memory that it frees; never
   * the first or the last.
   */
  private leastMissed(headS: number): number {
    let best = 1;
    let least = Infinity;
    for (let i = 1; i < this.entries.length - 1; i++) {
      const [previous, current, next] = [this.entries[i - 1], this.entries[i], this.entries[i + 1]];
      if (!previous || !current || !next) continue;
      const gapS = next.checkpoint.timeS - previous.checkpoint.timeS;
      const ageS = headS - current.checkpoint.timeS;
      current.freedBytes ??=
        ownBytes(current) - next.sharedBytes + sharedBytes(previous.pages, next.pages);
      const missed = gapS / (ageS + LAST_MINUTE_S / 4) / Math.max(1, current.freedBytes);
      if (missed < least) [best, least] = [i, missed];
    }
    return best;
  }

  private drop(index: number): void {
    for (const dropped of this.entries.splice(index, 1)) this.total -= ownBytes(dropped);
    this.share(index);
  }

  /** Counts anew what an entry has in common with the one that now stands before it. */
  private share(index: number): void {
    const entry = this.entries[index];
    const previous = this.entries[index - 1];
    if (previous !== undefined) previous.freedBytes = null;
    if (entry === undefined) return;
    entry.freedBytes = null;
    const shared = previous === undefined ? 0 : sharedBytes(previous.pages, entry.pages);
    this.total += entry.sharedBytes - shared;
    entry.sharedBytes = shared;
  }

  private entryBefore(timeS: number): Entry {
    const found = this.entries[this.firstAfter(timeS) - 1];
    if (found === undefined) throw new Error('There is no checkpoint at time 0');
    return found;
  }

  private firstAfter(timeS: number): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle]?.checkpoint.timeS ?? Infinity) <= timeS) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function createEntry(checkpoint: StoredCheckpoint): Entry {
  const { lanes } = checkpoint;
  return {
    checkpoint,
    bytes: LANE_IDS.reduce((sum, id) => sum + lanes[id].bytes, 0),
    pages: LANE_IDS.flatMap((id) => pageListsOf(lanes[id].state)),
    sharedBytes: 0,
    freedBytes: null,
  };
}

/** What it takes beyond what it has in common with the one before it. */
function ownBytes(entry: Entry): number {
  return entry.bytes - entry.sharedBytes;
}
