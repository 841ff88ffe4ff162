/**
 * A database commit together with an event. Without an outbox the process may die between the two:
 * after the commit the event is lost, before it the event is about something that never happened.
 * With an outbox the row and the event are one transaction, and a relay publishes later, at least
 * once: when it dies between publishing and marking, or no confirm comes, it publishes again.
 */
import type { OutboxSpec } from '../flow.ts';
import { emptyBrokerView } from '../kernel/brokerView.ts';
import { MessageLists } from '../kernel/messageLists.ts';
import { eventTarget, Measure, Result, Tally, type Facility, type Kernel } from '../kernel/node.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import type { BrokerView } from '../view.ts';

const Code = { Committed: 0, Relay: 1 } as const;

/** Of an interval between looks: what comes so shortly before a look comes at it. */
const ROUNDING = 1e-6;

const Mode = { outbox: 0, publishAfterCommit: 1, publishBeforeCommit: 2 } as const;

export class Outbox implements Facility {
  readonly id: string;
  readonly index: number;
  readonly state;
  private readonly queue: number;
  private readonly key0: number;
  private readonly key1: number;

  constructor(
    id: string,
    index: number,
    spec: OutboxSpec,
    nodeIndex: (id: string) => number,
    random: KeyedRandom,
  ) {
    this.id = id;
    this.index = index;
    this.queue = nodeIndex(spec.queue);
    [this.key0, this.key1] = random.keysOf(id);
    this.state = {
      mode: Mode[spec.mode ?? 'outbox'] as number,
      commitS: (spec.commitMs ?? 0) / 1000,
      rollbackRate: spec.rollbackRate ?? 0,
      crashRate: spec.crashRate ?? 0,
      relayEveryS: (spec.relayEveryMs ?? 100) / 1000,
      relayBatch: spec.relayBatch ?? 100,
      relayCrashRate: spec.relayCrashRate ?? 0,
      relayRestartS: spec.relayRestartS ?? 1,
      /** Committed events that are not marked as sent, oldest first. */
      pending: new MessageLists(1),
      relayArmed: 0,
      /** Publishes by the relay so far, tried and confirmed; the keys of its draws. */
      tried: 0,
      relayed: 0,
      /** Since the start. */
      committed: 0,
      rolledBack: 0,
      published: 0,
      /** Committed, and the event never published. */
      lost: 0,
      /** Published, and never committed. */
      invented: 0,
      /** Published once more by a relay that had died, or had no confirm. */
      duplicates: 0,
      delayS: 0,
    };
  }

  start(): void {
    // The relay looks only when there is something to send.
  }

  handle(kernel: Kernel, code: number, slot: number, generation: number): void {
    if (code === Code.Relay) this.relay(kernel);
    else if (kernel.jobs.rows[slot].generation === generation) this.commit(kernel, slot);
  }

  set(_kernel: Kernel, parameter: string, value: number | string | null): boolean {
    const { state } = this;
    if (parameter === 'mode') {
      if (value !== 'outbox' && value !== 'publishAfterCommit' && value !== 'publishBeforeCommit') {
        return false;
      }
      state.mode = Mode[value];
      return true;
    }
    if (typeof value !== 'number' || !(value >= 0)) return false;
    switch (parameter) {
      case 'crashRate':
      case 'relayCrashRate':
      case 'rollbackRate':
        if (value > 1) return false;
        state[parameter] = value;
        return true;
      case 'relayEveryMs':
        if (value === 0) return false;
        state.relayEveryS = value / 1000;
        return true;
      default:
        return false;
    }
  }

  act(): boolean {
    return false;
  }

  use(kernel: Kernel, job: number): void {
    const target = eventTarget(this.index, Code.Committed);
    const atS = kernel.clockS + this.state.commitS;
    kernel.events.push(atS, target, job, kernel.jobs.rows[job].generation);
  }

  createView(): BrokerView {
    return emptyBrokerView(this.id, this.index);
  }

  readView(kernel: Kernel, view: BrokerView): void {
    const first = this.state.pending.heads[0];
    view.ready = this.state.pending.counts[0];
    view.oldestAgeS = first < 0 ? 0 : kernel.clockS - kernel.messages.enqueuedS[first];
  }

