/**
 * The flow format: a topology as plain JSON data. A scenario lane, a flow file and a benchmark
 * workload are all values of these types.
 *
 * Durations carry their unit in the name and are milliseconds where people think in milliseconds
 * (work, latency) and seconds elsewhere (patience, backoff).
 */

import type { CallPolicy } from './callPolicy.ts';

/** Distribution of a duration; the mean is in the field that holds it. */
export type Variability =
  | { readonly kind: 'constant' }
  /** Gamma with a coefficient of variation between 0 (constant) and 1 (exponential). */
  | { readonly kind: 'gamma'; readonly cv: number }
  | { readonly kind: 'exponential' }
  | { readonly kind: 'lognormal'; readonly cv: number }
  /** Two exponentials with balanced means; a coefficient of variation of 1 or more. */
  | { readonly kind: 'hyperexponential'; readonly cv: number }
  /** Between (1 − spread) and (1 + spread) times the mean. */
  | { readonly kind: 'uniform'; readonly spread: number }
  /** From data: one of these at random, scaled so that their mean is the step's. */
  | { readonly kind: 'empirical'; readonly values: readonly number[] };

/** One step of a handler: what a thread does, in order. */
export type Step =
  /** Occupies the thread for a drawn time. */
  | {
      readonly do: 'work';
      readonly name: string;
      /** Mean, milliseconds, 0 or more. */
      readonly workMs: number;
      readonly variability?: Variability;
    }
  /** Occupies the thread for size ÷ bandwidth, always the same. */
  | {
      readonly do: 'transfer';
      readonly name: string;
      /** Megabytes. */
      readonly sizeMB: number;
      /** Megabits per second. */
      readonly bandwidthMbps: number;
    }
  /** Calls another service and parks the thread until the answer comes. */
  | CallStep
  /** Calls several services at once and waits for all of them. */
  | { readonly do: 'parallel'; readonly name: string; readonly calls: readonly CallStep[] }
  /** Goes one of several ways, by probability; what is left of 1 skips them all. */
  | {
      readonly do: 'branch';
      readonly name: string;
      readonly ways: readonly {
        readonly probability: number;
        readonly steps: readonly Step[];
      }[];
    }
  /** Hands a message to a queue; the thread is parked on the broker until it confirms. */
  | {
      readonly do: 'publish';
      readonly name: string;
      readonly queue: string;
      /** Messages it makes, each with an id of its own (one post for many followers), 1 to 20,000. */
      readonly copies?: number;
    }
  /** Writes the request's (or its user's) value to a store. */
  | {
      readonly do: 'write';
      readonly name: string;
      readonly store: string;
      /** `copy`: waits until the copy shows it (refresh = wait_for). */
      readonly until?: 'primary' | 'copy';
    }
  /** Reads that value. */
  | {
      readonly do: 'read';
      readonly name: string;
      readonly store: string;
      readonly from?: 'primary' | 'copy';
      /** How the copy is kept from missing the reader's own write. */
      readonly ownWrites?: 'ignored' | 'primaryAfterWrite' | 'versionToken';
    }
  /** Commits to a database together with an event. */
  | { readonly do: 'commit'; readonly name: string; readonly outbox: string }
  /** One of two variants, chosen when the handler starts: `await x()` or `queue.publish(x)`. */
  | {
      readonly do: 'switch';
      readonly name: string;
      readonly mode: StepMode;
      readonly wait: Step;
      readonly queue: Step;
    };

export interface CallStep {
  readonly do: 'call';
  readonly name: string;
  readonly target: string;
  /** Endpoint of the target; its handler if left out. */
  readonly endpoint?: string;
  /** Without one it is tried once and waits for ever. */
  readonly policy?: CallPolicy;
  /** `goOn`: the handler does without the answer. */
  readonly whenFailed?: 'fail' | 'goOn';
}

export type StepMode = 'wait' | 'queue';

