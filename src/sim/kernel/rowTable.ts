/**
 * Rows that are written with every event: one object each, with a free list. The engines of browsers
 * reach a field of an object in one or two instructions and an element of a typed array in ten, so
 * these are objects; what only waits in large numbers is kept in columns (table.ts). A row is addressed
 * by its index, and its generation tells a stale reference from a live one after the row was reused.
 */
import { pendingLimit, MAX_PENDING } from './limits.ts';

/** Fields are numbers only: whole ones, or times that start as `UNSET_S` or Infinity. */
export interface Row {
  generation: number;
  /** Next free row; also free for the owner's lists while the row is live. */
  next: number;
}

/**
 * What a time is before it is set. Not 0, because engines give a field that begins with a whole
 * number another shape from that of a fraction.
 */
export const UNSET_S = NaN;

/** A copy of the rows in use, for a checkpoint: whole numbers and times apart. */
export interface SavedRows {
  readonly used: number;
  readonly freeHead: number;
  readonly live: number;
  readonly integers: Int32Array;
  readonly times: Float64Array;
}

/** Tells whether a reference to a row is stale. */
export interface Generations {
  /** Is this generation of the row still the present one? */
  isCurrent(index: number, generation: number): boolean;
}

export abstract class RowTable<R extends Row> implements Generations {
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
    const { integerKeys, timeKeys } = this.keys();
    const integers = new Int32Array(used * integerKeys.length);
    const times = new Float64Array(used * timeKeys.length);
    let at = 0;
    let timeAt = 0;
    for (let k = 0; k < used; k++) {
      const row = rows[k] as unknown as Record<string, number>;
      for (const key of integerKeys) integers[at++] = row[key];
      for (const key of timeKeys) times[timeAt++] = row[key];
    }
    return { used, freeHead, live, integers, times };
  }

  restore(saved: SavedRows): void {
    const { used, integers, times } = saved;
    const { integerKeys, timeKeys } = this.keys();
    this.used = used;
    this.freeHead = saved.freeHead;
    this.live = saved.live;
    const { rows } = this;
    // Rows that were not used yet at that moment are new again.
    if (rows.length > used) rows.length = used;
    while (rows.length < used) rows.push(this.blank());
    let at = 0;
    let timeAt = 0;
    for (let k = 0; k < used; k++) {
      const row = rows[k] as unknown as Record<string, number>;
      for (const key of integerKeys) row[key] = integers[at++];
      for (const key of timeKeys) row[key] = times[timeAt++];
    }
  }

  private keys(): { integerKeys: string[]; timeKeys: string[] } {
    const fields = Object.entries(this.blank());
    const isTime = ([, value]: [string, number]): boolean => !Number.isInteger(value);
    return {
      integerKeys: fields.filter((field) => !isTime(field)).map(([key]) => key),
      timeKeys: fields.filter(isTime).map(([key]) => key),
    };
  }

  private grow(): void {
    if (this.rows.length >= MAX_PENDING) throw pendingLimit('requests or jobs');
    this.rows.push(this.blank());
  }
}
