/**
 * What a store knows of every value it holds: how often it was written, which of its writes each
 * replica does not show yet, and what its user has been shown. A value is addressed by its slot.
 */
import { extended } from '../kernel/extended.ts';
import { Table } from '../kernel/table.ts';

/** Writes that some replica does not show yet; those of one value in order. */
class WriteTable extends Table {
  writtenS: Float64Array;
  /** Counts the writes of one value from 1. */
  version: Int32Array;
  /** Replicas that have not been found to show it. */
  holders: Int32Array;

  constructor(capacity = 64) {
    super(capacity);
    this.writtenS = new Float64Array(capacity);
    this.version = new Int32Array(capacity);
    this.holders = new Int32Array(capacity);
  }
}

export class StoreVersions {
  readonly replicas: number;
  readonly writes = new WriteTable();
  /** By write and replica: when it becomes visible there. */
  visibleS: Float64Array;
  /** By slot and replica: the oldest write that the replica does not show; −1: it shows all. */
  missed: Int32Array;
  /** By slot: the newest write; of no meaning once every replica shows all. */
  newest: Int32Array;
  lastWrittenS: Float64Array;
  /** Versions written so far, and the newest of them that a read has shown. */
  written: Int32Array;
  shown: Int32Array;
  /** Of the user that has the slot, where slots are used anew. */
  generation: Int32Array;

  constructor(replicas: number, slots = 64) {
    this.replicas = replicas;
    this.visibleS = new Float64Array(this.writes.capacity * replicas);
    this.missed = new Int32Array(slots * replicas).fill(-1);
    this.newest = new Int32Array(slots).fill(-1);
    this.lastWrittenS = new Float64Array(slots).fill(-Infinity);
    this.written = new Int32Array(slots);
    this.shown = new Int32Array(slots);
    this.generation = new Int32Array(slots);
  }

  /** Makes sure there is such a slot. */
  reach(slot: number): void {
    if (slot < this.newest.length) return;
    let slots = this.newest.length * 2;
    while (slots <= slot) slots *= 2;
    this.missed = extended(this.missed, new Int32Array(slots * this.replicas).fill(-1));
    this.newest = extended(this.newest, new Int32Array(slots).fill(-1));
    this.lastWrittenS = extended(this.lastWrittenS, new Float64Array(slots).fill(-Infinity));
    this.written = extended(this.written, new Int32Array(slots));
    this.shown = extended(this.shown, new Int32Array(slots));
    this.generation = extended(this.generation, new Int32Array(slots));
  }

  /** The slot is for somebody else from now on. */
  clear(slot: number): void {
    for (let replica = 0; replica < this.replicas; replica++) this.pass(slot, replica, Infinity);
    this.lastWrittenS[slot] = -Infinity;
    this.written[slot] = 0;
    this.shown[slot] = 0;
  }

  /**
   * A new version.
   * @param visibleS by replica: when it will be visible there; not before its predecessor
   */
  write(slot: number, nowS: number, visibleS: Float64Array): void {
    const { replicas } = this;
    const version = ++this.written[slot];
    this.lastWrittenS[slot] = nowS;
    let holders = 0;
    for (let replica = 0; replica < replicas; replica++) {
      this.pass(slot, replica, nowS);
      if (visibleS[replica] > nowS) holders++;
    }
    if (holders === 0) return;
    const { writes } = this;
    const row = writes.allocate();
    if (this.visibleS.length < writes.capacity * replicas) {
      this.visibleS = extended(this.visibleS, new Float64Array(writes.capacity * replicas));
    }
    writes.writtenS[row] = nowS;
    writes.version[row] = version;
    writes.holders[row] = holders;
    writes.next[row] = -1;
    let waited = false;
    for (let replica = 0; replica < replicas; replica++) {
      const at = slot * replicas + replica;
      this.visibleS[row * replicas + replica] = visibleS[replica];
      // Those that show it at once miss nothing older either.
      if (visibleS[replica] <= nowS) continue;
      if (this.missed[at] < 0) this.missed[at] = row;
      else waited = true;
    }
    if (waited) writes.next[this.newest[slot]] = row;
    this.newest[slot] = row;
  }

  /** The oldest write that a replica does not show by now; −1 if it shows all. */
  missedBy(slot: number, replica: number, nowS: number): number {
    this.pass(slot, replica, nowS);
    return this.missed[slot * this.replicas + replica];
  }

  /** When a replica will show all that has been written so far; in the past if it does. */
  showsAllS(slot: number, replica: number, nowS: number): number {
    if (this.missedBy(slot, replica, nowS) < 0) return -Infinity;
    return this.visibleS[this.newest[slot] * this.replicas + replica];
  }

  /** A read was shown a version. @returns true if an earlier read was shown a newer one */
  show(slot: number, version: number): boolean {
    if (version < this.shown[slot]) return true;
    this.shown[slot] = version;
    return false;
  }

  /** Goes on to the oldest write that the replica does not show by then. */
  private pass(slot: number, replica: number, byS: number): void {
    const { writes, replicas } = this;
    const at = slot * replicas + replica;
    for (;;) {
      const row = this.missed[at];
      if (row < 0 || this.visibleS[row * replicas + replica] > byS) return;
      this.missed[at] = writes.next[row]!;
      if (--writes.holders[row] === 0) writes.free(row);
    }
  }
}
