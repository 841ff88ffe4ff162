/**
 * The way of a publish to its broker and back: how long until it is confirmed, what gets lost, and what
 * the producer does when no confirm comes. Every kind of broker has one.
 */
import type { PublishSpec } from '../flow.ts';
import type { Job } from './job.ts';
import type { Kernel, PublishWay, Tally } from './node.ts';

/** Of one publish. */
const MAX_ATTEMPTS = 1000;

export class BrokerWay implements PublishWay {
  /** Plain data. */
  readonly state;
  private readonly id: string;
  private readonly index: number;
  /** Keys of the draws by producer, which follow from its name: no part of the state. */
  private readonly keys: (readonly [number, number])[] = [];

  /** @param id of the broker, and its `index` */
  constructor(id: string, index: number, spec: PublishSpec) {
    this.id = id;
    this.index = index;
    this.state = {
      /** From the publish to its confirm, seconds. */
      publishS: (spec.publishMs ?? 0) / 1000,
      /** Each way, the share that gets lost. */
      loss: spec.publishLoss ?? 0,
      /** How long a producer waits for a confirm, seconds; Infinity: for ever. */
      confirmTimeoutS: (spec.confirmTimeoutMs ?? Infinity) / 1000,
      /** How often a producer publishes a message at most. */
      attempts: spec.publishAttempts ?? 1,
    };
  }

  /** Changes a parameter. @returns false if it is none of these, or out of its range */
  set(parameter: string, value: number | string | null): boolean {
    const { state } = this;
    if (parameter === 'confirmTimeoutMs' && value === null) {
      state.confirmTimeoutS = Infinity;
      return true;
    }
    if (typeof value !== 'number' || !(value >= 0 && value < Infinity)) return false;
    switch (parameter) {
      case 'publishMs':
        state.publishS = value / 1000;
        return true;
      case 'publishLoss':
        if (value > 1) return false;
        state.loss = value;
        return true;
      case 'confirmTimeoutMs':
        if (value === 0) return false;
        state.confirmTimeoutS = value / 1000;
        return true;
      case 'publishAttempts':
        if (value < 1 || value > MAX_ATTEMPTS) return false;
        state.attempts = Math.floor(value);
        return true;
      default:
        return false;
    }
  }

  loses(kernel: Kernel, job: Job, purpose: number): boolean {
    if (this.state.loss === 0) return false;
    const { node, request, publishKey } = job;
    const [key0, key1] = this.keysOf(kernel, node);
    return this.draws(
      kernel,
      key0,
      key1,
      kernel.requests.rows[request].number,
      publishKey,
      purpose,
    );
  }

  draws(
    kernel: Kernel,
    key0: number,
    key1: number,
    number: number,
    key: number,
    purpose: number,
  ): boolean {
    const { loss } = this.state;
    if (loss === 0) return false;
    kernel.random.select(key0, key1, number, key, purpose);
    return kernel.random.uniform() < loss;
  }

  tally(kernel: Kernel, what: Tally): void {
    kernel.recorder?.tally(kernel, this.index, what);
  }

  private keysOf(kernel: Kernel, producer: number): readonly [number, number] {
    return (this.keys[producer] ??= kernel.random.keysOf(
      `${kernel.callees[producer]!.id}/publish/${this.id}`,
    ));
  }
}
