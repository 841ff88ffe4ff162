/** Durations drawn with mean 1; the same in every engine, so without Math.exp and its kin. */
import type { Variability } from '../flow.ts';
import { UNSET_S } from './columns.ts';
import { ONE, powersOfTwo } from './powersOfTwo.ts';
import type { KeyedRandom } from './random.ts';
import { naturalLog } from './random.ts';

const Shape = {
  Gamma: 0,
  Lognormal: 1,
  Hyperexponential: 2,
  Uniform: 3,
  Empirical: 4,
} as const;

interface ShapeOfWork {
  readonly shape: number;
  /** Empirical: values divided by their mean. */
  readonly values: Float64Array | null;
}

const LOG2_E = 1.4426950408889634;
const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;

/**
 * e^x within 1 unit in the last place for |x| ≤ 700 (beyond, the ends are used). Reduction and
 * rational approximation are those of the freely distributable maths library (fdlibm, e_exp.c).
 */
export function exponentialOf(x: number): number {
  const clamped = Math.max(-700, Math.min(700, x));
  const k = Math.floor(clamped * LOG2_E + 0.5);
  const high = clamped - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const c =
    r -
    t *
      (1.6666666666666601904e-1 +
        t *
          (-2.77777777770155933842e-3 +
            t *
              (6.61375632143793436117e-5 +
                t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  return y * powersOfTwo[ONE + k];
}

/** The parameter of each shape that is called its coefficient of variation, or stands in for it. */
function cvOf(variability: Variability | undefined): number {
  if (variability === undefined) return 0;
  switch (variability.kind) {
    case 'constant':
      return 0;
    case 'exponential':
      return 1;
    case 'uniform':
      return variability.spread;
    case 'empirical':
      return 1;
    default:
      return variability.cv;
  }
}

function shapeOf(variability: Variability | undefined): ShapeOfWork {
  switch (variability?.kind) {
    case 'lognormal':
      return { shape: Shape.Lognormal, values: null };
    case 'hyperexponential':
      return { shape: Shape.Hyperexponential, values: null };
    case 'uniform':
      return { shape: Shape.Uniform, values: null };
    case 'empirical': {
      const { values } = variability;
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return { shape: Shape.Empirical, values: Float64Array.from(values, (v) => v / (mean || 1)) };
    }
    default:
      return { shape: Shape.Gamma, values: null };
  }
}

/** The range of `cv` that a shape can have. */
function fitsShape({ shape }: ShapeOfWork, cv: number): boolean {
  if (shape === Shape.Hyperexponential) return cv >= 1;
  return cv >= 0 && (shape === Shape.Lognormal || cv <= 1);
}

/** A duration with mean 1; the random stream must be selected. */
function drawDuration(random: KeyedRandom, { shape, values }: ShapeOfWork, cv: number): number {
  switch (shape) {
    case Shape.Gamma:
      return random.gamma(cv);
    case Shape.Lognormal: {
      const variance = naturalLog(1 + cv * cv);
      return exponentialOf(Math.sqrt(variance) * random.normal() - variance / 2);
    }
    case Shape.Hyperexponential: {
      // Two exponentials with balanced means.
      const square = cv * cv;
      const p = (1 + Math.sqrt((square - 1) / (square + 1))) / 2;
      return random.uniform() < p
        ? random.exponential() / (2 * p)
        : random.exponential() / (2 * (1 - p));
    }
    case Shape.Uniform:
      return 1 + cv * (2 * random.uniform() - 1);
    default:
      return values![Math.floor(random.uniform() * values!.length)];
  }
}

/** How durations vary around their mean: a shape, and how wide it is. */
export class Variation {
  /** Coefficient of variation, or what stands in for it; 0: the mean each time. */
  cv = UNSET_S;
  private readonly shape: ShapeOfWork;
  /** The exponential is a gamma with variation 1; it is told apart so that it is drawn without a detour. */
  private readonly isGamma: boolean;

  /** @param variability undefined: none */
  constructor(variability: Variability | undefined) {
    this.cv = cvOf(variability);
    this.shape = shapeOf(variability);
    this.isGamma = this.shape.shape === Shape.Gamma;
  }

  /** Can the shape be that wide? */
  fits(cv: number): boolean {
    return fitsShape(this.shape, cv);
  }

  /** A duration with mean 1; only if `cv` is above 0, and the random stream must be selected. */
  draw(random: KeyedRandom): number {
    if (this.cv === 1 && this.isGamma === true) return random.exponential();
    return drawDuration(random, this.shape, this.cv);
  }

  /** The draws for request `first` and those after it, each from its own stream, into `count` places. */
  drawEach(
    random: KeyedRandom,
    key0: number,
    key1: number,
    first: number,
    attempt: number,
    purpose: number,
    into: Float64Array,
    from: number,
    count: number,
  ): void {
    if (this.cv === 1 && this.isGamma === true) {
      random.exponentials(key0, key1, first, attempt, purpose, into, from, count);
      return;
    }
    for (let k = 0; k < count; k++) {
      random.select(key0, key1, first + k, attempt, purpose);
      into[from + k] = this.draw(random);
    }
  }
}
