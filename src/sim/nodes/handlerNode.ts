/** What services and workers have in common: a node that runs handlers, and its calls to other nodes. */
import type { CallEdge } from '../kernel/callEdge.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import { drawKey } from '../kernel/calls.ts';
import type { Job } from '../kernel/job.ts';
import { Result, type Kernel } from '../kernel/node.ts';
import type { Program } from '../kernel/program.ts';
import type { KeyedRandom } from '../kernel/random.ts';

export abstract class HandlerNode {
  readonly id: string;
  readonly index: number;
  protected readonly program: Program;
  protected readonly key0: number;
  protected readonly key1: number;
  /** By call step: its edge, null where calls go straight to the target; the target; ordinal and entry there. */
  protected readonly edges: readonly (CallEdge | null)[];
  protected readonly targets: Int32Array;
  private readonly ordinals: Int32Array;
  private readonly entries: Int32Array;

  constructor(id: string, index: number, program: Program, random: KeyedRandom, edges: CallEdges) {
    this.id = id;
    this.index = index;
    this.program = program;
    [this.key0, this.key1] = random.keysOf(id);
    const { calls } = program;
    this.entries = new Int32Array(calls.length);
    this.targets = Int32Array.from(calls, ({ target }) => target);
    this.ordinals = Int32Array.from(calls, ({ target }) => edges.nextOrdinal(target));
    this.edges = calls.map(({ name, target, policy, goesOn }, k) =>
      policy === null ? null : edges.add(id, name, index, target, this.ordinals[k], policy, goesOn),
    );
  }

  /** A parked job gets the answer it waits for. */
  abstract resume(kernel: Kernel, job: number, result: Result): void;

  /** To be called once all nodes are there. */
  protected findEntries(kernel: Kernel): void {
    this.program.calls.forEach(({ target, endpoint }, k) => {
      this.entries[k] = kernel.callees[target]!.entryOf(endpoint);
    });
  }

  /** The job is parked already. When this returns it may have gone on, or even have ended. */
  protected call(kernel: Kernel, job: Job, step: number): void {
    const { jobs } = kernel;
    const key = job.drawKey;
    const edge = this.edges[step];
    if (edge !== null) {
      edge.call(kernel, job.request, job.index, key, this.entries[step], job.deadlineS);
      return;
    }
    const target = this.targets[step];
    const calleeKey = drawKey(key, this.ordinals[step], 1);
    const { request, index } = job;
    const callee = jobs.create(target, request, index, this.entries[step], calleeKey, kernel);
    job.callee = callee.index;
    if (!kernel.callees[target]!.arrive(kernel, callee)) {
      jobs.release(callee);
      this.resume(kernel, index, Result.Rejected);
    }
  }

  protected draw(kernel: Kernel, job: Job, purpose: number): number {
    const { random, requests } = kernel;
    const { number } = requests.rows[job.request];
    random.select(this.key0, this.key1, number, job.drawKey, purpose);
    return random.uniform();
  }
}
