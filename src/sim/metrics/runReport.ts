/** What a headless run tells, in the field's words: per lane and per node. Times are seconds. */
import type { Flow, NodeSpec } from '../flow.ts';
import { Measure, TALLIES, Tally, type Edge } from '../kernel/node.ts';
import { Outcome } from '../outcome.ts';
import type { LaneView } from '../view.ts';
import { reportClasses, type ClassReport } from './classReport.ts';
import type { Gauge } from './gauge.ts';
import { Count, type NodeStatistics } from './nodeStatistics.ts';
import type { RunStatistics } from './runStatistics.ts';
import type { Series, SeriesSummary } from './series.ts';

export interface LaneReport {
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
   * are with the node that makes them (`CallsReport`).
   */
  readonly amplification: number;
  /** Handlers of first services that ended, useful or not. */
  readonly completed: number;
  readonly completedPerS: number;
  /** Answered without error and in time. */
  readonly goodputPerS: number;
  readonly served: number;
  readonly declined: number;
  readonly rejected: number;
  readonly timedOut: number;
  readonly failed: number;
  /** Of the failed: not sent, because their client's own circuit breaker was open. */
  readonly breakerOpen: number;
  /** Still waiting for an answer at the end, and at the end of the warm-up. */
  readonly open: number;
  readonly openAtStart: number;
  /** Submit to answer, over the requests answered while their user waited. */
  readonly response: SeriesSummary;
  /**
   * Submit to the first message of a request that was worked off, and to the last of those of which all
   * were; null where no publish makes several messages, by copies or through a topic.
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
   * rejected, deliveries that wait for a thread.
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
  /** Attempts that came: those that started, were turned away or left; for a queue those published. */
  readonly offeredPerS: number;
  readonly completedPerS: number;
  /** Turned away by the node ÷ offered to it; null where nothing was. */
  readonly shedRate: number | null;
  /** Handlers that ended well while someone awaited the result; messages acknowledged. */
  readonly goodputPerS: number;
  readonly timeInQueue: SeriesSummary | null;
  /** Arrival to the end of the handler; for a broker queue from first submit to effect. */
  readonly response: SeriesSummary | null;
  readonly threads: ThreadsReport | null;
  /** Accept queue, or ready messages. */
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

/** A call with a policy: what its caller sent, what came of it, and what the caller's own policy held back. */
export interface CallReport {
  /** Nodes. */
  readonly from: string;
  readonly to: string;
  /** Sent, retries included. */
  readonly attempts: number;
  /** Of those, the first of each call that was sent, and the others. */
  readonly firstTries: number;
  readonly retries: number;
  /** Attempts ÷ first tries. */
  readonly amplification: number;
  /** Turned away by the target; without an answer in time; answered with an error. */
  readonly rejected: number;
  readonly timedOut: number;
  readonly failed: number;
  /** Not sent: the circuit breaker was open, the bulkhead full, the adaptive throttle against it. */
  readonly breakerOpen: number;
  readonly bulkheadFull: number;
  readonly throttled: number;
  /** Retries that the budget did not grant. */
  readonly retriesDenied: number;
  /** Calls and answers lost on the way. */
  readonly lost: number;
  /** Refused, by the target or by the caller's own policy, ÷ offered: sent or held back; null if none were. */
  readonly shedRate: number | null;
}

export interface RunReport {
  readonly title: string;
  readonly seed: number;
  /** What is reported happened between these, seconds of model time. */
  readonly fromS: number;
  readonly toS: number;
  /** Events handled since the start. */
  readonly events: number;
  readonly lane: LaneReport;
  readonly nodes: Readonly<Record<string, NodeReport>>;
  /** Calls with a policy, by `caller/name of the step`; those of clients are named `call`. */
  readonly calls: Readonly<Record<string, CallReport>>;
}

/** What the report needs of a simulation. */
interface MeasuredRun {
  readonly flow: Flow;
  readonly seed: number;
  readonly timeS: number;
  readonly eventCount: number;
  readonly edges: readonly Edge[];
  createView(): LaneView;
  readView(view: LaneView): void;
}

export function reportRun(run: MeasuredRun, statistics: RunStatistics): RunReport {
  const view = run.createView();
  run.readView(view);
  const entries = Object.entries(run.flow.nodes);
  const reader = new Reader(statistics, run, view);
  return {
    title: run.flow.title ?? '',
    seed: run.seed,
    fromS: statistics.state.sinceS,
    toS: run.timeS,
    events: run.eventCount,
    lane: reader.lane(),
    nodes: Object.fromEntries(
      entries.map(([id, spec], node) => [id, reader.node(node, spec, spec.label || id)]),
    ),
    calls: Object.fromEntries(run.edges.map((edge, k) => [edge.id, reader.call(edge, k)])),
  };
}

/** Names of the counts in reports. */
const countNames: Readonly<Record<string, number>> = {
  firstTries: Count.Submitted,
  rejected: Count.Rejected,
  started: Count.Started,
  ok: Count.Ok,
  failed: Count.Failed,
  declined: Count.Declined,
  withdrawn: Count.Withdrawn,
  wasted: Count.Wasted,
  killed: Count.Killed,
  callAttempts: Tally.CallAttempt,
  callRetries: Tally.CallRetry,
  callsRejected: Tally.CallRejected,
  callsTimedOut: Tally.CallTimedOut,
  callsFailed: Tally.CallFailed,
  retriesDenied: Tally.RetryDenied,
  breakerOpen: Tally.BreakerOpen,
  breakerOpened: Tally.BreakerOpened,
  bulkheadFull: Tally.BulkheadFull,
  throttled: Tally.Throttled,
  lost: Tally.Lost,
  published: Count.Published,
  delivered: Count.Delivered,
  redelivered: Count.Redelivered,
  acknowledged: Count.Acknowledged,
  declinedLater: Count.DeclinedLater,
  backedOff: Count.BackedOff,
  deadLettered: Count.DeadLettered,
  dropped: Count.Dropped,
  refused: Count.Refused,
  effects: Tally.Effect,
  duplicateEffects: Tally.DuplicateEffect,
  leasesExpired: Tally.LeaseExpired,
  expired: Tally.Expired,
  cancelled: Tally.Cancelled,
  jobsAccepted: Tally.JobAccepted,
  duplicateJobs: Tally.DuplicateJob,
  repeatedPosts: Tally.RepeatedPost,
  invalid: Tally.Invalid,
  overQuota: Tally.OverQuota,
  overloaded: Tally.Overloaded,
  webhooks: Tally.Webhook,
  webhookDuplicates: Tally.WebhookDuplicate,
  webhooksLost: Tally.WebhookLost,
  resultsExpired: Tally.ResultExpired,
  polls: Tally.Poll,
  reads: Tally.Read,
  staleReads: Tally.StaleRead,
  nonMonotonicReads: Tally.NonMonotonicRead,
  primaryReads: Tally.PrimaryRead,
  writes: Tally.Write,
  waitsForCopy: Tally.CopyWait,
  committed: Tally.Committed,
  rolledBack: Tally.RolledBack,
  eventsLost: Tally.EventLost,
  eventsInvented: Tally.EventInvented,
  eventsRepeated: Tally.EventRepeated,
  events: Tally.TopicEvent,
  updates: Tally.Update,
  messages: Tally.FeedMessage,
  updatesSeen: Tally.UpdateSeen,
  updatesReplayed: Tally.UpdateReplayed,
  updatesMissed: Tally.UpdateMissed,
  connectionsLost: Tally.ConnectionLost,
};

class Reader {
  private readonly statistics: RunStatistics;
  private readonly nowS: number;
  private readonly spanS: number;
  private readonly ids: readonly string[];
  private readonly specs: readonly NodeSpec[];
  private readonly view: LaneView;

