/** Clients in the flow format: who comes, how often, and how long they wait. */
import type { CallPolicy } from '../callPolicy.ts';
import type { Variability } from './variability.ts';

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
