/**
 * Rows of numbers in columns (struct of arrays) with a free list. Rows are addressed by index; a
 * generation count per row tells a stale reference from a live one after the row was reused.
 */
import { nextCapacity } from './limits.ts';
import type { Generations } from './rowTable.ts';

type Column = Float64Array | Int32Array | Uint8Array | Int16Array;

export abstract class Table implements Generations {
  /** Rows ever used; the rest of the capacity is untouched. */
  used = 0;
  freeHead = -1;
  live = 0;
  capacity: number;
  generation: Int32Array;
  /** Next free row; also free for the owner's lists while the row is live. */
  next: Int32Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.generation = new Int32Array(capacity);
    this.next = new Int32Array(capacity);
  }

  /** A row whose columns are as its last user left them; the caller sets every column. */
  allocate(): number {
    this.live++;
    const row = this.freeHead;
    if (row >= 0) {
      this.freeHead = this.next[row]!;
      return row;
    }
    if (this.used === this.capacity) this.grow();
    return this.used++;
  }

  free(row: number): void {
    this.live--;
    this.generation[row]++;
    this.next[row] = this.freeHead;
    this.freeHead = row;
  }

  isCurrent(row: number, generation: number): boolean {
    return this.generation[row] === generation;
  }

  private grow(): void {
    const capacity = nextCapacity(this.capacity, 'calls or messages');
    const columns = this as unknown as Record<string, unknown>;
    for (const key of Object.keys(columns)) {
      const column = columns[key];
      if (!ArrayBuffer.isView(column)) continue;
      const old = column as Column;
      const bigger = new (old.constructor as new (length: number) => Column)(capacity);
      bigger.set(old);
      columns[key] = bigger;
    }
    this.capacity = capacity;
  }
}
