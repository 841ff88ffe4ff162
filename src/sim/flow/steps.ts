/** The steps of a handler: what a thread does for a job or a message. */
import type { CallPolicy } from '../callPolicy.ts';
import type { Variability } from './variability.ts';

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
