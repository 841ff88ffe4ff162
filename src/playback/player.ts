/**
 * The owner of time: runs both lanes on one clock, takes what people do as timed inputs, and goes
 * to any moment since the start. Painters and charts read from it; they never advance it.
 */
import type { InputAction } from '../sim/flow.ts';
import type { Journey } from '../sim/journey.ts';
import type { LaneReadouts } from '../sim/metrics/readouts.ts';
import type { Trace } from '../sim/trace.ts';
import type { LaneView } from '../sim/view.ts';
import type { LaneId, ParameterValue, Scenario } from '../scenarios/scenario.ts';

export type Speed = 0.1 | 0.25 | 1 | 3 | 10;
export const SPEEDS: readonly Speed[] = [0.1, 0.25, 1, 3, 10];

/** Something a person did, as the timeline flags it. */
export interface Intervention {
  readonly timeS: number;
  /** Short text for the flag, for example `load 12 → 30`. */
  readonly text: string;
  readonly lanes: readonly LaneId[];
  readonly key: string;
}

/** One sampled series of the run's history, on a regular grid of model time. */
export interface LaneHistory {
  /** Threads of the first service parked, mean over the sampling interval is not taken: the value at the sample. */
  readonly parked: Float32Array;
  /** Ready messages in all broker queues. */
  readonly queued: Float32Array;
  /** p99 of response time over the percentile window, seconds; NaN where unknown. */
  readonly p99S: Float32Array;
}

export interface History {
  /** Seconds of model time between samples; doubles as the run grows. */
  readonly stepS: number;
  /** Valid samples; sample i is at time i · stepS. */
  readonly length: number;
  readonly lanes: Readonly<Record<LaneId, LaneHistory>>;
}

/** The future that was left by the latest fork. */
export interface Ghost {
  readonly forkS: number;
  readonly endS: number;
  readonly history: History;
  readonly interventions: readonly Intervention[];
}

/** What `step` stopped at. */
export interface StepResult {
  readonly timeS: number;
  readonly lane: LaneId;
  readonly request: number;
  /** Node indices and cells as in the trace entry. */
  readonly node: number;
  readonly cell: number;
  /** In words, for example "Request 41 parks on Payment". */
  readonly text: string;
}

/** Slow state: changes a few times a second at most; stores subscribe to it. */
export interface PlayerStatus {
  readonly playing: boolean;
  readonly speed: Speed;
  /**
   * The furthest moment simulated in this future, seconds. Read live: it grows while playing
   * without the status being replaced.
   */
  readonly headS: number;
  readonly seed: number;
  /** Current values of every parameter at the playhead. */
  readonly values: Readonly<Record<string, ParameterValue>>;
  /** Values at time 0 (what "was" marks show). */
  readonly startValues: Readonly<Record<string, ParameterValue>>;
  readonly interventions: readonly Intervention[];
  readonly ghost: Ghost | null;
  readonly surgeUntilS: number;
  /** Progress of a long seek, 0 to 1; null when none is under way. */
  readonly seeking: number | null;
  /** The speed really reached where the machine cannot keep up, model seconds a second; else null. */
  readonly laggingSpeed: number | null;
  readonly lastStep: StepResult | null;
  readonly followed: number | null;
}

export interface Player {
  readonly scenario: Scenario;
  /** Model time shown, seconds. */
  readonly timeS: number;
  readonly status: PlayerStatus;
  /** Called after each change of `status` and after each seek. @returns an unsubscribe function */
  subscribe(listener: () => void): () => void;

  /** Advances by wall time; called once a frame by the app's one animation loop. dt is capped at 0.5 s. */
  tick(elapsedWallS: number): void;
  play(): void;
  pause(): void;
  setSpeed(speed: Speed): void;
  /** To the next visible event in either lane, or of the followed request. */
  step(followedOnly?: boolean): void;
  seek(timeS: number): void;
  /** To the values and the moment the page (or link) opened with; a seed chosen since then stays. */
  reset(): void;
  /** Starts again at time 0 with another seed. */
  setSeed(seed: number): void;

  setParameter(key: string, value: ParameterValue): void;
  /** 10× the load for 30 s; ends a running one. */
  spike(): void;
  /** Latency of email 4 s, or back to the previous value. */
  slowEmail(): void;
  kill(): void;
  poison(): void;
  follow(request: number | null): void;

  /** Filled at each call for the moment shown; buffers are reused. */
  view(lane: LaneId): LaneView;
  readouts(lane: LaneId): LaneReadouts;
  /**
   * While held, `readouts` are those of the first call since, so that numbers written over several
   * frames tell of one moment; each call with true starts anew.
   */
  holdReadouts(isHeld: boolean): void;
  trace(lane: LaneId): Trace;
  /** null before it is submitted and when it is no longer kept; the followed one is remembered. */
  journey(lane: LaneId, request: number): Journey | null;
  /** The last requests that ended, oldest first. */
  recentJourneys(lane: LaneId, count: number): readonly Journey[];
  readonly history: History;
  /** All inputs so far, for links and replays. */
  readonly inputs: readonly {
    readonly timeS: number;
    readonly lanes: readonly LaneId[];
    readonly action: InputAction;
  }[];
}
