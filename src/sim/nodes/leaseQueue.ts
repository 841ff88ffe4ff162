/**
 * A queue of the lease kind (as SQS): a receive hides the message for the visibility timeout, and
 * only a delete with the latest receipt ends it. Nobody notices a dead worker; the lease runs out.
 * With maxReceives 5 a message is run 5 times, and the 6th receive moves it to the dead-letter queue.
 */
import type { LeaseQueueSpec } from '../flow.ts';
import { MessageQueue } from '../kernel/messageQueue.ts';
import { Place } from '../kernel/queueContents.ts';
import { Overflow, queueState } from '../kernel/queueState.ts';
import type { Kernel, Result } from '../kernel/node.ts';
import type { KeyedRandom } from '../kernel/random.ts';

export class LeaseQueue extends MessageQueue {
  readonly state;

  /**
   * @param consumers nodes whose threads work off this queue
   * @param watchers nodes told how each message ended
   */
  constructor(
    id: string,
    index: number,
    spec: LeaseQueueSpec,
    consumers: readonly number[],
    watchers: readonly number[],
    random: KeyedRandom,
  ) {
    const options = {
      limit: Infinity,
      overflow: Overflow.DropOldest,
      publishing: spec,
      delayS: spec.delayS ?? 0,
      retentionS: spec.retentionS === undefined ? 345_600 : (spec.retentionS ?? Infinity),
      maxAttempts: spec.maxReceives ?? Infinity,
      groups: spec.groups ?? 0,
      priorityShares: [],
      deadLettersAll: false,
    };
    super(id, index, options, consumers, watchers, random);
    this.state = {
      ...queueState(options, this.way),
      visibilityS: spec.visibilityS ?? 30,
      inFlightLimit: spec.inFlightLimit === undefined ? 120_000 : (spec.inFlightLimit ?? Infinity),
      releases: spec.whenFailed === 'release',
    };
  }

  override set(kernel: Kernel, parameter: string, value: number | string | null): boolean {
    const { state } = this;
    switch (parameter) {
      case 'visibilityS':
        if (typeof value !== 'number' || !(value >= 0)) return false;
        state.visibilityS = value;
        return true;
      case 'maxReceives':
        if (value !== null && (typeof value !== 'number' || !(value >= 1))) return false;
        state.maxAttempts = value ?? Infinity;
        return true;
      case 'limit':
      case 'overflow':
        return false;
      default:
        return super.set(kernel, parameter, value);
    }
  }

  override take(kernel: Kernel, toNode: number, toCell: number): number {
    if (this.state.inFlight >= this.state.inFlightLimit) return -1;
    return super.take(kernel, toNode, toCell);
  }

  override settle(kernel: Kernel, message: number, result: Result, receipt: number): void {
    const full = this.state.inFlight >= this.state.inFlightLimit;
    super.settle(kernel, message, result, receipt);
    if (full) this.offer(kernel);
  }

  /** Nobody tells the queue that a worker died. */
  giveBack(kernel: Kernel, message: number, receipt: number): void {
    this.letGo(kernel, message, receipt);
  }

  protected leaseS(): number {
    return this.state.visibilityS;
  }

  protected override deliveriesAtMost(): number {
    return this.state.maxAttempts;
  }

  protected leaseEnded(kernel: Kernel, message: number): void {
    this.requeue(kernel, message, Place.ByAge);
  }

  protected failed(kernel: Kernel, message: number): void {
    if (!this.state.releases) return;
    this.land(kernel, message);
    // Work of no length must not be tried again without an event, or it would never end.
    if (kernel.clockS > kernel.messages.sinceS[message]) {
      this.requeue(kernel, message, Place.ByAge);
    } else this.putOnShelf(kernel, message, kernel.clockS);
  }
}
