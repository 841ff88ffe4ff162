/**
 * A broker queue of the acknowledging kind: bounded, redelivering, with backoff and a dead-letter
 * queue. Only ready messages count against its limit. A retry that comes due while the queue is full
 * under `rejectPublish` waits on the shelf for a place; under `dropOldest` the oldest makes room.
 */
import type { QueueSpec } from '../flow.ts';
import { MessagePhase } from '../kernel/messages.ts';
import { eventTarget, Result, type Broker, type Kernel } from '../kernel/node.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { RequestFlag } from '../kernel/requests.ts';
import { VisibleEvent } from '../trace.ts';
import { MAX_VIEW_SHELF, MAX_VIEW_SLOTS, type BrokerView } from '../view.ts';

const Code = { Due: 0 } as const;
const DEAD_KEPT = MAX_VIEW_SHELF;
/** Shelf entries looked at when the soonest due are picked for the view. */
const SHELF_SCAN = 2048;

export class Queue implements Broker {
  readonly id: string;
  readonly index: number;
  readonly state;
  private readonly jitter: 'none' | 'full' | 'equal';
  private readonly consumers: readonly number[];
  private readonly key0: number;
  private readonly key1: number;

  /** @param consumers nodes whose threads work off this queue */
  constructor(
    id: string,
    index: number,
    spec: QueueSpec,
    consumers: readonly number[],
    random: KeyedRandom,
  ) {
    this.id = id;
    this.index = index;
    this.consumers = consumers;
    this.jitter = spec.jitter ?? 'full';
    [this.key0, this.key1] = random.keysOf(id);
    this.state = {
      limit: spec.limit ?? Infinity,
      rejects: spec.overflow === 'rejectPublish',
      publishS: (spec.publishMs ?? 0) / 1000,
      maxAttempts: spec.maxAttempts ?? 5,
      backoffBaseS: spec.backoffBaseS ?? 1,
      backoffCapS: spec.backoffCapS ?? 30,
      head: -1,
      tail: -1,
      ready: 0,
      inFlight: 0,
      /** Shelf: backing off, in no particular order. */
      shelfHead: -1,
      backingOff: 0,
      /** Of those, due already and waiting for a place. */
      waitingForPlace: 0,
      dead: 0,
      dropped: 0,
      refused: 0,
      nextConsumer: 0,
      deadRequest: new Int32Array(DEAD_KEPT),
      deadS: new Float64Array(DEAD_KEPT),
    };
  }

  get publishS(): number {
    return this.state.publishS;
  }

  get owed(): number {
    return this.state.ready + this.state.inFlight + this.state.backingOff;
  }

  get dropped(): number {
    return this.state.dropped;
  }

  get deadLettered(): number {
    return this.state.dead;
  }

  start(): void {
    // Nothing happens in a queue until something is published.
  }

  handle(kernel: Kernel, _code: number, slot: number, generation: number): void {
    if (kernel.messages.generation[slot] !== generation) return;
    if (this.state.rejects && this.state.ready >= this.state.limit) {
      this.state.waitingForPlace++;
      return;
    }
    this.requeue(kernel, slot);
  }

  set(kernel: Kernel, parameter: string, value: number | string | null): boolean {
    const { state } = this;
    if (parameter === 'overflow') {
      state.rejects = value === 'rejectPublish';
      if (!state.rejects) this.fillPlaces(kernel);
      return value === 'rejectPublish' || value === 'dropOldest';
    }
    if (parameter === 'limit') {
      if (value !== null && (typeof value !== 'number' || !(value >= 1))) return false;
      state.limit = value ?? Infinity;
      this.fillPlaces(kernel);
      return true;
    }
    if (typeof value !== 'number' || !(value >= 0)) return false;
    switch (parameter) {
      case 'publishMs':
        state.publishS = value / 1000;
        return true;
      case 'maxAttempts':
        state.maxAttempts = Math.max(1, Math.floor(value));
        return true;
      case 'backoffBaseS':
        state.backoffBaseS = value;
        return true;
      case 'backoffCapS':
        state.backoffCapS = value;
        return true;
      default:
        return false;
    }
  }

  act(): boolean {
    return false;
  }

  publish(kernel: Kernel, request: number, fromNode: number, fromCell: number): boolean {
    const { state } = this;
    const { requests, recorder } = kernel;
    if (state.rejects && state.ready + state.waitingForPlace >= state.limit) {
      state.refused++;
      requests.flags[request]! |= RequestFlag.Refused;
      recorder?.record(kernel, VisibleEvent.Refuse, request, this.index, -1, fromNode, fromCell, 0);
      return false;
    }
    const message = kernel.messages.create(request, this.index, kernel.clockS);
    requests.references[request]!++;
    if (recorder !== null) recorder.published(kernel, request, this.index, fromNode, fromCell);
    this.makeRoom(kernel);
    this.pushTail(kernel, message);
    this.noteDepth(kernel);
    this.offer(kernel);
    return true;
  }

