/**
 * Rows that are written with every event: one object each, with a free list. The engines of browsers
 * reach a field of an object in one or two instructions and an element of a typed array in ten, so
 * these are objects; what only waits in large numbers is kept in columns (table.ts). A row is addressed
 * by its index, and its generation tells a stale reference from a live one after the row was reused.
 */
import type { RowColumns } from './columns.ts';
import { MAX_PENDING, pendingLimit } from './limits.ts';
import type { Saves } from './plainState.ts';

/** Fields are numbers only: whole ones, or times that start as `UNSET_S` or Infinity. */
export interface Row {
  /** Where it stands in its table. */
  readonly index: number;
  generation: number;
  /** Next free row; also free for the owner's lists while the row is live. */
  next: number;
}

/** Where the time is read: a number handed over as such would be allocated on the heap. */
export interface Clock {
  /** Seconds. */
  readonly clockS: number;
}

/** A copy of the rows in use, for a checkpoint. */
interface SavedRows {
  readonly used: number;
  readonly freeHead: number;
  readonly columns: object;
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
  readonly rows: R[] = [];

  /** A row as it is before its first use. */
  protected abstract blank(index: number): R;

  /** Empty columns for so many rows. */
  protected abstract columns(length: number): RowColumns<R>;

  /** A row whose fields are as its last user left them; the caller sets every field. */
  allocate(): R {
    const { freeHead } = this;
    if (freeHead < 0) return this.grow();
    const row = this.rows[freeHead];
    this.freeHead = row.next;
    return row;
  }

  free(index: number): void {
    this.release(this.rows[index]);
  }

  release(row: R): void {
    row.generation++;
    row.next = this.freeHead;
    this.freeHead = row.index;
  }

  /** Rows in use now; counted anew at each call. */
  get live(): number {
    let live = this.used;
    for (let free = this.freeHead; free >= 0; free = this.rows[free].next) live--;
    return live;
  }

  isCurrent(index: number, generation: number): boolean {
    return this.rows[index].generation === generation;
  }

  save(): SavedRows {
    const { used, freeHead, rows } = this;
    const columns = this.columns(used);
    columns.copyFrom(rows);
    return { used, freeHead, columns };
  }

  restore(saved: object): void {
    const { used, freeHead, columns } = saved as SavedRows;
    const { rows } = this;
    this.used = used;
    this.freeHead = freeHead;
    // Rows that were not used yet at that moment are new again.
    if (rows.length > used) rows.length = used;
    while (rows.length < used) rows.push(this.blank(rows.length));
    Object.assign(this.columns(0), columns).copyTo(rows);
  }

  /** A row that was not used yet. */
  private grow(): R {
    const { rows } = this;
    if (this.used === rows.length) {
      if (rows.length >= MAX_PENDING) throw pendingLimit('requests or jobs');
      rows.push(this.blank(rows.length));
    }
    return rows[this.used++];
  }
}
