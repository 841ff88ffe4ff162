/** A whole run without a page: warm-up, measurement, report. */
import type { Flow } from './flow.ts';
import { DEFAULT_MAX_EVENTS } from './kernel/limits.ts';
import { Simulation } from './kernel/simulation.ts';
import type { RunReport } from './metrics/runReport.ts';
import './nodes/allKinds.ts';

export interface HeadlessOptions {
  /** Integer, 0 to 2^31 − 1. */
  readonly seed: number;
  /** Measured time, seconds, after the warm-up. */
  readonly durationS: number;
  /** Run before the measurement and not reported, seconds. */
  readonly warmupS?: number;
  /** Events the run may take, 200 M unless given. */
  readonly maxEvents?: number;
  /** Called now and then with the share of the time that has passed, 0 to 1, and the events so far. */
  readonly onProgress?: (share: number, events: number) => void;
}

export interface HeadlessRun {
  readonly report: RunReport;
  /** `events`: the budget ended before the time did. */
  readonly endedBy: 'time' | 'events';
}

/** Events between two calls of `onProgress`. */
const SLICE = 200_000;

/**
 * @param flow a flow that `parseFlow` accepted
 * @throws LimitError if the run makes no progress or holds more than it may
 */
export function runHeadless(flow: Flow, options: HeadlessOptions): HeadlessRun {
  const { durationS, warmupS = 0, maxEvents = DEFAULT_MAX_EVENTS, onProgress } = options;
  const simulation = new Simulation(flow, { seed: options.seed, observe: 'metrics' });
  const endS = warmupS + durationS;
  const runTo = (untilS: number): boolean => {
    for (;;) {
      const left = maxEvents - simulation.eventCount;
      if (simulation.advanceWithin(untilS, Math.min(SLICE, left))) return true;
      onProgress?.(simulation.timeS / endS, simulation.eventCount);
      if (simulation.eventCount >= maxEvents) return false;
    }
  };
  let inTime = true;
  if (warmupS > 0) {
    inTime = runTo(warmupS);
    simulation.clearStatistics();
  }
  inTime &&= runTo(endS);
  return { report: simulation.report(), endedBy: inTime ? 'time' : 'events' };
}