  take(kernel: Kernel, toNode: number, toCell: number): number {
    const { state } = this;
    const message = state.head;
    if (message < 0) return -1;
    const { messages } = kernel;
    this.unlinkReady(kernel, message);
    kernel.recorder?.waited(kernel, this.index, kernel.clockS - messages.sinceS[message]!);
    messages.phase[message] = MessagePhase.InFlight;
    messages.sinceS[message] = kernel.clockS;
    const attempt = ++messages.attempts[message]!;
    state.inFlight++;
    this.noteDepth(kernel);
    if (kernel.recorder !== null) {
      kernel.recorder.delivered(
        kernel,
        messages.request[message]!,
        this.index,
        toNode,
        toCell,
        attempt,
      );
    }
    if (state.waitingForPlace > 0) this.fillPlaces(kernel);
    return message;
  }

  settle(kernel: Kernel, message: number, result: Result): void {
    const { state } = this;
    const { messages, requests, recorder } = kernel;
    const request = messages.request[message]!;
    state.inFlight--;
    this.noteDepth(kernel);
    if (result === Result.Ok || result === Result.Declined) {
      if (result === Result.Declined) {
        requests.flags[request]! |= RequestFlag.DeclinedLater;
        kernel.origins[requests.origin[request]!]!.noteLate(kernel, request);
      }
      recorder?.acknowledged(kernel, request, this.index, result === Result.Declined ? 1 : 0);
      this.discard(kernel, message);
      return;
    }
    const attempts = messages.attempts[message]!;
    if (attempts >= state.maxAttempts) {
      state.deadRequest[state.dead % DEAD_KEPT] = requests.number[request]!;
      state.deadS[state.dead % DEAD_KEPT] = kernel.clockS;
      state.dead++;
      recorder?.record(kernel, VisibleEvent.DeadLetter, request, this.index, -1, -1, -1, attempts);
      this.discard(kernel, message);
      return;
    }
    const dueS = kernel.clockS + this.backoffS(kernel, requests.number[request]!, attempts);
    messages.phase[message] = MessagePhase.BackingOff;
    messages.sinceS[message] = kernel.clockS;
    messages.dueS[message] = dueS;
    messages.previous[message] = -1;
    messages.next[message] = state.shelfHead;
    if (state.shelfHead >= 0) messages.previous[state.shelfHead] = message;
    state.shelfHead = message;
    state.backingOff++;
    this.noteDepth(kernel);
    recorder?.record(kernel, VisibleEvent.BackOff, request, this.index, -1, -1, -1, attempts);
    kernel.events.push(
      dueS,
      eventTarget(this.index, Code.Due),
      message,
      messages.generation[message]!,
    );
  }

  giveBack(kernel: Kernel, message: number): void {
    const { messages, recorder } = kernel;
    this.state.inFlight--;
    recorder?.record(
      kernel,
      VisibleEvent.Requeue,
      messages.request[message]!,
      this.index,
      -1,
      -1,
      -1,
      messages.attempts[message]!,
    );
    this.pushHead(kernel, message);
    this.noteDepth(kernel);
    this.offer(kernel);
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
    for (let m = state.head; m >= 0 && slot < MAX_VIEW_SLOTS; m = messages.next[m]!) {
      view.readyRequest[slot] = requests.number[messages.request[m]!]!;
      view.readySinceS[slot] = messages.enqueuedS[m]!;
      const age = kernel.clockS - messages.enqueuedS[m]!;
      if (age > view.oldestAgeS) view.oldestAgeS = age;
      slot++;
    }
    let shown = 0;
    let scanned = 0;
    for (let m = state.shelfHead; m >= 0 && scanned < SHELF_SCAN; m = messages.next[m]!) {
      scanned++;
      const dueS = messages.dueS[m]!;
      let at = shown;
      while (at > 0 && view.shelfDueS[at - 1]! > dueS) at--;
      if (at >= MAX_VIEW_SHELF) continue;
      const last = Math.min(shown, MAX_VIEW_SHELF - 1);
      for (let k = last; k > at; k--) {
        view.shelfRequest[k] = view.shelfRequest[k - 1]!;
        view.shelfAttempt[k] = view.shelfAttempt[k - 1]!;
        view.shelfSinceS[k] = view.shelfSinceS[k - 1]!;
        view.shelfDueS[k] = view.shelfDueS[k - 1]!;
      }
      view.shelfRequest[at] = requests.number[messages.request[m]!]!;
      view.shelfAttempt[at] = messages.attempts[m]!;
      view.shelfSinceS[at] = messages.sinceS[m]!;
      view.shelfDueS[at] = dueS;
      if (shown < MAX_VIEW_SHELF) shown++;
    }
    const dead = Math.min(state.dead, DEAD_KEPT);
    for (let k = 0; k < dead; k++) {
      const i = (state.dead - 1 - k) % DEAD_KEPT;
      view.deadRequest[k] = state.deadRequest[i]!;
      view.deadS[k] = state.deadS[i]!;
    }
  }

