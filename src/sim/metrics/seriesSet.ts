/**
 * Many series of durations, observed one value at a time: count, sum, maximum, a log-linear histogram
 * for percentiles, and batch means for confidence intervals. Typed arrays only, no allocation.
 */

/** Sub-buckets per power of two: a value is off by at most 1/128 of itself, under 0.8 %. */
const SUB_BITS = 6;
/** Powers of two covered: 2^−24 s (60 ns) to 2^24 s (half a year); beyond, the outermost bucket. */
const LOWEST_EXPONENT = -24;
const HIGHEST_EXPONENT = 24;
const OFFSET = (1023 + LOWEST_EXPONENT) << SUB_BITS;
/** Bucket 0 is for zero. */
const BUCKETS = ((HIGHEST_EXPONENT - LOWEST_EXPONENT) << SUB_BITS) + 1;

/**
 * Batches kept: when all are full, neighbours merge and the batch size doubles, so between 20 and 40
 * cover the run, whatever its length (Schmeiser 1982 advises 10 to 30).
 */
const BATCHES = 40;
/** With fewer no interval is given. */
const FEWEST_BATCHES = 10;

/**
 * Numbers of one series, side by side because every value touches most of them. Count and sum are not
 * among them: they follow from the batches.
 */
const MAX = 0;
const SQUARES = 1;
/** Of the batch being filled. */
const OPEN_COUNT = 2;
const OPEN_SUM = 3;
const BATCH_SIZE = 4;
const BATCHES_FULL = 5;
const TOTALS = 6;

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

export class SeriesSet {
  readonly size: number;
  /** Plain data, to be part of a checkpoint. */
  readonly state;
  private readonly totals: Float64Array;
  private readonly buckets: Uint32Array;
  /** Sums of the full batches. */
  private readonly batchSum: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.totals = new Float64Array(size * TOTALS);
    this.buckets = new Uint32Array(size * BUCKETS);
    this.batchSum = new Float64Array(size * BATCHES);
    this.state = { totals: this.totals, buckets: this.buckets, batchSum: this.batchSum };
    this.clear();
  }

  /** @param valueS 0 or more */
  add(series: number, valueS: number): void {
    const { totals } = this;
    const at = series * TOTALS;
    let bucket = 0;
    if (valueS > 0) {
      if (valueS > totals[at + MAX]) totals[at + MAX] = valueS;
      totals[at + SQUARES] += valueS * valueS;
      totals[at + OPEN_SUM] += valueS;
      bits[0] = valueS;
      bucket = (words[1] >> (20 - SUB_BITS)) - OFFSET + 1;
      if (bucket < 1) bucket = 1;
      else if (bucket >= BUCKETS) bucket = BUCKETS - 1;
    }
    this.buckets[series * BUCKETS + bucket]++;
    const openCount = totals[at + OPEN_COUNT] + 1;
    totals[at + OPEN_COUNT] = openCount;
    if (openCount === totals[at + BATCH_SIZE]) this.closeBatch(series);
  }

  /** Forgets all values, for the end of a warm-up. */
  clear(): void {
    this.totals.fill(0);
    this.buckets.fill(0);
    this.batchSum.fill(0);
    for (let k = 0; k < this.size; k++) this.totals[k * TOTALS + BATCH_SIZE] = 1;
  }

  count(series: number): number {
    const at = series * TOTALS;
    const { totals } = this;
    return totals[at + BATCHES_FULL] * totals[at + BATCH_SIZE] + totals[at + OPEN_COUNT];
  }

  /** Sum of all values, seconds. */
  sum(series: number): number {
    const at = series * TOTALS;
    let sum = this.totals[at + OPEN_SUM];
    const first = series * BATCHES;
    for (let k = 0; k < this.totals[at + BATCHES_FULL]; k++) sum += this.batchSum[first + k];
    return sum;
  }

  max(series: number): number {
    return this.totals[series * TOTALS + MAX];
  }

  summary(series: number): SeriesSummary {
    const count = this.count(series);
    const some = count > 0;
    const meanS = some ? this.sum(series) / count : null;
    return {
      count,
      meanS,
      sdS: meanS === null ? null : this.deviation(series, meanS),
      positiveShare: some ? 1 - this.buckets[series * BUCKETS] / count : null,
      meanCi95S: this.halfWidth95(series),
      p50S: this.percentile(series, 0.5),
      p90S: this.percentile(series, 0.9),
      p95S: this.percentile(series, 0.95),
      p99S: this.percentile(series, 0.99),
      p999S: this.percentile(series, 0.999),
      maxS: some ? this.max(series) : null,
    };
  }

  /** @param share 0 to 1. @returns seconds, within 0.8 %; null with no values */
  percentile(series: number, share: number): number | null {
    const { buckets } = this;
    const count = this.count(series);
    if (count === 0) return null;
    const rank = share * count;
    let below = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const inside = buckets[series * BUCKETS + bucket];
      if (inside === 0 || below + inside < rank) {
        below += inside;
        continue;
      }
      if (bucket === 0) return 0;
      const lower = lowerEdge(bucket);
      const width = lowerEdge(bucket + 1) - lower;
      return Math.min(this.max(series), lower + (width * (rank - below)) / inside);
    }
    return this.max(series);
  }

  /** Half the width of the 95 % interval for the mean; null with fewer than 10 full batches. */
  halfWidth95(series: number): number | null {
    const { batchSum, totals } = this;
    const n = totals[series * TOTALS + BATCHES_FULL];
    if (n < FEWEST_BATCHES) return null;
    const size = totals[series * TOTALS + BATCH_SIZE];
    const first = series * BATCHES;
    let sum = 0;
    for (let k = 0; k < n; k++) sum += batchSum[first + k] / size;
    const mean = sum / n;
    let squares = 0;
    for (let k = 0; k < n; k++) {
      const off = batchSum[first + k] / size - mean;
      squares += off * off;
    }
    return studentT975(n - 1) * Math.sqrt(squares / (n - 1) / n);
  }

  private deviation(series: number, meanS: number): number {
    const square = this.totals[series * TOTALS + SQUARES] / this.count(series) - meanS * meanS;
    return Math.sqrt(Math.max(0, square));
  }

  private closeBatch(series: number): void {
    const { totals, batchSum } = this;
    const at = series * TOTALS;
    const first = series * BATCHES;
    batchSum[first + totals[at + BATCHES_FULL]] = totals[at + OPEN_SUM];
    totals[at + OPEN_SUM] = 0;
    totals[at + OPEN_COUNT] = 0;
    if (++totals[at + BATCHES_FULL] < BATCHES) return;
    for (let k = 0; k < BATCHES / 2; k++) {
      batchSum[first + k] = batchSum[first + 2 * k] + batchSum[first + 2 * k + 1];
    }
    totals[at + BATCHES_FULL] = BATCHES / 2;
    totals[at + BATCH_SIZE] *= 2;
  }
}

/** Smallest value of a bucket above 0, seconds. */
function lowerEdge(bucket: number): number {
  words[0] = 0;
  words[1] = (bucket - 1 + OFFSET) << (20 - SUB_BITS);
  return bits[0];
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
