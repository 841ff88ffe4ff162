/**
 * The player: two lanes on one clock, the inputs people give them, and the way back to any moment.
 * Whatever is shown is the fold over (scenario, seed, inputs up to now); how it was watched (frame
 * times, speed, seeks) leaves no trace in it.
 */
import {
  clampValue,
  defaultValues,
  findParameter,
  toEngineValue,
} from '../scenarios/parameterValue.ts';
import {
  LANE_IDS,
  type LaneId,
  type Parameter,
  type ParameterValue,
  type Scenario,
} from '../scenarios/scenario.ts';
import type { InputAction } from '../sim/flow.ts';
import type { Journey } from '../sim/journey.ts';
import { Simulation } from '../sim/kernel/simulation.ts';
import type { LaneReadouts } from '../sim/metrics/readouts.ts';
import type { Trace } from '../sim/trace.ts';
import type { LaneView } from '../sim/view.ts';
import { CheckpointStore } from './checkpointStore.ts';
import { HistoryRecorder, type HistorySample } from './historyRecorder.ts';
import { InputLog, nextDouble } from './inputLog.ts';
import { flagText } from './interventions.ts';
import { DEFAULT_SEED, MAX_SEED } from './link.ts';
import type { Ghost, Intervention, Player, PlayerStatus, Speed, StepResult } from './player.ts';
import { killAction, poisonAction, SLOW_KEY, SLOW_VALUE, surgeAction } from './pokes.ts';
import { describeEvents } from './stepWords.ts';

export interface PlayerOptions {
  /** 0 to 2³¹ − 1; absent: 7. */
  readonly seed?: number;
  /** Start values of some parameters; the others have their defaults. Bad ones are clamped. */
  readonly values?: Readonly<Record<string, ParameterValue>>;
  readonly speed?: Speed;
  readonly playing?: boolean;
  /** Moment to open at, seconds; a far one is reached over several ticks, as by a long seek. */
  readonly timeS?: number;
  /** Wall clock, milliseconds; for tests. */
  readonly now?: () => number;
}

/** A sleeping laptop or a hidden tab must not make time jump. */
const MAX_FRAME_S = 0.5;
/** Work a frame may take for the simulation, milliseconds of wall time. */
const FRAME_WORK_MS = 12;
/** Work a seek may take at once; the rest is done frame by frame. */
const SEEK_WORK_MS = 40;
/** Model time between two looks at the wall clock. */
const SLICE_S = 0.02;
/** Changes of one parameter closer than this in wall time are one flag. */
const DRAG_MS = 1000;
/** Flights last at most this long for the viewer; a seek rebuilds those still in the air. */
const LONGEST_FLIGHT_S = 0.6;
/** The trace before a moment that a seek restores at least, for streams and shelves, seconds. */
const SHORTEST_LOOK_BACK_S = 2;
/** A search for the next event gives up after this many events at the latest. */
const MAX_STEP_EVENTS = 300_000;
/** A search for the next event of one request gives up after this much model time, seconds. */
const MAX_STEP_S = 600;
/** Wall time over which the speed that was reached is measured, seconds. */
const LAG_WINDOW_S = 1;

/** One of the two programs, with the latest picture of it. */
class Lane {
  readonly id: LaneId;
  readonly simulation: Simulation;
  readonly view: LaneView;
  private viewVersion = -1;
  private readoutsVersion = -1;
  latestReadouts: LaneReadouts | null = null;

  constructor(id: LaneId, scenario: Scenario, seed: number) {
    this.id = id;
    this.simulation = new Simulation(scenario.lanes[id], { seed, observe: 'live' });
    this.view = this.simulation.createView();
  }

  readView(version: number): LaneView {
    if (version !== this.viewVersion) {
      this.simulation.readView(this.view);
      this.viewVersion = version;
    }
    return this.view;
  }

