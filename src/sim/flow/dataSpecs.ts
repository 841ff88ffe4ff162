/** Where data is kept or shown in the flow format: stores, an outbox, a feed. */
import type { Variability } from './variability.ts';

/** A primary and copies that lag behind it. */
export interface StoreSpec {
  readonly kind: 'store';
  readonly label?: string;
  /** Users, each with a value of their own; null: a value for each request. */
  readonly keys?: number | null;
  readonly writeMs?: number;
  readonly readMs?: number;
  /** Copies; each has draws of its own for its lag, and refreshes at moments of its own. */
  readonly replicas?: number;
  /** From the write to a copy, milliseconds. */
  readonly lagMs?: number;
  /** Lags of the single replicas, in order; those without one have `lagMs`. */
  readonly lagsMs?: readonly number[];
  readonly lagVariability?: Variability;
  /** A search index shows what has reached it only at its next refresh, seconds; 0: at once. */
  readonly refreshS?: number;
  /** Writes per second the copy can apply; null: any number. */
  readonly applyPerS?: number | null;
  /** How long after an own write a user reads the primary (`primaryAfterWrite`), seconds. */
  readonly stickyS?: number;
  /** Which replica a read goes to: one at random, or always the same for a user. */
  readonly replicaChoice?: 'random' | 'perUser';
}

/** A commit and an event: in one transaction with a relay, or one after the other. */
export interface OutboxSpec {
  readonly kind: 'outbox';
  readonly label?: string;
  /** Where the events go. */
  readonly queue: string;
  readonly mode?: 'outbox' | 'publishAfterCommit' | 'publishBeforeCommit';
  readonly commitMs?: number;
  /** Share of transactions that the database rolls back, 0 to 1. */
  readonly rollbackRate?: number;
  /** Share of transactions in which the process dies between commit and publish, 0 to 1. */
  readonly crashRate?: number;
  readonly relayEveryMs?: number;
  readonly relayBatch?: number;
  /** Share of events after whose publish the relay dies before it marks them, 0 to 1. */
  readonly relayCrashRate?: number;
  readonly relayRestartS?: number;
}

/** A value that changes, and many clients that show it. */
export interface FeedSpec {
  readonly kind: 'feed';
  readonly label?: string;
  readonly updatesPerS: number;
  readonly updates?: 'constant' | 'poisson';
  readonly clients: number;
  readonly delivery: 'poll' | 'sse' | 'webSocket';
  /** One way, milliseconds. */
  readonly delayMs?: number;
  readonly pollEveryS?: number;
  /** Push at most so many messages per second and client, the latest value; null: every update. */
  readonly conflatePerS?: number | null;
  /** Share of pushed clients that are slow, and how long those take for a message, milliseconds. */
  readonly slowShare?: number;
  readonly slowMs?: number;
  /** Mean life of a connection, seconds, and how long a client is away then; null: for ever. */
  readonly connectionS?: number | null;
  readonly reconnectS?: number;
}
