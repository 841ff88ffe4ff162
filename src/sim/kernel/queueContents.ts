/**
 * What is in a broker queue, and where: ready messages by priority, whose turn it is in a FIFO group,
 * the shelf of those that are due later, bounds, retention and the dead-letter queue. How messages get
 * in and out is the affair of `messageQueue.ts`.
 *
 * Only ready messages count against the limit. A message that comes due while the queue is full
 * under `rejectPublish` or `blockProducer` waits on the shelf for a place; under `dropOldest` the
 * oldest makes room.
 */
import { VisibleEvent } from '../trace.ts';
import { DeadReason, MessagePhase } from './messages.ts';
import { eventTarget, MessageEnd, Tally, type Kernel } from './node.ts';
import { heldIsPublished, publishOne } from './publishes.ts';
import { BrokerWay } from './brokerWay.ts';
import { Purpose, type KeyedRandom } from './random.ts';
import { Overflow, QueueCode, type QueueOptions, type QueueState } from './queueState.ts';

/** Dead letters kept for a redrive; beyond, the oldest are lost. */
const MAX_DEAD_KEPT = 10_000;

/** Where a message joins the ready ones. */
export const Place = { Tail: 0, Head: 1, ByAge: 2 } as const;
export type Place = (typeof Place)[keyof typeof Place];

export abstract class QueueContents {
  readonly id: string;
  readonly index: number;
  abstract readonly state: QueueState;
  readonly way: BrokerWay;
  protected readonly key0: number;
  protected readonly key1: number;
  protected readonly priorityShares: readonly number[];
  protected readonly groups: number;
  private readonly consumers: readonly number[];
  private readonly watchers: readonly number[];

  /**
   * @param consumers nodes whose threads work off this queue
   * @param watchers nodes told how each message ended
   */
  constructor(
    id: string,
    index: number,
    options: QueueOptions,
    consumers: readonly number[],
    watchers: readonly number[],
    random: KeyedRandom,
  ) {
    this.id = id;
    this.index = index;
    this.way = new BrokerWay(id, index, options.publishing);
    this.consumers = consumers;
    this.watchers = watchers;
    this.priorityShares = options.priorityShares;
    this.groups = options.groups;
    [this.key0, this.key1] = random.keysOf(id);
  }

  /** For a producer that has waited for a place. */
  abstract publish(
    kernel: Kernel,
    request: number,
    fromNode: number,
    fromCell: number,
    drawKey?: number,
    copy?: number,
  ): boolean;

  /** Puts a message that was delivered before back among the ready ones. */
  protected requeue(kernel: Kernel, message: number, place: Place): void {
    const { messages, recorder } = kernel;
    if (kernel.clockS >= messages.enqueuedS[message] + this.state.retentionS) {
      this.expire(kernel, message);
      return;
    }
    recorder?.record(
      kernel,
      VisibleEvent.Requeue,
      messages.request[message],
      this.index,
      -1,
      -1,
      -1,
      messages.attempts[message],
    );
    // What comes back to its place was never out of the queue for those behind it.
    if (place !== Place.ByAge) this.makeRoom(kernel);
    this.becomeReady(kernel, message, place);
    this.noteDepth(kernel);
    this.offer(kernel);
  }

  protected putOnShelf(kernel: Kernel, message: number, dueS: number): void {
    const { messages } = kernel;
    messages.phase[message] = MessagePhase.BackingOff;
    messages.sinceS[message] = kernel.clockS;
    messages.dueS[message] = dueS;
    this.state.shelf.pushHead(messages, 0, message);
    this.state.backingOff++;
    kernel.events.push(
      dueS,
      eventTarget(this.index, QueueCode.Due),
      message,
      messages.generation[message],
    );
  }