  private readonly edges: readonly Edge[];

  constructor(statistics: RunStatistics, { timeS, flow, edges }: MeasuredRun, view: LaneView) {
    this.statistics = statistics;
    this.edges = edges;
    this.nowS = timeS;
    this.spanS = timeS - statistics.state.sinceS;
    this.ids = Object.keys(flow.nodes);
    this.specs = Object.values(flow.nodes);
    this.view = view;
  }

  lane(): LaneReport {
    const { statistics } = this;
    const { state } = statistics;
    const { outcomes } = state;
    let offered = 0;
    let retries = 0;
    let breakerOpen = 0;
    this.specs.forEach((spec, node) => {
      if (spec.kind !== 'clients') return;
      // Without a call policy every request is sent once, and nobody tallies it.
      offered += this.count(node, spec.policy === undefined ? Count.Submitted : Tally.CallAttempt);
      retries += this.count(node, Tally.CallRetry);
      breakerOpen += this.count(node, Tally.BreakerOpen);
    });
    const wastedS = sumOf(statistics.nodes.map((node) => node.wastedS));
    const heldS = sumOf(statistics.nodes.map((node) => node.heldS));
    const ended = sumOf(outcomes);
    return {
      offered,
      offeredPerS: this.perS(offered),
      firstTries: state.submitted,
      firstTriesPerS: this.perS(state.submitted),
      amplification: amplification(offered, retries),
      completed: state.completed,
      completedPerS: this.perS(state.completed),
      goodputPerS: this.perS(outcomes[Outcome.Served]),
      served: outcomes[Outcome.Served],
      declined: outcomes[Outcome.Declined],
      rejected: outcomes[Outcome.Rejected],
      timedOut: outcomes[Outcome.TimedOut],
      failed: outcomes[Outcome.Failed],
      breakerOpen,
      open: state.openAtStart + state.submitted - ended,
      openAtStart: state.openAtStart,
      response: statistics.response.summary(),
      firstMessageDone: state.fanOut?.first.summary() ?? null,
      allMessagesDone: state.fanOut?.all.summary() ?? null,
      wastedS,
      wastedShare: heldS > 0 ? wastedS / heldS : 0,
      redeliveries: this.total(Count.Redelivered),
      duplicateEffects: this.total(Tally.DuplicateEffect),
      deadLettered: this.total(Count.DeadLettered),
      dropped: this.total(Count.Dropped),
      chargedButFailed: state.chargedButFailed,
      confirmedThenDeclined: state.confirmedThenDeclined,
      confirmedButRefused: state.confirmedButRefused,
    };
  }

