/**
 * Durations completed in the last so many seconds of model time, with exact percentiles: a ring of
 * (time, value), and a log-linear histogram that finds the bucket a percentile lies in. The values of a
 * bucket are linked in order of time, so only they are looked at and sorted, not all 20,000 there may be.
 */
import type { LatencyReadout } from './readouts.ts';

const SUB_BITS = 6;
/** Buckets cover 2^−30 s (1 ns) to 2^18 s (3 days); values outside go to the ends. */
const FIRST = (1023 - 30) << SUB_BITS;
const BUCKETS = 48 << SUB_BITS;
/** Under this many samples no percentile is given; under the next, p99 is the maximum. */
const MIN_SAMPLES = 5;
const MIN_SAMPLES_P99 = 100;

const value = new Float64Array(1);
const words = new Int32Array(value.buffer);

function bucketOf(seconds: number): number {
  value[0] = seconds;
  const bucket = (words[1] >> (20 - SUB_BITS)) - FIRST;
  return bucket < 0 ? 0 : bucket >= BUCKETS ? BUCKETS - 1 : bucket;
}

export class LatencyWindow {
  readonly windowS: number;
  head = 0;
  size = 0;
  timeS = new Float64Array(64);
  valueS = new Float64Array(64);
  histogram = new Int32Array(BUCKETS);
  /** By bucket: place in the ring of its latest value. Stale where the histogram has none. */
  latest = new Int32Array(BUCKETS);
  /** By place: the next value of the same bucket; after the latest comes the first. */
  next = new Int32Array(64);

  constructor(windowS: number) {
    this.windowS = windowS;
  }

  add(timeS: number, valueS: number): void {
    this.evict(timeS);
    if (this.size === this.timeS.length) this.grow();
    const i = (this.head + this.size++) & (this.timeS.length - 1);
    this.timeS[i] = timeS;
    this.valueS[i] = valueS;
    this.link(i);
  }

  read(timeS: number): LatencyReadout {
    this.evict(timeS);
    const count = this.size;
    if (count < MIN_SAMPLES) return { count, p50S: null, p99S: null, p99IsMax: true };
    const p99IsMax = count < MIN_SAMPLES_P99;
    return {
      count,
      p50S: this.ranked(Math.ceil(0.5 * count)),
      p99S: this.readP99(timeS),
      p99IsMax,
    };
  }

  /** The 99th percentile that `read` would give, without the rest; seconds. */
  readP99(timeS: number): number | null {
    this.evict(timeS);
    const count = this.size;
    if (count < MIN_SAMPLES) return null;
    return this.ranked(count < MIN_SAMPLES_P99 ? count : Math.ceil(0.99 * count));
  }

  /** The value of the given rank, 1 to size, in ascending order. */
  private ranked(rank: number): number {
    let below = 0;
    let bucket = 0;
    while (below + this.histogram[bucket] < rank) below += this.histogram[bucket++];
    const values = new Float64Array(this.histogram[bucket]);
    let i = this.latest[bucket];
    for (let k = 0; k < values.length; k++) {
      values[k] = this.valueS[i];
      i = this.next[i];
    }
    values.sort();
    return values[rank - below - 1];
  }

  /** Puts the value at place `i`, the newest, into its bucket. */
  private link(i: number): void {
    const bucket = bucketOf(this.valueS[i]);
    const { latest, next } = this;
    const before = latest[bucket];
    if (this.histogram[bucket]++ === 0) next[i] = i;
    else {
      next[i] = next[before];
      next[before] = i;
    }
    latest[bucket] = i;
  }

  private evict(timeS: number): void {
    const oldest = timeS - this.windowS;
    const mask = this.timeS.length - 1;
    while (this.size > 0 && this.timeS[this.head] < oldest) {
      // The oldest of all is the first of its bucket.
      const bucket = bucketOf(this.valueS[this.head]);
      this.histogram[bucket]--;
      this.next[this.latest[bucket]] = this.next[this.head];
      this.head = (this.head + 1) & mask;
      this.size--;
    }
  }

  private grow(): void {
    const old = this.timeS.length;
    const timeS = new Float64Array(old * 2);
    const valueS = new Float64Array(old * 2);
    for (let k = 0; k < this.size; k++) {
      const i = (this.head + k) & (old - 1);
      timeS[k] = this.timeS[i]!;
      valueS[k] = this.valueS[i]!;
    }
    this.head = 0;
    this.timeS = timeS;
    this.valueS = valueS;
    this.next = new Int32Array(old * 2);
    this.histogram.fill(0);
    for (let i = 0; i < this.size; i++) this.link(i);
  }
}
