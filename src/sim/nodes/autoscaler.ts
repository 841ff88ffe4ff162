/** How many workers there should be: backlog ÷ target, on a backlog as old as the metric's delay. */
import type { AutoscaleSpec } from '../flow.ts';

/** Backlogs kept for a delayed metric. */
const MAX_SAMPLES = 10_000;

export class Autoscaler {
  min: number;
  max: number;
  targetBacklog: number;
  everyS: number;
  decisions = 0;
  /** Backlogs of the last decisions, a ring. */
  backlogs: Float64Array;

  constructor({ min, max, targetBacklog, everyS, metricDelayS }: AutoscaleSpec) {
    this.min = min;
    this.max = max;
    this.targetBacklog = targetBacklog;
    this.everyS = everyS;
    const samples = Math.min(MAX_SAMPLES, Math.floor(metricDelayS / everyS)) + 1;
    this.backlogs = new Float64Array(samples);
  }

  /**
   * A decision; every `everyS` seconds.
   * @param backlog ready messages now
   * @returns workers there should be
   */
  decide(backlog: number): number {
    const { backlogs } = this;
    backlogs[this.decisions % backlogs.length] = backlog;
    this.decisions++;
    // Before the first sample is old enough, the metric shows nothing.
    const seen = this.decisions < backlogs.length ? 0 : backlogs[this.decisions % backlogs.length];
    return Math.min(this.max, Math.max(this.min, Math.ceil(seen / this.targetBacklog)));
  }
}