  /** Moves a message to the dead-letter queue; it keeps its original time. */
  protected deadLetter(kernel: Kernel, message: number, reason: number): void {
    const { state } = this;
    const { messages, recorder } = kernel;
    const request = messages.request[message];
    const attempts = messages.attempts[message];
    recorder?.record(kernel, VisibleEvent.DeadLetter, request, this.index, -1, -1, -1, attempts);
    this.openGroup(kernel, message);
    messages.phase[message] = MessagePhase.Dead;
    messages.sinceS[message] = kernel.clockS;
    messages.reason[message] = reason;
    state.dead++;
    state.deadList.pushTail(messages, 0, message);
    this.tell(kernel, message, MessageEnd.DeadLettered);
    if (state.deadList.counts[0] > MAX_DEAD_KEPT) {
      const oldest = state.deadList.heads[0];
      state.deadList.unlink(messages, 0, oldest);
      messages.phase[oldest] = MessagePhase.Gone;
      this.freeIfUnheld(kernel, oldest);
    }
    this.noteDepth(kernel);
  }

  /** Offers what is ready to the consumers in turn until one takes something. */
  protected offer(kernel: Kernel): void {
    const { state, consumers } = this;
    for (let k = 0; k < consumers.length && state.ready > 0; k++) {
      const at = (state.nextConsumer + k) % consumers.length;
      if (kernel.callees[consumers[at]]!.offer(kernel)) {
        state.nextConsumer = (at + 1) % consumers.length;
        return;
      }
    }
  }

  protected noteDepth(kernel: Kernel): void {
    const { ready, inFlight, backingOff } = this.state;
    kernel.recorder?.depth(kernel, this.index, ready, inFlight, backingOff);
  }

  /**
   * Sends the dead letters back to the tail of the queue, as if enqueued now; under `rejectPublish` and
   * `blockProducer` as many as there are places for.
   */
  protected redrive(kernel: Kernel): void {
    const { state } = this;
    const { messages } = kernel;
    for (let left = state.deadList.counts[0]; left > 0 && this.hasPlace(); left--) {
      const message = state.deadList.heads[0];
      state.deadList.unlink(messages, 0, message);
      messages.attempts[message] = 0;
      messages.returns[message] = 0;
      messages.enqueuedS[message] = kernel.clockS;
      messages.number[message] = messages.created++;
      state.redriven++;
      this.requeue(kernel, message, Place.Tail);
    }
  }

  protected nextReady(): number {
    const { heads } = this.state.lists;
    for (let list = 0; list < heads.length; list++) if (heads[list] >= 0) return heads[list];
    return -1;
  }

  /** The oldest of those who wait for their turn in a group; −1 if nobody does. */
  private oldestWaiting({ messages }: Kernel): number {
    let oldest = -1;
    for (const head of this.state.waiting.heads) {
      if (head < 0) continue;
      if (oldest < 0 || messages.number[head] < messages.number[oldest]) oldest = head;
    }
    return oldest;
  }

  protected becomeReady(kernel: Kernel, message: number, place: Place): void {
    const { state } = this;
    const { messages } = kernel;
    messages.phase[message] = MessagePhase.Ready;
    messages.sinceS[message] = kernel.clockS;
    state.ready++;
    this.armRetentionAt(kernel, messages.enqueuedS[message] + state.retentionS);
    const group = messages.group[message];
    if (group >= 0) {
      const front = state.front[group];
      if (front >= 0 && front !== message) {
        state.waiting.pushTail(messages, group, message);
        return;
      }
      state.front[group] = message;
    }
    const list = messages.priority[message];
    if (place === Place.Tail) state.lists.pushTail(messages, list, message);
    else if (place === Place.Head) state.lists.pushHead(messages, list, message);
    else state.lists.insertByNumber(messages, list, message);
  }

  protected leaveReady(kernel: Kernel, message: number): void {
    this.state.lists.unlink(kernel.messages, kernel.messages.priority[message], message);
    this.state.ready--;
  }

