/**
 * The request that someone follows. Simulations keep only the latest requests that ended; this one is
 * remembered as it ended, for when newer ones have taken its place.
 */
import { LANE_IDS, type LaneId } from '../scenarios/scenario.ts';
import type { Journey } from '../sim/journey.ts';
import type { Run } from './run.ts';

/** When the last thing happened to a request that has ended in every respect; else null. Seconds. */
export function lastEndS(journey: Journey): number | null {
  let lastS = journey.endS;
  if (lastS === null) return null;
  for (const { endS } of journey.segments) {
    if (endS === null) return null;
    lastS = Math.max(lastS, endS);
  }
  for (const { end, endS } of journey.messages) {
    if (end === 'open') return null;
    lastS = Math.max(lastS, endS ?? 0);
  }
  return lastS;
}

export class FollowedRequest {
  private readonly run: Run;
  private request: number | null = null;
  private readonly ended = new Map<LaneId, Journey>();

  constructor(run: Run) {
    this.run = run;
  }

  /** Follows another request, by number; null for none. */
  follow(request: number | null): void {
    this.ended.clear();
    this.request = request;
    // Looked at in time, wherever the clock goes.
    this.run.watcher = request === null ? null : () => LANE_IDS.forEach((id) => this.look(id));
  }

  /** The journey of any request. @param timeS the moment shown */
  journey(lane: LaneId, request: number, timeS: number): Journey | null {
    if (request !== this.request) return this.run.lanes[lane].simulation.journey(request);
    const journey = this.look(lane);
    if (journey !== null) return journey;
    const ended = this.ended.get(lane);
    return ended && (lastEndS(ended) ?? Infinity) <= timeS ? ended : null;
  }

  /** Forgets what ended after a moment. */
  dropAfter(timeS: number): void {
    for (const [lane, journey] of this.ended) {
      if ((lastEndS(journey) ?? Infinity) > timeS) this.ended.delete(lane);
    }
  }

  /** Its journey where it is still kept; remembered if it has ended. */
  private look(lane: LaneId): Journey | null {
    if (this.request === null) return null;
    const journey = this.run.lanes[lane].simulation.journey(this.request);
    if (journey !== null && lastEndS(journey) !== null) this.ended.set(lane, journey);
    return journey;
  }
}
