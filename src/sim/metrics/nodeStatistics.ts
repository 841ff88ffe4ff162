/** What a headless run records of one node. Plain data: fields that are numbers, and objects of such. */
import { MEASURES, TALLIES } from '../kernel/node.ts';
import { Gauge } from './gauge.ts';
import { NO_SECONDS } from './seconds.ts';
import { Series } from './series.ts';

/** Counted per node, after the tallies. */
export const Count = {
  /** By the clients that sent it: first tries. */
  Submitted: TALLIES,
  /** Attempts that the node turned away. */
  Rejected: TALLIES + 1,
  /** Handlers that took a thread, and how they ended. */
  Started: TALLIES + 2,
  Ok: TALLIES + 3,
  Failed: TALLIES + 4,
  Declined: TALLIES + 5,
  /** Left unserved: their caller did not want to wait any longer, or the broker closed the channel. */
  Withdrawn: TALLIES + 6,
  /** Ended when nobody awaited the result any more. */
  Wasted: TALLIES + 7,
  Published: TALLIES + 8,
  Delivered: TALLIES + 9,
  Redelivered: TALLIES + 10,
  Acknowledged: TALLIES + 11,
  DeclinedLater: TALLIES + 12,
  BackedOff: TALLIES + 13,
  DeadLettered: TALLIES + 14,
  Dropped: TALLIES + 15,
  Refused: TALLIES + 16,
  Killed: TALLIES + 17,
  /** Of the wasted, those that ended well. */
  WastedOk: TALLIES + 18,
} as const;
const COUNTS = TALLIES + 19;

/** What happened to one call with a policy: by code of `Tally`. */
export class CallStatistics {
  readonly counts = new Float64Array(TALLIES);
}

export class NodeStatistics {
  private readonly counts = new Float64Array(COUNTS);
  /** The counts that every request changes. */
  submitted = 0;
  started = 0;
  ok = 0;
  /** Jobs in the accept queue. */
  readonly queued = new Gauge();
  /**
   * At the node, neither in its accept queue nor on a thread: callers to be told that they are rejected,
   * deliveries that wait for a thread; of workers, messages in their hands that they have not begun.
   */
  readonly waiting = new Gauge();
  /** Threads that are running or parked; dead ones; all there are. */
  readonly held = new Gauge();
  readonly down = new Gauge();
  readonly capacity = new Gauge();
  /** Messages. */
  readonly ready = new Gauge();
  readonly inFlight = new Gauge();
  readonly backingOff = new Gauge();
  /** In the accept queue, in the hands of a worker, or ready in a broker queue. */
  readonly wait = new Series();
  /** Arrival to end of the handler; for a broker queue first submit to effect. */
  readonly response = new Series();
  /** By code of `Measure`. */
  readonly measures: Record<number, Series>;
  /** Threads parked, by the node they wait for: how many, and the integral as in a gauge. */
  private readonly parkedLevel: Int32Array;
  private readonly parkedArea: Float64Array;
  /** Thread seconds of all that ended, and of those spent on results that nobody awaited in the end. */
  heldS = NO_SECONDS;
  wastedS = NO_SECONDS;
  /** Time at the node of those who left it without being served, summed. */
  unservedS = NO_SECONDS;
  /** Longest time that anything waited in the accept queue or ready, and has left since. */
  oldestS = NO_SECONDS;

  /** @param nodes how many nodes the flow has */
  constructor(nodes: number) {
    this.parkedLevel = new Int32Array(nodes);
    this.parkedArea = new Float64Array(nodes);
    this.measures = Object.fromEntries(
      Array.from({ length: MEASURES }, (_, what) => [what, new Series()]),
    );
  }

  /** @param what a `Tally` or a `Count` */
  add(what: number): void {
    this.counts[what]++;
  }

  addMany(what: number, times: number): void {
    this.counts[what] += times;
  }

  /** @param what a `Tally` or a `Count` */
  count(what: number): number {
    switch (what) {
      case Count.Submitted:
        return this.submitted;
      case Count.Started:
        return this.started;
      case Count.Ok:
        return this.ok;
      default:
        return this.counts[what];
    }
  }

  park(target: number, nowS: number): void {
    this.parkedLevel[target]++;
    this.parkedArea[target] -= nowS;
  }

  unpark(target: number, nowS: number): void {
    this.parkedLevel[target]--;
    this.parkedArea[target] += nowS;
  }

  /** Integral of the number of threads parked on `target`, up to `nowS`. */
  parkedOn(target: number, nowS: number): number {
    return this.parkedArea[target] + this.parkedLevel[target] * nowS;
  }

  /** Forgets what happened so far: the end of a warm-up at `nowS`. */
  clear(nowS: number): void {
    this.counts.fill(0);
    this.submitted = 0;
    this.started = 0;
    this.ok = 0;
    for (const gauge of [
      this.queued,
      this.waiting,
      this.held,
      this.down,
      this.capacity,
      this.ready,
      this.inFlight,
      this.backingOff,
    ]) {
      gauge.clear(nowS);
    }
    this.wait.clear();
    this.response.clear();
    for (const series of Object.values(this.measures)) series.clear();
    for (let target = 0; target < this.parkedArea.length; target++) {
      this.parkedArea[target] = -this.parkedLevel[target] * nowS;
    }
    this.heldS = 0;
    this.wastedS = 0;
    this.unservedS = 0;
    this.oldestS = 0;
  }
}
