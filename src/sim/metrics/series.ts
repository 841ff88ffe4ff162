/**
 * A series of durations, observed one value at a time: count, sum, maximum, a log-linear histogram for
 * percentiles, and batch means for confidence intervals. Nothing is allocated while it is filled.
 */
import { NO_SECONDS } from './seconds.ts';

/** Sub-buckets per power of two: a value is off by at most 1/128 of itself, under 0.8 %. */
const SUB_BITS = 6;
/** Powers of two covered: 2^−24 s (60 ns) to 2^24 s (half a year); beyond, the outermost bucket. */
const LOWEST_EXPONENT = -24;
const HIGHEST_EXPONENT = 24;
const OFFSET = (1023 + LOWEST_EXPONENT) << SUB_BITS;
/** Bucket 0 is for zero. */
const BUCKETS = ((HIGHEST_EXPONENT - LOWEST_EXPONENT) << SUB_BITS) + 1;

/** Batches kept: when all are full, neighbours merge and the batch size doubles, whatever the run's length. */
const BATCHES = 40;
/**
 * An interval is made of so many batches up to one less than twice as many, by merging neighbours: longer
 * ones depend less on each other, and with more of them intervals hardly get more stable (Schmeiser 1982
 * advises 10 to 30). With fewer none is given.
 */
const FEWEST_BATCHES = 10;
/** Batches of a run much too short; beyond, what is estimated of their correlation says nothing. */
const MOST_CORRELATION = 0.8;

/** Multiples of it, modulo 1, are spread evenly over 0 to 1, however many there are (Weyl 1916). */
const GOLDEN_SECTION = 0.6180339887498949;

const bits = new Float64Array(1);
/** Low word first: every platform that runs JavaScript today is little-endian. */
const words = new Int32Array(bits.buffer);

export interface SeriesSummary {
  readonly count: number;
  /** Seconds, like everything below; null with no values. */
  readonly meanS: number | null;
  /** Standard deviation; null with no values. */
  readonly sdS: number | null;
  /** Share of the values above 0, for example of those who had to wait; null with no values. */
  readonly positiveShare: number | null;
  /** Half the width of a 95 % confidence interval for the mean, by batch means; null if too few. */
  readonly meanCi95S: number | null;
  readonly p50S: number | null;
  readonly p90S: number | null;
  readonly p95S: number | null;
  readonly p99S: number | null;
  readonly p999S: number | null;
  readonly maxS: number | null;
}

export class Series {
  private max = NO_SECONDS;
  private squares = NO_SECONDS;
  /** Of the batch being filled. Count and sum of all follow from the batches. */
  private openCount = 0;
  private openSum = NO_SECONDS;
  private batchSize = 1;
  private batchesFull = 0;
  private readonly buckets = new Uint32Array(BUCKETS);
  /** Sums of the full batches. */
  private readonly batchSum = new Float64Array(BATCHES);

  /** @param valueS 0 or more */
  add(valueS: number): void {
    let bucket = 0;
    if (valueS > 0) {
      if (valueS > this.max) this.max = valueS;
      this.squares += valueS * valueS;
      this.openSum += valueS;
      bits[0] = valueS;
      bucket = (words[1] >> (20 - SUB_BITS)) - OFFSET + 1;
      if (bucket < 1) bucket = 1;
      else if (bucket >= BUCKETS) bucket = BUCKETS - 1;
    }
    this.buckets[bucket]++;
    if (++this.openCount === this.batchSize) this.closeBatch();
  }

  /**
   * A quantity that has risen evenly: one value of the range, another each time, so that those of many
   * rises cover it evenly; the maximum is the end of the rise.
   */
  addRise(fromS: number, toS: number): void {
    const part = (this.count * GOLDEN_SECTION) % 1;
    this.add(fromS + part * (toS - fromS));
    if (toS > this.max) this.max = toS;
  }

  /** Forgets all values, for the end of a warm-up. */
  clear(): void {
    this.max = 0;
    this.squares = 0;
    this.openCount = 0;
    this.openSum = 0;
    this.batchSize = 1;
    this.batchesFull = 0;
    this.buckets.fill(0);
    this.batchSum.fill(0);
  }

  get count(): number {
    return this.batchesFull * this.batchSize + this.openCount;
  }

  /** Sum of all values, seconds. */
  get sumS(): number {
    let sum = this.openSum;
    for (let k = 0; k < this.batchesFull; k++) sum += this.batchSum[k];
    return sum;
  }

