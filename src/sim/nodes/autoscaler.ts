/** How many workers there should be: backlog ÷ target, on a backlog as old as the metric's delay. */
import type { AutoscaleSpec } from '../flow.ts';

/** Backlogs kept for a delayed metric. */
const MAX_SAMPLES = 10_000;

export class Autoscaler {
  min: number;
  max: number;
  targetBacklog: number;
  everyS: number;
  /** How long before each decision a backlog is noted; 0: at the decision. */
  aheadS: number;
  noted = 0;
  /** The last backlogs, a ring; the oldest is as old as the metric is late. */
  backlogs: Float64Array;

  constructor({ min, max, targetBacklog, everyS, metricDelayS }: AutoscaleSpec) {
    this.min = min;
    this.max = max;
    this.targetBacklog = targetBacklog;
    this.everyS = everyS;
    const whole = Math.min(MAX_SAMPLES, Math.floor(metricDelayS / everyS));
    this.aheadS = metricDelayS - whole * everyS;
    this.backlogs = new Float64Array(whole + 1);
  }

  /** @param backlog ready messages now; once before each decision */
  note(backlog: number): void {
    this.backlogs[this.noted++ % this.backlogs.length] = backlog;
  }

  /**
   * A decision; every `everyS` seconds.
   * @returns workers there should be
   */
  decide(): number {
    const { backlogs } = this;
    // Before the first backlog is old enough, the metric shows nothing.
    const seen = this.noted < backlogs.length ? 0 : backlogs[this.noted % backlogs.length];
    return Math.min(this.max, Math.max(this.min, Math.ceil(seen / this.targetBacklog)));
  }
}