  private commit(kernel: Kernel, job: number): void {
    const { state } = this;
    const { jobs, requests, messages, random, recorder } = kernel;
    const request = jobs.rows[job].request;
    random.select(
      this.key0,
      this.key1,
      requests.rows[request].number,
      jobs.rows[job].drawKey,
      Purpose.Crash,
    );
    const rollsBack = random.uniform() < state.rollbackRate;
    const dies = random.uniform() < state.crashRate;
    const before = state.mode === Mode.publishBeforeCommit;
    const published = before && this.publishNow(kernel, job);
    if (rollsBack || (before && dies)) {
      state.rolledBack++;
      recorder?.tally(kernel, this.index, Tally.RolledBack);
      if (published) {
        state.invented++;
        recorder?.tally(kernel, this.index, Tally.EventInvented);
      }
      this.resume(kernel, job, Result.Failed);
      return;
    }
    state.committed++;
    recorder?.tally(kernel, this.index, Tally.Committed);
    if (state.mode === Mode.outbox) {
      // One transaction: a process that dies now has both or neither.
      const event = messages.create(request, this.index, kernel.clockS);
      requests.rows[request].references++;
      state.pending.pushTail(messages, 0, event);
      this.armRelay(kernel, this.nextLookS(kernel));
    } else if (before ? !published : dies || !this.publishNow(kernel, job)) {
      state.lost++;
      recorder?.tally(kernel, this.index, Tally.EventLost);
    }
    this.resume(kernel, job, dies ? Result.Failed : Result.Ok);
  }

  /** A process that publishes by itself waits for no confirm. @returns whether its event has got there */
  private publishNow(kernel: Kernel, job: number): boolean {
    const { request, drawKey } = kernel.jobs.rows[job];
    const { number } = kernel.requests.rows[request];
    if (this.loses(kernel, number, drawKey, Purpose.PublishLoss)) return false;
    return this.publish(kernel, request);
  }

  private loses(kernel: Kernel, number: number, key: number, purpose: number): boolean {
    const { way } = kernel.brokers[this.queue]!;
    if (!way.draws(kernel, this.key0, this.key1, number, key, purpose)) return false;
    way.tally(kernel, Tally.Lost);
    return true;
  }

  private publish(kernel: Kernel, request: number): boolean {
    this.state.published++;
    return kernel.brokers[this.queue]!.publish(kernel, request, this.index, -1);
  }

  /** For the relay: what a full queue refuses is not lost, and nobody is told that it is. */
  private publishLater(kernel: Kernel, request: number): boolean {
    const row = kernel.requests.rows[request];
    const { flags } = row;
    const isPublished = this.publish(kernel, request);
    if (!isPublished) row.flags = flags;
    return isPublished;
  }

  /**
   * The relay publishes in order and marks each as sent once that is confirmed; what it has not marked it
   * sends again, at its next look.
   */
  private relay(kernel: Kernel): void {
    const { state } = this;
    const { messages, random, clockS } = kernel;
    state.relayArmed = 0;
    for (let left = state.relayBatch; left > 0 && state.pending.heads[0] >= 0; left--) {
      const event = state.pending.heads[0];
      const request = messages.request[event];
      const number = state.tried++;
      if (this.loses(kernel, number, 0, Purpose.PublishLoss)) break;
      if (!this.publishLater(kernel, request)) break;
      if (++messages.attempts[event] > 1) {
        state.duplicates++;
        kernel.recorder?.tally(kernel, this.index, Tally.EventRepeated);
      }
      if (this.loses(kernel, number, 0, Purpose.ConfirmLoss)) break;
      random.select(this.key0, this.key1, state.relayed++, 0, Purpose.Delivery);
      if (random.uniform() < state.relayCrashRate) {
        this.armRelay(kernel, clockS + state.relayRestartS);
        return;
      }
      const delayS = clockS - messages.enqueuedS[event];
      state.delayS += delayS;
      kernel.recorder?.measure(kernel, this.index, Measure.Staleness, delayS);
      state.pending.unlink(messages, 0, event);
      messages.free(event);
      kernel.releaseRequest(request);
    }
    if (state.pending.heads[0] >= 0) this.armRelay(kernel, this.nextLookS(kernel));
  }

  private nextLookS(kernel: Kernel): number {
    const { relayEveryS } = this.state;
    const { clockS } = kernel;
    // A moment that is a multiple but for rounding is a look: the next one comes an interval later.
    const looks = Math.floor(clockS / relayEveryS + ROUNDING);
    const nextS = (looks + 1) * relayEveryS;
    return nextS > clockS ? nextS : clockS + relayEveryS;
  }

  private armRelay(kernel: Kernel, atS: number): void {
    if (this.state.relayArmed === 1) return;
    this.state.relayArmed = 1;
    kernel.events.push(atS, eventTarget(this.index, Code.Relay), 0, 0);
  }

  private resume(kernel: Kernel, job: number, result: Result): void {
    kernel.callees[kernel.jobs.rows[job].node]!.resume(kernel, job, result);
  }
}
