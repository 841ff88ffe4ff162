/** The speed that is really reached, where the machine cannot keep up with the one asked for. */

/** Wall time over which it is measured, seconds. */
const WINDOW_S = 1;
/** Less than this share of the speed counts as lagging. */
const ENOUGH = 0.9;

export class LagMeter {
  private wallS = 0;
  private wantedS = 0;
  private reachedS = 0;

  /**
   * Adds a frame: its wall time, the model time it should have taken, and what it did.
   * @returns at the end of each window the speed reached, to two digits, null where it is enough;
   *     else undefined
   */
  measure(
    wallS: number,
    wantedS: number,
    reachedS: number,
    speed: number,
  ): number | null | undefined {
    this.wallS += wallS;
    this.wantedS += wantedS;
    this.reachedS += reachedS;
    if (this.wallS < WINDOW_S) return undefined;
    const share = this.reachedS / this.wantedS;
    this.reset();
    return share < ENOUGH ? Number((speed * share).toPrecision(2)) : null;
  }

  reset(): void {
    this.wallS = 0;
    this.wantedS = 0;
    this.reachedS = 0;
  }
}
