/** The end of an axis that grows at once and shrinks only when it has been too long for a while. */
import { stepUp } from './steps.ts';

/** How long a smaller axis must have been enough, seconds of wall time. */
export const SHRINK_AFTER_S = 3;

export class SteppedScale {
  max: number;
  readonly #least: number;
  #roomySinceMs: number | null = null;

  /** @param least shortest axis, a 1-2-5 number */
  constructor(least: number) {
    this.#least = least;
    this.max = least;
  }

  /**
   * @param required what must fit
   * @param nowMs wall time, milliseconds
   * @param jumped true after a seek: the axis fits the new moment at once
   */
  update(required: number, nowMs: number, jumped = false): number {
    const fitting = stepUp(required, this.#least);
    if (fitting >= this.max || jumped) {
      this.max = fitting;
      this.#roomySinceMs = null;
    } else {
      this.#roomySinceMs ??= nowMs;
      if (nowMs - this.#roomySinceMs >= SHRINK_AFTER_S * 1000) {
        this.max = fitting;
        this.#roomySinceMs = null;
      }
    }
    return this.max;
  }
}