  readReadouts(version: number): LaneReadouts {
    if (version !== this.readoutsVersion || this.latestReadouts === null) {
      this.latestReadouts = this.simulation.readouts();
      this.readoutsVersion = version;
    }
    return this.latestReadouts;
  }

  /** Values for the timeline; at high speed there are more samples than frames. */
  sample(withP99: boolean, into: HistorySample): void {
    const { simulation } = this;
    into.parked = simulation.parkedThreads;
    into.queued = simulation.readyMessages;
    if (withP99) into.p99S = simulation.responseP99S ?? NaN;
  }
}

type Lanes = Readonly<Record<LaneId, Lane>>;

/** A flag, with the inputs it stands for. */
interface Flag {
  readonly intervention: Intervention;
  readonly firstInput: number;
  readonly lastInput: number;
  /** null for pokes. */
  readonly change: {
    readonly parameter: Parameter;
    readonly from: ParameterValue;
    readonly to: ParameterValue;
  } | null;
}

interface SeekJob {
  readonly targetS: number;
  readonly baseS: number;
  /** The moment shown until it is done. */
  readonly shownS: number;
}

type StatusFields = Omit<PlayerStatus, 'headS'>;

/** When the last thing happened to a request that has ended in every respect; else null. */
function lastEndS(journey: Journey): number | null {
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

function createLanes(scenario: Scenario, seed: number): Lanes {
  return { sync: new Lane('sync', scenario, seed), async: new Lane('async', scenario, seed) };
}

class RunPlayer implements Player {
  readonly scenario: Scenario;
  readonly history: HistoryRecorder = new HistoryRecorder();
  private readonly now: () => number;
  private readonly startValues: Readonly<Record<string, ParameterValue>>;
  /** Moment to open at and to come back to, seconds. */
  private readonly openS: number;
  private readonly log: InputLog;
  private readonly checkpoints = new CheckpointStore();
  private readonly listeners = new Set<() => void>();
  private readonly sampleSync: HistorySample = { parked: 0, queued: 0, p99S: NaN };
  private readonly sampleAsync: HistorySample = { parked: 0, queued: 0, p99S: NaN };
  private lanes: Lanes;
  private clockS = 0;
  private headS = 0;
  /** Since when the trace is without a gap. */
  private traceFromS = 0;
  /** When the next checkpoint may be wanted. */
  private checkpointDueS = 0;
  /** Counts the changes of the lanes' state, so that pictures are read once for each. */
  private version = 0;
  private flags: Flag[] = [];
  /** Changes of this frame that the engine has not been told of. */
  private readonly pending = new Map<string, ParameterValue>();
  /** The followed request as it ended, for when newer ones have taken its place. */
  private readonly remembered = new Map<LaneId, Journey>();
  private drag: { readonly key: string; readonly atMs: number } | null = null;
  private job: SeekJob | null = null;
  private lagWantedS = 0;
  private lagReachedS = 0;
  private lagWallS = 0;
  private heldReadouts: Partial<Record<LaneId, LaneReadouts>> | null = null;
  private fields: StatusFields;
  private current: PlayerStatus;

  constructor(scenario: Scenario, options: PlayerOptions) {
    this.scenario = scenario;
    this.now = options.now ?? (() => performance.now());
    const startValues = defaultValues(scenario);
    for (const parameter of scenario.parameters) {
      const given = options.values?.[parameter.key];
      if (given !== undefined) startValues[parameter.key] = clampValue(parameter, given).value;
    }
    this.startValues = startValues;
    this.log = new InputLog(defaultValues(scenario));
    const seed = options.seed ?? DEFAULT_SEED;
    this.lanes = createLanes(scenario, seed);
    this.fields = {
      playing: options.playing ?? false,
      speed: options.speed ?? 1,
      seed,
      values: startValues,
      startValues,
      interventions: [],
      ghost: null,
      surgeUntilS: 0,
      seeking: null,
      laggingSpeed: null,
      lastStep: null,
      followed: null,
    };
    this.current = this.createStatus();
    this.openS = Math.max(0, options.timeS ?? 0);
    this.begin();
    this.open();
  }

  get timeS(): number {
    return this.job?.shownS ?? this.clockS;
  }

  get status(): PlayerStatus {
    return this.current;
  }

  get inputs(): Player['inputs'] {
    this.flush();
    return this.log.inputs;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  // --- Time

  tick(elapsedWallS: number): void {
    this.flush();
    if (this.job) {
      this.continueSeek(FRAME_WORK_MS);
      return;
    }
    if (!this.fields.playing || !(elapsedWallS > 0)) return;
    const wallS = Math.min(elapsedWallS, MAX_FRAME_S);
    const beforeS = this.clockS;
    const wantedS = wallS * this.fields.speed;
    this.advance(beforeS + wantedS, this.now() + FRAME_WORK_MS);
    this.measureLag(wallS, wantedS, this.clockS - beforeS);
    this.followPlayhead({ lastStep: null });
  }

  play(): void {
    if (!this.fields.playing) this.setStatus({ playing: true });
  }

  pause(): void {
    this.resetLag();
    if (this.fields.playing) this.setStatus({ playing: false, laggingSpeed: null });
  }

  setSpeed(speed: Speed): void {
    this.resetLag();
    if (this.fields.speed !== speed) this.setStatus({ speed, laggingSpeed: null });
  }

  step(followedOnly = false): void {
    this.settle();
    this.drag = null;
    this.resetLag();
    const followed = followedOnly ? this.fields.followed : null;
    const lastStep =
      followed !== null && this.isOver(followed)
        ? this.noStep(followed, `Request ${followed} has ended in both lanes`)
        : followed === null
          ? this.runToVisibleEvent(null, Infinity)
          : this.runToEventOf(followed);
    this.followPlayhead({ playing: false, laggingSpeed: null, lastStep });
  }

  seek(timeS: number): void {
    if (Number.isNaN(timeS)) return;
    this.flush();
    const targetS = Math.min(Math.max(0, timeS), this.headS);
    if (targetS === (this.job?.targetS ?? this.clockS)) return;
    this.drag = null;
    this.resetLag();
    this.startSeek(targetS);
    this.continueSeek(SEEK_WORK_MS);
  }

  reset(): void {
    this.pending.clear();
    this.begin();
    this.open();
  }

  setSeed(seed: number): void {
    this.settle();
    const values = this.log.values;
    const valid = Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED;
    this.fields = { ...this.fields, seed: valid ? seed : DEFAULT_SEED };
    this.checkpoints.clear();
    this.lanes = createLanes(this.scenario, this.fields.seed);
    this.begin();
    // The same program and load with other dice: what was changed so far stays changed.
    for (const [key, value] of Object.entries(values)) this.setParameter(key, value);
    this.flush();
  }

  // --- What people do

  setParameter(key: string, value: ParameterValue): void {
    const parameter = findParameter(this.scenario, key);
    if (!parameter) return;
    const { value: fitting } = clampValue(parameter, value, this.fields.values[key] ?? null);
    if (fitting === this.fields.values[key]) return;
    this.pending.set(key, fitting);
    this.setStatus({ values: { ...this.fields.values, [key]: fitting } });
  }

  spike(): void {
    this.settle();
    const on = this.surgeUntilS() === 0;
    this.poke('spike', on ? '10× spike' : 'spike ended', surgeAction(this.scenario.lanes.sync, on));
  }

  slowEmail(): void {
    this.settle();
    const slow = this.log.values[SLOW_KEY] === SLOW_VALUE;
    const normal =
      this.log.lastOther(SLOW_KEY, SLOW_VALUE) ??
      findParameter(this.scenario, SLOW_KEY)?.defaultValue;
    this.drag = null;
    this.setParameter(SLOW_KEY, slow ? (normal ?? null) : SLOW_VALUE);
    this.flush();
    this.drag = null;
  }

  kill(): void {
    this.poke('kill', 'kill a worker', killAction());
  }

  poison(): void {
    this.poke('poison', 'poison message', poisonAction());
  }

  follow(request: number | null): void {
    if (this.fields.followed === request) return;
    this.remembered.clear();
    this.setStatus({ followed: request });
  }

  // --- The picture

  view(lane: LaneId): LaneView {
    this.flush();
    // While a seek is under way the old picture stays.
    return this.job ? this.lanes[lane].view : this.lanes[lane].readView(this.version);
  }

  readouts(lane: LaneId): LaneReadouts {
    this.flush();
    const { id, latestReadouts } = this.lanes[lane];
    if (this.job && latestReadouts) return latestReadouts;
    if (this.heldReadouts === null) return this.lanes[id].readReadouts(this.version);
    return (this.heldReadouts[lane] ??= this.lanes[id].readReadouts(this.version));
  }

  holdReadouts(isHeld: boolean): void {
    this.heldReadouts = isHeld ? {} : null;
  }

  trace(lane: LaneId): Trace {
    return this.lanes[lane].simulation.trace;
  }

  journey(lane: LaneId, request: number): Journey | null {
    const journey = this.lanes[lane].simulation.journey(request);
    if (request !== this.fields.followed) return journey;
    if (journey !== null) {
      if (lastEndS(journey) !== null) this.remembered.set(lane, journey);
      return journey;
    }
    const kept = this.remembered.get(lane);
    return kept && (lastEndS(kept) ?? Infinity) <= this.timeS ? kept : null;
  }

  recentJourneys(lane: LaneId, count: number): readonly Journey[] {
    return this.lanes[lane].simulation.recentJourneys(count);
  }

  // --- Running

  /** From time 0 to the moment to open at. */
  private open(): void {
    if (this.openS === 0) return;
    this.startSeek(this.openS);
    this.continueSeek(SEEK_WORK_MS);
  }

  /** To the state at time 0 with the start values. */
  private begin(): void {
    this.job = null;
    this.drag = null;
    this.resetLag();
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
    this.remembered.clear();
    this.flags = [];
    this.log.clear();
    this.storeCheckpoint();
    for (const parameter of this.scenario.parameters) {
      const value = this.startValues[parameter.key];
      if (value !== undefined && value !== parameter.defaultValue) this.record(parameter, value);
    }
    this.advance(0, Infinity);
    this.setStatus({
      values: { ...this.log.values },
      interventions: [],
      ghost: null,
      surgeUntilS: 0,
      seeking: null,
      laggingSpeed: null,
      lastStep: null,
      followed: null,
    });
  }

  /**
   * Runs both lanes on, sampling and storing on the way, and applies the inputs that fall due.
   * @param deadlineMs wall time at which to stop early
   * @returns whether it got there
   */
  private advance(targetS: number, deadlineMs: number): boolean {
    const { followed } = this.fields;
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
      // Seen in time: only the latest requests that ended are kept.
      if (followed !== null) for (const id of LANE_IDS) this.journey(id, followed);
    }
  }

  /** Handles the events of both lanes before a moment that nothing else precedes. */
  private moveTo(timeS: number): void {
    for (const id of LANE_IDS) this.lanes[id].simulation.advance(timeS);
    this.clockS = timeS;
    this.headS = Math.max(this.headS, timeS);
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
    const like = this.checkpoints.count > 0 ? this.checkpoints.before(this.clockS).lanes : null;
    this.checkpoints.add(
      {
        timeS: this.clockS,
        inputCount: this.log.applied,
        lanes: {
          sync: this.lanes.sync.simulation.checkpoint(like?.sync),
          async: this.lanes.async.simulation.checkpoint(like?.async),
        },
      },
      this.headS,
    );
    this.checkpointDueS = this.clockS + this.checkpoints.intervalS(this.clockS, this.headS);
  }

  private applyNext(): void {
    const input = this.log.takeNext();
    if (!input) return;
    for (const id of input.lanes) this.lanes[id].simulation.apply(input.action);
    this.version++;
  }

  // --- Steps

  /** Looks ahead for an event of one request; where there is none for long, time stays. */
  private runToEventOf(request: number): StepResult {
    const { clockS, headS } = this;
    const states = LANE_IDS.map((id) => this.lanes[id].simulation.checkpoint());
    const history = this.history.snapshot();
    const result = this.runToVisibleEvent(request, clockS + MAX_STEP_S);
    if (result) return result;
    this.startSeek(clockS);
    this.continueSeek(Infinity);
    // A seek ends before the events of its instant; some of them had been handled.
    states.forEach((state, i) => this.lanes[LANE_IDS[i] ?? 'sync'].simulation.restore(state));
    this.headS = headS;
    this.history.restore(history);
    this.checkpoints.dropAfter(headS);
    this.version++;
    return this.noStep(request, `Nothing happens to request ${request} for a long time`);
  }

  private runToVisibleEvent(followed: number | null, untilS: number): StepResult | null {
    const [sync, async] = [this.lanes.sync.simulation, this.lanes.async.simulation];
    for (let events = 0; events < MAX_STEP_EVENTS; events++) {
      const eventS = Math.min(sync.nextEventS(), async.nextEventS());
      if (eventS === Infinity || eventS > untilS) return null;
      this.advance(this.clockS, Infinity);
      const firstS = Math.min(this.history.nextS, this.checkpointDueS, this.log.nextS);
      if (firstS <= eventS) {
        this.advance(firstS, Infinity);
        continue;
      }
      const lane = sync.nextEventS() <= async.nextEventS() ? this.lanes.sync : this.lanes.async;
      const { trace } = lane.simulation;
      const before = trace.count;
      lane.simulation.runEvent();
      this.moveTo(eventS);
      const result = this.describeStep(lane, before, followed);
      if (result) return result;
    }
    return null;
  }

  private describeStep(lane: Lane, firstEntry: number, followed: number | null): StepResult | null {
    const { trace, flow } = lane.simulation;
    const entries: number[] = [];
    for (let entry = firstEntry; entry < trace.count; entry++) {
      if (followed === null || trace.request[entry & trace.mask] === followed) entries.push(entry);
    }
    const first = entries[0];
    if (first === undefined) return null;
    const i = first & trace.mask;
    return {
      timeS: this.clockS,
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
      const journey = this.lanes[id].simulation.journey(request);
      // What was submitted and is not kept has ended.
      return journey === null ? this.isSubmitted(id, request) : lastEndS(journey) !== null;
    });
  }

  private isSubmitted(id: LaneId, request: number): boolean {
    return this.lanes[id]
      .readView(this.version)
      .nodes.some((node) => node.kind === 'clients' && node.nextRequest > request);
  }

  private noStep(request: number, text: string): StepResult {
    return { timeS: this.clockS, lane: 'sync', request, node: -1, cell: -1, text };
  }

  // --- Going back

  private startSeek(targetS: number): void {
    const shownS = this.timeS;
    if (!this.job) {
      // The old picture, for as long as the replay takes.
      for (const id of LANE_IDS) {
        this.lanes[id].readView(this.version);
        this.lanes[id].readReadouts(this.version);
      }
    }
    const lookBackS = Math.max(SHORTEST_LOOK_BACK_S, LONGEST_FLIGHT_S * this.fields.speed);
    const base = this.checkpoints.before(Math.max(0, targetS - lookBackS));
    const traceReaches = this.traceFromS <= Math.max(0, targetS - lookBackS);
    // Running on from here is shorter where the trace holds what came before.
    if (this.clockS > targetS || this.clockS < base.timeS || !traceReaches) {
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
    this.version++;
    this.job = { targetS, baseS: this.clockS, shownS };
  }

  private continueSeek(workMs: number): void {
    const { job } = this;
    if (!job) return;
    const versionBefore = this.version;
    if (this.advance(job.targetS, this.now() + workMs)) {
      this.job = null;
      this.version++;
      const before = this.current;
      this.followPlayhead({ seeking: null, lastStep: null });
      // Another moment is to be painted, even where it differs in nothing that the status tells.
      if (this.current === before) this.notify();
      return;
    }
    if (this.version === versionBefore) return;
    const progress = (this.clockS - job.baseS) / (job.targetS - job.baseS);
    if (this.fields.seeking === null || progress - this.fields.seeking >= 0.02) {
      this.setStatus({ seeking: progress });
    }
  }

  /** Finishes what is under way, so that something new can be done at the moment asked for. */
  private settle(): void {
    if (this.job) this.continueSeek(Infinity);
    this.flush();
  }

  // --- Inputs

  /** Tells the engine what was changed in this frame. */
  private flush(): void {
    if (this.pending.size === 0) return;
    const changes = [...this.pending];
    this.pending.clear();
    if (this.job) this.continueSeek(Infinity);
    for (const [key, value] of changes) {
      const parameter = findParameter(this.scenario, key);
      const from = this.log.values[key];
      if (!parameter || from === undefined || from === value) continue;
      this.openInput();
      const firstInput = this.log.inputs.length;
      this.record(parameter, value);
      this.advance(this.clockS, Infinity);
      this.flagChange(parameter, from, value, firstInput);
    }
    this.publishFlags();
  }

  private poke(key: string, text: string, action: InputAction): void {
    this.settle();
    this.drag = null;
    this.openInput();
    const firstInput = this.log.inputs.length;
    this.log.inputs.push({ timeS: this.clockS, lanes: LANE_IDS, action, change: null });
    this.advance(this.clockS, Infinity);
    const intervention = { timeS: this.clockS, text, lanes: LANE_IDS, key };
    this.flags.push({ intervention, firstInput, lastInput: firstInput, change: null });
    this.publishFlags();
  }

  /** Adds a parameter's inputs at the clock; `advance` applies them. */
  private record(parameter: Parameter, value: ParameterValue): void {
    for (const path of parameter.paths) {
      this.log.inputs.push({
        timeS: this.clockS,
        lanes: parameter.lanes ?? LANE_IDS,
        action: { do: 'set', path, value: toEngineValue(parameter, value) },
        change: { key: parameter.key, value },
      });
    }
  }

  /**
   * Brings the clock to a moment that follows every handled event, so that a replay, which applies
   * an input before the other events of its instant, does the same. A future that was known from
   * here on becomes the ghost.
   */
  private openInput(): void {
    const lastS = Math.max(
      this.lanes.sync.simulation.lastEventS,
      this.lanes.async.simulation.lastEventS,
    );
    if (lastS >= this.clockS) this.advance(nextDouble(lastS), Infinity);
    if (this.clockS < this.headS) this.fork();
  }

  private fork(): void {
    const { applied } = this.log;
    const ghost: Ghost = {
      forkS: this.clockS,
      endS: this.headS,
      history: this.history.snapshot(),
      interventions: this.flags
        .filter((flag) => flag.lastInput >= applied)
        .map((flag) => flag.intervention),
    };
    this.log.dropFuture();
    this.flags = this.flags
      .filter((flag) => flag.firstInput < applied)
      .map((flag) => (flag.lastInput < applied ? flag : this.shortenFlag(flag, applied)));
    this.history.dropAfter(this.clockS);
    this.checkpoints.dropAfter(this.clockS);
    for (const [id, journey] of this.remembered) {
      if ((lastEndS(journey) ?? Infinity) > this.clockS) this.remembered.delete(id);
    }
    this.headS = this.clockS;
    this.fields = { ...this.fields, ghost };
  }

  /** A drag that the fork cut in two ends where the playhead was. */
  private shortenFlag(flag: Flag, applied: number): Flag {
    if (!flag.change) return flag;
    const { parameter, from } = flag.change;
    const to = this.log.values[parameter.key] ?? flag.change.to;
    return {
      ...flag,
      intervention: { ...flag.intervention, text: flagText(parameter, from, to) },
      lastInput: applied - 1,
      change: { parameter, from, to },
    };
  }

  private flagChange(
    parameter: Parameter,
    from: ParameterValue,
    to: ParameterValue,
    firstInput: number,
  ): void {
    const atMs = this.now();
    const last = this.flags.at(-1);
    const lastInput = this.log.inputs.length - 1;
    const continues =
      last?.change?.parameter === parameter &&
      this.drag?.key === parameter.key &&
      atMs - this.drag.atMs <= DRAG_MS;
    this.drag = { key: parameter.key, atMs };
    const first = continues && last?.change ? last.change.from : from;
    const flag: Flag = {
      intervention: {
        timeS: continues && last ? last.intervention.timeS : this.clockS,
        text: flagText(parameter, first, to),
        lanes: parameter.lanes ?? LANE_IDS,
        key: parameter.key,
      },
      firstInput: continues && last ? last.firstInput : firstInput,
      lastInput,
      change: { parameter, from: first, to },
    };
    if (continues) this.flags.pop();
    this.flags.push(flag);
  }

  // --- Status

  private publishFlags(): void {
    this.followPlayhead({
      interventions: this.flags.map((flag) => flag.intervention),
      lastStep: null,
    });
  }

  /** Publishes the values at the playhead, if they or anything in `patch` are news. */
  private followPlayhead(patch: Partial<StatusFields>): void {
    const values = this.valuesShown();
    const surgeUntilS = this.surgeUntilS();
    const full: Partial<StatusFields> = { ...patch, values, surgeUntilS };
    const keys = Object.keys(full) as (keyof StatusFields)[];
    if (keys.some((key) => full[key] !== this.fields[key])) this.setStatus(full);
  }

  /** The object of the status, unless something changed. */
  private valuesShown(): Readonly<Record<string, ParameterValue>> {
    const { values } = this.log;
    const shown = this.fields.values;
    for (const key in values) {
      if (values[key] !== shown[key] && !this.pending.has(key)) {
        return { ...values, ...Object.fromEntries(this.pending) };
      }
    }
    return shown;
  }

  /** End of the running surge at the playhead, 0 without one. */
  private surgeUntilS(): number {
    return this.log.surgeEndS > this.clockS ? this.log.surgeEndS : 0;
  }

  private setStatus(patch: Partial<StatusFields>): void {
    this.fields = { ...this.fields, ...patch };
    this.current = this.createStatus();
    this.notify();
  }

  private notify(): void {
    for (const listener of [...this.listeners]) listener();
  }

  /** The head moves with every frame; it is read when asked for, instead of changing the status. */
  private createStatus(): PlayerStatus {
    const head = (): number => this.headS;
    return Object.freeze({
      ...this.fields,
      get headS() {
        return head();
      },
    });
  }

  // --- Honest speed

  private measureLag(wallS: number, wantedS: number, reachedS: number): void {
    this.lagWallS += wallS;
    this.lagWantedS += wantedS;
    this.lagReachedS += reachedS;
    if (this.lagWallS < LAG_WINDOW_S) return;
    const share = this.lagReachedS / this.lagWantedS;
    const laggingSpeed = share < 0.9 ? Number((this.fields.speed * share).toPrecision(2)) : null;
    this.resetLag();
    if (laggingSpeed !== this.fields.laggingSpeed) this.setStatus({ laggingSpeed });
  }

  private resetLag(): void {
    this.lagWallS = 0;
    this.lagWantedS = 0;
    this.lagReachedS = 0;
  }
}

/** A player at time 0. */
export function createPlayer(scenario: Scenario, options: PlayerOptions = {}): Player {
  return new RunPlayer(scenario, options);
}
