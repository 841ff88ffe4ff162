/** Gives each bar a row it keeps: a newcomer takes the row of whoever left, nobody else moves. */

/**
 * @param rows requests in the rows now, null where a row is free
 * @param requests who shall be shown, oldest first, at most as many as there are rows
 * @returns the new rows
 */
export function assignRows(
  rows: readonly (number | null)[],
  requests: readonly number[],
): (number | null)[] {
  const wanted = new Set(requests);
  const next = rows.map((request) => (request !== null && wanted.delete(request) ? request : null));
  // Rows fill downwards from the newest bar that stays, so that new bars follow one another.
  const newestStaying = requests.filter((request) => next.includes(request)).at(-1);
  let row = newestStaying === undefined ? -1 : next.indexOf(newestStaying);
  for (const request of requests) {
    if (!wanted.has(request)) continue;
    for (let tries = 0; tries < next.length; tries++) {
      row = (row + 1) % next.length;
      if (next[row] === null) break;
    }
    if (next[row] === null) next[row] = request;
  }
  return next;
}
