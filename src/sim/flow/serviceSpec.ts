/** Services in the flow format: threads, an accept queue, and the handlers that they run. */
import type { Step } from './steps.ts';
import type { Variability } from './variability.ts';

export interface ServiceSpec {
  readonly kind: 'service';
  readonly label?: string;
  /** Threads (or workers), 1 to 1,000. */
  readonly threads: number;
  /** Places in the accept queue; null: without limit. */
  readonly acceptQueue: number | null;
  readonly handler: readonly Step[];
  /** Further handlers, by name. */
  readonly endpoints?: Readonly<Record<string, readonly Step[]>>;
  /** `nonBlocking`: a thread goes on with other work while its request waits for a call. */
  readonly threading?: 'blocking' | 'nonBlocking';
  /** Non-blocking: requests begun and not ended at most; null: without limit. */
  readonly inFlightLimit?: number | null;
  readonly discipline?: QueueDiscipline;
  /** Time a thread spends on telling a caller that it is rejected, milliseconds. */
  readonly rejectionMs?: number;
  /** When rejected callers are asked to come again, seconds, null: not said; and up to what share of it more. */
  readonly rejectionRetryAfterS?: number | null;
  readonly rejectionRetryAfterJitter?: number;
  /** Share of its jobs that hang, 0 to 1, and for how long; null: for ever. */
  readonly hangRate?: number;
  readonly hangS?: number | null;
  /** Default variability of this service's work steps. */
  readonly variability?: Variability;
  /** Share of its jobs that end in failure, 0 to 1. */
  readonly failureRate?: number;
  /** `error`: may be retried. `decline`: a final answer (a card was refused), never retried. */
  readonly failureKind?: 'error' | 'decline';
  /** Queue whose messages its threads work off; calls, if any, go first. */
  readonly consumes?: string;
  /** Between the queue and the service, each way, milliseconds. */
  readonly deliveryMs?: number;
  /** Share of deliveries, and of acknowledgements, that get lost on the way, 0 to 1. */
  readonly deliveryLoss?: number;
}

/** Who is next in the accept queue, and who is dropped from it. */
export type QueueDiscipline =
  | { readonly kind: 'fifo' }
  | { readonly kind: 'lifo' }
  /** By the request's class, then in order of arrival; when full, the last of the worst makes room. */
  | { readonly kind: 'priority' }
  /** Dropped when its turn comes too late: after its deadline if it has one, or after so long. */
  | { readonly kind: 'deadlineDrop'; readonly maxWaitS?: number | null }
  /** Controlled delay as in RFC 8289. */
  | { readonly kind: 'codel'; readonly targetMs?: number; readonly intervalMs?: number }
  /** Facebook's: dropped after the target if the queue had stood for the interval, else after the interval. */
  | { readonly kind: 'codelTimeout'; readonly targetMs?: number; readonly intervalMs?: number };
