/** The job interface in the flow format: what it accepts, and how users learn of the end. */

/** Asynchronous request-reply: 202 and a job, of whose end the user learns later. */
export interface JobApiSpec {
  readonly kind: 'jobApi';
  readonly label?: string;
  /** Where the jobs go. */
  readonly queue: string;
  /** From the request to the 202, milliseconds. */
  readonly acceptMs?: number;
  /** Share of requests that are told at once that they can never be done (400). */
  readonly invalidRate?: number;
  /** Ready jobs beyond which new ones are turned away (503); null: never. */
  readonly limit?: number | null;
  /** Requests per second beyond which callers are turned away (429), and how many may come at once. */
  readonly quotaPerS?: number | null;
  readonly quotaBurst?: number;
  /** Requests per second the producer is held to; the excess waits there. null: not held. */
  readonly throttlePerS?: number | null;
  /** When rejected callers are asked to come again, seconds, null: not said; and up to what share of it more. */
  readonly rejectionRetryAfterS?: number | null;
  readonly rejectionRetryAfterJitter?: number;
  /** `returnsFirst`: a POST that is sent again with its key makes no second job, for as long as the key lives. */
  readonly idempotencyKey?: 'none' | 'returnsFirst';
  readonly keyTtlS?: number;
  readonly notice?: 'poll' | 'webhook';
  /** Retry-After of the 202, seconds, and by what share of it clients spread their polls. */
  readonly pollEveryS?: number;
  readonly retryAfterJitter?: number;
  readonly webhookMs?: number;
  readonly webhookFailureRate?: number;
  /** Share of deliveries that arrive and are sent again all the same. */
  readonly webhookAckLossRate?: number;
  readonly webhookAttempts?: number;
  readonly webhookBackoffS?: number;
  /** How long a result is kept, seconds; null: for ever. */
  readonly resultTtlS?: number | null;
}
