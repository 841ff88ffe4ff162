/** What messages go through in the flow format: queues of both kinds, topics and logs. */

/** The way of a publish to a broker and back. */
export interface PublishSpec {
  /** Time the broker takes to confirm a publish, milliseconds. */
  readonly publishMs?: number;
  /** Share of publishes, and of confirms, that get lost on the way, 0 to 1. */
  readonly publishLoss?: number;
  /** How long a producer waits for a confirm, milliseconds; null: for ever. */
  readonly confirmTimeoutMs?: number | null;
  /** How often it publishes a message at most while no confirm comes, 1 to 1,000. */
  readonly publishAttempts?: number;
}

export interface QueueSpec extends PublishSpec {
  readonly kind: 'queue';
  readonly label?: string;
  /** Ready messages it holds at most, 1 to 100,000; null: without limit. */
  readonly limit: number | null;
  readonly overflow?: 'dropOldest' | 'rejectPublish' | 'blockProducer';
  /** Failed attempts of one message before it is dead-lettered, 1 or more; null: tried for ever. */
  readonly maxAttempts?: number | null;
  /** Times a message may come back from a dead consumer, too; null: without limit. */
  readonly deliveryLimit?: number | null;
  /** First backoff, seconds; the n-th is base times 2^(n-1), at most the cap. */
  readonly backoffBaseS?: number;
  readonly backoffCapS?: number;
  readonly jitter?: 'none' | 'full' | 'equal';
  /** A consumer that holds a delivery longer loses its channel; null: never. */
  readonly ackTimeoutS?: number | null;
  /** Ready messages older than this expire; null: kept for ever. */
  readonly retentionS?: number | null;
  /** FIFO groups: one message of a group in flight, a failure blocks the group; null: no groups. */
  readonly groups?: number | null;
  /** A new message may be delivered only after this time. */
  readonly delayS?: number;
  /** Shares of messages by priority, the most urgent first; they sum to 1. */
  readonly priorityShares?: readonly number[];
  /** Which messages reach the dead-letter queue. */
  readonly deadLetters?: 'failed' | 'all';
}

/** A queue of the lease kind: a delivered message is hidden for a while, and only a delete ends it. */
export interface LeaseQueueSpec extends PublishSpec {
  readonly kind: 'leaseQueue';
  readonly label?: string;
  /** Time a delivered message stays hidden, seconds. */
  readonly visibilityS?: number;
  /** Receives of one message; one more moves it to the dead-letter queue. null: no such queue. */
  readonly maxReceives?: number | null;
  /** Messages older than this are gone; null: kept for ever. */
  readonly retentionS?: number | null;
  /** Deliveries that may be unsettled at the same time; null: without limit. */
  readonly inFlightLimit?: number | null;
  /** `waitForLease`: a failed message stays hidden to the end of its lease. `release`: visible at once. */
  readonly whenFailed?: 'waitForLease' | 'release';
  readonly delayS?: number;
  readonly groups?: number | null;
}

/** Copies every message to each of its subscriptions, which are queues of their own. */
export interface TopicSpec extends PublishSpec {
  readonly kind: 'topic';
  readonly label?: string;
  /** Queues that get a copy each. */
  readonly subscriptions: readonly string[];
}

/** A partitioned log; every group of workers that consumes it has offsets of its own. */
export interface LogSpec extends PublishSpec {
  readonly kind: 'log';
  readonly label?: string;
  readonly partitions: number;
  /** Distinct keys; records of one key share a partition. null: a key for each request. */
  readonly keys?: number | null;
  /** Records older than this are lost to groups that have not read them; null: kept for ever. */
  readonly retentionS?: number | null;
  /** Attempts of a record before it is skipped; null: it blocks its partition for ever. */
  readonly maxAttempts?: number | null;
  readonly retryDelayS?: number;
  /** Longest time between two polls; a worker that takes longer loses its partition. null: any. */
  readonly maxPollIntervalS?: number | null;
  /** A consumer whose commit got lost commits again after that; null: only with the next record. */
  readonly commitIntervalS?: number | null;
  /** How long a dead worker is waited for, seconds. */
  readonly sessionTimeoutS?: number;
}
