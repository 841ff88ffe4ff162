/**
 * Draws that are made before they are needed. A draw is a function of the request it is for, so those for
 * the next requests can be made together: many logarithms one after the other take two thirds of the
 * time, and where a number is needed there is little left to do. Nothing of it is part of the state.
 */
import type { Variation } from './distributions.ts';
import type { KeyedRandom } from './random.ts';

/** Requests whose draws are made together, and how many draws are kept: powers of 2. */
const LINE = 16;
const KEPT = 256;
/** In the place of a request's number: its draw is not there, or not any more. */
const NONE = -1;
/** Where more than half of the draws are never asked for, they are made one by one from then on. */
const TOLERATED = LINE / 2;
const MOST_WASTED = KEPT;

export class DrawsAhead<V extends Variation = Variation> {
  readonly variation: V;
  private readonly random: KeyedRandom;
  private readonly key0: number;
  private readonly key1: number;
  private readonly purpose: number;
  private readonly attempt: number;
  /** Whose draw stands at a place; each is handed out once. Room is made with the first of them. */
  private request = new Int32Array(0);
  private drawn = new Float64Array(0);
  /** The variability with which they were made. */
  private cv = NaN;
  /** Draws that nobody asked for, beyond what is tolerated. */
  private wasted = 0;

  /**
   * @param id of the node
   * @param variation what it is told to be may change
   * @param purpose of the draws
   * @param attempt the one whose draws are made ahead; those of others are made one by one
   */
  constructor(random: KeyedRandom, id: string, variation: V, purpose: number, attempt: number) {
    this.random = random;
    [this.key0, this.key1] = random.keysOf(id);
    this.variation = variation;
    this.purpose = purpose;
    this.attempt = attempt;
  }

  /**
   * A duration with mean 1. The generator's stream is another afterwards.
   * @param request its number
   * @param attempt key of the draw
   * @param cv of the variation, which is above 0
   */
  take(request: number, attempt: number, cv: number): number {
    const at = request & (KEPT - 1);
    if (this.cv !== cv || attempt !== this.attempt || this.request[at] !== request) {
      this.draw(request, attempt, cv);
    }
    this.request[at] = NONE;
    return this.drawn[at];
  }

  /** Puts the draw in its place. A number that it returned would be allocated on the heap. */
  private draw(request: number, attempt: number, cv: number): void {
    if (this.cv !== cv) this.forget(cv);
    if (attempt !== this.attempt || this.wasted > MOST_WASTED) {
      this.random.select(this.key0, this.key1, request, attempt, this.purpose);
      this.drawn[request & (KEPT - 1)] = this.variation.draw(this.random);
    } else this.drawLine(request & ~(LINE - 1));
  }

  private forget(cv: number): void {
    this.cv = cv;
    this.request = new Int32Array(KEPT).fill(NONE);
    this.drawn = new Float64Array(KEPT);
    this.wasted = 0;
  }

  private drawLine(first: number): void {
    const from = first & (KEPT - 1);
    let wasted = this.wasted - TOLERATED;
    for (let k = 0; k < LINE; k++) {
      if (this.request[from + k] !== NONE) wasted++;
      this.request[from + k] = first + k;
    }
    this.wasted = Math.max(0, wasted);
    const { random, key0, key1, attempt, purpose } = this;
    this.variation.drawEach(random, key0, key1, first, attempt, purpose, this.drawn, from, LINE);
  }
}
