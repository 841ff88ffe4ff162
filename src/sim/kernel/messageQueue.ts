/**
 * What every broker queue has in common: ready messages by priority, bounds, FIFO groups, delay,
 * retention, deliveries with receipts, the dead-letter queue. The kinds of queue differ in what
 * happens to a delivered message (`nodes/queue.ts`, `nodes/leaseQueue.ts`).
 *
 * Only ready messages count against the limit. A message that comes due while the queue is full
 * under `rejectPublish` or `blockProducer` waits on the shelf for a place; under `dropOldest` the
 * oldest makes room.
 */
import { VisibleEvent } from '../trace.ts';
import { MAX_VIEW_SHELF, MAX_VIEW_SLOTS, type BrokerView } from '../view.ts';
import { keyOf } from './keys.ts';
import { MessageLists } from './messageLists.ts';
import { DeadReason, MessagePhase } from './messages.ts';
import {
  eventTarget,
  MessageEnd,
  Result,
  Tally,
  type Broker,
  type Kernel,
  type NodeAction,
} from './node.ts';
import { Purpose, type KeyedRandom } from './random.ts';
import { RequestFlag } from './requests.ts';
import { WaitLine } from './waitLine.ts';

export const QueueCode = { Due: 0, Retention: 1, Lease: 2 } as const;

/** What a publish meets when the queue is full. */
export const Overflow = { DropOldest: 0, Reject: 1, Block: 2 } as const;

/** Dead letters kept for a redrive; beyond, the oldest are lost. */
const MAX_DEAD_KEPT = 10_000;
/** Shelf entries looked at when the soonest due are picked for the view. */
const SHELF_SCAN = 2048;

export interface QueueOptions {
  readonly limit: number;
  readonly overflow: number;
  readonly publishS: number;
  readonly delayS: number;
  readonly retentionS: number;
  /** Deliveries before a message is dead-lettered. */
  readonly maxAttempts: number;
  /** FIFO groups; 0: none. */
  readonly groups: number;
  /** Shares of messages, the most urgent class first; their sum is 1. */
  readonly priorityShares: readonly number[];
  /** Expired and dropped messages are dead-lettered, too. */
  readonly deadLettersAll: boolean;
}

/** The state of a queue with nothing in it. */
export function queueState(options: QueueOptions) {
  return {
    limit: options.limit,
    overflow: options.overflow,
    publishS: options.publishS,
    delayS: options.delayS,
    retentionS: options.retentionS,
    maxAttempts: options.maxAttempts,
    deadLettersAll: options.deadLettersAll ? 1 : 0,
    /** By priority; with groups, only messages whose turn in their group it is. */
    lists: new MessageLists(Math.max(1, options.priorityShares.length)),
    ready: 0,
    /** By group: who waits behind the group's message in front. */
    waiting: new MessageLists(options.groups),
    /** By group: its message that may be delivered, is in flight or on the shelf; −1 for none. */
    front: new Int32Array(options.groups).fill(-1),
    /** In the order in which their leases end. */
    flying: new MessageLists(1),
    inFlight: 0,
    /** Backing off or delayed, newest first. */
    shelf: new MessageLists(1),
    backingOff: 0,
    /** Of those, due already and waiting for a place. */
    waitingForPlace: 0,
    deadList: new MessageLists(1),
    /** Producers parked until there is room: their jobs. */
    producers: new WaitLine(),
    nextConsumer: 0,
    retentionArmedS: Infinity,
    leaseArmedS: Infinity,
    /** Since the start. */
    published: 0,
    acknowledged: 0,
    dead: 0,
    dropped: 0,
    refused: 0,
    expired: 0,
    redriven: 0,
    deliveries: 0,
    redeliveries: 0,
    /** Leases that ended before the worker was done. */
    leasesExpired: 0,
    /** Attempts to settle with a receipt that was not the latest. */
    staleReceipts: 0,
    blocked: 0,
  };
}

export type QueueState = ReturnType<typeof queueState>;

