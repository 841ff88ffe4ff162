/** The way to another moment: at once where it is near, else in slices, while the old picture stays. */
import { LANE_IDS } from '../scenarios/scenario.ts';
import type { Run } from './run.ts';

/** Flights last at most this long for the viewer; a seek rebuilds those still in the air. */
const LONGEST_FLIGHT_S = 0.6;
/** The trace before a moment that a seek restores at least, for streams and shelves, seconds. */
const SHORTEST_LOOK_BACK_S = 2;

interface SeekJob {
  readonly targetS: number;
  readonly baseS: number;
  /** The moment shown until it is done. */
  readonly shownS: number;
}

export class Seeker {
  private readonly run: Run;
  private readonly now: () => number;
  private job: SeekJob | null = null;

  /** @param now wall clock, milliseconds */
  constructor(run: Run, now: () => number) {
    this.run = run;
    this.now = now;
  }

  get isUnderWay(): boolean {
    return this.job !== null;
  }

  /** Where it leads to; the clock, when none is under way. */
  get targetS(): number {
    return this.job?.targetS ?? this.run.clockS;
  }

  /** The moment shown. */
  get shownS(): number {
    return this.job?.shownS ?? this.run.clockS;
  }

  /** Share of the way that is done, 0 to 1. */
  get progress(): number {
    const { job } = this;
    return job ? (this.run.clockS - job.baseS) / (job.targetS - job.baseS) : 1;
  }

  /**
   * Sets out; `advance` goes the way. One that was under way ends here.
   * @param speed of playback: the faster, the further flights reach back in model time
   */
  start(targetS: number, speed: number): void {
    const { run, shownS } = this;
    if (!this.job) {
      // The old picture, for as long as the replay takes.
      for (const id of LANE_IDS) {
        run.lanes[id].readView(run.version);
        run.lanes[id].readReadouts(run.version);
      }
    }
    run.approach(targetS, Math.max(SHORTEST_LOOK_BACK_S, LONGEST_FLIGHT_S * speed));
    run.version++;
    this.job = { targetS, baseS: run.clockS, shownS };
  }

  /** Goes on for at most `workMs` of wall time. @returns whether it is there */
  advance(workMs: number): boolean {
    const { job, run } = this;
    if (!job) return true;
    if (!run.advance(job.targetS, this.now() + workMs)) return false;
    this.job = null;
    run.version++;
    return true;
  }

  /** Gives up; the clock stays where it is. */
  stop(): void {
    this.job = null;
  }
}
