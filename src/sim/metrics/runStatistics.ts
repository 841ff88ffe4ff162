/**
 * Everything a headless run reports, recorded at changes of state only: counts, integrals of levels
 * over time, and series of durations. It only listens; a run without it has the same trace. All of it
 * is plain data and part of a checkpoint.
 */
import { isWasted } from '../kernel/endJob.ts';
import type { Job } from '../kernel/job.ts';
import type { Measure } from '../kernel/node.ts';
import { Result, type Kernel, type Recorder, type Tally } from '../kernel/node.ts';
import type { Request } from '../kernel/request.ts';
import { RequestFlag } from '../kernel/requests.ts';
import { Outcome } from '../outcome.ts';
import { VisibleEvent } from '../trace.ts';
import { noteCharge, noteRefusal } from './accounting.ts';
import type { FanOutStatistics } from './fanOutStatistics.ts';
import { CallStatistics, Count, NodeStatistics } from './nodeStatistics.ts';
import { Series } from './series.ts';

export class RunStatistics implements Recorder {
  readonly nodes: readonly NodeStatistics[];
  /** Response time of the requests that were answered in time. */
  readonly response = new Series();
  /** By call with a policy, in the order of `kernel.edges`. */
  readonly calls: readonly CallStatistics[];
  readonly state;

  /** null unless the flow fans out. */
  private readonly fanOut: FanOutStatistics | null;

  /** @param fanOut null unless the flow fans out */
  constructor(nodes: number, edges: number, fanOut: FanOutStatistics | null) {
    this.fanOut = fanOut;
    this.nodes = Array.from({ length: nodes }, () => new NodeStatistics(nodes));
    this.calls = Array.from({ length: edges }, () => new CallStatistics());
    this.state = {
      nodes: Object.fromEntries(this.nodes.map((node, k) => [k, node])),
      calls: Object.fromEntries(this.calls.map((call, k) => [k, call])),
      response: this.response,
      fanOut,
      /** What is kept by class of request (classStatistics.ts); null where nobody has classes. */
      classes: null as object | null,
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
    };
  }

  /** Forgets what happened so far: the end of a warm-up. */
  clear(nowS: number): void {
    const { state } = this;
    const ended = state.outcomes.reduce((sum, count) => sum + count, 0);
    state.openAtStart += state.submitted - ended;
    state.sinceS = nowS;
    for (const node of this.nodes) node.clear(nowS);
    for (const { counts } of this.calls) counts.fill(0);
    this.response.clear();
    this.fanOut?.clear();
    state.outcomes.fill(0);
    state.submitted = 0;
    state.completed = 0;
    state.chargedButFailed = 0;
    state.confirmedThenDeclined = 0;
    state.confirmedButRefused = 0;
  }

  submitted(_kernel: Kernel, { origin }: Request): void {
    this.state.submitted++;
    this.nodes[origin].submitted++;
  }

  rejected(_kernel: Kernel, _request: number, _node: number): void {
    this.state.outcomes[Outcome.Rejected]++;
  }

  gaveUp(kernel: Kernel, request: number): void {
    this.state.outcomes[Outcome.TimedOut]++;
    this.noteFlags(kernel, request);
  }

  answered(kernel: Kernel, request: Request, gone: boolean): void {
    if (gone) return;
    const { outcome, flags } = request;
    this.state.outcomes[outcome]++;
    this.response.add(kernel.clockS - request.submittedS);
    if (flags <= RequestFlag.Started) return;
    noteRefusal(request, this.state);
    noteCharge(request, this.state);
  }

  noteFlags(kernel: Kernel, request: number): void {
    noteCharge(kernel.requests.rows[request], this.state);
  }

  queued(kernel: Kernel, _request: number, node: number): void {
    this.nodes[node].queued.rise(kernel.clockS);
  }

  handlerStarted(kernel: Kernel, job: Job, node: number): void {
    const { clockS } = kernel;
    const statistics = this.nodes[node];
    statistics.started++;
    statistics.held.rise(clockS);
    statistics.wait.add(clockS - job.arrivedS);
    job.startedS = clockS;
  }

  parked(kernel: Kernel, _request: number, node: number, _cell: number, target: number): void {
    this.nodes[node].park(target, kernel.clockS);
  }

  resumed(kernel: Kernel, _request: number, node: number, _cell: number, target: number): void {
    this.nodes[node].unpark(target, kernel.clockS);
  }

  handlerEnded(): void {
    this.state.completed++;
  }

  leftQueue(kernel: Kernel, job: Job, node: number): void {
    const { clockS } = kernel;
    const statistics = this.nodes[node];
    statistics.queued.fall(clockS);
    const waitedS = clockS - job.arrivedS;
    if (waitedS > statistics.oldestS) statistics.oldestS = waitedS;
  }

  waiting(kernel: Kernel, node: number, change: 1 | -1): void {
    const { waiting } = this.nodes[node];
    if (change > 0) waiting.rise(kernel.clockS);
    else waiting.fall(kernel.clockS);
  }

  withdrawn(kernel: Kernel, job: Job, node: number): void {
    const statistics = this.nodes[node];
    const waitedS = kernel.clockS - job.arrivedS;
    statistics.unservedS += waitedS;
    if (waitedS > statistics.oldestS) statistics.oldestS = waitedS;
    statistics.add(Count.Withdrawn);
  }

