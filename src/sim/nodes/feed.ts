/**
 * A value that changes at a source and many clients that show it: they poll, or it is pushed to them
 * over SSE or WebSocket. Staleness is now − the last moment at which the shown value was known to be
 * the source's: polling every P over a delay d gives d to d + P, d + P/2 on average; push gives d, as
 * silence then means that nothing has changed; conflated to the latest every C it gives d + C/2.
 *
 * Pushed clients of one kind all see the same, so one stands for all of its kind; polling clients,
 * whose polls are spread over the interval, are simulated one by one.
 */
import type { FeedSpec } from '../flow.ts';
import { emptyBrokerView } from '../kernel/brokerView.ts';
import { eventTarget, Measure, Tally, type Kernel, type SimNode } from '../kernel/node.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import type { BrokerView } from '../view.ts';

const Code = { Update: 0, Poll: 1, Flush: 2, SlowDone: 3, Drop: 4, Reconnect: 5 } as const;

const Delivery = { poll: 0, sse: 1, webSocket: 2 } as const;

export class Feed implements SimNode {
  readonly id: string;
  readonly index: number;
  readonly state;
  private readonly delivery: number;
  private readonly poisson: boolean;
  private readonly clients: number;
  private readonly key0: number;
  private readonly key1: number;

  constructor(id: string, index: number, spec: FeedSpec, random: KeyedRandom) {
    this.id = id;
    this.index = index;
    this.delivery = Delivery[spec.delivery];
    this.poisson = spec.updates === 'poisson';
    this.clients = spec.clients;
    [this.key0, this.key1] = random.keysOf(id);
    this.state = {
      updatesPerS: spec.updatesPerS,
      delayS: (spec.delayMs ?? 50) / 1000,
      pollEveryS: spec.pollEveryS ?? 1,
      flushEveryS: spec.conflatePerS ? 1 / spec.conflatePerS : 0,
      slowShare: spec.slowShare ?? 0,
      slowS: (spec.slowMs ?? 0) / 1000,
      connectionS: spec.connectionS ?? Infinity,
      reconnectS: spec.reconnectS ?? 1,
      updates: 0,
      drops: 0,
      /** Polling clients: what they know, and since when they show it. */
      asOfS: new Float64Array(64),
      shownS: new Float64Array(64),
      known: new Int32Array(64),
      nextClient: 0,
      /** Updates that the next flush will tell about. */
      flushPending: 0,
      flushedAsOfS: 0,
      flushedShownS: 0,
      /** The slow client: source times of the messages it has not worked off, oldest first. */
      line: new Float64Array(64),
      lineHead: 0,
      lineSize: 0,
      slowBusy: 0,
      slowPending: 0,
      slowSentS: 0,
      slowAsOfS: 0,
      slowShownS: 0,
      /** Integrals over time of the staleness: of polling or usual clients, of slow ones; what drops add. */
      staleS2: 0,
      slowStaleS2: 0,
      dropStaleS2: 0,
      mostStaleS: 0,
      mostSlowStaleS: 0,
      /** Since the start. */
      polls: 0,
      messages: 0,
      /** Updates that reached a client, summed over the clients. */
      seen: 0,
      /** Updates replayed after a reconnect (SSE), or missed for ever (WebSocket). */
      replayed: 0,
      missed: 0,
    };
  }

  start(kernel: Kernel): void {
    const { state } = this;
    if (state.updatesPerS > 0) this.armUpdate(kernel);
    if (this.delivery === Delivery.poll) {
      if (this.clients > 0) this.later(kernel, state.pollEveryS / this.clients, Code.Poll, 0);
      return;
    }
    if (state.flushEveryS > 0) this.later(kernel, state.flushEveryS, Code.Flush, 0);
    if (state.connectionS < Infinity && this.clients > 0) this.armDrop(kernel);
  }

  handle(kernel: Kernel, code: number, slot: number): void {
    switch (code) {
      case Code.Update:
        this.update(kernel);
        return;
      case Code.Poll:
        this.poll(kernel);
        return;
      case Code.Flush:
        this.flush(kernel);
        return;
      case Code.SlowDone:
        this.slowDone(kernel);
        return;
      case Code.Drop:
        this.drop(kernel);
        return;
      case Code.Reconnect:
        this.reconnect(kernel, slot);
        return;
    }
  }

  set(_kernel: Kernel, parameter: string, value: number | string | null): boolean {
    const { state } = this;
    if (typeof value !== 'number' || !(value >= 0)) return false;
    switch (parameter) {
      case 'delayMs':
        state.delayS = value / 1000;
        return true;
      case 'pollEveryS':
        if (value < 0.001) return false;
        state.pollEveryS = value;
        return true;
      case 'slowMs':
        state.slowS = value / 1000;
        return true;
      default:
        return false;
    }
  }

  act(): boolean {
    return false;
  }

  createView(): BrokerView {
    return emptyBrokerView(this.id, this.index);
  }

  readView(_kernel: Kernel, view: BrokerView): void {
    view.ready = this.state.lineSize;
  }

