/** How a request ended for its user. Every request has exactly one outcome. */
export const Outcome = {
  /** Not ended yet. */
  Open: 0,
  /** Answered without error, in time. */
  Served: 1,
  /** The card was declined and the user was told in time: an answer, not an error. */
  Declined: 2,
  /** The accept queue was full. */
  Rejected: 3,
  /** The user's patience ended first. */
  TimedOut: 4,
  /** Answered with an error. */
  Failed: 5,
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** The term on screen for each outcome. */
export const outcomeName: Readonly<Record<Outcome, string>> = {
  [Outcome.Open]: 'in progress',
  [Outcome.Served]: 'served',
  [Outcome.Declined]: 'declined',
  [Outcome.Rejected]: 'rejected',
  [Outcome.TimedOut]: 'timed out',
  [Outcome.Failed]: 'failed',
};
