/**
 * Rows that are objects, as columns: what a checkpoint keeps of them. A column of rows that have not
 * changed is the same in the next checkpoint, which then need not keep it again.
 */

/** By field: whole numbers, or times. */
export type Columns = Readonly<Record<string, Int32Array | Float64Array>>;

/**
 * What a time is before it is set. Not 0, because engines give a field that begins with a whole
 * number another shape from that of a fraction, and everything compiled for it has to go.
 */
export const UNSET_S = NaN;

/** @param blank a row before its first use: what is a whole number there always is */
export function toColumns(rows: readonly object[], used: number, blank: object): Columns {
  const columns: Record<string, Int32Array | Float64Array> = {};
  for (const [key, value] of Object.entries(blank)) {
    const column = Number.isInteger(value) ? new Int32Array(used) : new Float64Array(used);
    for (let k = 0; k < used; k++) column[k] = (rows[k] as Record<string, number>)[key];
    columns[key] = column;
  }
  return columns;
}

/** Writes the columns into the rows, which have to be there. */
export function fromColumns(rows: readonly object[], columns: Columns): void {
  for (const [key, column] of Object.entries(columns)) {
    for (let k = 0; k < column.length; k++) {
      (rows[k] as Record<string, number>)[key] = column[k];
    }
  }
}
