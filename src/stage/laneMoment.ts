/** What a lane's painter is told of a frame: the engine's state, and what people look at. */
import type { SteppedEvent } from '../scene/requestPlaces.ts';
import type { LaneReadouts } from '../sim/metrics/readouts.ts';
import type { Trace } from '../sim/trace.ts';
import type { LaneView } from '../sim/view.ts';

export interface LaneMoment {
  readonly view: LaneView;
  readonly trace: Trace;
  readonly speed: number;
  /** Seconds, or null where users wait for ever. */
  readonly patienceS: number | null;
  readonly followed: number | null;
  readonly pointed: number | null;
  /** Model time of a single step while paused, else null. */
  readonly stepS: number | null;
  /** What that step stopped at, if it was in this lane. */
  readonly stepped: SteppedEvent | null;
  /** Rooms are re-laying: no strands, nothing in the air. */
  readonly isMoving: boolean;
  readonly reducedMotion: boolean;
  readonly readouts: LaneReadouts | null;
}
