/**
 * Counts over a sliding window of model time: a ring of short buckets per counter. The window always
 * ends now; its start lies on a bucket's edge, and rates are divided by the time really covered.
 */

const BUCKET_S = 0.05;

export class RateWindow {
  /** Counters, by index. */
  readonly counters: number;
  private readonly buckets: number;
  /** Bucket that is being filled: floor(time / BUCKET_S). */
  current = 0;
  counts: Float64Array;
  sums: Float64Array;

  /** @param windowS length, seconds, a multiple of 0.05 */
  constructor(counters: number, windowS: number) {
    this.counters = counters;
    this.buckets = Math.round(windowS / BUCKET_S);
    this.counts = new Float64Array(counters * this.buckets);
    this.sums = new Float64Array(counters);
  }

  add(counter: number, timeS: number, amount = 1): void {
    this.moveTo(timeS);
    this.counts[counter * this.buckets + (this.current % this.buckets)] += amount;
    this.sums[counter] += amount;
  }

  /** Sum of the counter over the window that ends at `timeS`. */
  sum(counter: number, timeS: number): number {
    this.moveTo(timeS);
    return this.sums[counter];
  }

  /** The counter per second; 0 at the very start. */
  perSecond(counter: number, timeS: number): number {
    const sum = this.sum(counter, timeS);
    const firstBucket = this.current - this.buckets + 1;
    const coveredS = timeS - Math.max(0, firstBucket) * BUCKET_S;
    return coveredS > 0 ? sum / coveredS : 0;
  }

  private moveTo(timeS: number): void {
    const bucket = Math.floor(timeS / BUCKET_S);
    if (bucket <= this.current) return;
    const { buckets, counters, counts, sums } = this;
    const steps = Math.min(bucket - this.current, buckets);
    for (let k = 1; k <= steps; k++) {
      const at = (bucket - steps + k) % buckets;
      for (let counter = 0; counter < counters; counter++) {
        const i = counter * buckets + at;
        sums[counter] -= counts[i];
        counts[i] = 0;
      }
    }
    this.current = bucket;
  }
}
