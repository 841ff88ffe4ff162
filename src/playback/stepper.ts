/** Steps: to the next visible event of either lane, or of one request, and what it was in words. */
import { LANE_IDS, type LaneId } from '../scenarios/scenario.ts';
import { lastEndS } from './followedRequest.ts';
import type { Lane } from './lane.ts';
import type { StepResult } from './player.ts';
import type { Run } from './run.ts';
import type { Seeker } from './seeker.ts';
import { describeEvents } from './stepWords.ts';

/** A search for the next event gives up after this many events at the latest. */
const MAX_STEP_EVENTS = 300_000;
/** A search for the next event of one request gives up after this much model time, seconds. */
const MAX_STEP_S = 600;

export class Stepper {
  private readonly run: Run;
  private readonly seeker: Seeker;

  constructor(run: Run, seeker: Seeker) {
    this.run = run;
    this.seeker = seeker;
  }

  /** To the next visible event. @returns null if there is none for very long */
  toNextEvent(): StepResult | null {
    return this.toVisibleEvent(null, Infinity);
  }

  /**
   * To the next event of one request; where there is none for long, time stays.
   * @param speed of playback, for the way back
   */
  toNextEventOf(request: number, speed: number): StepResult {
    if (this.isOver(request)) {
      return this.noStep(request, `Request ${request} has ended in both lanes`);
    }
    const { run, seeker } = this;
    const { clockS } = run;
    const mark = run.mark();
    const result = this.toVisibleEvent(request, clockS + MAX_STEP_S);
    if (result) return result;
    seeker.start(clockS, speed);
    seeker.advance(Infinity);
    // A seek ends before the events of its instant; some of them had been handled.
    run.backToMark(mark);
    return this.noStep(request, `Nothing happens to request ${request} for a long time`);
  }

  private toVisibleEvent(followed: number | null, untilS: number): StepResult | null {
    const { run } = this;
    for (let events = 0; events < MAX_STEP_EVENTS; events++) {
      const lane = run.advanceToEvent(untilS);
      if (!lane) return null;
      const firstEntry = lane.simulation.trace.count;
      run.runEvent(lane);
      const result = this.describe(lane, firstEntry, followed);
      if (result) return result;
    }
    return null;
  }

  private describe(lane: Lane, firstEntry: number, followed: number | null): StepResult | null {
    const { trace, flow } = lane.simulation;
    const entries: number[] = [];
    for (let entry = firstEntry; entry < trace.count; entry++) {
      if (followed === null || trace.request[entry & trace.mask] === followed) entries.push(entry);
    }
    const first = entries[0];
    if (first === undefined) return null;
    const i = first & trace.mask;
    return {
      timeS: this.run.clockS,
      lane: lane.id,
      request: trace.request[i] ?? -1,
      node: trace.node[i] ?? -1,
      cell: trace.cell[i] ?? -1,
      text: describeEvents(flow, trace, entries),
    };
  }

  /** Nothing more can happen to a request: in both lanes it and its messages have ended. */
  private isOver(request: number): boolean {
    return LANE_IDS.every((id) => {
      const journey = this.run.lanes[id].simulation.journey(request);
      // What was submitted and is not kept has ended.
      return journey === null ? this.isSubmitted(id, request) : lastEndS(journey) !== null;
    });
  }

  private isSubmitted(id: LaneId, request: number): boolean {
    return this.run.lanes[id]
      .readView(this.run.version)
      .nodes.some((node) => node.kind === 'clients' && node.nextRequest > request);
  }

  private noStep(request: number, text: string): StepResult {
    return { timeS: this.run.clockS, lane: 'sync', request, node: -1, cell: -1, text };
  }
}
