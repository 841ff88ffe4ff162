/** What a headless run tells of a node. Times are seconds. */
import type { ClassReport } from './classReport.ts';
import type { SeriesSummary } from './series.ts';

/** A service or another node with threads. */
export interface ThreadsReport {
  /** At the end, and on average. */
  readonly capacity: number;
  readonly capacityMean: number;
  /** Threads held ÷ threads there are, over time. What a non-blocking service has parked holds none. */
  readonly utilisation: number;
  readonly busyMean: number;
  readonly runningMean: number;
  readonly parkedMean: number;
  /** Mean number of threads parked, by the node they wait for; of a non-blocking service, of requests. */
  readonly parkedOn: Readonly<Record<string, number>>;
  /** Of the threads there are, those that are dead or starting up. */
  readonly downMean: number;
  /**
   * At the node, but neither in its accept queue nor on a thread: callers to be told that they are
   * rejected, deliveries that wait for a thread. 0 for workers, whose queue those are.
   */
  readonly waitingMean: number;
  readonly wastedS: number;
  readonly wastedShare: number;
}

export interface DepthReport {
  readonly mean: number;
  readonly max: number;
  readonly now: number;
  /** Age of the oldest that waits now, and the longest that any has waited. */
  readonly oldestS: number;
  readonly oldestMaxS: number;
}

export interface LittlesLawReport {
  /** Time-average number in the node, and what arrival rate × time in the node makes of it. */
  readonly numberMean: number;
  readonly rateTimesTime: number;
}

export interface NodeReport {
  readonly kind: string;
  readonly label: string;
  /** What was counted, by name; counts of 0 are left out. */
  readonly counts: Readonly<Record<string, number>>;
  /**
   * What was asked of the node. Of a service or workers: attempts that started, were turned away or left the
   * accept queue. Of a queue or log: messages published; of a topic: events. Of a store: reads and writes;
   * of an outbox: transactions that ended; of a job API: POSTs answered or withdrawn; of a feed: polls.
   * null where nobody asks for anything: clients, feeds that push.
   */
  readonly offeredPerS: number | null;
  /** Handlers that ended, or messages acknowledged; null for other nodes. */
  readonly completedPerS: number | null;
  /** Turned away by the node ÷ offered to it; null where nothing was, or where nothing is turned away. */
  readonly shedRate: number | null;
  /** Handlers that ended well while someone awaited the result; messages acknowledged; null for other nodes. */
  readonly goodputPerS: number | null;
  readonly timeInQueue: SeriesSummary | null;
  /** Arrival to the end of the handler; for a broker queue from first submit to effect. */
  readonly response: SeriesSummary | null;
  readonly threads: ThreadsReport | null;
  /** Accept queue; of workers the messages in their hands that they have not begun; of a broker the ready ones. */
  readonly queue: DepthReport | null;
  /** Received, not yet acknowledged (of a non-blocking service: begun and not ended); waiting for the next attempt. */
  readonly inFlightMean: number | null;
  readonly backingOffMean: number | null;
  /** Records between the end of a log and what each consumer group has committed, at the end. */
  readonly consumerLag: Readonly<Record<string, number>> | null;
  readonly staleness: SeriesSummary | null;
  /** The same at the slow clients of a feed, which `staleness` leaves out. */
  readonly slowStaleness: SeriesSummary | null;
  readonly noticeDelay: SeriesSummary | null;
  readonly littlesLaw: LittlesLawReport | null;
  /** Of clients with classes. */
  readonly classes: readonly ClassReport[] | null;
}