  /** Mean staleness up to now, over the clients, and the most there was; seconds. */
  staleness(nowS: number): {
    readonly meanS: number;
    readonly slowMeanS: number;
    readonly maxS: number;
  } {
    const { state, clients } = this;
    if (nowS === 0 || clients === 0) return { meanS: 0, slowMeanS: 0, maxS: 0 };
    const slowMeanS = state.slowStaleS2 / nowS;
    let meanS = state.staleS2 / nowS;
    if (this.delivery === Delivery.poll) meanS /= clients;
    else {
      if (state.flushEveryS === 0) meanS = state.delayS;
      meanS = (1 - state.slowShare) * meanS + state.slowShare * slowMeanS;
      meanS += state.dropStaleS2 / nowS / clients;
    }
    return { meanS, slowMeanS, maxS: Math.max(state.mostStaleS, state.mostSlowStaleS) };
  }

  private update(kernel: Kernel): void {
    const { state, clients } = this;
    state.updates++;
    kernel.recorder?.tally(kernel, this.index, Tally.Update);
    this.armUpdate(kernel);
    if (this.delivery === Delivery.poll) return;
    const slow = state.slowShare * clients;
    if (state.flushEveryS > 0) {
      state.flushPending = 1;
      return;
    }
    this.send(kernel, clients);
    this.see(kernel, clients - slow);
    state.mostStaleS = Math.max(state.mostStaleS, state.delayS);
    kernel.recorder?.measure(kernel, this.index, Measure.Staleness, state.delayS);
    if (slow === 0) return;
    this.pushLine(kernel.clockS);
    if (state.slowBusy === 0) this.startSlow(kernel, state.delayS);
  }

  private poll(kernel: Kernel): void {
    const { state } = this;
    const { clockS, recorder } = kernel;
    const client = state.nextClient;
    state.nextClient = client + 1 === this.clients ? 0 : client + 1;
    this.later(kernel, state.pollEveryS / this.clients, Code.Poll, 0);
    if (client === state.known.length) this.growClients();
    state.polls++;
    this.send(kernel, 1);
    recorder?.tally(kernel, this.index, Tally.Poll);
    if (state.known[client] !== state.updates) {
      state.known[client] = state.updates;
      this.see(kernel, 1);
    }
    const shownS = clockS + state.delayS;
    const spanS = shownS - state.shownS[client];
    const area = areaOf(state.asOfS[client], state.shownS[client], shownS);
    state.staleS2 += area;
    // The first poll has nothing before it that was shown.
    if (state.shownS[client] > 0) {
      state.mostStaleS = Math.max(state.mostStaleS, shownS - state.asOfS[client]);
      if (spanS > 0)
        this.measureRise(
          kernel,
          Measure.Staleness,
          state.asOfS[client],
          state.shownS[client],
          shownS,
        );
    }
    state.asOfS[client] = clockS;
    state.shownS[client] = shownS;
  }

  /** What was the source's at `asOfS` was shown between two moments. */
  private measureRise(
    kernel: Kernel,
    what: Measure,
    asOfS: number,
    shownS: number,
    untilS: number,
  ): void {
    kernel.recorder?.measureRise(kernel, this.index, what, shownS - asOfS, untilS - asOfS);
  }

  /** Every so often the latest value is sent, if it is new; the clients know it is the latest then. */
  private flush(kernel: Kernel): void {
    const { state, clients } = this;
    const { clockS } = kernel;
    this.later(kernel, state.flushEveryS, Code.Flush, 0);
    const slow = state.slowShare * clients;
    if (state.flushPending === 1) {
      state.flushPending = 0;
      this.send(kernel, clients - slow);
      this.see(kernel, clients - slow);
      if (slow > 0) {
        state.slowPending = 1;
        if (state.slowBusy === 0) this.sendSlow(kernel);
      }
    }
    const shownS = clockS + state.delayS;
    const area = areaOf(state.flushedAsOfS, state.flushedShownS, shownS);
    state.staleS2 += area;
    if (state.flushedShownS > 0) {
      state.mostStaleS = Math.max(state.mostStaleS, shownS - state.flushedAsOfS);
      const { flushedAsOfS, flushedShownS } = state;
      this.measureRise(kernel, Measure.Staleness, flushedAsOfS, flushedShownS, shownS);
    }
    state.flushedAsOfS = clockS;
    state.flushedShownS = shownS;
  }

  /** Conflated to the latest, a slow client is sent only what it can take. */
  private sendSlow(kernel: Kernel): void {
    const { state } = this;
    state.slowPending = 0;
    state.slowBusy = 1;
    state.slowSentS = kernel.clockS;
    this.send(kernel, state.slowShare * this.clients);
    this.later(kernel, state.delayS + state.slowS, Code.SlowDone, 0);
  }

  private startSlow(kernel: Kernel, delayS: number): void {
    this.state.slowBusy = 1;
    this.later(kernel, delayS + this.state.slowS, Code.SlowDone, 0);
  }

