/** What a headless run tells, in the field's words: per lane and per node. Times are seconds. */
import type { Flow, NodeSpec } from '../flow.ts';
import { Measure, Tally } from '../kernel/node.ts';
import { Outcome } from '../outcome.ts';
import type { LaneView } from '../view.ts';
import { reportClasses } from './classReport.ts';
import { countNames } from './countNames.ts';
import type { Gauge } from './gauge.ts';
import type { LaneReport } from './laneReport.ts';
import type { DepthReport, LittlesLawReport, NodeReport, ThreadsReport } from './nodeReport.ts';
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
}

/** What the report needs of a simulation. */
interface MeasuredRun {
  readonly flow: Flow;
  readonly seed: number;
  readonly timeS: number;
  readonly eventCount: number;
  createView(): LaneView;
  readView(view: LaneView): void;
}

export function reportRun(run: MeasuredRun, statistics: RunStatistics): RunReport {
  const view = run.createView();
  run.readView(view);
  const entries = Object.entries(run.flow.nodes);
  const reader = new Reader(statistics, run.timeS, run.flow, view);
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
  };
}

class Reader {
  private readonly statistics: RunStatistics;
  private readonly nowS: number;
  private readonly spanS: number;
  private readonly ids: readonly string[];
  private readonly specs: readonly NodeSpec[];
  private readonly view: LaneView;

  constructor(statistics: RunStatistics, nowS: number, flow: Flow, view: LaneView) {
    this.statistics = statistics;
    this.nowS = nowS;
    this.spanS = nowS - statistics.state.sinceS;
    this.ids = Object.keys(flow.nodes);
    this.specs = Object.values(flow.nodes);
    this.view = view;
  }

  lane(): LaneReport {
    const { statistics } = this;
    const { state } = statistics;
    const { outcomes } = state;
    const retries = this.total(Tally.CallRetry);
    let offered = 0;
    let attempts = 0;
    this.specs.forEach((spec, node) => {
      // Without a call policy every request is sent once, and nobody tallies it.
      const isPlain = spec.kind === 'clients' && spec.policy === undefined;
      const sent = statistics.nodes[node].count(isPlain ? Count.Submitted : Tally.CallAttempt);
      attempts += sent;
      if (spec.kind === 'clients') offered += sent;
    });
    const wastedS = sumOf(statistics.nodes.map((node) => node.wastedS));
    const heldS = sumOf(statistics.nodes.map((node) => node.heldS));
    const ended = sumOf(outcomes);
    return {
      offered,
      offeredPerS: this.perS(offered),
      firstTries: state.submitted,
      firstTriesPerS: this.perS(state.submitted),
      amplification: attempts > retries ? attempts / (attempts - retries) : 1,
      completed: state.completed,
      completedPerS: this.perS(state.completed),
      goodputPerS: this.perS(outcomes[Outcome.Served]),
      ...countsByName(outcomes),
      open: state.openAtStart + state.submitted - ended,
      openAtStart: state.openAtStart,
      response: statistics.response.summary(),
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
      const count = statistics.count(what);
      if (count > 0) counts[name] = count;
    }
    const started = statistics.count(Count.Started);
    const ended =
      statistics.count(Count.Ok) +
      statistics.count(Count.Declined) +
      statistics.count(Count.Failed);
    const published = statistics.count(Count.Published);
    const offered =
      started +
      statistics.count(Count.Rejected) +
      statistics.count(Tally.RejectedAttempt) +
      statistics.count(Count.Withdrawn);
    const isPool = statistics.capacity.level > 0 || started > 0;
    const isQueue = published > 0;
    return {
      kind: spec.kind,
      label,
      counts,
      offeredPerS: this.perS(isQueue ? published : offered),
      completedPerS: this.perS(isQueue ? statistics.count(Count.Acknowledged) : ended),
      goodputPerS: this.perS(
        isQueue
          ? statistics.count(Count.Acknowledged)
          : statistics.count(Count.Ok) - statistics.count(Count.WastedOk),
      ),
      timeInQueue: summaryOf(statistics.wait),
      response: summaryOf(statistics.response),
      threads: isPool ? this.threads(statistics) : null,
      queue: isPool
        ? this.depth(node, statistics.queued)
        : isQueue
          ? this.depth(node, statistics.ready)
          : null,
      inFlightMean: isQueue ? this.mean(statistics.inFlight) : null,
      backingOffMean: isQueue ? this.mean(statistics.backingOff) : null,
      consumerLag: this.consumerLag(node),
      staleness: summaryOf(statistics.measures[Measure.Staleness]),
      noticeDelay: summaryOf(statistics.measures[Measure.NoticeDelay]),
      littlesLaw: isPool ? this.littlesLaw(statistics) : null,
      classes: reportClasses(this.statistics, node, spec),
    };
  }

  private threads(statistics: NodeStatistics): ThreadsReport {
    const busyMean = this.mean(statistics.held);
    const capacityMean = this.mean(statistics.capacity);
    const parkedOn: Record<string, number> = {};
    let parkedMean = 0;
    this.ids.forEach((id, target) => {
      const integral = statistics.parkedOn(target, this.nowS);
      if (integral > 0) parkedOn[id] = this.perS(integral);
      parkedMean += this.perS(integral);
    });
    const runningMean = busyMean - parkedMean;
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
    let oldestS = 0;
    if (view.kind === 'broker') oldestS = view.oldestAgeS;
    else if (view.kind === 'pool' && view.queueLength > 0)
      oldestS = this.nowS - view.queueSinceS[0];
    return {
      mean: this.mean(gauge),
      max: gauge.max,
      now: gauge.level,
      oldestS,
      oldestMaxS: Math.max(oldestS, this.statistics.nodes[node].oldestS),
    };
  }

  /** Over the jobs that came in and have left, served or not; rejected ones never came in. */
  private littlesLaw({ queued, held, response, withdrawnS }: NodeStatistics): LittlesLawReport {
    return {
      numberMean: this.mean(queued) + this.mean(held),
      rateTimesTime: this.perS(response.sumS + withdrawnS),
    };
  }

  private mean(gauge: Gauge): number {
    return this.perS(gauge.integral(this.nowS));
  }

  private total(what: number): number {
    let sum = 0;
    for (const node of this.statistics.nodes) sum += node.count(what);
    return sum;
  }

  private perS(amount: number): number {
    return this.spanS > 0 ? amount / this.spanS : 0;
  }
}

function summaryOf(series: Series): SeriesSummary | null {
  return series.count > 0 ? series.summary() : null;
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
