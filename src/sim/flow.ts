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
  | { readonly kind: 'exponential' };

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
  /** Calls another service and parks the thread until the answer comes. */
  | CallStep
  /** Hands a message to a queue; the thread is parked on the broker until it confirms. */
  | { readonly do: 'publish'; readonly name: string; readonly queue: string }
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
  readonly arrivals: 'poisson' | 'constant';
  /** Mean arrivals per second, 0 to 100,000. */
  readonly ratePerS: number;
  /** How long a user waits before giving up, seconds; null: for ever. */
  readonly patienceS: number | null;
  /** `stays`: the server does not notice that the user has gone, and works on. */
  readonly whenImpatient?: 'stays' | 'leavesAcceptQueue';
  /** `untilAnswered`: submit to answer. `untilStarted`: submit to the start of the handler. */
  readonly patienceRuns?: 'untilAnswered' | 'untilStarted';
  /** Stops after this many requests; null or absent: never. */
  readonly limit?: number | null;
  /** What users do about a slow or failing target, retries included. */
  readonly policy?: CallPolicy;
}

export interface ServiceSpec {
  readonly kind: 'service';
  readonly label?: string;
  /** Threads (or workers), 1 to 1,000. */
  readonly threads: number;
  /** Places in the accept queue; null: without limit. */
  readonly acceptQueue: number | null;
  readonly handler: readonly Step[];
  /** Default variability of this service's work steps. */
  readonly variability?: Variability;
  /** Share of its jobs that end in failure, 0 to 1. */
  readonly failureRate?: number;
  /** `error`: may be retried. `decline`: a final answer (a card was refused), never retried. */
  readonly failureKind?: 'error' | 'decline';
  /** Queue whose messages its threads work off; calls, if any, go first. */
  readonly consumes?: string;
}

export interface QueueSpec {
  readonly kind: 'queue';
  readonly label?: string;
  /** Ready messages it holds at most, 1 to 100,000; null: without limit. */
  readonly limit: number | null;
  readonly overflow?: 'dropOldest' | 'rejectPublish';
  /** Time the broker takes to confirm a publish, milliseconds. */
  readonly publishMs?: number;
  /** Deliveries of one message before it is dead-lettered, 1 or more. */
  readonly maxAttempts?: number;
  /** First backoff, seconds; the n-th is base times 2^(n-1), at most the cap. */
  readonly backoffBaseS?: number;
  readonly backoffCapS?: number;
  readonly jitter?: 'none' | 'full' | 'equal';
}

export type NodeSpec = ClientsSpec | ServiceSpec | QueueSpec;

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
  /** The next request to arrive fails at this service on every attempt. */
  | { readonly do: 'poison'; readonly node: string };

export interface TimedInput {
  readonly timeS: number;
  readonly action: InputAction;
}
