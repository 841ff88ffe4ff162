/** Business keys of requests: which customer, group or partition one belongs to. */

/** One of `keys` keys, 0 to keys − 1; the same for the same request everywhere, in both lanes. */
export function keyOf(requestNumber: number, keys: number): number {
  let h = Math.imul(requestNumber + 1, 0x9e3779b1);
  h ^= h >>> 15;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  return (h >>> 0) % keys;
}

/** What copies of one event are about differs, as its followers do: the key of a copy, that of the event for the first. */
export function keyOfCopy(number: number, copy: number): number {
  return copy === 0 ? number : (number + Math.imul(copy, 0x9e3779b1)) & 0x7fffffff;
}
