/**
 * The run's history for the timeline: samples on exact multiples of a step of model time, so that
 * they depend on the run alone and not on how it was watched. When the buffers are full, every
 * other sample goes and the step doubles.
 */
import { LANE_IDS, type LaneId } from '../scenarios/scenario.ts';
import type { History, LaneHistory } from './player.ts';

const FIRST_STEP_S = 0.1;
const CAPACITY = 1200;
const P99_STEP_S = 0.5;

/** What is sampled of a lane. */
export interface HistorySample {
  parked: number;
  queued: number;
  /** Seconds; NaN where unknown. */
  p99S: number;
}

type Buffers = Readonly<Record<LaneId, LaneHistory>>;

function createBuffers(capacity: number): Buffers {
  const lane = (): LaneHistory => ({
    parked: new Float32Array(capacity),
    queued: new Float32Array(capacity),
    p99S: new Float32Array(capacity),
  });
  return { sync: lane(), async: lane() };
}

export class HistoryRecorder implements History {
  stepS = FIRST_STEP_S;
  length = 0;
  readonly lanes: Buffers = createBuffers(CAPACITY);

  /** Time of the first sample not yet taken, seconds. */
  get nextS(): number {
    return this.length * this.stepS;
  }

  /** p99 costs the most to read and changes the least: it is renewed every so many samples. */
  get p99Every(): number {
    return Math.max(1, Math.round(P99_STEP_S / this.stepS));
  }

  /** Adds the sample at `nextS`. */
  add(sync: HistorySample, async: HistorySample): void {
    if (this.length === CAPACITY) this.halve();
    this.write('sync', sync);
    this.write('async', async);
    this.length++;
  }

  private write(lane: LaneId, sample: HistorySample): void {
    const buffers = this.lanes[lane];
    buffers.parked[this.length] = sample.parked;
    buffers.queued[this.length] = sample.queued;
    buffers.p99S[this.length] = sample.p99S;
  }

  private halve(): void {
    this.length /= 2;
    this.stepS *= 2;
    for (const lane of Object.values(this.lanes)) {
      for (const series of [lane.parked, lane.queued, lane.p99S]) {
        for (let i = 0; i < this.length; i++) series[i] = series[2 * i] ?? NaN;
      }
    }
  }

  /** Forgets the samples after a moment. */
  dropAfter(timeS: number): void {
    while (this.length > 0 && (this.length - 1) * this.stepS > timeS) this.length--;
  }

  /** Goes back to a copy made earlier. */
  restore(copy: History): void {
    this.length = copy.length;
    this.stepS = copy.stepS;
    for (const id of LANE_IDS) {
      this.lanes[id].parked.set(copy.lanes[id].parked);
      this.lanes[id].queued.set(copy.lanes[id].queued);
      this.lanes[id].p99S.set(copy.lanes[id].p99S);
    }
  }

  clear(): void {
    this.length = 0;
    this.stepS = FIRST_STEP_S;
  }

  /** A copy that stays as it is. */
  snapshot(): History {
    const copy = (lane: LaneHistory): LaneHistory => ({
      parked: lane.parked.slice(0, this.length),
      queued: lane.queued.slice(0, this.length),
      p99S: lane.p99S.slice(0, this.length),
    });
    return {
      stepS: this.stepS,
      length: this.length,
      lanes: { sync: copy(this.lanes.sync), async: copy(this.lanes.async) },
    };
  }
}
