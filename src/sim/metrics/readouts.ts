/** The numbers a lane shows, with the field's words. Computed from windows that are part of the state. */
import type { OutcomeCounts } from './outcomeCounts.ts';

/** Percentiles over the last 20 s of model time. */
export const PERCENTILE_WINDOW_S = 20;
/** Rates over the last 5 s of model time (since the start, while the run is younger). */
export const RATE_WINDOW_S = 5;

export interface LatencyReadout {
  /** Requests completed in the window. */
  readonly count: number;
  /** Seconds; null with fewer than 5 samples. */
  readonly p50S: number | null;
  /** Seconds; with fewer than 100 samples this is the maximum and `p99IsMax` is true; null under 5. */
  readonly p99S: number | null;
  readonly p99IsMax: boolean;
}

export interface LaneReadouts {
  readonly timeS: number;
  /** Requests submitted per second, each counted once: retries of clients are not among them. */
  readonly firstTriesPerS: number;
  /** Answered without error and in time, per second (goodput). */
  readonly servedPerS: number;
  readonly declinedPerS: number;
  readonly rejectedPerS: number;
  readonly timedOutPerS: number;
  readonly failedPerS: number;
  /** Requests whose handler ended, per second, useful or not. */
  readonly completedPerS: number;
  /** Share of completions in the window that nobody waited for any more, 0 to 1. */
  readonly wastedShare: number;
  /** Submit to answer, over answered requests. */
  readonly response: LatencyReadout;
  /** Time spent in the accept queue by those who started in the window; mean, seconds, null if none. */
  readonly acceptQueueWaitS: number | null;
  /** Submit to effect, over messages acknowledged in the window, per queue id. */
  readonly delivered: Readonly<Record<string, LatencyReadout>>;
  readonly deliveredPerS: Readonly<Record<string, number>>;
  readonly publishedPerS: Readonly<Record<string, number>>;
  /** Messages dropped or refused by a full queue, per second, per queue id. */
  readonly lostPerS: Readonly<Record<string, number>>;
  readonly totals: LaneTotals;
}

/** Counts since the start of the run. */
export interface LaneTotals extends OutcomeCounts {
  readonly submitted: number;
  /** Still in the system with the user waiting. */
  readonly open: number;
  /** Failed or timed-out requests whose card had been charged (a `decline`-kind service succeeded before the failure). */
  readonly chargedButFailed: number;
  /** Users told "confirmed" whose queued payment was declined afterwards. */
  readonly confirmedThenDeclined: number;
  /** Users told "confirmed" although the publish of a message was refused. */
  readonly confirmedButRefused: number;
  /** Messages dropped by overflow. */
  readonly dropped: number;
  readonly deadLettered: number;
  /** Deliveries beyond the first of a message. */
  readonly redeliveries: number;
  /** Emails (messages of any queue) not yet delivered: ready, in work, backing off. */
  readonly owed: number;
}