export interface ClientsSpec {
  readonly kind: 'clients';
  readonly label?: string;
  readonly target: string;
  /**
   * `renewal`: independent gaps of any variability. `closed`: a number of users who think, ask, and
   * wait for the answer.
   */
  readonly arrivals: 'poisson' | 'constant' | 'renewal' | 'closed';
  /** Mean requests per second, 0 to 100,000. */
  readonly ratePerS: number;
  /** Of the gaps of renewal arrivals. */
  readonly gapVariability?: Variability;
  /** Requests that are submitted at one instant; there are fewer such instants then. */
  readonly batchSize?: number;
  /** `geometric`: batches have 1, 2, 3 … requests, `batchSize` on average. */
  readonly batchSizes?: 'constant' | 'geometric';
  /** Moments from which on the rate is another; in any order. */
  readonly profile?: readonly ProfilePoint[];
  /** The load is again as it was at the start, and the profile with it; null or absent: never. */
  readonly repeatEveryS?: number | null;
  /** How long a user waits before giving up, mean, seconds; null: for ever. */
  readonly patienceS: number | null;
  readonly patienceVariability?: Variability;
  /** `stays`: the server does not notice that the user has gone, and works on. */
  readonly whenImpatient?: 'stays' | 'leavesAcceptQueue';
  /** `untilAnswered`: submit to answer. `untilStarted`: submit to the start of the handler. */
  readonly patienceRuns?: 'untilAnswered' | 'untilStarted';
  /** Stops after this many requests; null or absent: never. */
  readonly limit?: number | null;
  /** What users do about a slow or failing target, retries included. */
  readonly policy?: CallPolicy;
  /** Endpoint of the target that is asked; its handler if left out. */
  readonly endpoint?: string;
  /** Kinds of request, drawn by share; without any, all are alike. */
  readonly classes?: readonly RequestClass[];
  /** How many users take turns when arrivals are closed, and how long each thinks. */
  readonly users?: number;
  readonly thinkS?: number;
  readonly thinkVariability?: Variability;
  /** Load that comes in bursts, on top of the rate. */
  readonly bursts?: Bursts;
}

export interface RequestClass {
  readonly name: string;
  /** Relative to the shares of the others. */
  readonly share: number;
  readonly endpoint?: string;
  /** 0 goes first where the accept queue has priorities; 0 to 7. */
  readonly priority?: number;
}

/** A moment of a load profile. */
export interface ProfilePoint {
  readonly atS: number;
  /** From then on, until the next point. */
  readonly ratePerS: number;
  /** `ramp`: reached in a straight line from the point before (or from the start). */
  readonly by?: 'step' | 'ramp';
}