  node(node: number, spec: NodeSpec, label: string): NodeReport {
    const statistics = this.statistics.nodes[node];
    const counts: Record<string, number> = {};
    for (const [name, what] of Object.entries(countNames)) {
      const count = this.count(node, what);
      if (count > 0) counts[name] = count;
    }
    const started = statistics.count(Count.Started);
    const ended =
      statistics.count(Count.Ok) +
      statistics.count(Count.Declined) +
      statistics.count(Count.Failed);
    const published = statistics.count(Count.Published);
    const rejected = statistics.count(Count.Rejected);
    const offered =
      started + rejected + statistics.count(Tally.TopicEvent) + statistics.count(Count.Withdrawn);
    const isPool = statistics.capacity.level > 0 || started > 0;
    const isQueue = published > 0;
    const isNonBlocking = spec.kind === 'service' && spec.threading === 'nonBlocking';
    return {
      kind: spec.kind,
      label,
      counts,
      offeredPerS: this.perS(isQueue ? published : offered),
      completedPerS: this.perS(isQueue ? statistics.count(Count.Acknowledged) : ended),
      shedRate: isQueue ? null : shareOf(rejected, offered),
      goodputPerS: this.perS(
        isQueue
          ? statistics.count(Count.Acknowledged)
          : statistics.count(Count.Ok) - statistics.count(Count.WastedOk),
      ),
      timeInQueue: summaryOf(statistics.wait),
      response: summaryOf(statistics.response),
      threads: isPool ? this.threads(statistics, isNonBlocking) : null,
      queue: isPool
        ? this.depth(node, statistics.queued)
        : isQueue
          ? this.depth(node, statistics.ready)
          : null,
      inFlightMean: isQueue
        ? this.mean(statistics.inFlight)
        : isNonBlocking
          ? this.mean(statistics.held)
          : null,
      backingOffMean: isQueue ? this.mean(statistics.backingOff) : null,
      consumerLag: this.consumerLag(node),
      staleness: summaryOf(statistics.measures[Measure.Staleness]),
      slowStaleness: summaryOf(statistics.measures[Measure.SlowStaleness]),
      noticeDelay: summaryOf(statistics.measures[Measure.NoticeDelay]),
      littlesLaw: isPool ? this.littlesLaw(statistics) : null,
      classes: reportClasses(this.statistics, node, spec),
    };
  }