  /** The message leaves its group for good: the next of the group may be delivered. */
  private openGroup(kernel: Kernel, message: number): void {
    const { state } = this;
    const { messages } = kernel;
    const group = messages.group[message];
    if (group < 0 || state.front[group] !== message) return;
    const next = state.waiting.heads[group];
    state.front[group] = next;
    if (next < 0) return;
    state.waiting.unlink(messages, group, next);
    // To its place by age: it may have waited longer than all who are ready.
    state.lists.insertByNumber(messages, messages.priority[next], next);
  }

  /** A message is over: acknowledged, dropped, expired or withdrawn. */
  protected end(kernel: Kernel, message: number, how: MessageEnd): void {
    const { messages } = kernel;
    const group = messages.group[message];
    this.openGroup(kernel, message);
    messages.phase[message] = MessagePhase.Gone;
    this.tell(kernel, message, how);
    this.freeIfUnheld(kernel, message);
    if (group >= 0 && this.state.front[group] >= 0) this.offer(kernel);
  }

  private tell(kernel: Kernel, message: number, how: MessageEnd): void {
    const { watchers } = this;
    for (let k = 0; k < watchers.length; k++) {
      kernel.watchers[watchers[k]]!.messageEnded(kernel, message, how);
    }
  }

  protected freeIfUnheld(kernel: Kernel, message: number): void {
    const { messages } = kernel;
    if (messages.holders[message] > 0) return;
    const request = messages.request[message];
    messages.free(message);
    kernel.releaseRequest(request);
  }

  protected hasPlace(): boolean {
    const { state } = this;
    return state.overflow === Overflow.DropOldest || state.ready < state.limit;
  }

  /**
   * Whether nothing that is ready can be delivered before this message, on the shelf, has come back: all
   * of it waits behind the fronts of groups, and this is one. It needs no place, or there would never be one.
   */
  protected holdsUp({ messages }: Kernel, message: number): boolean {
    const group = messages.group[message];
    return group >= 0 && this.state.front[group] === message && this.nextReady() < 0;
  }

  /** Who comes back next of those that are due and wait, the longest due first; −1 if nobody may. */
  private nextDue(kernel: Kernel): number {
    const { messages } = kernel;
    const free = this.hasPlace();
    let first = -1;
    if (!free && (this.groups === 0 || this.nextReady() >= 0)) return first;
    for (let m = this.state.shelf.heads[0]; m >= 0; m = messages.next[m]!) {
      if (messages.phase[m] !== MessagePhase.Due || !(free || this.holdsUp(kernel, m))) continue;
      if (first < 0 || messages.dueS[m] <= messages.dueS[first]) first = m;
    }
    return first;
  }

  /** Whoever waited for a place takes those that have become free: the shelf first. */
  protected fillPlaces(kernel: Kernel): void {
    const { state } = this;
    const { jobs } = kernel;
    while (state.waitingForPlace > 0) {
      const first = this.nextDue(kernel);
      if (first < 0) break;
      state.waitingForPlace--;
      this.leaveShelf(kernel, first);
    }
    while (state.producers.size > 0 && this.hasPlace()) {
      const job = state.producers.shift(jobs);
      if (job < 0) return;
      // Producers of many messages take turns.
      if (publishOne(kernel, this, job)) {
        state.producers.push(job, jobs.rows[job].generation);
        continue;
      }
      heldIsPublished(kernel, this, job);
    }
  }

  protected leaveShelf(kernel: Kernel, message: number): void {
    const { state } = this;
    const { messages } = kernel;
    state.shelf.unlink(messages, 0, message);
    state.backingOff--;
    if (messages.attempts[message] === 0) {
      this.makeRoom(kernel);
      this.becomeReady(kernel, message, Place.Tail);
      this.noteDepth(kernel);
      this.offer(kernel);
      return;
    }
    this.requeue(kernel, message, Place.Head);
  }

