/**
 * Rows that are written with every event: one object each, with a free list. The engines of browsers
 * reach a field of an object in one or two instructions and an element of a typed array in ten, so
 * these are objects; what only waits in large numbers is kept in columns (table.ts). A row is addressed
 * by its index, and its generation tells a stale reference from a live one after the row was reused.
 */
import { fromColumns, toColumns, type Columns } from './columns.ts';
import { MAX_PENDING, pendingLimit } from './limits.ts';
import type { Saves } from './plainState.ts';

/** Fields are numbers only: whole ones, or times that start as `UNSET_S` or Infinity. */
export interface Row {
  generation: number;
  /** Next free row; also free for the owner's lists while the row is live. */
  next: number;
}

/** A copy of the rows in use, for a checkpoint. */
interface SavedRows {
  readonly used: number;
  readonly freeHead: number;
  readonly live: number;
  readonly columns: Columns;
}

/** Tells whether a reference to a row is stale. */
export interface Generations {
  /** Is this generation of the row still the present one? */
  isCurrent(index: number, generation: number): boolean;
}

export abstract class RowTable<R extends Row> implements Generations, Saves {
  /** Rows ever used. */
  used = 0;
  freeHead = -1;
  live = 0;
  readonly rows: R[] = [];

  /** A row as it is before its first use. */
  protected abstract blank(): R;

  /** A row whose fields are as its last user left them; the caller sets every field. */
  allocate(): number {
    this.live++;
    const index = this.freeHead;
    if (index >= 0) {
      this.freeHead = this.rows[index].next;
      return index;
    }
    if (this.used === this.rows.length) this.grow();
    return this.used++;
  }

  free(index: number): void {
    const row = this.rows[index];
    this.live--;
    row.generation++;
    row.next = this.freeHead;
    this.freeHead = index;
  }

  isCurrent(index: number, generation: number): boolean {
    return this.rows[index].generation === generation;
  }

  save(): SavedRows {
    const { used, freeHead, live, rows } = this;
    return { used, freeHead, live, columns: toColumns(rows, used, this.blank()) };
  }

  restore(saved: object): void {
    const { used, freeHead, live, columns } = saved as SavedRows;
    const { rows } = this;
    this.used = used;
    this.freeHead = freeHead;
    this.live = live;
    // Rows that were not used yet at that moment are new again.
    if (rows.length > used) rows.length = used;
    while (rows.length < used) rows.push(this.blank());
    fromColumns(rows, columns);
  }

  private grow(): void {
    if (this.rows.length >= MAX_PENDING) throw pendingLimit('requests or jobs');
    this.rows.push(this.blank());
  }
}
