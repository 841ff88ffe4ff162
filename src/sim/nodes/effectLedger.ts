/**
 * What workers know of the effects that have happened. Every effect is remembered, so that duplicates
 * are counted; what an idempotent consumer itself can know depends on its key and how long that lives.
 */
import type { WorkersSpec } from '../flow.ts';
import type { KeyTable } from '../kernel/keyTable.ts';
import { Tally, type Kernel } from '../kernel/node.ts';
import type { NumberSet } from '../kernel/numberSet.ts';
import { Idempotency, type WorkersState } from './workersState.ts';

/** Keys of copies of one event follow those of orders: more of either than any run has. */
const FIRST_COPY = 1_099_511_627_776;
const COPIES = 1_048_576;

export class EffectLedger {
  private readonly state: WorkersState;
  private readonly node: number;
  private readonly keyIsMessage: boolean;
  /** Of all nodes of the consumer group. */
  private memory: {
    readonly effected: NumberSet;
    readonly effectedCopies: KeyTable;
    readonly keys: KeyTable;
  };
  /** By node: which of the clients it is, so that request numbers of several do not collide. */
  private originOrdinals = new Int32Array(0);
  private origins = 1;

  /** @param node whose effects these are */
  constructor(state: WorkersState, node: number, key: WorkersSpec['idempotencyKey']) {
    this.state = state;
    this.node = node;
    this.keyIsMessage = key === 'message';
    this.memory = state;
  }

  /** @param memory state of the node that remembers for its whole group */
  start(kernel: Kernel, memory: WorkersState): void {
    this.memory = memory;
    this.originOrdinals = new Int32Array(kernel.origins.length);
    let origins = 0;
    kernel.origins.forEach((origin, k) => {
      if (origin !== null) this.originOrdinals[k] = origins++;
    });
    this.origins = Math.max(1, origins);
  }

  /** The effect of a job's message happens. */
  record(kernel: Kernel, job: number): void {
    const { state } = this;
    const { keys } = this.memory;
    const business = this.businessKey(kernel, job);
    state.effects++;
    if (this.hasHappened(business)) {
      state.duplicateEffects++;
      kernel.recorder?.tally(kernel, this.node, Tally.DuplicateEffect);
    } else {
      if (business < FIRST_COPY) this.memory.effected.add(business);
      else this.memory.effectedCopies.put(business, Infinity, kernel.clockS);
      kernel.recorder?.tally(kernel, this.node, Tally.Effect);
    }
    if (state.idempotency !== Idempotency.none && (this.keyIsMessage || state.keyTtlS < Infinity)) {
      keys.put(this.keyOf(kernel, job), kernel.clockS + state.keyTtlS, kernel.clockS);
    }
  }

  /** Whether the consumer remembers that the effect of this message has happened. */
  knows(kernel: Kernel, job: number): boolean {
    const { state } = this;
    if (this.keyIsMessage || state.keyTtlS < Infinity) {
      return this.memory.keys.has(this.keyOf(kernel, job), kernel.clockS);
    }
    return this.hasHappened(this.businessKey(kernel, job));
  }

  private hasHappened(business: number): boolean {
    const { effected, effectedCopies } = this.memory;
    return business < FIRST_COPY ? effected.has(business) : effectedCopies.has(business, 0);
  }

  private keyOf(kernel: Kernel, job: number): number {
    if (this.keyIsMessage) return kernel.messages.number[kernel.jobs.rows[job].message];
    return this.businessKey(kernel, job);
  }

  private businessKey(kernel: Kernel, job: number): number {
    const { requests, jobs } = kernel;
    const { request, message } = jobs.rows[job];
    const order =
      requests.rows[request].number * this.origins +
      this.originOrdinals[requests.rows[request].origin];
    const copy = kernel.messages.copy[message];
    return copy === 0 ? order : FIRST_COPY + order * COPIES + copy;
  }
}