  /** RabbitMQ drops from the head, which with priorities is the most urgent message. */
  protected makeRoom(kernel: Kernel): void {
    const { state } = this;
    if (state.ready < state.limit || state.overflow !== Overflow.DropOldest) return;
    const { messages, recorder } = kernel;
    let oldest = this.nextReady();
    if (oldest >= 0) this.leaveReady(kernel, oldest);
    else {
      // All that are ready wait behind the front of their group, which is in flight or on the shelf.
      oldest = this.oldestWaiting(kernel);
      if (oldest < 0) return;
      state.waiting.unlink(messages, messages.group[oldest], oldest);
      state.ready--;
    }
    recorder?.waited(kernel, this.index, kernel.clockS - messages.sinceS[oldest]);
    if (state.deadLettersAll === 1) {
      this.deadLetter(kernel, oldest, DeadReason.Overflow);
      return;
    }
    state.dropped++;
    const request = messages.request[oldest];
    recorder?.record(kernel, VisibleEvent.Drop, request, this.index, -1, -1, -1, 0);
    this.end(kernel, oldest, MessageEnd.Dropped);
  }

  private expire(kernel: Kernel, message: number): void {
    const { state } = this;
    kernel.recorder?.tally(kernel, this.index, Tally.Expired);
    if (state.deadLettersAll === 1) {
      this.deadLetter(kernel, message, DeadReason.Expired);
      return;
    }
    state.expired++;
    const request = kernel.messages.request[message];
    kernel.recorder?.record(kernel, VisibleEvent.Drop, request, this.index, -1, -1, -1, 1);
    this.end(kernel, message, MessageEnd.Expired);
    this.noteDepth(kernel);
  }

  /** One event serves all: the oldest are at heads, and they are looked at again when one may be due. */
  protected armRetention(kernel: Kernel): void {
    const { state } = this;
    if (state.retentionS === Infinity) return;
    let oldestS = Infinity;
    for (const { heads } of [state.lists, state.waiting]) {
      for (let list = 0; list < heads.length; list++) {
        if (heads[list] >= 0) oldestS = Math.min(oldestS, kernel.messages.enqueuedS[heads[list]]);
      }
    }
    this.armRetentionAt(kernel, oldestS + state.retentionS);
  }

  private armRetentionAt(kernel: Kernel, dueS: number): void {
    const { state } = this;
    if (dueS >= state.retentionArmedS) return;
    state.retentionArmedS = dueS;
    const target = eventTarget(this.index, QueueCode.Retention);
    kernel.events.push(Math.max(dueS, kernel.clockS), target, 0, 0);
  }

  protected expireReady(kernel: Kernel): void {
    const { state } = this;
    const { messages, clockS } = kernel;
    state.retentionArmedS = Infinity;
    for (let list = 0; list < state.lists.heads.length; list++) {
      for (;;) {
        const head = state.lists.heads[list];
        if (head < 0 || messages.enqueuedS[head] + state.retentionS > clockS) break;
        this.leaveReady(kernel, head);
        this.expire(kernel, head);
      }
    }
    // Whose turn in a group has not come grows old as well.
    for (let group = 0; group < state.waiting.heads.length; group++) {
      for (;;) {
        const head = state.waiting.heads[group];
        if (head < 0 || messages.enqueuedS[head] + state.retentionS > clockS) break;
        state.waiting.unlink(messages, group, head);
        state.ready--;
        this.expire(kernel, head);
      }
    }
    this.fillPlaces(kernel);
    this.armRetention(kernel);
  }

  /** The class of a message, 0 the most urgent: the same for the same request in both lanes. */
  protected drawPriority(kernel: Kernel, number: number): number {
    const { priorityShares } = this;
    kernel.random.select(this.key0, this.key1, number, 0, Purpose.Priority);
    let left = kernel.random.uniform();
    for (let k = 0; k < priorityShares.length - 1; k++) {
      left -= priorityShares[k];
      if (left < 0) return k;
    }
    return priorityShares.length - 1;
  }
}
