/**
 * A store with a primary and, if it has one, a copy that lags: a replica, or a search index that
 * shows what has reached it at its next refresh. Every write makes a version; when it will be visible
 * in the copy is known at the write: it waits its turn in the pipeline (applied at a rate, in order),
 * travels, and waits for the refresh. A read of the copy that misses the reader's own write violates
 * read-your-writes and is counted; so are the ways to avoid it, and what they cost.
 */
import type { StoreSpec } from '../flow.ts';
import { emptyBrokerView } from '../kernel/brokerView.ts';
import { cvOf, drawDuration, shapeOf, type ShapeOfWork } from '../kernel/distributions.ts';
import { keyOf } from '../kernel/keys.ts';
import { eventTarget, Measure, Result, Tally, type Facility, type Kernel } from '../kernel/node.ts';
import { StoreOperation } from '../kernel/program.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { Table } from '../kernel/table.ts';
import type { BrokerView } from '../view.ts';

/** Codes below are those of the operations: the access is over. */
const RESUME = 8;

/** Writes that the copy does not show yet; by key, in order. */
class WriteTable extends Table {
  writtenS: Float64Array;
  visibleS: Float64Array;

  constructor(capacity = 64) {
    super(capacity);
    this.writtenS = new Float64Array(capacity);
    this.visibleS = new Float64Array(capacity);
  }
}

export class Store implements Facility {
  readonly id: string;
  readonly index: number;
  readonly state;
  private readonly keys: number;
  private readonly lagShape: ShapeOfWork;
  private readonly key0: number;
  private readonly key1: number;

  constructor(id: string, index: number, spec: StoreSpec, random: KeyedRandom) {
    this.id = id;
    this.index = index;
    this.keys = spec.keys ?? 0;
    this.lagShape = shapeOf(spec.lagVariability);
    [this.key0, this.key1] = random.keysOf(id);
    random.select(this.key0, this.key1, 0, 0, Purpose.Lag);
    const phase = random.uniform();
    const slots = 64;
    this.state = {
      writeS: (spec.writeMs ?? 0) / 1000,
      readS: (spec.readMs ?? 0) / 1000,
      lagS: (spec.lagMs ?? 0) / 1000,
      lagCv: cvOf(spec.lagVariability),
      refreshS: spec.refreshS ?? 0,
      applyPerS: spec.applyPerS ?? Infinity,
      stickyS: spec.stickyS ?? 1,
      /** Share of a refresh interval by which the refreshes are off the full multiples. */
      phase,
      /** When the pipeline will be free, and the latest moment at which a version becomes visible. */
      appliedS: 0,
      lastVisibleS: 0,
      writes: new WriteTable(),
      /** By key (or row of the request, where each has its own): its writes, newest last. */
      head: new Int32Array(slots).fill(-1),
      tail: new Int32Array(slots).fill(-1),
      lastWrittenS: new Float64Array(slots).fill(-Infinity),
      lastSeenS: new Float64Array(slots).fill(-Infinity),
      generation: new Int32Array(slots),
      /** Since the start. */
      versions: 0,
      primaryReads: 0,
      copyReads: 0,
      /** Reads that missed the reader's own write. */
      staleReads: 0,
      stalenessS: 0,
      /** Reads and writes that waited for the copy, and for how long. */
      waits: 0,
      waitedS: 0,
    };
  }

  start(): void {
    // Nothing happens until somebody reads or writes.
  }

  handle(kernel: Kernel, code: number, job: number, generation: number): void {
    if (kernel.jobs.rows[job].generation !== generation) return;
    if (code === RESUME) this.resume(kernel, job);
    else if (code === StoreOperation.Write || code === StoreOperation.WriteAndWait) {
      this.write(kernel, job, code === StoreOperation.WriteAndWait);
    } else this.read(kernel, job, code);
  }

  set(_kernel: Kernel, parameter: string, value: number | string | null): boolean {
    const { state } = this;
    if (parameter === 'applyPerS') {
      if (value !== null && (typeof value !== 'number' || !(value > 0))) return false;
      state.applyPerS = value ?? Infinity;
      return true;
    }
    if (typeof value !== 'number' || !(value >= 0)) return false;
    switch (parameter) {
      case 'writeMs':
        state.writeS = value / 1000;
        return true;
      case 'readMs':
        state.readS = value / 1000;
        return true;
      case 'lagMs':
        state.lagS = value / 1000;
        return true;
      case 'refreshS':
      case 'stickyS':
        state[parameter] = value;
        return true;
      default:
        return false;
    }
  }

  act(): boolean {
    return false;
  }

  use(kernel: Kernel, job: number, operation: number): void {
    const { state } = this;
    const isWrite = operation <= StoreOperation.WriteAndWait;
    this.after(kernel, isWrite ? state.writeS : state.readS, operation, job);
  }

  createView(): BrokerView {
    return emptyBrokerView(this.id, this.index);
  }

  readView(kernel: Kernel, view: BrokerView): void {
    // Versions the copy has not got yet, judged by the pipeline.
    view.ready = 0;
    view.oldestAgeS = Math.max(0, this.state.lastVisibleS - kernel.clockS);
  }