  call({ from, to }: Edge, position: number): CallReport {
    const { counts } = this.statistics.calls[position];
    const rejected = counts[Tally.CallRejected];
    const attempts = counts[Tally.CallAttempt];
    const retries = counts[Tally.CallRetry];
    const breakerOpen = counts[Tally.BreakerOpen];
    const bulkheadFull = counts[Tally.BulkheadFull];
    const throttled = counts[Tally.Throttled];
    const heldBack = breakerOpen + bulkheadFull + throttled;
    return {
      from: this.ids[from],
      to: this.ids[to],
      attempts,
      firstTries: attempts - retries,
      retries,
      amplification: amplification(attempts, retries),
      rejected,
      timedOut: counts[Tally.CallTimedOut],
      failed: counts[Tally.CallFailed],
      breakerOpen,
      bulkheadFull,
      throttled,
      retriesDenied: counts[Tally.RetryDenied],
      lost: counts[Tally.Lost],
      shedRate: shareOf(rejected + heldBack, attempts + heldBack),
    };
  }

  private threads(statistics: NodeStatistics, isNonBlocking: boolean): ThreadsReport {
    const capacityMean = this.mean(statistics.capacity);
    const parkedOn: Record<string, number> = {};
    let parkedMean = 0;
    this.ids.forEach((id, target) => {
      const integral = statistics.parkedOn(target, this.nowS);
      if (integral > 0) parkedOn[id] = this.perS(integral);
      parkedMean += this.perS(integral);
    });
    const heldMean = this.mean(statistics.held);
    const runningMean = heldMean - parkedMean;
    // What waits without a thread keeps none busy.
    const busyMean = isNonBlocking ? runningMean : heldMean;
    const { wastedS, heldS } = statistics;
    return {
      capacity: statistics.capacity.level,
      capacityMean,
      utilisation: capacityMean > 0 ? busyMean / capacityMean : 0,
      busyMean,
      runningMean,
      parkedMean,
      parkedOn,
      downMean: this.mean(statistics.down),
      waitingMean: this.mean(statistics.waiting),
      wastedS,
      wastedShare: heldS > 0 ? wastedS / heldS : 0,
    };
  }

  private consumerLag(node: number): Readonly<Record<string, number>> | null {
    const view = this.view.nodes[node];
    if (view.kind !== 'broker' || view.groups === undefined) return null;
    return Object.fromEntries(view.groups.map((name, k) => [name, view.groupLag![k]]));
  }

  private depth(node: number, gauge: Gauge): DepthReport {
    const view = this.view.nodes[node];
    const oldestS = view.kind === 'clients' ? 0 : view.oldestAgeS;
    return {
      mean: this.mean(gauge),
      max: gauge.max,
      now: gauge.level,
      oldestS,
      oldestMaxS: Math.max(oldestS, this.statistics.nodes[node].oldestS),
    };
  }

  /** Over the jobs that came in and have left, served or not; those rejected at once were there for no time. */
  private littlesLaw(statistics: NodeStatistics): LittlesLawReport {
    const { queued, waiting, held, response, unservedS } = statistics;
    return {
      numberMean: this.mean(queued) + this.mean(waiting) + this.mean(held),
      rateTimesTime: this.perS(response.sumS + unservedS),
    };
  }

  private mean(gauge: Gauge): number {
    return this.perS(gauge.integral(this.nowS));
  }

  private total(what: number): number {
    let sum = 0;
    this.ids.forEach((_, node) => (sum += this.count(node, what)));
    return sum;
  }

  /** What is counted at the node, and of the calls it makes. */
  private count(node: number, what: number): number {
    let count = this.statistics.nodes[node].count(what);
    if (what >= TALLIES) return count;
    this.edges.forEach(({ from }, k) => {
      if (from === node) count += this.statistics.calls[k].counts[what];
    });
    return count;
  }

  private perS(amount: number): number {
    return this.spanS > 0 ? amount / this.spanS : 0;
  }
}

/** Attempts ÷ first tries; 1 where only retries of earlier calls, or nothing, fell into the time measured. */
function amplification(attempts: number, retries: number): number {
  return attempts > retries ? attempts / (attempts - retries) : 1;
}

function summaryOf(series: Series): SeriesSummary | null {
  return series.count > 0 ? series.summary() : null;
}

function shareOf(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
