/**
 * A broker queue of the acknowledging kind (as RabbitMQ's): a delivery stays with its consumer until
 * that acknowledges it, fails it or goes away. A failed message backs off on a shelf and is tried
 * again; what a dead consumer held goes back to its place at once.
 */
import type { QueueSpec } from '../flow.ts';
import { DeadReason, MessagePhase } from '../kernel/messages.ts';
import { MessageQueue } from '../kernel/messageQueue.ts';
import { Place } from '../kernel/queueContents.ts';
import { Overflow, queueState } from '../kernel/queueState.ts';
import type { Kernel } from '../kernel/node.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { VisibleEvent } from '../trace.ts';

const overflowOf = {
  dropOldest: Overflow.DropOldest,
  rejectPublish: Overflow.Reject,
  blockProducer: Overflow.Block,
} as const;

export class Queue extends MessageQueue {
  readonly state;
  private readonly jitter: 'none' | 'full' | 'equal';

  /**
   * @param consumers nodes whose threads work off this queue
   * @param watchers nodes told how each message ended
   */
  constructor(
    id: string,
    index: number,
    spec: QueueSpec,
    consumers: readonly number[],
    watchers: readonly number[],
    random: KeyedRandom,
  ) {
    const options = {
      limit: spec.limit ?? Infinity,
      overflow: overflowOf[spec.overflow ?? 'dropOldest'],
      publishing: spec,
      delayS: spec.delayS ?? 0,
      retentionS: spec.retentionS ?? Infinity,
      maxAttempts: spec.maxAttempts === undefined ? 5 : (spec.maxAttempts ?? Infinity),
      groups: spec.groups ?? 0,
      priorityShares: spec.priorityShares ?? [],
      deadLettersAll: spec.deadLetters === 'all',
    };
    super(id, index, options, consumers, watchers, random);
    this.jitter = spec.jitter ?? 'full';
    this.state = {
      ...queueState(options, this.way),
      deliveryLimit: spec.deliveryLimit ?? Infinity,
      backoffBaseS: spec.backoffBaseS ?? 1,
      backoffCapS: spec.backoffCapS ?? 30,
      ackTimeoutS: spec.ackTimeoutS ?? Infinity,
    };
  }

  override set(kernel: Kernel, parameter: string, value: number | string | null): boolean {
    const { state } = this;
    if (value === null) {
      switch (parameter) {
        case 'maxAttempts':
        case 'deliveryLimit':
        case 'ackTimeoutS':
          state[parameter] = Infinity;
          return true;
        default:
      }
    }
    if (typeof value === 'number' && value >= 0) {
      switch (parameter) {
        case 'maxAttempts':
          state.maxAttempts = Math.max(1, Math.floor(value));
          return true;
        case 'deliveryLimit':
          state.deliveryLimit = Math.floor(value);
          return true;
        case 'backoffBaseS':
          state.backoffBaseS = value;
          return true;
        case 'backoffCapS':
          state.backoffCapS = value;
          return true;
        case 'ackTimeoutS':
          if (value === 0) return false;
          state.ackTimeoutS = value;
          return true;
        default:
      }
    }
    return super.set(kernel, parameter, value);
  }

  giveBack(kernel: Kernel, message: number, receipt: number): void {
    if (!this.letGo(kernel, message, receipt)) return;
    this.land(kernel, message);
    this.comeBack(kernel, message);
  }

  recall(kernel: Kernel, message: number, receipt: number): void {
    const { messages } = kernel;
    if (messages.phase[message] !== MessagePhase.InFlight) return;
    if (messages.receipt[message] !== receipt) return;
    this.land(kernel, message);
    this.comeBack(kernel, message);
  }

  /** An acknowledgement timeout is not moved by a heartbeat. */
  override extend(kernel: Kernel, message: number, receipt: number): boolean {
    const { messages } = kernel;
    return (
      messages.phase[message] === MessagePhase.InFlight && messages.receipt[message] === receipt
    );
  }

  protected leaseS(): number {
    return this.state.ackTimeoutS;
  }

  /** The broker closes the channel: everything the consumer has not settled is delivered again. */
  protected leaseEnded(kernel: Kernel, message: number): void {
    const { consumerNode, consumerCell } = kernel.messages;
    const consumer = kernel.callees[consumerNode[message]];
    const cell = consumerCell[message];
    this.comeBack(kernel, message);
    consumer?.channelClosed?.(kernel, cell);
  }

  protected failed(kernel: Kernel, message: number): void {
    const { state } = this;
    const { messages, requests, recorder } = kernel;
    this.land(kernel, message);
    const attempts = messages.attempts[message];
    if (attempts >= state.maxAttempts) {
      this.deadLetter(kernel, message, DeadReason.Attempts);
      return;
    }
    const request = messages.request[message];
    const backoffS = this.backoffS(kernel, requests.rows[request].number, attempts);
    if (backoffS === 0 && kernel.clockS > messages.sinceS[message]) {
      // Requeued before the worker asks for its next: a poison message keeps its worker (RabbitMQ).
      this.requeue(kernel, message, Place.Head);
      return;
    }
    this.putOnShelf(kernel, message, kernel.clockS + backoffS);
    this.noteDepth(kernel);
    recorder?.record(kernel, VisibleEvent.BackOff, request, this.index, -1, -1, -1, attempts);
  }

  private comeBack(kernel: Kernel, message: number): void {
    if (++kernel.messages.returns[message] > this.state.deliveryLimit) {
      this.deadLetter(kernel, message, DeadReason.Attempts);
    } else this.requeue(kernel, message, Place.ByAge);
  }

  /** Before attempt n + 1: base · 2^(n − 1), at most the cap, then jittered. Seconds. */
  private backoffS(kernel: Kernel, request: number, attempts: number): number {
    const { state } = this;
    let ceilingS = state.backoffBaseS;
    for (let k = 1; k < attempts && ceilingS < state.backoffCapS; k++) ceilingS *= 2;
    ceilingS = Math.min(state.backoffCapS, ceilingS);
    if (this.jitter === 'none' || ceilingS === 0) return ceilingS;
    kernel.random.select(this.key0, this.key1, request, attempts, Purpose.Backoff);
    const part = kernel.random.uniform();
    return this.jitter === 'full' ? part * ceilingS : ceilingS / 2 + (part * ceilingS) / 2;
  }
}
