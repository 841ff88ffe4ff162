/** Requests that have ended, by how. */
import { Outcome } from '../outcome.ts';

export interface OutcomeCounts {
  readonly served: number;
  readonly declined: number;
  readonly rejected: number;
  readonly timedOut: number;
  readonly failed: number;
}

/** @param outcomes counts at the outcomes' numbers */
export function countsByName(outcomes: ArrayLike<number>): OutcomeCounts {
  return {
    served: outcomes[Outcome.Served],
    declined: outcomes[Outcome.Declined],
    rejected: outcomes[Outcome.Rejected],
    timedOut: outcomes[Outcome.TimedOut],
    failed: outcomes[Outcome.Failed],
  };
}