  private write(kernel: Kernel, job: number, waits: boolean): void {
    const { state } = this;
    const { clockS } = kernel;
    const slot = this.slotOf(kernel, job);
    const visibleS = this.visibleS(kernel, job);
    state.versions++;
    state.lastVisibleS = visibleS;
    state.lastWrittenS[slot] = clockS;
    state.lastSeenS[slot] = visibleS;
    if (visibleS > clockS) {
      this.forgetVisible(kernel, slot);
      const row = state.writes.allocate();
      state.writes.writtenS[row] = clockS;
      state.writes.visibleS[row] = visibleS;
      state.writes.next[row] = -1;
      if (state.tail[slot] >= 0) state.writes.next[state.tail[slot]] = row;
      else state.head[slot] = row;
      state.tail[slot] = row;
    }
    if (waits) this.waitUntil(kernel, job, visibleS);
    else this.resume(kernel, job);
  }

  private read(kernel: Kernel, job: number, operation: number): void {
    const { state } = this;
    const { clockS, recorder } = kernel;
    const slot = this.slotOf(kernel, job);
    recorder?.tally(kernel, this.index, Tally.Read);
    const sticks =
      operation === StoreOperation.ReadSticky && clockS - state.lastWrittenS[slot] < state.stickyS;
    if (operation === StoreOperation.ReadPrimary || sticks) {
      state.primaryReads++;
      recorder?.measure(kernel, this.index, Measure.Staleness, 0);
      this.resume(kernel, job);
      return;
    }
    state.copyReads++;
    if (operation === StoreOperation.ReadToken) {
      // The reader brings the version it has written; the copy answers once it shows that.
      this.waitUntil(kernel, job, state.lastSeenS[slot]);
      return;
    }
    this.forgetVisible(kernel, slot);
    const missed = state.head[slot];
    const staleS = missed < 0 ? 0 : clockS - state.writes.writtenS[missed];
    if (missed >= 0) {
      state.staleReads++;
      recorder?.tally(kernel, this.index, Tally.StaleRead);
    }
    state.stalenessS += staleS;
    recorder?.measure(kernel, this.index, Measure.Staleness, staleS);
    this.resume(kernel, job);
  }

  /** When the copy will show what is written now; in the order of the writes. */
  private visibleS(kernel: Kernel, job: number): number {
    const { state } = this;
    const { random, requests, jobs, clockS } = kernel;
    state.appliedS = Math.max(clockS, state.appliedS) + 1 / state.applyPerS;
    let lagS = state.lagS;
    if (state.lagCv > 0) {
      const number = requests.rows[jobs.rows[job].request].number;
      random.select(this.key0, this.key1, number, jobs.rows[job].drawKey, Purpose.Lag);
      lagS *= drawDuration(random, this.lagShape, state.lagCv);
    }
    let visibleS = state.appliedS + lagS;
    if (state.refreshS > 0) {
      const { refreshS, phase } = state;
      visibleS = (Math.ceil(visibleS / refreshS - phase) + phase) * refreshS;
    }
    return Math.max(visibleS, state.lastVisibleS);
  }

  private waitUntil(kernel: Kernel, job: number, untilS: number): void {
    const { state } = this;
    const waitS = untilS - kernel.clockS;
    if (!(waitS > 0)) {
      this.resume(kernel, job);
      return;
    }
    state.waits++;
    state.waitedS += waitS;
    this.after(kernel, waitS, RESUME, job);
  }

  private after(kernel: Kernel, delayS: number, code: number, job: number): void {
    const target = eventTarget(this.index, code);
    kernel.events.push(kernel.clockS + delayS, target, job, kernel.jobs.rows[job].generation);
  }

  private resume(kernel: Kernel, job: number): void {
    kernel.callees[kernel.jobs.rows[job].node]!.resume(kernel, job, Result.Ok);
  }

  /** Drops the writes of a key that the copy shows by now. */
  private forgetVisible(kernel: Kernel, slot: number): void {
    const { state } = this;
    for (;;) {
      const row = state.head[slot];
      if (row < 0 || state.writes.visibleS[row] > kernel.clockS) return;
      this.forgetHead(slot, row);
    }
  }

  private forgetHead(slot: number, row: number): void {
    const { state } = this;
    state.head[slot] = state.writes.next[row];
    if (state.head[slot] < 0) state.tail[slot] = -1;
    state.writes.free(row);
  }

  /** The place of the job's key: shared by the requests of one user, or the request's own. */
  private slotOf(kernel: Kernel, job: number): number {
    const { state } = this;
    const { requests } = kernel;
    const request = kernel.jobs.rows[job].request;
    if (this.keys > 0) {
      const key = keyOf(requests.rows[request].number, this.keys);
      if (key >= state.head.length) this.grow(key);
      return key;
    }
    if (request >= state.head.length) this.grow(request);
    if (state.generation[request] !== requests.rows[request].generation) {
      state.generation[request] = requests.rows[request].generation;
      while (state.head[request] >= 0) this.forgetHead(request, state.head[request]);
      state.lastWrittenS[request] = -Infinity;
      state.lastSeenS[request] = -Infinity;
    }
    return request;
  }

  private grow(slot: number): void {
    const { state } = this;
    let slots = state.head.length * 2;
    while (slots <= slot) slots *= 2;
    const before = state.head.length;
    const head = new Int32Array(slots).fill(-1);
    const tail = new Int32Array(slots).fill(-1);
    const lastWrittenS = new Float64Array(slots).fill(-Infinity, before);
    const lastSeenS = new Float64Array(slots).fill(-Infinity, before);
    const generation = new Int32Array(slots);
    head.set(state.head);
    tail.set(state.tail);
    lastWrittenS.set(state.lastWrittenS);
    lastSeenS.set(state.lastSeenS);
    generation.set(state.generation);
    Object.assign(state, { head, tail, lastWrittenS, lastSeenS, generation });
  }
}
