/**
 * Records what the page shows: visible events, journeys, and windows for rates and percentiles. It
 * only listens; a run without it has the same trace. All but the trace ring is part of the state,
 * so a restored moment shows the numbers it had.
 */
import { JourneyTable } from '../kernel/journeys.ts';
import type { Job } from '../kernel/job.ts';
import type { Request } from '../kernel/request.ts';
import type { Kernel, Recorder } from '../kernel/node.ts';
import { Outcome } from '../outcome.ts';
import { Trace, VisibleEvent } from '../trace.ts';
import { noteCharge, noteRefusal } from './accounting.ts';
import { LatencyWindow } from './latencyWindow.ts';
import { countsByName } from './outcomeCounts.ts';
import { RateWindow } from './rateWindow.ts';
import {
  PERCENTILE_WINDOW_S,
  RATE_WINDOW_S,
  type LaneReadouts,
  type LatencyReadout,
} from './readouts.ts';

/** Counters of the rate window; those of the queues follow. */
const Counter = {
  Submitted: 0,
  /** Served … Failed, at the outcome's number. */
  Completed: 6,
  Wasted: 7,
  Started: 8,
  /** Seconds of waiting in the accept queue, summed over those who started. */
  WaitedS: 9,
  FirstQueue: 10,
} as const;

/** Counters of each queue. Lost: dropped or refused. */
const QueueCounter = { Published: 0, Delivered: 1, Lost: 2 } as const;
const PER_QUEUE = 3;

/** Ended requests whose journeys are kept for the lifetimes. */
const RECENT = 32;

export class LiveRecorder implements Recorder {
  readonly trace: Trace;
  readonly state;
  /** Node indices of the queues, and their ids. */
  private readonly queues: readonly { readonly index: number; readonly id: string }[];
  private readonly queueAt: Int16Array;

  constructor(queues: readonly { readonly index: number; readonly id: string }[], nodes: number) {
    this.trace = new Trace();
    this.queues = queues;
    this.queueAt = new Int16Array(nodes).fill(-1);
    queues.forEach((queue, k) => (this.queueAt[queue.index] = k));
    this.state = {
      journeys: new JourneyTable(),
      rates: new RateWindow(Counter.FirstQueue + PER_QUEUE * queues.length, RATE_WINDOW_S),
      response: new LatencyWindow(PERCENTILE_WINDOW_S),
      delivered: Object.fromEntries(
        queues.map((queue) => [queue.id, new LatencyWindow(PERCENTILE_WINDOW_S)]),
      ),
      /** Requests by outcome. */
      outcomes: new Int32Array(6),
      submitted: 0,
      chargedButFailed: 0,
      confirmedThenDeclined: 0,
      confirmedButRefused: 0,
      redeliveries: 0,
      /** Rows of the last requests that ended without being rejected. */
      recent: new Int32Array(RECENT).fill(-1),
      recentCount: 0,
    };
  }

  submitted(kernel: Kernel, { index }: Request, node: number): void {
    this.state.submitted++;
    this.state.rates.add(Counter.Submitted, kernel.clockS);
    this.record(kernel, VisibleEvent.Arrive, index, node, -1, -1, -1, 0);
  }

  rejected(kernel: Kernel, request: number, node: number): void {
    this.count(kernel, Outcome.Rejected);
    this.record(kernel, VisibleEvent.Reject, request, node, -1, -1, -1, 0);
  }

  gaveUp(kernel: Kernel, request: number, node: number): void {
    this.count(kernel, Outcome.TimedOut);
    this.record(kernel, VisibleEvent.GiveUp, request, node, -1, -1, -1, Outcome.TimedOut);
    this.remember(kernel, request);
    this.noteFlags(kernel, request);
  }

  answered(kernel: Kernel, row: Request, gone: boolean): void {
    const { clockS } = kernel;
    const { index: request, outcome, origin: node } = row;
    if (gone) {
      // The work is over, and nobody is there to take the answer.
      this.record(kernel, VisibleEvent.Answer, request, node, -1, -1, -1, outcome);
      return;
    }
    this.count(kernel, outcome);
    this.state.response.add(clockS, clockS - row.submittedS);
    this.record(kernel, VisibleEvent.Answer, request, node, -1, -1, -1, outcome);
    noteRefusal(row, this.state);
    this.remember(kernel, request);
    this.noteFlags(kernel, request);
  }

