/**
 * A run: both lanes on one clock, the inputs given to them, and what is kept on the way, samples for
 * the timeline and checkpoints to go back to. Nothing here knows how it is watched.
 */
import { defaultValues } from '../scenarios/parameterValue.ts';
import { LANE_IDS, type Scenario } from '../scenarios/scenario.ts';
import type { Checkpoint } from '../sim/kernel/simulation.ts';
import { CheckpointStore } from './checkpointStore.ts';
import { HistoryRecorder, type HistorySample } from './historyRecorder.ts';
import { InputLog, nextDouble } from './inputLog.ts';
import { createLanes, type Lane, type Lanes } from './lane.ts';
import type { History } from './player.ts';

/** Model time between two looks at the wall clock. */
const SLICE_S = 0.02;

/** Where a run stands, events of the instant that are handled included. */
export interface RunMark {
  readonly headS: number;
  readonly states: readonly Checkpoint[];
  readonly history: History;
}

export class Run {
  readonly log: InputLog;
  readonly history: HistoryRecorder = new HistoryRecorder();
  lanes: Lanes;
  clockS = 0;
  /** The furthest moment computed in this future, seconds. */
  headS = 0;
  /** Counts the changes of the lanes' state, so that pictures are read once for each. */
  version = 0;
  /** Called wherever the clock has moved on; null for nobody. */
  watcher: (() => void) | null = null;
  private readonly scenario: Scenario;
  private readonly now: () => number;
  private readonly checkpoints = new CheckpointStore();
  private readonly sampleSync: HistorySample = { parked: 0, queued: 0, p99S: NaN };
  private readonly sampleAsync: HistorySample = { parked: 0, queued: 0, p99S: NaN };
  /** Since when the trace is without a gap. */
  private traceFromS = 0;
  /** When the next checkpoint may be wanted. */
  private checkpointDueS = 0;

  /** @param now wall clock, milliseconds */
  constructor(scenario: Scenario, seed: number, now: () => number) {
    this.scenario = scenario;
    this.now = now;
    this.log = new InputLog(defaultValues(scenario));
    this.lanes = createLanes(scenario, seed);
  }

  /** Lanes with other dice; `begin` has to follow. */
  setSeed(seed: number): void {
    this.checkpoints.clear();
    this.lanes = createLanes(this.scenario, seed);
  }

  /** To the state at time 0, without inputs. */
  begin(): void {
    const first = this.checkpoints.count > 0 ? this.checkpoints.before(0) : null;
    this.checkpoints.clear();
    for (const id of LANE_IDS) {
      const { simulation } = this.lanes[id];
      if (first) simulation.restore(first.lanes[id]);
      simulation.trace.clear();
    }
    this.traceFromS = 0;
    this.clockS = 0;
    this.headS = 0;
    this.version++;
    this.history.clear();
    this.log.clear();
    this.storeCheckpoint();
  }

  /**
   * Runs both lanes on, sampling and storing on the way, and applies the inputs that fall due.
   * @param deadlineMs wall time at which to stop early
   * @returns whether it got there
   */
  advance(targetS: number, deadlineMs: number): boolean {
    for (;;) {
      if (this.clockS >= this.history.nextS) this.sample();
      if (this.clockS >= this.checkpointDueS) this.visitCheckpoint();
      while (this.log.nextS <= this.clockS) this.applyNext();
      if (this.clockS >= targetS) return true;
      if (this.now() >= deadlineMs) return false;
      this.moveTo(
        Math.min(
          targetS,
          this.history.nextS,
          this.checkpointDueS,
          this.log.nextS,
          this.clockS + SLICE_S,
        ),
      );
      this.watcher?.();
    }
  }

  /**
   * Runs on to the next event of either lane, but does not handle it.
   * @returns the lane that has it; null if none comes by `untilS`
   */
  advanceToEvent(untilS: number): Lane | null {
    const { sync, async } = this.lanes;
    for (;;) {
      const eventS = Math.min(sync.simulation.nextEventS(), async.simulation.nextEventS());
      if (eventS === Infinity || eventS > untilS) return null;
      this.advance(this.clockS, Infinity);
      const firstS = Math.min(this.history.nextS, this.checkpointDueS, this.log.nextS);
      if (firstS > eventS) {
        return sync.simulation.nextEventS() <= async.simulation.nextEventS() ? sync : async;
      }
      this.advance(firstS, Infinity);
    }
  }

