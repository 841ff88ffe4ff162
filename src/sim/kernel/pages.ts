/**
 * Copies of typed arrays in pages that are never written to, so that later copies can share those
 * which did not change. Whole numbers that lie close together, as rows and counts mostly do, are kept
 * as differences from the least of them, in half the room.
 */

const kinds = {
  Float64Array,
  Float32Array,
  Int32Array,
  Uint32Array,
  Int16Array,
  Uint8Array,
} as const;
type Kind = keyof typeof kinds;
export type TypedArray =
  Float64Array | Float32Array | Int32Array | Uint32Array | Int16Array | Uint8Array;

/** Values of an Int32Array, each `base` less. */
interface Packed {
  readonly base: number;
  readonly less: Uint16Array;
}
export type Page = TypedArray | Packed;

/** A copy of a typed array. */
export interface Paged {
  readonly pagesOf: Kind;
  readonly length: number;
  readonly pages: readonly Page[];
}

/** Small enough that a few rows which changed cost little, large enough that there are not too many. */
const PAGE_BYTES = 4096;
/** Comparing and packing less costs more than it saves. */
const SMALL_BYTES = 1024;

export function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value);
}

/** @param like an earlier copy of the same array; pages that have not changed since are taken from it */
export function copyPages(array: TypedArray, like?: Paged): Paged {
  const pagesOf = array.constructor.name as Kind;
  const { length } = array;
  if (array.byteLength < SMALL_BYTES) return { pagesOf, length, pages: [array.slice()] };
  const before = like?.pagesOf === pagesOf ? like.pages : [];
  const perPage = PAGE_BYTES / array.BYTES_PER_ELEMENT;
  const pages: Page[] = [];
  for (let start = 0; start < length; start += perPage) {
    const k = pages.length;
    const values = array.subarray(start, start + perPage);
    if (holds(before[k], values)) pages.push(before[k]);
    // Neighbours are the same where nothing has been written yet.
    else if (holds(pages[k - 1], values)) pages.push(pages[k - 1]);
    else pages.push(pack(values));
  }
  return { pagesOf, length, pages };
}

/** Whether an array can take the values of a copy. */
export function isSameKind(array: TypedArray, { pagesOf, length }: Paged): boolean {
  return array.length === length && array.constructor === kinds[pagesOf];
}

/** An array that can. */
export function newArray({ pagesOf, length }: Paged): TypedArray {
  return new kinds[pagesOf](length);
}

/** Writes a copy over an array of the same kind and length. */
export function writePages(array: TypedArray, { pages }: Paged): void {
  let start = 0;
  for (const page of pages) {
    if (isTypedArray(page)) {
      array.set(page, start);
      start += page.length;
    } else {
      unpack(page, array as Int32Array, start);
      start += page.less.length;
    }
  }
}

export function pageBytes(page: Page): number {
  return isTypedArray(page) ? page.byteLength : page.less.byteLength;
}

function pack(values: TypedArray): Page {
  if (!(values instanceof Int32Array)) return values.slice();
  let least = values[0];
  let most = least;
  for (const value of values) {
    if (value < least) least = value;
    else if (value > most) most = value;
  }
  if (most - least > 0xffff) return values.slice();
  const less = new Uint16Array(values.length);
  for (let k = 0; k < less.length; k++) less[k] = values[k] - least;
  return { base: least, less };
}

function unpack({ base, less }: Packed, into: Int32Array, start: number): void {
  for (let k = 0; k < less.length; k++) into[start + k] = base + less[k];
}

/** Whether a page stands for these very values: NaN for NaN, and not 0 for −0. */
function holds(page: Page | undefined, values: TypedArray): boolean {
  if (page === undefined) return false;
  if (!isTypedArray(page)) return isPacked(page, values as Int32Array);
  if (page.length !== values.length) return false;
  // Words tell bits apart; an array of bytes may end in the middle of one.
  return values.byteLength % 4 === 0
    ? isSameWords(wordsOf(page), wordsOf(values))
    : page.every((value, k) => value === values[k]);
}

function isPacked({ base, less }: Packed, values: Int32Array): boolean {
  if (less.length !== values.length) return false;
  for (let k = 0; k < less.length; k++) if (values[k] !== base + less[k]) return false;
  return true;
}

function isSameWords(one: Int32Array, other: Int32Array): boolean {
  for (let k = 0; k < one.length; k++) if (one[k] !== other[k]) return false;
  return true;
}

function wordsOf({ buffer, byteOffset, byteLength }: TypedArray): Int32Array {
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}