  /** Offers the head to the consumers in turn until one takes it. */
  private offer(kernel: Kernel): void {
    const { state, consumers } = this;
    for (let k = 0; k < consumers.length && state.ready > 0; k++) {
      const at = (state.nextConsumer + k) % consumers.length;
      if (kernel.callees[consumers[at]!]!.offer(kernel)) {
        state.nextConsumer = (at + 1) % consumers.length;
        return;
      }
    }
  }

  private requeue(kernel: Kernel, message: number): void {
    const { state } = this;
    const { messages } = kernel;
    const before = messages.previous[message]!;
    const after = messages.next[message]!;
    if (before >= 0) messages.next[before] = after;
    else state.shelfHead = after;
    if (after >= 0) messages.previous[after] = before;
    state.backingOff--;
    kernel.recorder?.record(
      kernel,
      VisibleEvent.Requeue,
      messages.request[message]!,
      this.index,
      -1,
      -1,
      -1,
      messages.attempts[message]!,
    );
    this.makeRoom(kernel);
    this.pushHead(kernel, message);
    this.noteDepth(kernel);
    this.offer(kernel);
  }

  /** Retries that waited for a place take those that have become free, the longest due first. */
  private fillPlaces(kernel: Kernel): void {
    const { state } = this;
    const { messages } = kernel;
    while (state.waitingForPlace > 0 && (!state.rejects || state.ready < state.limit)) {
      let first = -1;
      for (let m = state.shelfHead; m >= 0; m = messages.next[m]!) {
        if (first < 0 || messages.dueS[m]! < messages.dueS[first]!) first = m;
      }
      state.waitingForPlace--;
      this.requeue(kernel, first);
    }
  }

  private makeRoom(kernel: Kernel): void {
    const { state } = this;
    if (state.ready < state.limit || state.rejects) return;
    const oldest = state.head;
    this.unlinkReady(kernel, oldest);
    state.dropped++;
    kernel.recorder?.waited(kernel, this.index, kernel.clockS - kernel.messages.sinceS[oldest]!);
    kernel.recorder?.record(
      kernel,
      VisibleEvent.Drop,
      kernel.messages.request[oldest]!,
      this.index,
      -1,
      -1,
      -1,
      0,
    );
    this.discard(kernel, oldest);
  }

  private noteDepth(kernel: Kernel): void {
    const { ready, inFlight, backingOff } = this.state;
    kernel.recorder?.depth(kernel, this.index, ready, inFlight, backingOff);
  }

  private discard(kernel: Kernel, message: number): void {
    const request = kernel.messages.request[message]!;
    kernel.messages.free(message);
    kernel.releaseRequest(request);
  }

  private pushTail(kernel: Kernel, message: number): void {
    const { state } = this;
    const { messages } = kernel;
    messages.previous[message] = state.tail;
    messages.next[message] = -1;
    if (state.tail >= 0) messages.next[state.tail] = message;
    else state.head = message;
    state.tail = message;
    state.ready++;
  }

  private pushHead(kernel: Kernel, message: number): void {
    const { state } = this;
    const { messages } = kernel;
    messages.phase[message] = MessagePhase.Ready;
    messages.sinceS[message] = kernel.clockS;
    messages.previous[message] = -1;
    messages.next[message] = state.head;
    if (state.head >= 0) messages.previous[state.head] = message;
    else state.tail = message;
    state.head = message;
    state.ready++;
  }

  private unlinkReady(kernel: Kernel, message: number): void {
    const { state } = this;
    const { messages } = kernel;
    const before = messages.previous[message]!;
    const after = messages.next[message]!;
    if (before >= 0) messages.next[before] = after;
    else state.head = after;
    if (after >= 0) messages.previous[after] = before;
    else state.tail = before;
    state.ready--;
  }

  /** Before attempt n + 1: base · 2^(n − 1), at most the cap, then jittered. Seconds. */
  private backoffS(kernel: Kernel, request: number, attempts: number): number {
    const { state } = this;
    let ceilingS = state.backoffBaseS;
    for (let k = 1; k < attempts && ceilingS < state.backoffCapS; k++) ceilingS *= 2;
    ceilingS = Math.min(state.backoffCapS, ceilingS);
    if (this.jitter === 'none') return ceilingS;
    kernel.random.select(this.key0, this.key1, request, attempts, Purpose.Backoff);
    const part = kernel.random.uniform();
    return this.jitter === 'full' ? part * ceilingS : ceilingS / 2 + (part * ceilingS) / 2;
  }
}
