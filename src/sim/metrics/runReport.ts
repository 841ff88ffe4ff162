/** What a headless run tells, in the field's words: per lane and per node. Times are seconds. */
import type { Flow, NodeSpec } from '../flow.ts';
import { Measure, TALLIES, Tally, type Edge } from '../kernel/node.ts';
import { Outcome } from '../outcome.ts';
import type { LaneView } from '../view.ts';
import type { CallReport } from './callReport.ts';
import { reportClasses } from './classReport.ts';
import { countNames } from './countNames.ts';
import type { Gauge } from './gauge.ts';
import type { LaneReport } from './laneReport.ts';
import type { DepthReport, LittlesLawReport, NodeReport, ThreadsReport } from './nodeReport.ts';
import { loadOf } from './nodeLoad.ts';
import { Count, type NodeStatistics } from './nodeStatistics.ts';
import { countsByName } from './outcomeCounts.ts';
import type { RunStatistics } from './runStatistics.ts';
import type { Series, SeriesSummary } from './series.ts';

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
      ...countsByName(outcomes),
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
    const load = loadOf(spec, statistics);
    const isPool = spec.kind === 'service' || spec.kind === 'workers';
    const isQueue = spec.kind === 'queue' || spec.kind === 'leaseQueue' || spec.kind === 'log';
    return {
      kind: spec.kind,
      label,
      counts,
      offeredPerS: this.perSOrNull(load.offered),
      completedPerS: this.perSOrNull(load.completed),
      shedRate: load.shedRate,
      goodputPerS: this.perSOrNull(load.good),
      timeInQueue: summaryOf(statistics.wait),
      response: summaryOf(statistics.response),
      threads: isPool ? this.threads(statistics, spec) : null,
      queue: isPool
        ? spec.kind === 'workers'
          ? this.buffered(node)
          : this.depth(node, statistics.queued)
        : isQueue
          ? this.depth(node, statistics.ready)
          : null,
      inFlightMean: isQueue
        ? this.mean(statistics.inFlight)
        : isNonBlockingService(spec)
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

  private threads(statistics: NodeStatistics, spec: NodeSpec): ThreadsReport {
    const isNonBlocking = isNonBlockingService(spec);
    const isWorkers = spec.kind === 'workers';
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
      waitingMean: isWorkers ? 0 : this.mean(statistics.waiting),
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

  /** Messages that workers have in their hands and have not begun: what waits longest is told by the series. */
  private buffered(node: number): DepthReport {
    const { waiting, wait } = this.statistics.nodes[node];
    const depth = this.depth(node, waiting);
    return { ...depth, oldestMaxS: Math.max(depth.oldestMaxS, wait.summary().maxS ?? 0) };
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

  private perSOrNull(amount: number | null): number | null {
    return amount === null ? null : this.perS(amount);
  }

  private perS(amount: number): number {
    return this.spanS > 0 ? amount / this.spanS : 0;
  }
}

function isNonBlockingService(spec: NodeSpec): boolean {
  return spec.kind === 'service' && spec.threading === 'nonBlocking';
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
