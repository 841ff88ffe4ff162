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

  constructor(size: number) {
    this.size = size;
    this.state = {
      count: new Float64Array(size),
      sum: new Float64Array(size),
      sumOfSquares: new Float64Array(size),
      max: new Float64Array(size),
      buckets: new Uint32Array(size * BUCKETS),
      batchSum: new Float64Array(size * BATCHES),
      batches: new Int32Array(size),
      batchSize: new Float64Array(size).fill(1),
      /** Of the batch being filled. */
      openCount: new Float64Array(size),
      openSum: new Float64Array(size),
    };
  }

  /** @param valueS 0 or more */
  add(series: number, valueS: number): void {
    const { state } = this;
    state.count[series]++;
    state.sum[series] += valueS;
    state.sumOfSquares[series] += valueS * valueS;
    let bucket = 0;
    if (valueS > 0) {
      if (valueS > state.max[series]) state.max[series] = valueS;
      bits[0] = valueS;
      bucket = (words[1] >> (20 - SUB_BITS)) - OFFSET + 1;
      if (bucket < 1) bucket = 1;
      else if (bucket >= BUCKETS) bucket = BUCKETS - 1;
    }
    state.buckets[series * BUCKETS + bucket]++;
    state.openSum[series] += valueS;
    if (++state.openCount[series] === state.batchSize[series]) this.closeBatch(series);
  }

  /** Forgets all values, for the end of a warm-up. */
  clear(): void {
    const { state } = this;
    for (const column of Object.values(state)) column.fill(0);
    state.batchSize.fill(1);
  }

  count(series: number): number {
    return this.state.count[series];
  }

  /** Sum of all values, seconds. */
  sum(series: number): number {
    return this.state.sum[series];
  }

  max(series: number): number {
    return this.state.max[series];
  }

  summary(series: number): SeriesSummary {
    const count = this.count(series);
    const some = count > 0;
    const meanS = some ? this.sum(series) / count : null;
    return {
      count,
      meanS,
      sdS: meanS === null ? null : this.deviation(series, meanS),
      positiveShare: some ? 1 - this.state.buckets[series * BUCKETS] / count : null,
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
    const { buckets } = this.state;
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
    const { batchSum, batches, batchSize } = this.state;
    const n = batches[series];
    if (n < FEWEST_BATCHES) return null;
    const size = batchSize[series];
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
    const square = this.state.sumOfSquares[series] / this.count(series) - meanS * meanS;
    return Math.sqrt(Math.max(0, square));
  }

  private closeBatch(series: number): void {
    const { state } = this;
    const first = series * BATCHES;
    state.batchSum[first + state.batches[series]] = state.openSum[series]!;
    state.openSum[series] = 0;
    state.openCount[series] = 0;
    if (++state.batches[series] < BATCHES) return;
    for (let k = 0; k < BATCHES / 2; k++) {
      state.batchSum[first + k] = state.batchSum[first + 2 * k] + state.batchSum[first + 2 * k + 1];
    }
    state.batches[series] = BATCHES / 2;
    state.batchSize[series] *= 2;
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
