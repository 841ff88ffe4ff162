/**
 * A store with a primary and copies that lag: replicas, or a search index that shows what has reached
 * it at its next refresh. Every write makes a version; when it will be visible in a replica is known
 * at the write: it waits its turn in the pipeline (applied at a rate, in order), travels to each
 * replica at a lag of its own, and waits for that one's refresh.
 *
 * Two things can go wrong for a reader, and are counted apart. A read that misses the reader's own
 * write violates read-your-writes. A read that shows an older version than an earlier read violates
 * monotonic reads; that takes two sources, so a user who keeps to one replica is spared it, but still
 * misses their own writes. (D. B. Terry et al., "Session guarantees for weakly consistent replicated
 * data", 1994.) The ways to avoid them are counted with what they cost.
 */
import type { StoreSpec } from '../flow.ts';
import { emptyBrokerView } from '../kernel/brokerView.ts';
import { drawKey } from '../kernel/calls.ts';
import { Variation } from '../kernel/distributions.ts';
import { keyOf } from '../kernel/keys.ts';
import { eventTarget, Measure, Result, Tally, type Facility, type Kernel } from '../kernel/node.ts';
import { StoreOperation, STRIDE } from '../kernel/program.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import type { BrokerView } from '../view.ts';
import { StoreVersions } from './storeVersions.ts';

/** Codes below are those of the operations: the access is over, or a replica shows what it was awaited for. */
const RESUME = 8;
const SHOWN = 9;

const ReplicaChoice = { random: 0, perUser: 1 } as const;

export class Store implements Facility {
  readonly id: string;
  readonly index: number;
  readonly state;
  private readonly keys: number;
  private readonly replicas: number;
  private readonly lag: Variation;
  /** By replica: keys of the draws of its lag and refresh. */
  private readonly lagKeys: readonly (readonly [number, number])[];
  /** Of the draws of the replica that a read goes to. */
  private readonly choiceKey0: number;
  private readonly choiceKey1: number;