  turnedAway(kernel: Kernel, job: Job, node: number): void {
    const statistics = this.nodes[node];
    statistics.unservedS += kernel.clockS - job.arrivedS;
    statistics.add(Count.Rejected);
  }

  refusalStarted(kernel: Kernel, job: Job, node: number): void {
    this.nodes[node].held.rise(kernel.clockS);
    job.startedS = kernel.clockS;
  }

  refusalEnded(kernel: Kernel, job: Job, node: number): void {
    const { clockS } = kernel;
    const statistics = this.nodes[node];
    const heldS = clockS - job.startedS;
    statistics.held.fall(clockS);
    statistics.heldS += heldS;
    if (isWasted(kernel, job)) statistics.wastedS += heldS;
    this.turnedAway(kernel, job, node);
  }

  threadFreed(kernel: Kernel, job: Job, node: number, result: Result): void {
    const { clockS } = kernel;
    const statistics = this.nodes[node];
    if (result === Result.Ok) statistics.ok++;
    else statistics.add(result === Result.Declined ? Count.Declined : Count.Failed);
    statistics.held.fall(clockS);
    statistics.response.add(clockS - job.arrivedS);
    const heldS = clockS - job.startedS;
    statistics.heldS += heldS;
    // Whoever ends at its deadline ends as its caller gives up.
    if (result === Result.TimedOut || isWasted(kernel, job)) {
      statistics.wastedS += heldS;
      statistics.add(Count.Wasted);
      if (result === Result.Ok) statistics.add(Count.WastedOk);
    }
  }

  resized(kernel: Kernel, node: number, capacity: number, down: number): void {
    this.nodes[node].capacity.set(capacity, kernel.clockS);
    this.nodes[node].down.set(down, kernel.clockS);
  }

  depth(kernel: Kernel, node: number, ready: number, inFlight: number, backingOff: number): void {
    const { clockS } = kernel;
    const statistics = this.nodes[node];
    statistics.ready.set(ready, clockS);
    statistics.inFlight.set(inFlight, clockS);
    statistics.backingOff.set(backingOff, clockS);
  }

  waited(_kernel: Kernel, node: number, waitedS: number): void {
    const statistics = this.nodes[node];
    statistics.wait.add(waitedS);
    if (waitedS > statistics.oldestS) statistics.oldestS = waitedS;
  }

  published(kernel: Kernel, request: number, queue: number): void {
    this.nodes[queue].add(Count.Published);
    if (this.fanOut !== null) this.fanOut.notePublished(request, kernel.brokers[queue]!);
  }

  delivered(
    _kernel: Kernel,
    _request: number,
    queue: number,
    _toNode: number,
    _toCell: number,
    attempt: number,
  ): void {
    const statistics = this.nodes[queue];
    statistics.add(Count.Delivered);
    if (attempt > 1) statistics.add(Count.Redelivered);
  }

  acknowledged(kernel: Kernel, request: number, queue: number, declined: number): void {
    const statistics = this.nodes[queue];
    statistics.add(Count.Acknowledged);
    if (declined === 1) statistics.add(Count.DeclinedLater);
    statistics.response.add(kernel.clockS - kernel.requests.rows[request].submittedS);
    if (this.fanOut !== null) this.fanOut.noteAcknowledged(kernel, request);
  }

  record(
    kernel: Kernel,
    kind: VisibleEvent,
    _request: number,
    node: number,
    cell: number,
    _otherNode: number,
    _otherCell: number,
    detail: number,
  ): void {
    const statistics = this.nodes[node];
    switch (kind) {
      case VisibleEvent.BackOff:
        statistics.add(Count.BackedOff);
        return;
      case VisibleEvent.DeadLetter:
        statistics.add(Count.DeadLettered);
        return;
      case VisibleEvent.Drop:
        // Detail 1: it has expired, which is tallied.
        if (detail === 0) statistics.add(Count.Dropped);
        return;
      case VisibleEvent.Refuse:
        statistics.add(Count.Refused);
        return;
      case VisibleEvent.Kill:
        statistics.add(Count.Killed);
        // One that was to go anyway does not come back.
        if (cell < statistics.capacity.level) statistics.down.rise(kernel.clockS);
        return;
      default:
        return;
    }
  }

  recordNode(kernel: Kernel, kind: VisibleEvent, node: number, cell: number): void {
    const { capacity, down } = this.nodes[node];
    if (kind === VisibleEvent.Revive && cell < capacity.level) down.fall(kernel.clockS);
  }

  forget(kernel: Kernel, request: number): void {
    if (this.fanOut !== null) this.fanOut.forget(kernel, request);
  }

  tally(_kernel: Kernel, node: number, what: Tally): void {
    this.nodes[node].add(what);
  }

  tallyCall(_kernel: Kernel, edge: number, what: Tally): void {
    this.calls[edge].counts[what]++;
  }

  tallyMany(_kernel: Kernel, node: number, what: Tally, times: number): void {
    this.nodes[node].addMany(what, times);
  }

  measure(_kernel: Kernel, node: number, what: Measure, valueS: number): void {
    this.nodes[node].measures[what].add(valueS);
  }

  measureRise(_: Kernel, node: number, what: Measure, fromS: number, toS: number): void {
    this.nodes[node].measures[what].addRise(fromS, toS);
  }
}
