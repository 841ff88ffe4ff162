/**
 * Computes load curves beside the page: hands one run at a time to each worker, so that a curve which
 * is no longer wanted costs at most the runs under way. Where no worker reports, it does the runs
 * itself, in slices between which the page can draw.
 */
import type { FromWorker, ToWorker } from './curveMessages.ts';
import {
  CurveRun,
  curveTasks,
  type CurvePoint,
  type CurveRequest,
  type CurveTask,
} from './loadCurve.ts';

/** What the pool needs of a worker. */
export interface CurveWorkerPort {
  postMessage(message: ToWorker): void;
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  terminate(): void;
}

export interface CurvePoolOptions {
  /** May throw where workers are forbidden. */
  readonly startWorker: () => CurveWorkerPort;
  /** Workers to start; the page's thread stays free beside them. */
  readonly workers: number;
  /** How long to wait for the first worker before the page's thread begins, milliseconds. */
  readonly patienceMs?: number;
}

/** What is told of one curve. */
export interface CurveListener {
  onPoint(point: CurvePoint): void;
  onDone(): void;
  /** The flow could not be run; no more points come. */
  onError(message: string): void;
}

const PATIENCE_MS = 150;
/** Events the page's thread handles before it lets the page draw: a few milliseconds. */
const SLICE_EVENTS = 5000;

/** A worker that has reported. */
interface Hand {
  readonly port: CurveWorkerPort;
  /** The curve it has been told about. */
  job: number;
  busy: boolean;
}

export class CurvePool {
  private readonly ports: CurveWorkerPort[] = [];
  private readonly hands: Hand[] = [];
  private readonly patienceMs: number;
  private readonly startedMs = performance.now();
  /** Counts the curves; answers that belong to an earlier one are dropped. */
  private job = 0;
  private request: CurveRequest | null = null;
  private listener: CurveListener | null = null;
  private waiting: CurveTask[] = [];
  private missing = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private ownRun: CurveRun | null = null;

  constructor({ startWorker, workers, patienceMs = PATIENCE_MS }: CurvePoolOptions) {
    this.patienceMs = patienceMs;
    try {
      for (let k = 0; k < workers; k++) this.listenTo(startWorker());
    } catch {
      // Workers are forbidden here: the page's thread does it all.
    }
  }

  /** Starts a curve, and drops the one under way. */
  start(request: CurveRequest, listener: CurveListener): void {
    this.cancel();
    this.request = request;
    this.listener = listener;
    this.waiting = curveTasks(request);
    this.missing = this.waiting.length;
    for (const hand of this.hands) this.feed(hand);
    const waitedMs = performance.now() - this.startedMs;
    const ownS = this.ports.length === 0 ? 0 : Math.max(0, this.patienceMs - waitedMs);
    this.timer = setTimeout(this.runSlice, ownS);
  }

  /** Drops the curve under way; none of its points are told any more. */
  cancel(): void {
    this.job++;
    this.request = null;
    this.listener = null;
    this.waiting = [];
    this.ownRun = null;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /** Ends the workers too. */
  dispose(): void {
    this.cancel();
    for (const port of this.ports) port.terminate();
  }

  private listenTo(port: CurveWorkerPort): void {
    this.ports.push(port);
    const hand: Hand = { port, job: -1, busy: false };
    port.onerror = () => {
      port.terminate();
      this.lose(hand);
    };
    port.onmessage = ({ data }) => {
      if (data.did === 'start') this.hands.push(hand);
      else {
        hand.busy = false;
        if (data.job === this.job) {
          if (data.did === 'fail') this.fail(data.message);
          else this.tell(data.point);
        }
      }
      this.feed(hand);
    };
  }

  /** Gives a worker its next run. */
  private feed(hand: Hand): void {
    if (hand.busy || this.request === null) return;
    const task = this.waiting.shift();
    if (task === undefined) return;
    const { job, request } = this;
    if (hand.job !== job) {
      hand.port.postMessage({ do: 'request', job, request });
      hand.job = job;
    }
    hand.busy = true;
    hand.port.postMessage({ do: 'task', job, task });
  }

  /** A worker broke: what it was doing is lost, so the curve begins anew without it. */
  private lose(hand: Hand): void {
    const at = this.hands.indexOf(hand);
    if (at >= 0) this.hands.splice(at, 1);
    this.ports.splice(this.ports.indexOf(hand.port), 1);
    const { request, listener } = this;
    if (hand.busy && request !== null && listener !== null) this.start(request, listener);
  }

  /** A slice of a run on the page's thread; only while no worker has reported. */
  private readonly runSlice = (): void => {
    this.timer = null;
    const { request } = this;
    if (request === null) return;
    if (this.ownRun === null) {
      if (this.hands.length > 0) return;
      const task = this.waiting.shift();
      if (task === undefined) return;
      this.attempt(() => (this.ownRun = new CurveRun(request, task)));
    }
    const run = this.ownRun;
    if (run !== null && this.attempt(() => run.advance(SLICE_EVENTS))) {
      this.ownRun = null;
      this.tell(run.point);
    }
    // The listener may have asked for another curve, which has a timer of its own.
    if (this.request !== null) this.timer ??= setTimeout(this.runSlice, 0);
  };

  /** A flow may be unfit for a run, or go beyond a limit in the middle of one. */
  private attempt<T>(work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  private tell(point: CurvePoint): void {
    const { listener } = this;
    this.missing--;
    const { job } = this;
    listener?.onPoint(point);
    if (this.job !== job || this.missing > 0) return;
    this.cancel();
    listener?.onDone();
  }

  private fail(message: string): void {
    const { listener } = this;
    this.cancel();
    listener?.onError(message);
  }
}
