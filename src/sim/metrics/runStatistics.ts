/**
 * Everything a headless run reports, recorded at changes of state only: counts, integrals of levels
 * over time, and series of durations. It only listens; a run without it has the same trace. All of it
 * is plain data and part of a checkpoint.
 */
import { isWasted } from '../kernel/endJob.ts';
import type { Measure } from '../kernel/node.ts';
import {
  MEASURES,
  Result,
  TALLIES,
  type Kernel,
  type Recorder,
  type Tally,
} from '../kernel/node.ts';
import { RequestFlag } from '../kernel/requests.ts';
import { Outcome } from '../outcome.ts';
import { VisibleEvent } from '../trace.ts';
import { GaugeSet } from './gaugeSet.ts';
import { SeriesSet } from './seriesSet.ts';

/** Counted per node, after the tallies. */
export const Count = {
  /** By the clients that sent it: first tries. */
  Submitted: TALLIES,
  Rejected: TALLIES + 1,
  /** Handlers that took a thread, and how they ended. */
  Started: TALLIES + 2,
  Ok: TALLIES + 3,
  Failed: TALLIES + 4,
  Declined: TALLIES + 5,
  /** Left the accept queue without being served. */
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
} as const;
const COUNTS = TALLIES + 18;

/** Levels per node. */
export const Level = {
  Queued: 0,
  Running: 1,
  Parked: 2,
  Down: 3,
  Capacity: 4,
  Ready: 5,
  InFlight: 6,
  BackingOff: 7,
} as const;
const LEVELS = 8;

/** Series of durations per node. */
export const Series = {
  /** In the accept queue, or ready in a broker queue. */
  Wait: 0,
  /** Arrival to end of the handler; for a broker queue first submit to effect. */
  Response: 1,
  FirstMeasure: 2,
} as const;
export const SERIES = Series.FirstMeasure + MEASURES;

export class RunStatistics implements Recorder {
  readonly nodes: number;
  readonly counts: Float64Array;
  readonly levels: GaugeSet;
  /** Threads of `node` parked on `target`, at node · nodes + target. */
  readonly parkedOn: GaugeSet;
  /** By node and series; the lane's response time comes last. */
  readonly series: SeriesSet;
  readonly state;

  constructor(nodes: number) {
    this.nodes = nodes;
    this.counts = new Float64Array(nodes * COUNTS);
    this.levels = new GaugeSet(nodes * LEVELS);
    this.parkedOn = new GaugeSet(nodes * nodes);
    this.series = new SeriesSet(nodes * SERIES + 1);
    this.state = {
      counts: this.counts,
      levels: this.levels.state,
      parkedOn: this.parkedOn.state,
      series: this.series.state,
      /** End of the warm-up; what is reported happened after it. */
      sinceS: 0,
      /** Requests still open at that moment. */
      openAtStart: 0,
      outcomes: new Float64Array(6),
      submitted: 0,
      chargedButFailed: 0,
      confirmedThenDeclined: 0,
      confirmedButRefused: 0,
      /** Handlers of first services that ended, useful or not. */
      completed: 0,
      /** Thread seconds by node: spent on results that nobody awaited in the end; and for all that ended. */
      wastedS: new Float64Array(nodes),
      heldS: new Float64Array(nodes),
      /** Time in the accept queue of those who left it without being served, summed. */
      withdrawnS: new Float64Array(nodes),
      /** Longest time that anything waited in the accept queue or ready, and has left since. */
      oldestS: new Float64Array(nodes),
      /** What is kept by class of request (classStatistics.ts); null where nobody has classes. */
      classes: null as object | null,
      /** When the handler of each job started, by row. */
      startedS: new Float64Array(64),
    };
  }

  count(node: number, what: number): number {
    return this.counts[node * COUNTS + what];
  }

  levelOf(node: number, what: number): number {
    return node * LEVELS + what;
  }

  seriesOf(node: number, what: number): number {
    return node * SERIES + what;
  }

  /** Response time of the requests that were answered in time. */
  get laneSeries(): number {
    return this.nodes * SERIES;
  }