  noteFlags(kernel: Kernel, request: number): void {
    noteCharge(kernel.requests.rows[request], this.state);
  }

  queued(kernel: Kernel, request: number, node: number): void {
    this.record(kernel, VisibleEvent.Wait, request, node, -1, -1, -1, 0);
  }

  parked(kernel: Kernel, request: number, node: number, cell: number, target: number): void {
    this.record(kernel, VisibleEvent.Park, request, node, cell, target, -1, 0);
  }

  resumed(kernel: Kernel, request: number, node: number, cell: number, target: number): void {
    this.record(kernel, VisibleEvent.Resume, request, node, cell, target, -1, 0);
  }

  handlerStarted(kernel: Kernel, job: Job, node: number, cell: number): void {
    const { clockS } = kernel;
    if (job.message >= 0) return;
    if (job.root === 1) {
      this.state.rates.add(Counter.Started, clockS);
      this.state.rates.add(Counter.WaitedS, clockS, clockS - job.arrivedS);
    }
    this.record(kernel, VisibleEvent.Start, job.request, node, cell, -1, -1, 0);
  }

  handlerEnded(kernel: Kernel, request: number): void {
    this.state.rates.add(Counter.Completed, kernel.clockS);
    if (kernel.requests.rows[request].outcome === Outcome.TimedOut) {
      this.state.rates.add(Counter.Wasted, kernel.clockS);
    }
  }

  published(
    kernel: Kernel,
    request: number,
    queue: number,
    fromNode: number,
    fromCell: number,
  ): void {
    this.state.rates.add(this.counterOf(queue, QueueCounter.Published), kernel.clockS);
    this.record(kernel, VisibleEvent.Enqueue, request, queue, -1, fromNode, fromCell, 0);
  }

  delivered(
    kernel: Kernel,
    request: number,
    queue: number,
    toNode: number,
    toCell: number,
    attempt: number,
  ): void {
    if (attempt > 1) this.state.redeliveries++;
    this.record(kernel, VisibleEvent.Deliver, request, queue, -1, toNode, toCell, attempt);
  }

  acknowledged(kernel: Kernel, request: number, queue: number, declined: number): void {
    const { clockS } = kernel;
    const at = this.queueAt[queue];
    this.state.rates.add(this.counterOf(queue, QueueCounter.Delivered), clockS);
    this.state.delivered[this.queues[at].id].add(
      clockS,
      clockS - kernel.requests.rows[request].submittedS,
    );
    this.record(kernel, VisibleEvent.Acknowledge, request, queue, -1, -1, -1, declined);
  }

  record(
    kernel: Kernel,
    kind: VisibleEvent,
    request: number,
    node: number,
    cell: number,
    otherNode: number,
    otherCell: number,
    detail: number,
  ): void {
    const { requests, clockS } = kernel;
    if (kind === VisibleEvent.Drop || kind === VisibleEvent.Refuse) {
      this.state.rates.add(this.counterOf(node, QueueCounter.Lost), clockS);
    }
    const number = requests.rows[request].number;
    this.trace.write(clockS, kind, number, node, cell, otherNode, otherCell, detail);
    const { journeys } = this.state;
    const row = journeys.allocate();
    journeys.timeS[row] = clockS;
    journeys.kind[row] = kind;
    journeys.node[row] = node;
    journeys.cell[row] = cell;
    journeys.otherNode[row] = otherNode;
    journeys.otherCell[row] = otherCell;
    journeys.detail[row] = detail;
    journeys.next[row] = -1;
    const tail = requests.rows[request].journeyTail;
    if (tail >= 0) journeys.next[tail] = row;
    else requests.rows[request].journeyHead = row;
    requests.rows[request].journeyTail = row;
  }

  recordNode(kernel: Kernel, kind: VisibleEvent, node: number, cell: number): void {
    this.trace.write(kernel.clockS, kind, -1, node, cell, -1, -1, 0);
  }

  forget(kernel: Kernel, request: number): void {
    const { journeys } = this.state;
    const ended = kernel.requests.rows[request];
    let row = ended.journeyHead;
    ended.journeyHead = -1;
    ended.journeyTail = -1;
    while (row >= 0) {
      const next = journeys.next[row];
      journeys.free(row);
      row = next;
    }
  }

  leftQueue(): void {
    // The page shows starts and gives-up, which tell the same.
  }

  waiting(): void {
    // Seen in the view.
  }