/** Every so often, for a while, the rate is multiplied. */
export interface Bursts {
  readonly factor: number;
  /** Mean seconds at the usual rate, and in a burst. */
  readonly quietS: number;
  readonly burstS: number;
  /** Lengths are exponential (a modulated Poisson process), or always the mean. */
  readonly lengths?: 'random' | 'fixed';
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

export interface QueueSpec {
  readonly kind: 'queue';
  readonly label?: string;
  /** Ready messages it holds at most, 1 to 100,000; null: without limit. */
  readonly limit: number | null;
  readonly overflow?: 'dropOldest' | 'rejectPublish' | 'blockProducer';
  /** Time the broker takes to confirm a publish, milliseconds. */
  readonly publishMs?: number;
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
export interface LeaseQueueSpec {
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
  readonly publishMs?: number;
  readonly delayS?: number;
  readonly groups?: number | null;
}

/** A pool that only works off messages. */
export interface WorkersSpec {
  readonly kind: 'workers';
  readonly label?: string;
  /** The queue or log it consumes. */
  readonly consumes: string;
  /** Consumer group: nodes that name the same share a log's partitions. A group of its own if left out. */
  readonly group?: string;
  /** Messages worked on at the same time, 1 to 1,000. */
  readonly workers: number;
  readonly handler: readonly Step[];
  readonly variability?: Variability;
  /** Share of executions that end in failure, 0 to 1. */
  readonly failureRate?: number;
  readonly failureKind?: 'error' | 'decline';
  /** Unsettled messages one worker may hold; those it does not run wait in its buffer. */
  readonly prefetch?: number;
  /** Messages fetched at once by an idle worker and run one after the other. */
  readonly batch?: number;
  /** `each`: settled one by one. `batch`: at the end, and one failure fails the whole batch. */
  readonly acknowledge?: 'each' | 'batch';
  /** Between the broker and a worker, each way, milliseconds. */
  readonly deliveryMs?: number;
  /** Share of deliveries, and of acknowledgements or commits, that get lost on the way, 0 to 1. */
  readonly deliveryLoss?: number;
  /** How often a worker extends the leases it holds; null: never. */
  readonly heartbeatS?: number | null;
  /** Share of executions in which the worker dies, 0 to 1. */
  readonly crashRate?: number;
  /** Before the effect (at a random moment of the work), or after it and before the acknowledgement. */
  readonly crashWhen?: 'beforeEffect' | 'afterEffect';
  /** From a crash, or from the decision to scale out, to a worker that works. */
  readonly startUpS?: number;
  readonly idempotency?: 'none' | 'checkThenAct' | 'atomicClaim';
  /** What tells that two deliveries mean the same: the order, or the message. */
  readonly idempotencyKey?: 'business' | 'message';
  /** How long keys are remembered, seconds; null: for ever. */
  readonly keyTtlS?: number | null;
  readonly autoscale?: AutoscaleSpec;
}

/** Copies every message to each of its subscriptions, which are queues of their own. */
export interface TopicSpec {
  readonly kind: 'topic';
  readonly label?: string;
  /** Queues that get a copy each. */
  readonly subscriptions: readonly string[];
  readonly publishMs?: number;
}

/** A partitioned log; every group of workers that consumes it has offsets of its own. */
export interface LogSpec {
  readonly kind: 'log';
  readonly label?: string;
  readonly partitions: number;
  /** Distinct keys; records of one key share a partition. null: a key for each request. */
  readonly keys?: number | null;
  readonly publishMs?: number;
  /** Records older than this are lost to groups that have not read them; null: kept for ever. */
  readonly retentionS?: number | null;
  /** Attempts of a record before it is skipped; null: it blocks its partition for ever. */
  readonly maxAttempts?: number | null;
  readonly retryDelayS?: number;
  /** Longest time between two polls; a worker that takes longer loses its partition. null: any. */
  readonly maxPollIntervalS?: number | null;
  /** How long a dead worker is waited for, seconds. */
  readonly sessionTimeoutS?: number;
}

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

export interface AutoscaleSpec {
  readonly min: number;
  readonly max: number;
  /** Ready messages per worker it aims at: acceptable latency over service time. */
  readonly targetBacklog: number;
  /** How often it decides, seconds. */
  readonly everyS: number;
  /** Age of the backlog it decides on, seconds. */
  readonly metricDelayS: number;
}

export type NodeSpec =
  | ClientsSpec
  | ServiceSpec
  | QueueSpec
  | LeaseQueueSpec
  | WorkersSpec
  | TopicSpec
  | LogSpec
  | StoreSpec
  | OutboxSpec
  | FeedSpec
  | JobApiSpec;

export interface Flow {
  /** Address of the JSON Schema, for editors. */
  readonly $schema?: string;
  readonly version: 1;
  readonly title?: string;
  readonly nodes: Readonly<Record<string, NodeSpec>>;
  /** What happens to the flow while it runs: load that changes, faults. In any order. */
  readonly schedule?: readonly TimedInput[];
}

/** What a person (or a schedule) does to a running flow at a moment. */
export type InputAction =
  /** Changes a parameter; `path` is `node.parameter`, for example `email.workMs` or `api.mode.email`. */
  | { readonly do: 'set'; readonly path: string; readonly value: number | string | null }
  /** Multiplies the arrival rate for a while; a factor of 1 ends it. */
  | {
      readonly do: 'surge';
      readonly node: string;
      readonly factor: number;
      readonly durationS: number;
    }
  /** A thread of the service dies in the middle of its work and is back after `downS`. */
  | { readonly do: 'kill'; readonly node: string; readonly downS: number }
  /** For a while the service starts nothing (stall), or turns every call away (refuse). */
  | {
      readonly do: 'outage';
      readonly node: string;
      readonly durationS: number;
      readonly how: 'stall' | 'refuse';
    }
  /** Empties the accept queue: all that wait in it are rejected. */
  | { readonly do: 'flush'; readonly node: string }
  /** Work that starts takes so many times as long, for a while; a factor of 1 ends it. */
  | {
      readonly do: 'slow';
      readonly node: string;
      readonly factor: number;
      readonly durationS: number;
    }
  /** The next request to arrive fails at this service on every attempt. */
  | { readonly do: 'poison'; readonly node: string }
  /** Sends the dead letters of a queue back to it. */
  | { readonly do: 'redrive'; readonly node: string };

export interface TimedInput {
  readonly timeS: number;
  readonly action: InputAction;
}