  /** Forgets what happened so far: the end of a warm-up. */
  clear(nowS: number): void {
    const { state } = this;
    const ended = state.outcomes.reduce((sum, count) => sum + count, 0);
    state.openAtStart += state.submitted - ended;
    state.sinceS = nowS;
    this.counts.fill(0);
    this.levels.clear(nowS);
    this.parkedOn.clear(nowS);
    this.series.clear();
    state.outcomes.fill(0);
    state.wastedS.fill(0);
    state.heldS.fill(0);
    state.oldestS.fill(0);
    state.withdrawnS.fill(0);
    state.submitted = 0;
    state.completed = 0;
    state.chargedButFailed = 0;
    state.confirmedThenDeclined = 0;
    state.confirmedButRefused = 0;
  }

  submitted(kernel: Kernel, request: number): void {
    this.state.submitted++;
    this.add(kernel.requests.rows[request].origin, Count.Submitted);
  }

  rejected(_kernel: Kernel, _request: number, node: number): void {
    this.state.outcomes[Outcome.Rejected]++;
    this.add(node, Count.Rejected);
  }

  gaveUp(kernel: Kernel, request: number): void {
    this.state.outcomes[Outcome.TimedOut]++;
    this.noteFlags(kernel, request);
  }

  answered(kernel: Kernel, request: number, gone: boolean): void {
    if (gone) return;
    const { requests, clockS } = kernel;
    const outcome = requests.rows[request].outcome;
    this.state.outcomes[outcome]++;
    this.series.add(this.laneSeries, clockS - requests.rows[request].submittedS);
    if (requests.rows[request].flags === 0) return;
    if (outcome === Outcome.Served && (requests.rows[request].flags & RequestFlag.Refused) !== 0) {
      this.state.confirmedButRefused++;
    }
    this.noteFlags(kernel, request);
  }

  noteFlags(kernel: Kernel, request: number): void {
    const { requests } = kernel;
    const flags = requests.rows[request].flags;
    const outcome = requests.rows[request].outcome;
    if ((flags & RequestFlag.ChargedCounted) !== 0) return;
    const unhappy = outcome === Outcome.Failed || outcome === Outcome.TimedOut;
    if (unhappy && (flags & RequestFlag.Charged) !== 0) {
      this.state.chargedButFailed++;
      requests.rows[request].flags = flags | RequestFlag.ChargedCounted;
    } else if (outcome === Outcome.Served && (flags & RequestFlag.DeclinedLater) !== 0) {
      this.state.confirmedThenDeclined++;
      requests.rows[request].flags = flags | RequestFlag.ChargedCounted;
    }
  }

  handlerStarted(kernel: Kernel, job: number, node: number): void {
    const { clockS, jobs } = kernel;
    this.add(node, Count.Started);
    this.levels.rise(node * LEVELS + Level.Running, clockS);
    this.series.add(node * SERIES + Series.Wait, clockS - jobs.rows[job].arrivedS);
    if (job >= this.state.startedS.length) this.growJobs(job);
    this.state.startedS[job] = clockS;
  }

  handlerEnded(): void {
    this.state.completed++;
  }

  leftQueue(kernel: Kernel, job: number, node: number): void {
    this.levels.fall(node * LEVELS + Level.Queued, kernel.clockS);
    const waitedS = kernel.clockS - kernel.jobs.rows[job].arrivedS;
    if (waitedS > this.state.oldestS[node]) this.state.oldestS[node] = waitedS;
  }

  withdrawn(kernel: Kernel, job: number, node: number): void {
    this.state.withdrawnS[node] += kernel.clockS - kernel.jobs.rows[job].arrivedS;
    this.add(node, Count.Withdrawn);
  }

  threadFreed(kernel: Kernel, job: number, node: number, result: Result): void {
    const { jobs, clockS } = kernel;
    this.add(
      node,
      result === Result.Ok ? Count.Ok : result === Result.Declined ? Count.Declined : Count.Failed,
    );
    this.levels.fall(node * LEVELS + Level.Running, clockS);
    this.series.add(node * SERIES + Series.Response, clockS - jobs.rows[job].arrivedS);
    const heldS = clockS - this.state.startedS[job];
    this.state.heldS[node] += heldS;
    if (isWasted(kernel, job)) {
      this.state.wastedS[node] += heldS;
      this.add(node, Count.Wasted);
    }
  }

