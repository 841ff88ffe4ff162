/**
 * Many levels that rise and fall, and their integrals over time. A rise at time t subtracts t from the
 * integral and a fall adds it; what is still there at the time of reading T counts T for each. So a
 * change costs one addition, and nothing is touched between changes.
 */

/** A gauge's numbers stand side by side, because a change touches them all. */
const LEVEL = 0;
const MAX = 1;
/** Integral up to T, less level · T. */
const AREA = 2;
const STRIDE = 3;

export class GaugeSet {
  /** Plain data, to be part of a checkpoint. */
  readonly state;
  private readonly gauges: Float64Array;

  constructor(size: number) {
    this.gauges = new Float64Array(size * STRIDE);
    this.state = { gauges: this.gauges };
  }

  rise(gauge: number, nowS: number): void {
    const { gauges } = this;
    const at = gauge * STRIDE;
    const level = gauges[at + LEVEL] + 1;
    gauges[at + LEVEL] = level;
    if (level > gauges[at + MAX]) gauges[at + MAX] = level;
    gauges[at + AREA] -= nowS;
  }

  fall(gauge: number, nowS: number): void {
    const { gauges } = this;
    const at = gauge * STRIDE;
    gauges[at + LEVEL]--;
    gauges[at + AREA] += nowS;
  }

  set(gauge: number, level: number, nowS: number): void {
    const { gauges } = this;
    const at = gauge * STRIDE;
    const change = level - gauges[at + LEVEL];
    if (change === 0) return;
    gauges[at + LEVEL] = level;
    if (level > gauges[at + MAX]) gauges[at + MAX] = level;
    gauges[at + AREA] -= change * nowS;
  }

  /** Starts the integrals and maxima anew at `nowS`, for the end of a warm-up. */
  clear(nowS: number): void {
    const { gauges } = this;
    for (let at = 0; at < gauges.length; at += STRIDE) {
      gauges[at + MAX] = gauges[at + LEVEL];
      gauges[at + AREA] = -gauges[at + LEVEL] * nowS;
    }
  }

  level(gauge: number): number {
    return this.gauges[gauge * STRIDE + LEVEL];
  }

  max(gauge: number): number {
    return this.gauges[gauge * STRIDE + MAX];
  }

  /** Integral of the level since the start (or the last clearing), up to `nowS`. */
  integral(gauge: number, nowS: number): number {
    const at = gauge * STRIDE;
    return this.gauges[at + AREA] + this.gauges[at + LEVEL] * nowS;
  }
}
