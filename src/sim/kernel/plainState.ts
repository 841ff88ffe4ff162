/**
 * Copies of plain state: objects whose fields are numbers, strings, booleans, typed arrays, lists or
 * such objects again. What a checkpoint is made of. Methods live on prototypes and are not state.
 *
 * A copy keeps typed arrays in pages (pages.ts), and two copies have those pages in common whose
 * values are the same: 100,000 messages that wait are kept once, however many checkpoints see them wait.
 */
import {
  copyPages,
  isSameKind,
  isTypedArray,
  newArray,
  pageBytes,
  writePages,
  type Page,
  type Paged,
} from './pages.ts';

type Fields = Record<string, unknown>;

/** State that a copy keeps in another form: what `save` gives is plain, and `restore` undoes it. */
export interface Saves {
  save(): object;
  restore(saved: object): void;
}

/**
 * A deep copy that shares nothing with the original.
 * @param like an earlier copy of the same state; what has not changed since is shared with it
 */
export function copyPlain(value: unknown, like?: unknown): unknown {
  if (!isObject(value)) return value;
  if (isTypedArray(value)) return copyPages(value, isPaged(like) ? like : undefined);
  if (isSaving(value)) return copyPlain(value.save(), like);
  const before = isObject(like) ? (like as Fields) : {};
  if (Array.isArray(value)) return value.map((field, k) => copyPlain(field, before[k]));
  const copy: Fields = {};
  for (const [key, field] of Object.entries(value)) copy[key] = copyPlain(field, before[key]);
  return copy;
}

/** Overwrites the fields of `target` with those of a copy, keeping its objects and, where the length fits, its typed arrays. */
export function writePlain(target: object, copy: object): void {
  const fields = target as Fields;
  for (const [key, from] of Object.entries(copy) as [string, unknown][]) {
    const to = fields[key];
    if (isSaving(to)) to.restore(fromCopy(from) as object);
    else if (isPaged(from) && isTypedArray(to) && isSameKind(to, from)) writePages(to, from);
    else if (isObject(from) && isObject(to) && !isPaged(from) && !Array.isArray(from)) {
      writePlain(to, from);
    } else fields[key] = fromCopy(from);
  }
}

/** Bytes held by a copy, shared ones included: its pages, and 8 for every other field. */
export function bytesOf(copy: unknown): number {
  if (!isObject(copy)) return 8;
  if (isPaged(copy)) return bytesOfList(copy.pages);
  let sum = 0;
  for (const field of Object.values(copy) as unknown[]) sum += bytesOf(field);
  return sum;
}

/** The pages of each typed array in a copy, in the same order in every copy of the same state. */
export function pageListsOf(copy: unknown): (readonly Page[])[] {
  if (!isObject(copy)) return [];
  if (isPaged(copy)) return [copy.pages];
  return (Object.values(copy) as unknown[]).flatMap(pageListsOf);
}

/** Of what one copy holds, the bytes that an earlier copy of the same state holds too. */
export function sharedBytes(
  earlier: readonly (readonly Page[])[],
  later: readonly (readonly Page[])[],
): number {
  return later.reduce((sum, pages, at) => sum + bytesOfList(pages, earlier[at] ?? []), 0);
}

/** A page that is repeated is there once. @param among only those that stand at the same place there */
function bytesOfList(pages: readonly Page[], among = pages): number {
  let bytes = 0;
  pages.forEach((page, k) => {
    if (page !== pages[k - 1] && page === among[k]) bytes += pageBytes(page);
  });
  return bytes;
}

/** State that has no place yet, from a copy of it. */
function fromCopy(copy: unknown): unknown {
  if (!isObject(copy)) return copy;
  if (isPaged(copy)) {
    const array = newArray(copy);
    writePages(array, copy);
    return array;
  }
  if (Array.isArray(copy)) return copy.map(fromCopy);
  return Object.fromEntries(Object.entries(copy).map(([key, field]) => [key, fromCopy(field)]));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isSaving(value: unknown): value is Saves {
  return isObject(value) && 'save' in value && 'restore' in value;
}

function isPaged(value: unknown): value is Paged {
  return isObject(value) && 'pagesOf' in value;
}