  /** The slow client shows the message it has worked off. */
  private slowDone(kernel: Kernel): void {
    const { state } = this;
    const { clockS } = kernel;
    state.slowBusy = 0;
    this.see(kernel, state.slowShare * this.clients);
    const area = areaOf(state.slowAsOfS, state.slowShownS, clockS);
    const spanS = clockS - state.slowShownS;
    if (state.slowShownS > 0 && spanS > 0) {
      this.measureRise(kernel, Measure.SlowStaleness, state.slowAsOfS, state.slowShownS, clockS);
    }
    state.slowStaleS2 += area;
    state.mostSlowStaleS = Math.max(state.mostSlowStaleS, clockS - state.slowAsOfS);
    state.slowShownS = clockS;
    if (state.flushEveryS > 0) {
      state.slowAsOfS = state.slowSentS;
      if (state.slowPending === 1) this.sendSlow(kernel);
      return;
    }
    const shown = state.line[state.lineHead];
    state.lineHead = (state.lineHead + 1) & (state.line.length - 1);
    state.lineSize--;
    // What it shows was right until the next change.
    state.slowAsOfS =
      state.lineSize > 0 ? state.line[state.lineHead] : Math.max(shown, clockS - state.delayS);
    if (state.lineSize > 0) {
      const sentS = state.line[state.lineHead] + state.delayS;
      this.startSlow(kernel, Math.max(0, sentS - clockS));
    }
  }

  /** A connection breaks; its client is back after a while. */
  private drop(kernel: Kernel): void {
    const { state } = this;
    state.drops++;
    kernel.recorder?.tally(kernel, this.index, Tally.ConnectionLost);
    this.armDrop(kernel);
    this.later(kernel, state.reconnectS, Code.Reconnect, state.updates);
    // Its staleness grows for that while, on top of what it is anyway.
    state.dropStaleS2 += (state.reconnectS * state.reconnectS) / 2;
    state.mostStaleS = Math.max(state.mostStaleS, state.delayS + state.reconnectS);
  }

  /** SSE replays what came after the last event the client had; a WebSocket client asks for the latest. */
  private reconnect(kernel: Kernel, updatesThen: number): void {
    const { state } = this;
    const { recorder } = kernel;
    const behind = state.updates - updatesThen;
    if (behind === 0) return;
    if (this.delivery === Delivery.sse && state.flushEveryS === 0) {
      // Counted as sent when they happened; it is now that they are sent.
      state.replayed += behind;
      recorder?.tallyMany(kernel, this.index, Tally.UpdateReplayed, behind);
      return;
    }
    // All were counted as sent and seen when they happened; one is.
    this.send(kernel, state.flushEveryS > 0 ? 1 : 1 - behind);
    this.see(kernel, 1 - behind);
    state.missed += behind - 1;
    recorder?.tallyMany(kernel, this.index, Tally.UpdateMissed, behind - 1);
  }

  private send(kernel: Kernel, messages: number): void {
    this.state.messages += messages;
    kernel.recorder?.tallyMany(kernel, this.index, Tally.FeedMessage, messages);
  }

  private see(kernel: Kernel, updates: number): void {
    this.state.seen += updates;
    kernel.recorder?.tallyMany(kernel, this.index, Tally.UpdateSeen, updates);
  }

  private armUpdate(kernel: Kernel): void {
    const { state } = this;
    let gap = 1;
    if (this.poisson) {
      kernel.random.select(this.key0, this.key1, state.updates, 0, Purpose.Arrival);
      gap = kernel.random.exponential();
    }
    this.later(kernel, gap / state.updatesPerS, Code.Update, 0);
  }

  private armDrop(kernel: Kernel): void {
    const { state } = this;
    kernel.random.select(this.key0, this.key1, state.drops, 0, Purpose.Crash);
    const afterS = (kernel.random.exponential() * state.connectionS) / this.clients;
    this.later(kernel, afterS, Code.Drop, 0);
  }

  private later(kernel: Kernel, afterS: number, code: number, slot: number): void {
    kernel.events.push(kernel.clockS + afterS, eventTarget(this.index, code), slot, 0);
  }

  /** Clients have their places from their first poll on. */
  private growClients(): void {
    const { state } = this;
    const places = state.known.length * 2;
    const asOfS = new Float64Array(places);
    const shownS = new Float64Array(places);
    const known = new Int32Array(places);
    asOfS.set(state.asOfS);
    shownS.set(state.shownS);
    known.set(state.known);
    Object.assign(state, { asOfS, shownS, known });
  }

  private pushLine(sourceS: number): void {
    const { state } = this;
    if (state.lineSize === state.line.length) {
      const line = new Float64Array(state.line.length * 2);
      for (let k = 0; k < state.lineSize; k++) {
        line[k] = state.line[(state.lineHead + k) & (state.line.length - 1)];
      }
      state.line = line;
      state.lineHead = 0;
    }
    state.line[(state.lineHead + state.lineSize++) & (state.line.length - 1)] = sourceS;
  }
}

/** Integral of (t − asOf) from one moment to another, seconds squared. */
function areaOf(asOfS: number, fromS: number, toS: number): number {
  if (toS <= fromS) return 0;
  return ((toS - fromS) * (toS - asOfS + (fromS - asOfS))) / 2;
}
