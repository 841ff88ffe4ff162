/** Pools of workers in the flow format, and how they are scaled. */
import type { Step } from './steps.ts';
import type { Variability } from './variability.ts';

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
