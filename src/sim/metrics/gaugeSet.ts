/**
 * Many levels that rise and fall, and their integrals over time. A rise at time t subtracts t from the
 * integral and a fall adds it; what is still there at the time of reading T counts T for each. So a
 * change costs one addition, and nothing is touched between changes.
 */
export class GaugeSet {
  /** Plain data, to be part of a checkpoint. */
  readonly state;

  constructor(size: number) {
    this.state = {
      level: new Float64Array(size),
      max: new Float64Array(size),
      /** Integral up to T, less level · T. */
      area: new Float64Array(size),
    };
  }

  rise(gauge: number, nowS: number): void {
    const { state } = this;
    const level = ++state.level[gauge];
    if (level > state.max[gauge]) state.max[gauge] = level;
    state.area[gauge] -= nowS;
  }

  fall(gauge: number, nowS: number): void {
    this.state.level[gauge]--;
    this.state.area[gauge] += nowS;
  }

  set(gauge: number, level: number, nowS: number): void {
    const { state } = this;
    const change = level - state.level[gauge];
    if (change === 0) return;
    state.level[gauge] = level;
    if (level > state.max[gauge]) state.max[gauge] = level;
    state.area[gauge] -= change * nowS;
  }

  /** Starts the integrals and maxima anew at `nowS`, for the end of a warm-up. */
  clear(nowS: number): void {
    const { level, max, area } = this.state;
    for (let gauge = 0; gauge < level.length; gauge++) {
      max[gauge] = level[gauge]!;
      area[gauge] = -level[gauge] * nowS;
    }
  }

  level(gauge: number): number {
    return this.state.level[gauge];
  }

  max(gauge: number): number {
    return this.state.max[gauge];
  }

  /** Integral of the level since the start (or the last clearing), up to `nowS`. */
  integral(gauge: number, nowS: number): number {
    return this.state.area[gauge] + this.state.level[gauge] * nowS;
  }
}
