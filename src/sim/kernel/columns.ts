/**
 * Rows that are objects, as columns: what a checkpoint keeps of them. Columns of rows that have not
 * changed are the same in the next checkpoint, which then need not keep them again. Each kind of row
 * names its fields one by one, because a field whose name varies costs ten times as much to reach.
 */

export interface RowColumns<R> {
  /** As many rows as the columns are long. */
  copyFrom(rows: readonly R[]): void;
  copyTo(rows: readonly R[]): void;
}

/**
 * What a time is before it is set. Not 0, because engines give a field that begins with a whole
 * number another shape from that of a fraction, and everything compiled for it has to go.
 */
export const UNSET_S = NaN;
