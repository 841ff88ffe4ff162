/** What a headless run tells of its users, and of the flow as a whole. Times are seconds. */
import type { OutcomeCounts } from './outcomeCounts.ts';
import type { SeriesSummary } from './series.ts';

export interface LaneReport extends OutcomeCounts {
  /**
   * Offered load: attempts that clients sent to the first services, retries included. What a client's own
   * breaker, throttle or bulkhead held back was not sent.
   */
  readonly offered: number;
  readonly offeredPerS: number;
  /** Requests that users submitted; each ends in one outcome. */
  readonly firstTries: number;
  readonly firstTriesPerS: number;
  /** Attempts sent ÷ first of them, over the clients and every call. */
  readonly amplification: number;
  /** Handlers of first services that ended, useful or not. */
  readonly completed: number;
  readonly completedPerS: number;
  /** Answered without error and in time. */
  readonly goodputPerS: number;
  /** Still waiting for an answer at the end, and at the end of the warm-up. */
  readonly open: number;
  readonly openAtStart: number;
  /** Submit to answer, over the requests answered while their user waited. */
  readonly response: SeriesSummary;
  /** Thread seconds spent on results nobody awaited, and their share of all thread seconds that ended. */
  readonly wastedS: number;
  readonly wastedShare: number;
  readonly redeliveries: number;
  readonly duplicateEffects: number;
  readonly deadLettered: number;
  readonly dropped: number;
  readonly chargedButFailed: number;
  readonly confirmedThenDeclined: number;
  readonly confirmedButRefused: number;
}
