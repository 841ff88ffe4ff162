/** What one run may take, so that no flow, however strange, hangs or exhausts the machine. */

/** Rows of one table (requests, jobs, messages, …), or pending events. */
export const MAX_PENDING = 5_000_000;
/** Requests per second from one node of clients. */
export const MAX_RATE_PER_S = 100_000;
/** Events of one run, unless the caller sets another budget. */
export const DEFAULT_MAX_EVENTS = 200_000_000;
/** Events at one instant: nothing may happen for ever without time going on. */
export const MAX_EVENTS_AT_ONE_INSTANT = 100_000;

/** A run has met one of its limits; the message says which, in words for people. */
export class LimitError extends Error {
  override readonly name = 'LimitError';
}

/**
 * Twice the capacity, but no more than the limit.
 * @param what plural, for the message, for example `events`
 * @throws LimitError if there is no more room
 */
export function nextCapacity(capacity: number, what: string): number {
  if (capacity >= MAX_PENDING) throw pendingLimit(what);
  return Math.min(2 * capacity, MAX_PENDING);
}

/** @param what plural, for example `events` */
export function pendingLimit(what: string): LimitError {
  return new LimitError(
    `more than ${MAX_PENDING} ${what} are pending at once: the flow takes in more than it ever finishes`,
  );
}