  constructor(id: string, index: number, spec: StoreSpec, random: KeyedRandom) {
    this.id = id;
    this.index = index;
    this.keys = spec.keys ?? 0;
    this.replicas = spec.replicas ?? 1;
    this.lag = new Variation(spec.lagVariability);
    [this.choiceKey0, this.choiceKey1] = random.keysOf(`${id}/choice`);
    const numbers = Array.from({ length: this.replicas }, (_, replica) => replica);
    this.lagKeys = numbers.map((r) => random.keysOf(r === 0 ? id : `${id}/replica ${r}`));
    const phases = this.lagKeys.map(([key0, key1]) => {
      random.select(key0, key1, 0, 0, Purpose.Lag);
      return random.uniform();
    });
    const lagMs = spec.lagMs ?? 0;
    this.state = {
      writeS: (spec.writeMs ?? 0) / 1000,
      readS: (spec.readMs ?? 0) / 1000,
      /** By replica. */
      lagS: Float64Array.from(numbers, (r) => (spec.lagsMs?.[r] ?? lagMs) / 1000),
      refreshS: spec.refreshS ?? 0,
      applyPerS: spec.applyPerS ?? Infinity,
      stickyS: spec.stickyS ?? 1,
      replicaChoice: ReplicaChoice[spec.replicaChoice ?? 'random'] as number,
      /** By replica: share of a refresh interval by which its refreshes are off the full multiples. */
      phase: Float64Array.from(phases),
      /** When the pipeline will be free. */
      appliedS: 0,
      /** By replica: the latest moment at which a version becomes visible. */
      lastVisibleS: new Float64Array(this.replicas),
      /** By key, or row of the request where each has its own. */
      versions: new StoreVersions(this.replicas),
      /** When the version that is being written becomes visible, by replica. */
      visibleS: new Float64Array(this.replicas),
      /** Since the start. */
      writes: 0,
      primaryReads: 0,
      copyReads: 0,
      /** Reads that missed the reader's own write; that showed less than an earlier read. */
      staleReads: 0,
      nonMonotonicReads: 0,
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
    else if (code === SHOWN) {
      this.show(kernel, this.slotOf(kernel, job), this.replicaFor(kernel, job));
      this.resume(kernel, job);
    } else if (code === StoreOperation.Write || code === StoreOperation.WriteAndWait) {
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
    if (parameter === 'replicaChoice') {
      if (value !== 'random' && value !== 'perUser') return false;
      state.replicaChoice = ReplicaChoice[value];
      return true;
    }
    if (typeof value !== 'number' || !(value >= 0)) return false;
    if (parameter.startsWith('lagsMs.')) {
      const replica = Number(parameter.slice('lagsMs.'.length));
      if (!Number.isInteger(replica) || replica < 0 || replica >= this.replicas) return false;
      state.lagS[replica] = value / 1000;
      return true;
    }
    switch (parameter) {
      case 'writeMs':
        state.writeS = value / 1000;
        return true;
      case 'readMs':
        state.readS = value / 1000;
        return true;
      case 'lagMs':
        state.lagS.fill(value / 1000);
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
    // Versions the copies have not got yet, judged by the pipeline and the replica furthest behind.
    view.ready = 0;
    view.oldestAgeS = Math.max(0, this.lastVisibleS() - kernel.clockS);
  }

  private write(kernel: Kernel, job: number, waits: boolean): void {
    const { state } = this;
    const { clockS } = kernel;
    const slot = this.slotOf(kernel, job);
    state.writes++;
    kernel.recorder?.tally(kernel, this.index, Tally.Write);
    state.appliedS = Math.max(clockS, state.appliedS) + 1 / state.applyPerS;
    let everywhereS = 0;
    for (let replica = 0; replica < this.replicas; replica++) {
      const visibleS = this.visibleS(kernel, job, replica);
      state.visibleS[replica] = visibleS;
      state.lastVisibleS[replica] = visibleS;
      everywhereS = Math.max(everywhereS, visibleS);
    }
    state.versions.write(slot, clockS, state.visibleS);
    if (waits) this.waitUntil(kernel, job, everywhereS, RESUME);
    else this.resume(kernel, job);
  }

  private read(kernel: Kernel, job: number, operation: number): void {
    const { state } = this;
    const { clockS, recorder } = kernel;
    const { versions } = state;
    const slot = this.slotOf(kernel, job);
    recorder?.tally(kernel, this.index, Tally.Read);
    const sticks =
      operation === StoreOperation.ReadSticky &&
      clockS - versions.lastWrittenS[slot] < state.stickyS;
    if (operation === StoreOperation.ReadPrimary || sticks) {
      state.primaryReads++;
      recorder?.tally(kernel, this.index, Tally.PrimaryRead);
      versions.show(slot, versions.written[slot]);
      recorder?.measure(kernel, this.index, Measure.Staleness, 0);
      this.resume(kernel, job);
      return;
    }
    state.copyReads++;
    const replica = this.replicaFor(kernel, job);
    if (operation === StoreOperation.ReadToken) {
      // The reader brings the version it has written; the replica answers once it shows that.
      const untilS = versions.showsAllS(slot, replica, clockS);
      if (untilS > clockS) {
        this.waitUntil(kernel, job, untilS, SHOWN);
        return;
      }
    } else if (versions.missedBy(slot, replica, clockS) >= 0) {
      state.staleReads++;
      recorder?.tally(kernel, this.index, Tally.StaleRead);
    }
    if (this.show(kernel, slot, replica)) {
      state.nonMonotonicReads++;
      recorder?.tally(kernel, this.index, Tally.NonMonotonicRead);
    }
    this.resume(kernel, job);
  }

  /** A read gets what a replica shows now. @returns true if an earlier read was shown more */
  private show(kernel: Kernel, slot: number, replica: number): boolean {
    const { state } = this;
    const { versions } = state;
    const missed = versions.missedBy(slot, replica, kernel.clockS);
    const staleS = missed < 0 ? 0 : kernel.clockS - versions.writes.writtenS[missed];
    state.stalenessS += staleS;
    kernel.recorder?.measure(kernel, this.index, Measure.Staleness, staleS);
    const version = missed < 0 ? versions.written[slot] : versions.writes.version[missed] - 1;
    return versions.show(slot, version);
  }

  /** The replica that a read goes to: any, drawn for each read, or always the user's own. */
  private replicaFor(kernel: Kernel, job: number): number {
    const { replicas, state } = this;
    if (replicas === 1) return 0;
    const { random, requests, jobs } = kernel;
    const number = requests.rows[jobs.rows[job].request].number;
    if (state.replicaChoice === ReplicaChoice.perUser) {
      const user = this.keys > 0 ? keyOf(number, this.keys) : number;
      random.select(this.choiceKey0, this.choiceKey1, user, 0, Purpose.Replica);
    } else {
      // The reads of one handler are told apart by where they stand in it.
      const read = drawKey(jobs.rows[job].drawKey, jobs.rows[job].position / STRIDE, 1);
      random.select(this.choiceKey0, this.choiceKey1, number, read, Purpose.Replica);
    }
    return Math.floor(random.uniform() * replicas);
  }

  /** When a replica will show what is written now; in the order of the writes. */
  private visibleS(kernel: Kernel, job: number, replica: number): number {
    const { state } = this;
    const { random, requests, jobs } = kernel;
    let lagS = state.lagS[replica];
    if (this.lag.cv > 0) {
      const [key0, key1] = this.lagKeys[replica];
      const number = requests.rows[jobs.rows[job].request].number;
      random.select(key0, key1, number, jobs.rows[job].drawKey, Purpose.Lag);
      lagS *= this.lag.draw(random);
    }
    let visibleS = state.appliedS + lagS;
    if (state.refreshS > 0) {
      const { refreshS } = state;
      const phase = state.phase[replica];
      visibleS = (Math.ceil(visibleS / refreshS - phase) + phase) * refreshS;
    }
    return Math.max(visibleS, state.lastVisibleS[replica]);
  }

  /** The latest moment at which a version becomes visible somewhere. */
  private lastVisibleS(): number {
    let lastS = 0;
    for (const visibleS of this.state.lastVisibleS) lastS = Math.max(lastS, visibleS);
    return lastS;
  }

  /** @param then code of the event at its end */
  private waitUntil(kernel: Kernel, job: number, untilS: number, then: number): void {
    const { state } = this;
    const waitS = untilS - kernel.clockS;
    if (!(waitS > 0)) {
      this.resume(kernel, job);
      return;
    }
    state.waits++;
    kernel.recorder?.tally(kernel, this.index, Tally.CopyWait);
    state.waitedS += waitS;
    this.after(kernel, waitS, then, job);
  }

  private after(kernel: Kernel, delayS: number, code: number, job: number): void {
    const target = eventTarget(this.index, code);
    kernel.events.push(kernel.clockS + delayS, target, job, kernel.jobs.rows[job].generation);
  }

  private resume(kernel: Kernel, job: number): void {
    kernel.callees[kernel.jobs.rows[job].node]!.resume(kernel, job, Result.Ok);
  }

  /** The place of the job's key: shared by the requests of one user, or the request's own. */
  private slotOf(kernel: Kernel, job: number): number {
    const { versions } = this.state;
    const { requests } = kernel;
    const request = kernel.jobs.rows[job].request;
    if (this.keys > 0) {
      const key = keyOf(requests.rows[request].number, this.keys);
      versions.reach(key);
      return key;
    }
    versions.reach(request);
    if (versions.generation[request] !== requests.rows[request].generation) {
      versions.generation[request] = requests.rows[request].generation;
      versions.clear(request);
    }
    return request;
  }
}
