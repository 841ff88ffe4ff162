/**
 * A topic: every subscription is a queue of its own and gets its own copy of each message, with its
 * own retries, bounds and dead letters (as SNS in front of SQS). The topic itself holds nothing.
 */
import type { TopicSpec } from '../flow.ts';
import { emptyBrokerView } from '../kernel/brokerView.ts';
import { Tally, type Broker, type Kernel } from '../kernel/node.ts';
import { BrokerWay } from '../kernel/brokerWay.ts';
import type { BrokerView } from '../view.ts';

export class Topic implements Broker {
  readonly id: string;
  readonly index: number;
  readonly state;
  readonly way: BrokerWay;
  readonly backlog = 0;
  readonly owed = 0;
  readonly dropped = 0;
  readonly deadLettered = 0;
  private readonly subscriptions: readonly number[];

  constructor(id: string, index: number, spec: TopicSpec, nodeIndex: (id: string) => number) {
    this.id = id;
    this.index = index;
    this.subscriptions = spec.subscriptions.map(nodeIndex);
    this.way = new BrokerWay(id, index, spec);
    this.state = { publishing: this.way.state, published: 0 };
  }

  start(): void {
    // Nothing happens here until something is published.
  }

  handle(): void {
    // A topic has no events of its own.
  }

  set(_kernel: Kernel, parameter: string, value: number | string | null): boolean {
    return this.way.set(parameter, value);
  }

  act(): boolean {
    return false;
  }

  /** A full subscription cannot hold up the producer of all the others. */
  hold(): boolean {
    return false;
  }

  publish(
    kernel: Kernel,
    request: number,
    fromNode: number,
    fromCell: number,
    _drawKey = 1,
    copy = 0,
    attempt = 1,
  ): boolean {
    this.state.published++;
    kernel.recorder?.tally(kernel, this.index, Tally.TopicEvent);
    let taken = true;
    for (const subscription of this.subscriptions) {
      const queue = kernel.brokers[subscription]!;
      // The same demands for all of a request, but for what is published again.
      if (!queue.publish(kernel, request, fromNode, fromCell, attempt, copy)) taken = false;
    }
    return taken;
  }

  take(): number {
    return -1;
  }

  settle(): void {
    // Deliveries are settled with the subscription's queue.
  }

  giveBack(): void {
    // As above.
  }

  extend(): boolean {
    return false;
  }

  withdraw(): boolean {
    return false;
  }

  createView(): BrokerView {
    return emptyBrokerView(this.id, this.index);
  }

  readView(): void {
    // It holds nothing.
  }
}
