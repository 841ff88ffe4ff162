/**
 * Statistics that also tell classes of requests apart. Only runs whose clients have classes are
 * recorded by it, so that the others pay nothing.
 */
import type { Flow } from '../flow.ts';
import type { Job } from '../kernel/job.ts';
import type { Request } from '../kernel/request.ts';
import type { Kernel } from '../kernel/node.ts';
import { Outcome } from '../outcome.ts';
import type { FanOutStatistics } from './fanOutStatistics.ts';
import { RunStatistics } from './runStatistics.ts';
import { Series } from './series.ts';

const OUTCOMES = 6;

/** What is recorded of one class: plain data. */
export class ClassFigures {
  /** First tries. */
  submitted = 0;
  /** Requests that were open when the warm-up ended. */
  openAtStart = 0;
  /** Requests that have ended, by outcome. */
  readonly outcomes = new Float64Array(OUTCOMES);
  /** Submit to answer, over the requests answered while their user waited. */
  readonly response = new Series();
  /** In the accept queue of the first service, over the attempts that left it for a thread. */
  readonly wait = new Series();

  get ended(): number {
    return this.outcomes.reduce((sum, count) => sum + count, 0);
  }

  clear(): void {
    this.openAtStart += this.submitted - this.ended;
    this.submitted = 0;
    this.outcomes.fill(0);
    this.response.clear();
    this.wait.clear();
  }
}

export class ClassStatistics extends RunStatistics {
  /** By node: its classes, in the order of the flow; none where there are no clients with classes. */
  private readonly classes: readonly (readonly ClassFigures[])[];

  constructor(flow: Flow, edges: number, fanOut: FanOutStatistics | null) {
    const nodes = Object.values(flow.nodes);
    super(nodes.length, edges, fanOut);
    this.classes = nodes.map((node) =>
      node.kind === 'clients' ? (node.classes ?? []).map(() => new ClassFigures()) : [],
    );
    this.state.classes = Object.fromEntries(this.classes.flat().map((figures, k) => [k, figures]));
  }

  /** @param position of the class among those of the clients at `node` */
  classAt(node: number, position: number): ClassFigures {
    return this.classes[node][position];
  }

  override clear(nowS: number): void {
    super.clear(nowS);
    for (const figures of this.classes.flat()) figures.clear();
  }

  override submitted(kernel: Kernel, request: Request): void {
    super.submitted(kernel, request);
    const figures = this.classOf(request);
    if (figures !== undefined) figures.submitted++;
  }

  override rejected(kernel: Kernel, request: number, node: number): void {
    super.rejected(kernel, request, node);
    this.ended(kernel.requests.rows[request], Outcome.Rejected);
  }

  override gaveUp(kernel: Kernel, request: number): void {
    super.gaveUp(kernel, request);
    this.ended(kernel.requests.rows[request], Outcome.TimedOut);
  }

  override answered(kernel: Kernel, request: Request, gone: boolean): void {
    super.answered(kernel, request, gone);
    if (gone) return;
    this.ended(request, request.outcome);
    this.classOf(request)?.response.add(kernel.clockS - request.submittedS);
  }

  override handlerStarted(kernel: Kernel, job: Job, node: number): void {
    super.handlerStarted(kernel, job, node);
    if (job.root === 0) return;
    this.classOf(kernel.requests.rows[job.request])?.wait.add(kernel.clockS - job.arrivedS);
  }

  private ended(request: Request, outcome: number): void {
    const figures = this.classOf(request);
    if (figures !== undefined) figures.outcomes[outcome]++;
  }

  private classOf({ origin, classOf }: Request): ClassFigures | undefined {
    return this.classes[origin][classOf];
  }
}

export function hasClasses(flow: Flow): boolean {
  return Object.values(flow.nodes).some(
    (node) => node.kind === 'clients' && node.classes !== undefined,
  );
}
