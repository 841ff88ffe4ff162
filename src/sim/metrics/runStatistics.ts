/**
 * Everything a headless run reports, recorded at changes of state only: counts, integrals of levels
 * over time, and series of durations. It only listens; a run without it has the same trace. All of it
 * is plain data and part of a checkpoint.
 */
import { Caller } from '../kernel/calls.ts';
import { isWasted } from '../kernel/endJob.ts';
import type { Job } from '../kernel/job.ts';
import type { Measure } from '../kernel/node.ts';
import { Result, type Kernel, type Recorder, type Tally } from '../kernel/node.ts';
import type { Request } from '../kernel/request.ts';
import { RequestFlag } from '../kernel/requests.ts';
import { Outcome } from '../outcome.ts';
import { VisibleEvent } from '../trace.ts';
import { Count, NodeStatistics } from './nodeStatistics.ts';
import { Series } from './series.ts';

export class RunStatistics implements Recorder {
  readonly nodes: readonly NodeStatistics[];
  /** Response time of the requests that were answered in time. */
  readonly response = new Series();
  readonly state;

  constructor(nodes: number) {
    this.nodes = Array.from({ length: nodes }, () => new NodeStatistics(nodes));
    this.state = {
      nodes: Object.fromEntries(this.nodes.map((node, k) => [k, node])),
      response: this.response,
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
    this.response.clear();
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

  rejected(_kernel: Kernel, _request: number, node: number): void {
    this.state.outcomes[Outcome.Rejected]++;
    this.nodes[node].add(Count.Rejected);
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
    if (outcome === Outcome.Served && (flags & RequestFlag.Refused) !== 0) {
      this.state.confirmedButRefused++;
    }
    this.noteFlags(kernel, request.index);
  }

  noteFlags(kernel: Kernel, index: number): void {
    const request = kernel.requests.rows[index];
    const { outcome, flags } = request;
    if ((flags & RequestFlag.ChargedCounted) !== 0) return;
    const unhappy = outcome === Outcome.Failed || outcome === Outcome.TimedOut;
    if (unhappy && (flags & RequestFlag.Charged) !== 0) {
      this.state.chargedButFailed++;
      request.flags = flags | RequestFlag.ChargedCounted;
    } else if (outcome === Outcome.Served && (flags & RequestFlag.DeclinedLater) !== 0) {
      this.state.confirmedThenDeclined++;
      request.flags = flags | RequestFlag.ChargedCounted;
    }
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

  withdrawn(kernel: Kernel, job: Job, node: number): void {
    const statistics = this.nodes[node];
    const { arrivedS, root, request, caller } = job;
    statistics.withdrawnS += kernel.clockS - arrivedS;
    // Whoever is turned out of the queue while their user waits is counted when told: as rejected.
    const isTold = root === 1 && caller !== Caller.Abandoned;
    if (isTold && kernel.requests.rows[request].outcome === Outcome.Open) return;
    statistics.add(Count.Withdrawn);
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

  published(_kernel: Kernel, _request: number, queue: number): void {
    this.nodes[queue].add(Count.Published);
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
      case VisibleEvent.Fail:
        if (detail === Result.Rejected) statistics.add(Count.Rejected);
        return;
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

  forget(): void {
    // Nothing is kept by request.
  }

  tally(_kernel: Kernel, node: number, what: Tally): void {
    this.nodes[node].add(what);
  }

  tallyMany(_kernel: Kernel, node: number, what: Tally, times: number): void {
    this.nodes[node].addMany(what, times);
  }

  sent(_kernel: Kernel, from: number, to: number, again: boolean): void {
    this.nodes[from].send(to, again);
  }

  measure(_kernel: Kernel, node: number, what: Measure, valueS: number): void {
    this.nodes[node].measures[what].add(valueS);
  }
}