  turnedAway(): void {
    // Told by whoever was turned away.
  }

  refusalStarted(kernel: Kernel, { request }: Job, node: number, cell: number): void {
    this.record(kernel, VisibleEvent.Start, request, node, cell, -1, -1, 0);
  }

  refusalEnded(): void {
    // Seen in the view.
  }

  tallyCall(): void {
    // Counted in headless runs only.
  }

  withdrawn(): void {
    // Seen as a give-up.
  }

  resized(): void {
    // Seen in the view.
  }

  depth(): void {
    // Seen in the view.
  }

  waited(): void {
    // Measured in headless runs only.
  }

  threadFreed(): void {
    // Seen in the view.
  }

  tally(): void {
    // Counted in headless runs only.
  }

  tallyMany(): void {
    // As above.
  }

  measure(): void {
    // Measured in headless runs only.
  }

  measureRise(): void {
    // As above.
  }

  /** Rows of the last requests that ended, oldest first. */
  recentRows(count: number): number[] {
    const { recent, recentCount } = this.state;
    const rows: number[] = [];
    const kept = Math.min(count, RECENT, recentCount);
    for (let k = recentCount - kept; k < recentCount; k++) rows.push(recent[k % RECENT]);
    return rows;
  }

  /** @param owed messages not yet acknowledged; dropped and dead-lettered: since the start */
  readouts(
    timeS: number,
    messages: { readonly owed: number; readonly dropped: number; readonly deadLettered: number },
  ): LaneReadouts {
    const { state } = this;
    const { rates, outcomes } = state;
    const perSecond = (counter: number): number => rates.perSecond(counter, timeS);
    const completed = rates.sum(Counter.Completed, timeS);
    const started = rates.sum(Counter.Started, timeS);
    const delivered: Record<string, LatencyReadout> = {};
    const deliveredPerS: Record<string, number> = {};
    const publishedPerS: Record<string, number> = {};
    const lostPerS: Record<string, number> = {};
    this.queues.forEach((queue) => {
      delivered[queue.id] = state.delivered[queue.id].read(timeS);
      publishedPerS[queue.id] = perSecond(this.counterOf(queue.index, QueueCounter.Published));
      deliveredPerS[queue.id] = perSecond(this.counterOf(queue.index, QueueCounter.Delivered));
      lostPerS[queue.id] = perSecond(this.counterOf(queue.index, QueueCounter.Lost));
    });
    const ended = outcomes.reduce((sum, count) => sum + count, 0);
    return {
      timeS,
      firstTriesPerS: perSecond(Counter.Submitted),
      servedPerS: perSecond(Outcome.Served),
      declinedPerS: perSecond(Outcome.Declined),
      rejectedPerS: perSecond(Outcome.Rejected),
      timedOutPerS: perSecond(Outcome.TimedOut),
      failedPerS: perSecond(Outcome.Failed),
      completedPerS: perSecond(Counter.Completed),
      wastedShare: completed > 0 ? rates.sum(Counter.Wasted, timeS) / completed : 0,
      response: state.response.read(timeS),
      acceptQueueWaitS: started > 0 ? rates.sum(Counter.WaitedS, timeS) / started : null,
      delivered,
      deliveredPerS,
      publishedPerS,
      lostPerS,
      totals: {
        submitted: state.submitted,
        ...countsByName(outcomes),
        open: state.submitted - ended,
        chargedButFailed: state.chargedButFailed,
        confirmedThenDeclined: state.confirmedThenDeclined,
        confirmedButRefused: state.confirmedButRefused,
        dropped: messages.dropped,
        deadLettered: messages.deadLettered,
        redeliveries: state.redeliveries,
        owed: messages.owed,
      },
    };
  }

  private counterOf(queue: number, counter: number): number {
    return Counter.FirstQueue + PER_QUEUE * this.queueAt[queue] + counter;
  }

  private count(kernel: Kernel, outcome: number): void {
    this.state.outcomes[outcome]++;
    this.state.rates.add(outcome, kernel.clockS);
  }

  /** Keeps the request's row for the lifetimes until newer ones push it out. */
  private remember(kernel: Kernel, request: number): void {
    const { state } = this;
    const at = state.recentCount++ % RECENT;
    const out = state.recent[at];
    kernel.requests.rows[request].references++;
    state.recent[at] = request;
    if (out >= 0) kernel.releaseRequest(out);
  }
}
