/**
 * What every broker queue has in common: publishing, deliveries with receipts and leases, settling. The
 * kinds of queue differ in what happens to a delivered message (`nodes/queue.ts`, `nodes/leaseQueue.ts`).
 */
import { VisibleEvent } from '../trace.ts';
import type { BrokerView } from '../view.ts';
import { emptyBrokerView } from './brokerView.ts';
import { keyOf, keyOfCopy } from './keys.ts';
import type { MessageLists } from './messageLists.ts';
import { DeadReason, MessagePhase, type MessageTable } from './messages.ts';
import {
  eventTarget,
  MessageEnd,
  Result,
  Tally,
  type Broker,
  type Kernel,
  type NodeAction,
} from './node.ts';
import { Place, QueueContents } from './queueContents.ts';
import { Overflow, QueueCode } from './queueState.ts';
import { readQueue } from './queueView.ts';
import { RequestFlag } from './requests.ts';

export abstract class MessageQueue extends QueueContents implements Broker {
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
        if (kernel.messages.phase[slot] !== MessagePhase.BackingOff) return;
        if (!this.hasPlace() && !this.holdsUp(kernel, slot)) {
          kernel.messages.phase[slot] = MessagePhase.Due;
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
    if (this.way.set(parameter, value)) return true;
    if (parameter !== 'delayS' || typeof value !== 'number' || !(value >= 0)) return false;
    state.delayS = value;
    return true;
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
    copy = 0,
  ): boolean {
    const { state, groups } = this;
    const { messages, requests, recorder } = kernel;
    if (this.refuses()) {
      state.refused++;
      requests.rows[request].flags |= RequestFlag.Refused;
      recorder?.record(kernel, VisibleEvent.Refuse, request, this.index, -1, fromNode, fromCell, 0);
      return false;
    }
    const message = messages.createCopy(request, this.index, kernel.clockS, drawKey, copy);
    requests.rows[request].references++;
    state.published++;
    const number = keyOfCopy(requests.rows[request].number, copy);
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
    const { state } = this;
    const { messages, clockS } = kernel;
    const { lists, waiting, shelf } = state;
    let message = find(messages, lists, request, drawKey);
    if (message >= 0) this.leaveReady(kernel, message);
    else if ((message = find(messages, waiting, request, drawKey)) >= 0) {
      // Behind the front of its group.
      waiting.unlink(messages, messages.group[message], message);
      state.ready--;
    } else if ((message = find(messages, shelf, request, drawKey)) >= 0) {
      // One that is due and waits for a place is as good as taken.
      if (messages.dueS[message] <= clockS) return false;
      shelf.unlink(messages, 0, message);
      state.backingOff--;
    } else return false;
    kernel.recorder?.tally(kernel, this.index, Tally.Cancelled);
    this.end(kernel, message, MessageEnd.Withdrawn);
    this.noteDepth(kernel);
    this.fillPlaces(kernel);
    return true;
  }

  createView(): BrokerView {
    return emptyBrokerView(this.id, this.index);
  }

  readView(kernel: Kernel, view: BrokerView): void {
    readQueue(kernel, this.state, view);
  }

  /** Has a publish no place? One that had to wait for a place has got it; who cannot wait is refused. */
  private refuses(): boolean {
    const { overflow, ready, waitingForPlace, limit } = this.state;
    if (overflow === Overflow.DropOldest) return false;
    return overflow === Overflow.Reject ? ready + waitingForPlace >= limit : ready >= limit;
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
    // Whoever is delivered again meanwhile comes after: a lease may be as short as nothing.
    for (let left = state.inFlight; left > 0; left--) {
      const message = state.flying.heads[0];
      if (message < 0 || messages.dueS[message] > clockS) break;
      this.land(kernel, message);
      state.leasesExpired++;
      kernel.recorder?.tally(kernel, this.index, Tally.LeaseExpired);
      this.leaseEnded(kernel, message);
    }
    this.armLease(kernel);
  }
}

/** A message by its request and draw key; −1: it is in none of the lists. */
function find(
  messages: MessageTable,
  { heads }: MessageLists,
  request: number,
  drawKey: number,
): number {
  for (let list = 0; list < heads.length; list++) {
    for (let m = heads[list]; m >= 0; m = messages.next[m]!) {
      if (messages.request[m] === request && messages.drawKey[m] === drawKey) return m;
    }
  }
  return -1;
}
