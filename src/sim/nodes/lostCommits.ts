/**
 * Commits of a log that got lost, by place (group, then partition). A consumer whose position is not
 * committed commits it again after an interval (as Kafka's auto-commit does with every interval in which it
 * polls), on the way of the lost one; that may get lost too. Sent so much later, it arrives so much later.
 */
import { drawKey } from '../kernel/calls.ts';
import { eventTarget, type Callee, type Kernel } from '../kernel/node.ts';

export class LostCommits {
  /** Plain data. */
  readonly state;
  private readonly index: number;
  private readonly code: number;

  /**
   * @param index of the log, and `code` of its event at which a commit is made again
   * @param places groups × partitions
   */
  constructor(index: number, code: number, places: number, intervalS: number) {
    this.index = index;
    this.code = code;
    this.state = {
      /** Infinity: never again. */
      intervalS,
      /** Counts how often a place began or ceased to wait; tells a stale timer. */
      epoch: new Int32Array(places),
      /** Commits made again since. */
      tries: new Int32Array(places),
      /** Of the first commit that was lost: number of its request, and key of its draws. */
      request: new Float64Array(places),
      key: new Int32Array(places),
    };
  }

  /** The first commit of a place that is behind has got lost. */
  begin(kernel: Kernel, at: number, record: number, receipt: number): void {
    const { state } = this;
    const { messages, requests } = kernel;
    state.epoch[at]++;
    state.tries[at] = 0;
    state.request[at] = requests.rows[messages.request[record]].number;
    state.key[at] = drawKey(messages.drawKey[record], 0, receipt);
    this.arm(kernel, at);
  }

  /** The place is no longer behind: all is committed, or will be done again. */
  end(at: number): void {
    this.state.epoch[at]++;
  }

  isDue(at: number, generation: number): boolean {
    return this.state.epoch[at] === generation;
  }

  /** The commit is made again. @returns false if it gets lost too: then it will be made once more */
  arrives(kernel: Kernel, at: number, consumer: Callee): boolean {
    const { state } = this;
    const key = drawKey(state.key[at], 0, 1 + ++state.tries[at]);
    if (consumer.losesCommit?.(kernel, state.request[at], key) !== true) return true;
    this.arm(kernel, at);
    return false;
  }

  private arm(kernel: Kernel, at: number): void {
    const { intervalS, epoch } = this.state;
    if (intervalS === Infinity) return;
    const target = eventTarget(this.index, this.code);
    kernel.events.push(kernel.clockS + intervalS, target, at, epoch[at]);
  }
}