  /** Handles one event of the lane that `advanceToEvent` has found. */
  runEvent({ simulation }: Lane): void {
    simulation.runEvent();
    this.moveTo(simulation.timeS);
  }

  /**
   * Goes back to a checkpoint from which `advance` gets to a moment, unless running on from here is
   * shorter.
   * @param lookBackS the trace has to hold what happened so long before that moment, seconds
   */
  approach(targetS: number, lookBackS: number): void {
    const fromS = Math.max(0, targetS - lookBackS);
    const base = this.checkpoints.before(fromS);
    if (this.clockS <= targetS && this.clockS >= base.timeS && this.traceFromS <= fromS) return;
    for (const id of LANE_IDS) {
      const { simulation } = this.lanes[id];
      simulation.restore(base.lanes[id]);
      simulation.trace.clear();
    }
    this.clockS = base.timeS;
    this.traceFromS = base.timeS;
    this.checkpointDueS = base.timeS;
    this.log.rewind(base.inputCount);
  }

  /**
   * Brings the clock to a moment that follows every handled event, so that a replay, which applies
   * an input before the other events of its instant, does the same.
   */
  passHandledEvents(): void {
    const { sync, async } = this.lanes;
    const lastS = Math.max(sync.simulation.lastEventS, async.simulation.lastEventS);
    if (lastS >= this.clockS) this.advance(nextDouble(lastS), Infinity);
  }

  /** Forgets what was known of the time after the clock. */
  dropFuture(): void {
    this.log.dropFuture();
    this.history.dropAfter(this.clockS);
    this.checkpoints.dropAfter(this.clockS);
    this.headS = this.clockS;
  }

  mark(): RunMark {
    return {
      headS: this.headS,
      states: LANE_IDS.map((id) => this.lanes[id].simulation.checkpoint()),
      history: this.history.snapshot(),
    };
  }

  /** Forgets what was computed beyond a mark; the clock has to be back where it stood then. */
  backToMark({ headS, states, history }: RunMark): void {
    states.forEach((state, i) => this.lanes[LANE_IDS[i] ?? 'sync'].simulation.restore(state));
    this.headS = headS;
    this.history.restore(history);
    this.checkpoints.dropAfter(headS);
    this.version++;
  }

  /** Handles the events of both lanes before a moment that nothing else precedes. */
  private moveTo(timeS: number): void {
    for (const id of LANE_IDS) this.lanes[id].simulation.advance(timeS);
    this.clockS = timeS;
    this.headS = Math.max(this.headS, timeS);
    this.version++;
  }

  private applyNext(): void {
    const input = this.log.takeNext();
    if (!input) return;
    for (const id of input.lanes) this.lanes[id].simulation.apply(input.action);
    this.version++;
  }

  private sample(): void {
    const { length, p99Every, lanes } = this.history;
    const withP99 = length % p99Every === 0;
    // In between, the percentile of a 20 s window keeps the value it had.
    this.sampleSync.p99S = lanes.sync.p99S[length - 1] ?? NaN;
    this.sampleAsync.p99S = lanes.async.p99S[length - 1] ?? NaN;
    this.lanes.sync.sample(withP99, this.sampleSync);
    this.lanes.async.sample(withP99, this.sampleAsync);
    this.history.add(this.sampleSync, this.sampleAsync);
  }

  /** Stores a checkpoint, unless one from an earlier visit stands near enough or there is no room. */
  private visitCheckpoint(): void {
    const { checkpoints, clockS, headS } = this;
    const intervalS = checkpoints.intervalS(clockS, headS);
    const dueS = checkpoints.before(clockS).timeS + intervalS;
    if (clockS < dueS) this.checkpointDueS = dueS;
    // In the past only while there is room: what is dropped at once has cost time for nothing.
    else if (clockS < headS && !checkpoints.hasRoom) this.checkpointDueS = clockS + intervalS;
    else this.storeCheckpoint();
  }

  private storeCheckpoint(): void {
    const { checkpoints, clockS, headS } = this;
    const { sync, async } = this.lanes;
    const like = checkpoints.count > 0 ? checkpoints.before(clockS).lanes : null;
    const lanes = {
      sync: sync.simulation.checkpoint(like?.sync),
      async: async.simulation.checkpoint(like?.async),
    };
    checkpoints.add({ timeS: clockS, inputCount: this.log.applied, lanes }, headS);
    this.checkpointDueS = clockS + checkpoints.intervalS(clockS, headS);
  }
}
