/**
 * Random numbers that are the same in every JavaScript engine: integer arithmetic, sqrt and an own
 * logarithm, because Math.log and its kin differ in the last bit between engines.
 *
 * Draws are keyed, not sequential: (seed, node, request, attempt, purpose) selects a short stream of
 * its own. So request n has the same demands in both lanes and in every fork, and changing one node
 * does not reshuffle another.
 */

import { ONE, powersOfTwo } from './powersOfTwo.ts';

/** As a constant, so that the compiler sees at once which function it is. */
const imul = Math.imul;

const bits = new Float64Array(1);
/** Low word first: every platform that runs JavaScript today is little-endian. */
const words = new Int32Array(bits.buffer);

const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;

/**
 * Natural logarithm of a positive, normal number, within 1 unit in the last place.
 * The reduction and the polynomial are those of the freely distributable maths library (fdlibm, e_log.c).
 */
export function naturalLog(x: number): number {
  bits[0] = x;
  // To between √½ and √2 (upper words 0x3fe6a09c and 0x3ff6a09c), which 0x95f64 moves up to 1 and 2.
  const exponent = ((words[1] + 0x95f64) >> 20) - 1023;
  const f = x * powersOfTwo[ONE - exponent] - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even =
    w * (0.3999999999940941908 + w * (0.2222219843214978396 + w * 0.1531383769920937332));
  const odd =
    z *
    (0.666666666666673513 +
      w * (0.2857142874366239149 + w * (0.1818357216161805012 + w * 0.1479819860511658591)));
  const half = 0.5 * f * f;
  return exponent * LN2_HIGH - (half - (s * (half + even + odd) + exponent * LN2_LOW) - f);
}

/** What a draw is for; keeps the streams of one (node, request, attempt) apart. */
export const Purpose = {
  /** Work steps use 0 … 31, by position in the handler. */
  Work: 0,
  Failure: 32,
  Backoff: 33,
  Arrival: 34,
  CallLoss: 35,
  AnswerLoss: 36,
  Throttle: 37,
  Hang: 38,
  Class: 39,
  Think: 40,
  Burst: 41,
  /** Branch steps use 42 … 61, by position in the handler. */
  Branch: 42,
  // Of nodes that have no branches, so these may share numbers with them.
  Priority: 48,
  Crash: 49,
  CrashPoint: 53,
  Lag: 50,
  Notice: 51,
  Delivery: 52,
  Replica: 54,
  Patience: 55,
  Batch: 56,
  // With keys of their own, of a producer and a broker; an outbox has no branches either.
  PublishLoss: 57,
  ConfirmLoss: 58,
} as const;

export class KeyedRandom {
  readonly seed: number;
  /** xoroshiro64** state: two words, in an array because closure variables are slower in browsers. */
  private readonly state = new Int32Array(2);
  /** Handed over in a field: what a function that is not inlined returns is allocated on the heap. */
  private drawn = NaN;

  /** @param seed integer, 0 to 2^31 − 1 */
  constructor(seed: number) {
    this.seed = seed | 0;
  }

  /** The two key words of a node, from its name and the seed. */
  keysOf(name: string): readonly [number, number] {
    let a = 0x811c9dc5 ^ this.seed;
    let b = 0x9e3779b9 + imul(this.seed, 0x01000193);
    for (let i = 0; i < name.length; i++) {
      const code = name.charCodeAt(i);
      a = imul(a ^ code, 0x01000193);
      b = imul(b ^ code, 0x5bd1e995);
      b ^= b >>> 15;
    }
    return [mix(a ^ (b >>> 3)), mix(b + 0x165667b1)];
  }

  /** Selects the stream that the next draws come from. */
  select(key0: number, key1: number, request: number, attempt: number, purpose: number): void {
    let a = key0 ^ imul(request, 0x9e3779b1);
    a ^= a >>> 16;
    a = imul(a, 0x85ebca6b) + imul((attempt << 6) | purpose, 0x7f4a7c15);
    a ^= a >>> 13;
    a = imul(a, 0xc2b2ae35);
    a ^= a >>> 16;
    let b = imul(a ^ key1, 0x27d4eb2f) + request;
    b ^= b >>> 15;
    b = imul(b, 0x2c1b3c6d);
    b ^= b >>> 12;
    b = imul(b, 0x297a2d39);
    b ^= b >>> 15;
    // The all-zero state is the generator's fixed point.
    const { state } = this;
    state[0] = (a | b) === 0 ? 1 : a;
    state[1] = b;
  }

  /** Uniform in (0, 1), 32 bits. */
  uniform(): number {
    const { state } = this;
    const s0 = state[0];
    const s1 = state[1] ^ s0;
    const product = imul(s0, 0x9e3779bb);
    const result = imul((product << 5) | (product >>> 27), 5);
    state[0] = ((s0 << 26) | (s0 >>> 6)) ^ s1 ^ (s1 << 9);
    state[1] = (s1 << 13) | (s1 >>> 19);
    return ((result >>> 0) + 0.5) * 2.3283064365386963e-10;
  }

  /** Exponential, mean 1. */
  exponential(): number {
    this.drawExponential();
    return this.drawn;
  }

  /** The first exponential, mean 1, of the streams of request `first` and those after it: `count`. */
  exponentials(
    key0: number,
    key1: number,
    first: number,
    attempt: number,
    purpose: number,
    into: Float64Array,
    from: number,
    count: number,
  ): void {
    for (let k = 0; k < count; k++) {
      this.select(key0, key1, first + k, attempt, purpose);
      into[from + k] = -naturalLog(this.uniform());
    }
  }

  private drawExponential(): void {
    this.drawn = -naturalLog(this.uniform());
  }

  /** Standard normal (Marsaglia's polar method; the second variate is not kept). */
  normal(): number {
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square < 1 && square > 0) return x * Math.sqrt((-2 * naturalLog(square)) / square);
    }
  }

  /**
   * Gamma with mean 1 and the given coefficient of variation, 0 (constant) to 1 (exponential).
   * Marsaglia & Tsang, "A simple method for generating gamma variables", 2000.
   */
  gamma(cv: number): number {
    if (cv === 0) return 1;
    if (cv === 1) return this.exponential();
    const shape = 1 / (cv * cv);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const root = 1 + c * x;
      if (root <= 0) continue;
      const v = root * root * root;
      const u = this.uniform();
      // The paper's squeeze: implies the exact test below, and spares 98 % of the draws its logarithms.
      const square = x * x;
      if (u < 1 - 0.0331 * square * square) return (d * v) / shape;
      if (naturalLog(u) < 0.5 * square + d - d * v + d * naturalLog(v)) {
        return (d * v) / shape;
      }
    }
  }
}

function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
