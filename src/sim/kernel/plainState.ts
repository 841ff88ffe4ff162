/**
 * Copies of plain state: objects whose fields are numbers, strings, booleans, typed arrays, lists or
 * such objects again. What a checkpoint is made of. Methods live on prototypes and are not state.
 */

import { RowTable, type SavedRows } from './rowTable.ts';

type TypedArray = Float64Array | Float32Array | Int32Array | Uint32Array | Int16Array | Uint8Array;
type Fields = Record<string, unknown>;

/** A deep copy that shares nothing with the original. */
export function copyPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isTypedArray(value)) return value.slice();
  if (value instanceof RowTable) return value.save();
  if (Array.isArray(value)) return value.map(copyPlain);
  const copy: Fields = {};
  for (const [key, field] of Object.entries(value)) copy[key] = copyPlain(field);
  return copy;
}

/** Overwrites the fields of `target` with copies of those of `source`, keeping its objects and, where the length fits, its typed arrays. */
export function writePlain(target: object, source: object): void {
  const fields = target as Fields;
  for (const [key, from] of Object.entries(source) as [string, unknown][]) {
    const to = fields[key];
    if (typeof from !== 'object' || from === null || Array.isArray(from)) {
      fields[key] = copyPlain(from);
    } else if (isTypedArray(from)) {
      if (to instanceof from.constructor && (to as TypedArray).length === from.length) {
        (to as TypedArray).set(from);
      } else fields[key] = from.slice();
    } else if (to instanceof RowTable) to.restore(from as SavedRows);
    else if (typeof to === 'object' && to !== null) writePlain(to, from);
    else fields[key] = copyPlain(from);
  }
}

/** Bytes held by a state: its typed arrays, and 8 for every other field. */
export function bytesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 8;
  if (isTypedArray(value)) return value.byteLength;
  let sum = 0;
  for (const field of Object.values(value) as unknown[]) sum += bytesOf(field);
  return sum;
}

function isTypedArray(value: object): value is TypedArray {
  return ArrayBuffer.isView(value);
}
