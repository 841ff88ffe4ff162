/**
 * Statistics that also tell classes of requests apart. Only runs whose clients have classes are
 * recorded by it, so that the others pay nothing.
 */
import type { Flow } from '../flow.ts';
import type { Kernel } from '../kernel/node.ts';
import { Outcome } from '../outcome.ts';
import { RunStatistics } from './runStatistics.ts';
import { SeriesSet } from './seriesSet.ts';

/** Series of durations per class. */
export const ClassSeries = { Response: 0, Wait: 1 } as const;
const SERIES = 2;
const OUTCOMES = 6;

export class ClassStatistics extends RunStatistics {
  /** Of all clients, one after the other. */
  readonly classSeries: SeriesSet;
  private readonly classState;
  /** By node: its first class, −1 for none. */
  private readonly firstOf: Int32Array;

  constructor(flow: Flow) {
    const nodes = Object.values(flow.nodes);
    super(nodes.length);
    let classes = 0;
    this.firstOf = Int32Array.from(nodes, (node) => {
      const count = node.kind === 'clients' ? (node.classes?.length ?? 0) : 0;
      classes += count;
      return count === 0 ? -1 : classes - count;
    });
    this.classSeries = new SeriesSet(classes * SERIES);
    this.classState = {
      series: this.classSeries.state,
      submitted: new Float64Array(classes),
      outcomes: new Float64Array(classes * OUTCOMES),
      openAtStart: new Float64Array(classes),
    };
    this.state.classes = this.classState;
  }

  /** First tries. @param position of the class among those of the clients at `node` */
  classSubmitted(node: number, position: number): number {
    return this.classState.submitted[this.firstOf[node] + position];
  }

  classOutcome(node: number, position: number, outcome: Outcome): number {
    return this.classState.outcomes[(this.firstOf[node] + position) * OUTCOMES + outcome];
  }

  /** Requests of the class that were open when the warm-up ended. */
  classOpenAtStart(node: number, position: number): number {
    return this.classState.openAtStart[this.firstOf[node] + position];
  }

  classSeriesOf(node: number, position: number, what: number): number {
    return (this.firstOf[node] + position) * SERIES + what;
  }

  override clear(nowS: number): void {
    super.clear(nowS);
    const { submitted, outcomes, openAtStart } = this.classState;
    for (let k = 0; k < submitted.length; k++) {
      let ended = 0;
      for (let outcome = 0; outcome < OUTCOMES; outcome++)
        ended += outcomes[k * OUTCOMES + outcome];
      openAtStart[k] += submitted[k] - ended;
    }
    submitted.fill(0);
    outcomes.fill(0);
    this.classSeries.clear();
  }

  override submitted(kernel: Kernel, request: number): void {
    super.submitted(kernel, request);
    const k = this.classAt(kernel, request);
    if (k >= 0) this.classState.submitted[k]++;
  }

  override rejected(kernel: Kernel, request: number, node: number): void {
    super.rejected(kernel, request, node);
    this.ended(kernel, request, Outcome.Rejected);
  }

  override gaveUp(kernel: Kernel, request: number): void {
    super.gaveUp(kernel, request);
    this.ended(kernel, request, Outcome.TimedOut);
  }

  override answered(kernel: Kernel, request: number, gone: boolean): void {
    super.answered(kernel, request, gone);
    if (gone) return;
    const { requests, clockS } = kernel;
    this.ended(kernel, request, requests.rows[request].outcome);
    const k = this.classAt(kernel, request);
    if (k < 0) return;
    this.classSeries.add(
      k * SERIES + ClassSeries.Response,
      clockS - requests.rows[request].submittedS,
    );
  }

  override handlerStarted(kernel: Kernel, job: number, node: number): void {
    super.handlerStarted(kernel, job, node);
    const { jobs, clockS } = kernel;
    if (jobs.rows[job].root === 0) return;
    const k = this.classAt(kernel, jobs.rows[job].request);
    if (k >= 0)
      this.classSeries.add(k * SERIES + ClassSeries.Wait, clockS - jobs.rows[job].arrivedS);
  }

  private ended(kernel: Kernel, request: number, outcome: number): void {
    const k = this.classAt(kernel, request);
    if (k >= 0) this.classState.outcomes[k * OUTCOMES + outcome]++;
  }

  private classAt(kernel: Kernel, request: number): number {
    const { requests } = kernel;
    const first = this.firstOf[requests.rows[request].origin];
    return first < 0 ? -1 : first + requests.classOf[request];
  }
}

export function hasClasses(flow: Flow): boolean {
  return Object.values(flow.nodes).some(
    (node) => node.kind === 'clients' && node.classes !== undefined,
  );
}