  summary(): SeriesSummary {
    const { count, buckets } = this;
    const some = count > 0;
    const meanS = some ? this.sumS / count : null;
    return {
      count,
      meanS,
      sdS: meanS === null ? null : this.deviation(meanS),
      positiveShare: some ? 1 - buckets[0] / count : null,
      meanCi95S: this.halfWidth95(),
      p50S: this.percentile(0.5),
      p90S: this.percentile(0.9),
      p95S: this.percentile(0.95),
      p99S: this.percentile(0.99),
      p999S: this.percentile(0.999),
      maxS: some ? this.max : null,
    };
  }

  /** @param share 0 to 1. @returns seconds, within 0.8 %; null with no values */
  percentile(share: number): number | null {
    const { buckets, count } = this;
    if (count === 0) return null;
    const rank = share * count;
    let below = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const inside = buckets[bucket];
      if (inside === 0 || below + inside < rank) {
        below += inside;
        continue;
      }
      if (bucket === 0) return 0;
      const lower = lowerEdge(bucket);
      const width = lowerEdge(bucket + 1) - lower;
      return Math.min(this.max, lower + (width * (rank - below)) / inside);
    }
    return this.max;
  }

  /** Half the width of the 95 % interval for the mean; null with fewer than 10 full batches. */
  halfWidth95(): number | null {
    const { batchSize, batchesFull } = this;
    if (batchesFull < FEWEST_BATCHES) return null;
    const batches = Array.from(this.batchSum.subarray(0, batchesFull), (sum) => sum / batchSize);
    return batchHalfWidth95(batches);
  }

  private deviation(meanS: number): number {
    return Math.sqrt(Math.max(0, this.squares / this.count - meanS * meanS));
  }

  private closeBatch(): void {
    const { batchSum } = this;
    batchSum[this.batchesFull] = this.openSum;
    this.openSum = 0;
    this.openCount = 0;
    if (++this.batchesFull < BATCHES) return;
    for (let k = 0; k < BATCHES / 2; k++) batchSum[k] = batchSum[2 * k] + batchSum[2 * k + 1];
    this.batchesFull = BATCHES / 2;
    this.batchSize *= 2;
  }
}

/** Smallest value of a bucket above 0, seconds. */
function lowerEdge(bucket: number): number {
  words[0] = 0;
  words[1] = (bucket - 1 + OFFSET) << (20 - SUB_BITS);
  return bits[0];
}

/**
 * Half the width of the 95 % interval by batch means. What correlation is left between neighbours widens
 * it: the variance of the mean is (1 + r)/(1 − r) times that of independent batches if these are an
 * autoregressive process of order 1, as in N-Skart (Tafazzoli, Steiger and Wilson 2011). A negative r is no
 * reason to trust in less.
 * @param batches means of batches that follow each other, 10 or more
 */
function batchHalfWidth95(batches: readonly number[]): number {
  let means = batches;
  while (means.length >= 2 * FEWEST_BATCHES) means = mergedPairs(means);
  const count = means.length;
  const mean = means.reduce((sum, each) => sum + each, 0) / count;
  let squares = 0;
  let products = 0;
  let before = 0;
  for (const each of means) {
    const off = each - mean;
    squares += off * off;
    products += before * off;
    before = off;
  }
  if (squares === 0) return 0;
  const correlation = Math.min(MOST_CORRELATION, Math.max(0, products / squares));
  const variance = (squares / (count - 1)) * ((1 + correlation) / (1 - correlation));
  return studentT975(count - 1) * Math.sqrt(variance / count);
}

/** Means of neighbours; of an odd number the last has none and is left out. */
function mergedPairs(means: readonly number[]): number[] {
  return Array.from(
    { length: Math.floor(means.length / 2) },
    (_, k) => (means[2 * k] + means[2 * k + 1]) / 2,
  );
}

/**
 * The 97.5 % point of Student's t distribution, for 9 or more degrees of freedom: Cornish–Fisher
 * expansion (Abramowitz & Stegun 26.7.5), within 0.001.
 */
export function studentT975(degrees: number): number {
  const z = 1.959963984540054;
  const z2 = z * z;
  const g1 = (z * (z2 + 1)) / 4;
  const g2 = (z * (5 * z2 * z2 + 16 * z2 + 3)) / 96;
  const g3 = (z * (3 * z2 * z2 * z2 + 19 * z2 * z2 + 17 * z2 - 15)) / 384;
  return z + (g1 + (g2 + g3 / degrees) / degrees) / degrees;
}
