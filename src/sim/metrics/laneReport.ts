/** What a headless run tells of the whole lane. Times are seconds. */
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
  /**
   * What clients make of their requests: attempts sent ÷ calls of which one was sent. Retries further in
   * are with the call that makes them (callReport.ts).
   */
  readonly amplification: number;
  /** Handlers of first services that ended, useful or not. */
  readonly completed: number;
  readonly completedPerS: number;
  /** Answered without error and in time: the served. */
  readonly goodputPerS: number;
  /** Of the failed: not sent, because their client's own circuit breaker was open. */
  readonly breakerOpen: number;
  /** Still waiting for an answer at the end, and at the end of the warm-up. */
  readonly open: number;
  readonly openAtStart: number;
  /** Submit to answer, over the requests answered while their user waited. */
  readonly response: SeriesSummary;
  /**
   * Submit to the first message of a request that was worked off, and to the last of those of which all
   * were; null where no publish makes several messages, by copies, through a topic or for several consumer
   * groups of a log.
   */
  readonly firstMessageDone: SeriesSummary | null;
  readonly allMessagesDone: SeriesSummary | null;
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
