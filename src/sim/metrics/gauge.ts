/**
 * A level that rises and falls, and its integral over time. A rise at time t subtracts t from the
 * integral and a fall adds it; what is still there at the time of reading T counts T for each. So a
 * change costs one addition, and nothing is touched between changes.
 */
import { NO_SECONDS } from './seconds.ts';

export class Gauge {
  level = 0;
  max = 0;
  /** Integral up to T, less level · T. */
  private area = NO_SECONDS;

  rise(nowS: number): void {
    const level = this.level + 1;
    this.level = level;
    if (level > this.max) this.max = level;
    this.area -= nowS;
  }

  fall(nowS: number): void {
    this.level--;
    this.area += nowS;
  }

  set(level: number, nowS: number): void {
    const change = level - this.level;
    if (change === 0) return;
    this.level = level;
    if (level > this.max) this.max = level;
    this.area -= change * nowS;
  }

  /** Starts the integral and the maximum anew at `nowS`, for the end of a warm-up. */
  clear(nowS: number): void {
    this.max = this.level;
    this.area = -this.level * nowS;
  }

  /** Integral of the level since the start (or the last clearing), up to `nowS`. */
  integral(nowS: number): number {
    return this.area + this.level * nowS;
  }
}