export abstract class MessageQueue implements Broker {
  readonly id: string;
  readonly index: number;
  abstract readonly state: QueueState;
  protected readonly key0: number;
  protected readonly key1: number;
  private readonly consumers: readonly number[];
  private readonly watchers: readonly number[];
  private readonly priorityShares: readonly number[];
  private readonly groups: number;

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
    this.consumers = consumers;
    this.watchers = watchers;
    this.priorityShares = options.priorityShares;
    this.groups = options.groups;
    [this.key0, this.key1] = random.keysOf(id);
  }

  get publishS(): number {
    return this.state.publishS;
  }

  get owed(): number {
    return this.state.ready + this.state.inFlight + this.state.backingOff;
  }

  get backlog(): number {
    return this.state.ready;
  }

  get dropped(): number {
    return this.state.dropped;
  }

  get deadLettered(): number {
    return this.state.dead;
  }

  /** How long a delivery may stay unsettled, seconds; Infinity: for ever. */
  protected abstract leaseS(): number;
  /** The lease of a delivery has ended; the message is no longer in flight. */
  protected abstract leaseEnded(kernel: Kernel, message: number): void;
  /** The work failed; the message is still in flight. */
  protected abstract failed(kernel: Kernel, message: number): void;
  /** The worker died; `receipt` is the delivery it had. */
  abstract giveBack(kernel: Kernel, message: number, receipt: number): void;

  start(): void {
    // Nothing happens in a queue until something is published.
  }

  handle(kernel: Kernel, code: number, slot: number, generation: number): void {
    switch (code) {
      case QueueCode.Due:
        if (kernel.messages.generation[slot] !== generation) return;
        if (!this.hasPlace()) {
          this.state.waitingForPlace++;
          return;
        }
        this.leaveShelf(kernel, slot);
        return;
      case QueueCode.Retention:
        this.expireReady(kernel);
        return;
      case QueueCode.Lease:
        this.endLeases(kernel);
        return;
    }
  }

  set(kernel: Kernel, parameter: string, value: number | string | null): boolean {
    const { state } = this;
    if (parameter === 'overflow') {
      if (value === 'rejectPublish') state.overflow = Overflow.Reject;
      else if (value === 'dropOldest') state.overflow = Overflow.DropOldest;
      else if (value === 'blockProducer') state.overflow = Overflow.Block;
      else return false;
      this.fillPlaces(kernel);
      return true;
    }
    if (parameter === 'limit') {
      if (value !== null && (typeof value !== 'number' || !(value >= 1))) return false;
      state.limit = value ?? Infinity;
      this.fillPlaces(kernel);
      return true;
    }
    if (parameter === 'retentionS') {
      if (value !== null && (typeof value !== 'number' || !(value > 0))) return false;
      state.retentionS = value ?? Infinity;
      this.armRetention(kernel);
      return true;
    }
    if (typeof value !== 'number' || !(value >= 0)) return false;
    switch (parameter) {
      case 'publishMs':
        state.publishS = value / 1000;
        return true;
      case 'delayS':
        state.delayS = value;
        return true;
      default:
        return false;
    }
  }

  act(kernel: Kernel, action: NodeAction): boolean {
    if (action.do !== 'redrive') return false;
    this.redrive(kernel);
    return true;
  }

  hold(kernel: Kernel, job: number): boolean {
    const { state } = this;
    if (state.overflow !== Overflow.Block) return false;
    if (state.producers.size === 0 && this.hasPlace()) return false;
    state.blocked++;
    state.producers.push(job, kernel.jobs.rows[job].generation);
    return true;
  }

  publish(
    kernel: Kernel,
    request: number,
    fromNode: number,
    fromCell: number,
    drawKey = 1,
  ): boolean {
    const { state, groups } = this;
    const { messages, requests, recorder } = kernel;
    if (state.overflow === Overflow.Reject && state.ready + state.waitingForPlace >= state.limit) {
      state.refused++;
      requests.rows[request].flags |= RequestFlag.Refused;
      recorder?.record(kernel, VisibleEvent.Refuse, request, this.index, -1, fromNode, fromCell, 0);
      return false;
    }
    const message = messages.create(request, this.index, kernel.clockS);
    messages.drawKey[message] = drawKey;
    requests.rows[request].references++;
    state.published++;
    const number = requests.rows[request].number;
    if (groups > 0) messages.group[message] = keyOf(number, groups);
    if (this.priorityShares.length > 1) {
      messages.priority[message] = this.drawPriority(kernel, number);
    }
    if (recorder !== null) recorder.published(kernel, request, this.index, fromNode, fromCell);
    if (state.delayS > 0) {
      this.putOnShelf(kernel, message, kernel.clockS + state.delayS);
      this.noteDepth(kernel);
      return true;
    }
    this.makeRoom(kernel);
    this.becomeReady(kernel, message, Place.Tail);
    this.noteDepth(kernel);
    this.offer(kernel);
    return true;
  }

  take(kernel: Kernel, toNode: number, toCell: number): number {
    const { state } = this;
    const { messages, recorder } = kernel;
    let message = this.nextReady();
    while (message >= 0 && messages.attempts[message] >= this.deliveriesAtMost()) {
      this.leaveReady(kernel, message);
      this.deadLetter(kernel, message, DeadReason.Attempts);
      message = this.nextReady();
    }
    if (message < 0) return -1;
    this.leaveReady(kernel, message);
    recorder?.waited(kernel, this.index, kernel.clockS - messages.sinceS[message]);
    messages.phase[message] = MessagePhase.InFlight;
    messages.sinceS[message] = kernel.clockS;
    messages.consumerNode[message] = toNode;
    messages.consumerCell[message] = toCell;
    messages.holders[message]++;
    messages.attempts[message]++;
    const receipt = ++messages.receipt[message];
    state.deliveries++;
    if (receipt > 1) state.redeliveries++;
    state.inFlight++;
    messages.dueS[message] = kernel.clockS + this.leaseS();
    state.flying.insertByDue(messages, 0, message);
    this.armLease(kernel);
    this.noteDepth(kernel);
    if (recorder !== null) {
      const request = messages.request[message];
      recorder.delivered(kernel, request, this.index, toNode, toCell, messages.attempts[message]);
    }
    if (state.waitingForPlace > 0 || state.producers.size > 0) this.fillPlaces(kernel);
    return message;
  }

  settle(kernel: Kernel, message: number, result: Result, receipt: number): void {
    const { state } = this;
    const { messages, requests, recorder } = kernel;
    if (!this.letGo(kernel, message, receipt)) return;
    if (result !== Result.Ok && result !== Result.Declined) {
      this.failed(kernel, message);
      return;
    }
    const request = messages.request[message];
    this.land(kernel, message);
    this.noteDepth(kernel);
    if (result === Result.Declined) {
      requests.rows[request].flags |= RequestFlag.DeclinedLater;
      kernel.origins[requests.rows[request].origin]!.noteLate(kernel, request);
    }
    state.acknowledged++;
    recorder?.acknowledged(kernel, request, this.index, result === Result.Declined ? 1 : 0);
    this.end(
      kernel,
      message,
      result === Result.Declined ? MessageEnd.Declined : MessageEnd.Acknowledged,
    );
  }

  extend(kernel: Kernel, message: number, receipt: number): boolean {
    const { messages } = kernel;
    if (messages.phase[message] !== MessagePhase.InFlight) return false;
    if (messages.receipt[message] !== receipt) return false;
    const { flying } = this.state;
    flying.unlink(messages, 0, message);
    messages.dueS[message] = kernel.clockS + this.leaseS();
    flying.insertByDue(messages, 0, message);
    return true;
  }

  withdraw(kernel: Kernel, request: number, drawKey: number): boolean {
    const { messages } = kernel;
    const { lists } = this.state;
    for (let list = 0; list < lists.heads.length; list++) {
      for (let m = lists.heads[list]; m >= 0; m = messages.next[m]!) {
        if (messages.request[m] !== request || messages.drawKey[m] !== drawKey) continue;
        this.leaveReady(kernel, m);
        kernel.recorder?.tally(kernel, this.index, Tally.Cancelled);
        this.end(kernel, m, MessageEnd.Withdrawn);
        this.noteDepth(kernel);
        this.fillPlaces(kernel);
        return true;
      }
    }
    return false;
  }

  createView(): BrokerView {
    return {
      kind: 'broker',
      id: this.id,
      index: this.index,
      ready: 0,
      inFlight: 0,
      backingOff: 0,
      deadLettered: 0,
      dropped: 0,
      refused: 0,
      limit: 0,
      oldestAgeS: 0,
      publishing: 0,
      shelfRequest: new Int32Array(MAX_VIEW_SHELF),
      shelfAttempt: new Int16Array(MAX_VIEW_SHELF),
      shelfSinceS: new Float64Array(MAX_VIEW_SHELF),
      shelfDueS: new Float64Array(MAX_VIEW_SHELF),
      maxAttempts: 0,
      deadRequest: new Int32Array(MAX_VIEW_SHELF),
      deadS: new Float64Array(MAX_VIEW_SHELF),
      readyRequest: new Int32Array(MAX_VIEW_SLOTS),
      readySinceS: new Float64Array(MAX_VIEW_SLOTS),
    };
  }

  readView(kernel: Kernel, view: BrokerView): void {
    const { state } = this;
    const { messages, requests } = kernel;
    view.ready = state.ready;
    view.inFlight = state.inFlight;
    view.backingOff = state.backingOff;
    view.deadLettered = state.dead;
    view.dropped = state.dropped;
    view.refused = state.refused;
    view.limit = state.limit;
    view.maxAttempts = state.maxAttempts;
    view.oldestAgeS = 0;
    view.publishing = 0;
    let slot = 0;
    for (let list = 0; list < state.lists.heads.length; list++) {
      let m = state.lists.heads[list];
      for (; m >= 0 && slot < MAX_VIEW_SLOTS; m = messages.next[m]!) {
        view.readyRequest[slot] = requests.rows[messages.request[m]].number!;
        view.readySinceS[slot] = messages.enqueuedS[m]!;
        const age = kernel.clockS - messages.enqueuedS[m];
        if (age > view.oldestAgeS) view.oldestAgeS = age;
        slot++;
      }
    }
    this.readShelf(kernel, view);
    let shown = 0;
    let m = state.deadList.tails[0];
    for (; m >= 0 && shown < MAX_VIEW_SHELF; m = messages.previous[m]!) {
      view.deadRequest[shown] = requests.rows[messages.request[m]].number!;
      view.deadS[shown] = messages.sinceS[m]!;
      shown++;
    }
  }

  private readShelf(kernel: Kernel, view: BrokerView): void {
    const { messages, requests } = kernel;
    let shown = 0;
    let scanned = 0;
    let m = this.state.shelf.heads[0];
    for (; m >= 0 && scanned < SHELF_SCAN; m = messages.next[m]!) {
      scanned++;
      const dueS = messages.dueS[m];
      let at = shown;
      while (at > 0 && view.shelfDueS[at - 1] > dueS) at--;
      if (at >= MAX_VIEW_SHELF) continue;
      const last = Math.min(shown, MAX_VIEW_SHELF - 1);
      for (let k = last; k > at; k--) {
        view.shelfRequest[k] = view.shelfRequest[k - 1]!;
        view.shelfAttempt[k] = view.shelfAttempt[k - 1]!;
        view.shelfSinceS[k] = view.shelfSinceS[k - 1]!;
        view.shelfDueS[k] = view.shelfDueS[k - 1]!;
      }
      view.shelfRequest[at] = requests.rows[messages.request[m]].number!;
      view.shelfAttempt[at] = messages.attempts[m]!;
      view.shelfSinceS[at] = messages.sinceS[m]!;
      view.shelfDueS[at] = dueS;
      if (shown < MAX_VIEW_SHELF) shown++;
    }
  }

  /** Deliveries after which a message is dead-lettered instead of delivered once more. */
  protected deliveriesAtMost(): number {
    return Infinity;
  }

  /**
   * A worker is done with its copy.
   * @returns true if its delivery is the latest and still in flight: then it may decide
   */
  protected letGo(kernel: Kernel, message: number, receipt: number): boolean {
    const { messages } = kernel;
    messages.holders[message]--;
    if (
      messages.phase[message] === MessagePhase.InFlight &&
      messages.receipt[message] === receipt
    ) {
      return true;
    }
    this.state.staleReceipts++;
    if (messages.phase[message] === MessagePhase.Gone) this.freeIfUnheld(kernel, message);
    return false;
  }

  /** Takes a message out of flight. */
  protected land(kernel: Kernel, message: number): void {
    this.state.flying.unlink(kernel.messages, 0, message);
    this.state.inFlight--;
  }

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

  /** Sends every dead letter back to the tail of the queue, as if enqueued now. */
  private redrive(kernel: Kernel): void {
    const { state } = this;
    const { messages } = kernel;
    for (let left = state.deadList.counts[0]; left > 0; left--) {
      const message = state.deadList.heads[0];
      state.deadList.unlink(messages, 0, message);
      messages.attempts[message] = 0;
      messages.enqueuedS[message] = kernel.clockS;
      messages.number[message] = messages.created++;
      state.redriven++;
      this.requeue(kernel, message, Place.Tail);
    }
  }

  private nextReady(): number {
    const { heads } = this.state.lists;
    for (let list = 0; list < heads.length; list++) if (heads[list] >= 0) return heads[list];
    return -1;
  }

  private becomeReady(kernel: Kernel, message: number, place: Place): void {
    const { state } = this;
    const { messages } = kernel;
    messages.phase[message] = MessagePhase.Ready;
    messages.sinceS[message] = kernel.clockS;
    state.ready++;
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
    this.armRetention(kernel);
  }

  private leaveReady(kernel: Kernel, message: number): void {
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
    state.lists.pushTail(messages, messages.priority[next], next);
    this.armRetention(kernel);
  }

  /** A message is over: acknowledged, dropped, expired or withdrawn. */
  private end(kernel: Kernel, message: number, how: MessageEnd): void {
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

  private freeIfUnheld(kernel: Kernel, message: number): void {
    const { messages } = kernel;
    if (messages.holders[message] > 0) return;
    const request = messages.request[message];
    messages.free(message);
    kernel.releaseRequest(request);
  }

  private hasPlace(): boolean {
    const { state } = this;
    return state.overflow === Overflow.DropOldest || state.ready < state.limit;
  }

  /** Whoever waited for a place takes those that have become free: the shelf first, the longest due first. */
  private fillPlaces(kernel: Kernel): void {
    const { state } = this;
    const { messages, jobs } = kernel;
    while (state.waitingForPlace > 0 && this.hasPlace()) {
      let first = -1;
      for (let m = state.shelf.heads[0]; m >= 0; m = messages.next[m]!) {
        if (first < 0 || messages.dueS[m] < messages.dueS[first]) first = m;
      }
      state.waitingForPlace--;
      this.leaveShelf(kernel, first);
    }
    while (state.producers.size > 0 && this.hasPlace()) {
      const job = state.producers.shift(jobs.generation);
      if (job < 0) return;
      this.publish(
        kernel,
        jobs.rows[job].request,
        jobs.rows[job].node,
        jobs.rows[job].thread,
        jobs.rows[job].publishKey,
      );
      kernel.callees[jobs.rows[job].node]!.resume(kernel, job, Result.Ok);
    }
  }

  private leaveShelf(kernel: Kernel, message: number): void {
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
  private makeRoom(kernel: Kernel): void {
    const { state } = this;
    if (state.ready < state.limit || state.overflow !== Overflow.DropOldest) return;
    const oldest = this.nextReady();
    if (oldest < 0) return;
    const { messages, recorder } = kernel;
    this.leaveReady(kernel, oldest);
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

  /** One event serves all: the oldest is at a head, and it is looked at again when it may be due. */
  private armRetention(kernel: Kernel): void {
    const { state } = this;
    if (state.retentionS === Infinity) return;
    let dueS = Infinity;
    for (let list = 0; list < state.lists.heads.length; list++) {
      const head = state.lists.heads[list];
      if (head >= 0) dueS = Math.min(dueS, kernel.messages.enqueuedS[head] + state.retentionS);
    }
    if (dueS >= state.retentionArmedS) return;
    state.retentionArmedS = dueS;
    const target = eventTarget(this.index, QueueCode.Retention);
    kernel.events.push(Math.max(dueS, kernel.clockS), target, 0, 0);
  }

  private expireReady(kernel: Kernel): void {
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
    this.fillPlaces(kernel);
    this.armRetention(kernel);
  }

  private armLease(kernel: Kernel): void {
    const { state } = this;
    const first = state.flying.heads[0];
    if (first < 0) return;
    const dueS = kernel.messages.dueS[first];
    if (dueS >= state.leaseArmedS) return;
    state.leaseArmedS = dueS;
    kernel.events.push(dueS, eventTarget(this.index, QueueCode.Lease), 0, 0);
  }

  private endLeases(kernel: Kernel): void {
    const { state } = this;
    const { messages, clockS } = kernel;
    state.leaseArmedS = Infinity;
    for (;;) {
      const message = state.flying.heads[0];
      if (message < 0 || messages.dueS[message] > clockS) break;
      this.land(kernel, message);
      state.leasesExpired++;
      kernel.recorder?.tally(kernel, this.index, Tally.LeaseExpired);
      this.leaseEnded(kernel, message);
    }
    this.armLease(kernel);
  }

  /** The class of a message, 0 the most urgent: the same for the same request in both lanes. */
  private drawPriority(kernel: Kernel, number: number): number {
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

/** Where a message joins the ready ones. */
export const Place = { Tail: 0, Head: 1, ByAge: 2 } as const;
export type Place = (typeof Place)[keyof typeof Place];