  resized(kernel: Kernel, node: number, capacity: number): void {
    this.levels.set(node * LEVELS + Level.Capacity, capacity, kernel.clockS);
  }

  depth(kernel: Kernel, node: number, ready: number, inFlight: number, backingOff: number): void {
    const { clockS } = kernel;
    this.levels.set(node * LEVELS + Level.Ready, ready, clockS);
    this.levels.set(node * LEVELS + Level.InFlight, inFlight, clockS);
    this.levels.set(node * LEVELS + Level.BackingOff, backingOff, clockS);
  }

  waited(_kernel: Kernel, node: number, waitedS: number): void {
    this.series.add(node * SERIES + Series.Wait, waitedS);
    if (waitedS > this.state.oldestS[node]) this.state.oldestS[node] = waitedS;
  }

  published(_kernel: Kernel, _request: number, queue: number): void {
    this.add(queue, Count.Published);
  }

  delivered(
    _kernel: Kernel,
    _request: number,
    queue: number,
    _toNode: number,
    _toCell: number,
    attempt: number,
  ): void {
    this.add(queue, Count.Delivered);
    if (attempt > 1) this.add(queue, Count.Redelivered);
  }

  acknowledged(kernel: Kernel, request: number, queue: number, declined: number): void {
    this.add(queue, Count.Acknowledged);
    if (declined === 1) this.add(queue, Count.DeclinedLater);
    this.series.add(
      queue * SERIES + Series.Response,
      kernel.clockS - kernel.requests.rows[request].submittedS,
    );
  }

  record(
    kernel: Kernel,
    kind: VisibleEvent,
    _request: number,
    node: number,
    _cell: number,
    otherNode: number,
    _otherCell: number,
    detail: number,
  ): void {
    const { levels, parkedOn, nodes } = this;
    const { clockS } = kernel;
    switch (kind) {
      case VisibleEvent.Wait:
        levels.rise(node * LEVELS + Level.Queued, clockS);
        return;
      case VisibleEvent.Park:
        levels.fall(node * LEVELS + Level.Running, clockS);
        levels.rise(node * LEVELS + Level.Parked, clockS);
        parkedOn.rise(node * nodes + otherNode, clockS);
        return;
      case VisibleEvent.Resume:
        levels.fall(node * LEVELS + Level.Parked, clockS);
        levels.rise(node * LEVELS + Level.Running, clockS);
        parkedOn.fall(node * nodes + otherNode, clockS);
        return;
      case VisibleEvent.Fail:
        if (detail === Result.Rejected) this.add(node, Count.Rejected);
        return;
      case VisibleEvent.BackOff:
        this.add(node, Count.BackedOff);
        return;
      case VisibleEvent.DeadLetter:
        this.add(node, Count.DeadLettered);
        return;
      case VisibleEvent.Drop:
        // Detail 1: it has expired, which is tallied.
        if (detail === 0) this.add(node, Count.Dropped);
        return;
      case VisibleEvent.Refuse:
        this.add(node, Count.Refused);
        return;
      case VisibleEvent.Kill:
        this.add(node, Count.Killed);
        levels.rise(node * LEVELS + Level.Down, clockS);
        return;
      default:
        return;
    }
  }

  recordNode(kernel: Kernel, kind: VisibleEvent, node: number): void {
    if (kind === VisibleEvent.Revive) this.levels.fall(node * LEVELS + Level.Down, kernel.clockS);
  }

  forget(): void {
    // Nothing is kept by request.
  }

  tally(_kernel: Kernel, node: number, what: Tally): void {
    this.counts[node * COUNTS + what]++;
  }

  measure(_kernel: Kernel, node: number, what: Measure, valueS: number): void {
    this.series.add(node * SERIES + Series.FirstMeasure + what, valueS);
  }

  private add(node: number, what: number): void {
    this.counts[node * COUNTS + what]++;
  }

  private growJobs(job: number): void {
    let length = this.state.startedS.length;
    while (length <= job) length *= 2;
    const bigger = new Float64Array(length);
    bigger.set(this.state.startedS);
    this.state.startedS = bigger;
  }
}
