/**
 * The player: two lanes on one clock, the inputs people give them, and the way back to any moment.
 * Whatever is shown is the fold over (scenario, seed, inputs up to now); how it was watched (frame
 * times, speed, seeks) leaves no trace in it.
 */
import { clampValue, defaultValues, findParameter } from '../scenarios/parameterValue.ts';
import {
  type LaneId,
  type Parameter,
  type ParameterValue,
  type Scenario,
} from '../scenarios/scenario.ts';
import type { InputAction } from '../sim/flow.ts';
import type { Journey } from '../sim/journey.ts';
import type { LaneReadouts } from '../sim/metrics/readouts.ts';
import type { Trace } from '../sim/trace.ts';
import type { LaneView } from '../sim/view.ts';
import { Flags } from './flags.ts';
import { FollowedRequest } from './followedRequest.ts';
import { LagMeter } from './lagMeter.ts';
import { DEFAULT_SEED, MAX_SEED } from './link.ts';
import type { History, Player, PlayerStatus, Speed } from './player.ts';
import { killAction, poisonAction, SLOW_KEY, SLOW_VALUE, surgeAction } from './pokes.ts';
import { Run } from './run.ts';
import { Seeker } from './seeker.ts';
import { StatusBoard, UNTOUCHED, type StatusFields } from './statusBoard.ts';
import { Stepper } from './stepper.ts';

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

class RunPlayer implements Player {
  readonly scenario: Scenario;
  private readonly now: () => number;
  /** Moment to open at and to come back to, seconds. */
  private readonly openS: number;
  private readonly run: Run;
  private readonly seeker: Seeker;
  private readonly stepper: Stepper;
  private readonly followed: FollowedRequest;
  private readonly board: StatusBoard;
  private readonly flags = new Flags();
  private readonly lag = new LagMeter();
  /** Changes of this frame that the engine has not been told of. */
  private readonly pending = new Map<string, ParameterValue>();
  private heldReadouts: Partial<Record<LaneId, LaneReadouts>> | null = null;

  constructor(scenario: Scenario, options: PlayerOptions) {
    this.scenario = scenario;
    this.now = options.now ?? (() => performance.now());
    const startValues = defaultValues(scenario);
    for (const parameter of scenario.parameters) {
      const given = options.values?.[parameter.key];
      if (given !== undefined) startValues[parameter.key] = clampValue(parameter, given).value;
    }
    const seed = options.seed ?? DEFAULT_SEED;
    this.run = new Run(scenario, seed, this.now);
    this.seeker = new Seeker(this.run, this.now);
    this.stepper = new Stepper(this.run, this.seeker);
    this.followed = new FollowedRequest(this.run);
    this.board = new StatusBoard(
      {
        playing: options.playing ?? false,
        speed: options.speed ?? 1,
        seed,
        values: startValues,
        startValues,
        ...UNTOUCHED,
      },
      () => this.run.headS,
    );
    this.openS = Math.max(0, options.timeS ?? 0);
    this.begin();
    this.open();
  }

  get timeS(): number {
    return this.seeker.shownS;
  }

  get status(): PlayerStatus {
    return this.board.current;
  }

  get history(): History {
    return this.run.history;
  }

  get inputs(): Player['inputs'] {
    this.flush();
    return this.run.log.inputs;
  }

  subscribe(listener: () => void): () => void {
    return this.board.subscribe(listener);
  }

  // --- Time

  tick(elapsedWallS: number): void {
    this.flush();
    if (this.seeker.isUnderWay) {
      this.continueSeek(FRAME_WORK_MS);
      return;
    }
    const { playing, speed } = this.board.fields;
    if (!playing || !(elapsedWallS > 0)) return;
    const { run } = this;
    const wallS = Math.min(elapsedWallS, MAX_FRAME_S);
    const beforeS = run.clockS;
    const wantedS = wallS * speed;
    run.advance(beforeS + wantedS, this.now() + FRAME_WORK_MS);
    const laggingSpeed = this.lag.measure(wallS, wantedS, run.clockS - beforeS, speed);
    if (laggingSpeed !== undefined) this.board.update({ laggingSpeed });
    this.followPlayhead({ lastStep: null });
  }

  play(): void {
    this.board.update({ playing: true });
  }

  pause(): void {
    this.lag.reset();
    if (this.board.fields.playing) this.board.set({ playing: false, laggingSpeed: null });
  }

  setSpeed(speed: Speed): void {
    this.lag.reset();
    if (this.board.fields.speed !== speed) this.board.set({ speed, laggingSpeed: null });
  }

  step(followedOnly = false): void {
    this.settle();
    this.flags.endDrag();
    this.lag.reset();
    const { followed, speed } = this.board.fields;
    const lastStep =
      followedOnly && followed !== null
        ? this.stepper.toNextEventOf(followed, speed)
        : this.stepper.toNextEvent();
    this.followPlayhead({ playing: false, laggingSpeed: null, lastStep });
  }

  seek(timeS: number): void {
    if (Number.isNaN(timeS)) return;
    this.flush();
    const targetS = Math.min(Math.max(0, timeS), this.run.headS);
    if (targetS === this.seeker.targetS) return;
    this.flags.endDrag();
    this.lag.reset();
    this.seeker.start(targetS, this.board.fields.speed);
    this.continueSeek(SEEK_WORK_MS);
  }

  reset(): void {
    this.pending.clear();
    this.begin();
    this.open();
  }

  setSeed(seed: number): void {
    this.settle();
    const { values } = this.run.log;
    const valid = Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED;
    const chosen = valid ? seed : DEFAULT_SEED;
    this.board.prepare({ seed: chosen });
    this.run.setSeed(chosen);
    this.begin();
    // The same program and load with other dice: what was changed so far stays changed.
    for (const [key, value] of Object.entries(values)) this.setParameter(key, value);
    this.flush();
  }

  // --- What people do

  setParameter(key: string, value: ParameterValue): void {
    const parameter = findParameter(this.scenario, key);
    if (!parameter) return;
    const { values } = this.board.fields;
    const { value: fitting } = clampValue(parameter, value, values[key] ?? null);
    if (fitting === values[key]) return;
    this.pending.set(key, fitting);
    this.board.set({ values: { ...values, [key]: fitting } });
  }

  spike(): void {
    this.settle();
    const on = this.surgeUntilS() === 0;
    this.poke('spike', on ? '10× spike' : 'spike ended', surgeAction(this.scenario.lanes.sync, on));
  }

  slowEmail(): void {
    this.settle();
    const { log } = this.run;
    const slow = log.values[SLOW_KEY] === SLOW_VALUE;
    const normal =
      log.lastOther(SLOW_KEY, SLOW_VALUE) ?? findParameter(this.scenario, SLOW_KEY)?.defaultValue;
    this.flags.endDrag();
    this.setParameter(SLOW_KEY, slow ? (normal ?? null) : SLOW_VALUE);
    this.flush();
    this.flags.endDrag();
  }

  kill(): void {
    this.poke('kill', 'kill a worker', killAction());
  }

  poison(): void {
    this.poke('poison', 'poison message', poisonAction());
  }

  follow(request: number | null): void {
    if (this.board.fields.followed === request) return;
    this.followed.follow(request);
    this.board.set({ followed: request });
  }

  // --- The picture

  view(lane: LaneId): LaneView {
    this.flush();
    const shown = this.run.lanes[lane];
    // While a seek is under way the old picture stays.
    return this.seeker.isUnderWay ? shown.view : shown.readView(this.run.version);
  }

  readouts(lane: LaneId): LaneReadouts {
    this.flush();
    const shown = this.run.lanes[lane];
    if (this.seeker.isUnderWay && shown.latestReadouts) return shown.latestReadouts;
    if (this.heldReadouts === null) return shown.readReadouts(this.run.version);
    return (this.heldReadouts[lane] ??= shown.readReadouts(this.run.version));
  }

  holdReadouts(isHeld: boolean): void {
    this.heldReadouts = isHeld ? {} : null;
  }

  trace(lane: LaneId): Trace {
    return this.run.lanes[lane].simulation.trace;
  }

  journey(lane: LaneId, request: number): Journey | null {
    return this.followed.journey(lane, request, this.timeS);
  }

  recentJourneys(lane: LaneId, count: number): readonly Journey[] {
    return this.run.lanes[lane].simulation.recentJourneys(count);
  }

  // --- Starting, and going to another moment

  /** To the state at time 0 with the start values. */
  private begin(): void {
    const { run } = this;
    const { startValues } = this.board.fields;
    this.seeker.stop();
    this.flags.clear();
    this.lag.reset();
    this.followed.follow(null);
    run.begin();
    for (const parameter of this.scenario.parameters) {
      const value = startValues[parameter.key];
      if (value !== undefined && value !== parameter.defaultValue) {
        run.log.addChange(0, parameter, value);
      }
    }
    run.advance(0, Infinity);
    this.board.set({
      values: { ...run.log.values },
      ...UNTOUCHED,
    });
  }

  /** From time 0 to the moment to open at. */
  private open(): void {
    if (this.openS === 0) return;
    this.seeker.start(this.openS, this.board.fields.speed);
    this.continueSeek(SEEK_WORK_MS);
  }

  private continueSeek(workMs: number): void {
    const { board, run, seeker } = this;
    const versionBefore = run.version;
    if (seeker.advance(workMs)) {
      const before = board.current;
      this.followPlayhead({ seeking: null, lastStep: null });
      // Another moment is to be painted, even where it differs in nothing that the status tells.
      if (board.current === before) board.notify();
      return;
    }
    if (run.version === versionBefore) return;
    const { progress } = seeker;
    const told = board.fields.seeking;
    if (told === null || progress - told >= 0.02) board.set({ seeking: progress });
  }

  /** Finishes what is under way, so that something new can be done at the moment asked for. */
  private settle(): void {
    if (this.seeker.isUnderWay) this.continueSeek(Infinity);
    this.flush();
  }

  // --- Inputs

  /** Tells the engine what was changed in this frame. */
  private flush(): void {
    if (this.pending.size === 0) return;
    const changes = [...this.pending];
    this.pending.clear();
    if (this.seeker.isUnderWay) this.continueSeek(Infinity);
    for (const [key, value] of changes) {
      const parameter = findParameter(this.scenario, key);
      const from = this.run.log.values[key];
      if (!parameter || from === undefined || from === value) continue;
      this.change(parameter, from, value);
    }
    this.tellFlags();
  }

  private change(parameter: Parameter, from: ParameterValue, to: ParameterValue): void {
    const { log } = this.run;
    this.openInput();
    const first = log.inputs.length;
    log.addChange(this.run.clockS, parameter, to);
    this.run.advance(this.run.clockS, Infinity);
    const inputs = { first, last: log.inputs.length - 1 };
    this.flags.addChange({ parameter, from, to }, this.run.clockS, inputs, this.now());
  }

  private poke(key: string, text: string, action: InputAction): void {
    this.settle();
    const { run } = this;
    this.flags.endDrag();
    this.openInput();
    run.log.addPoke(run.clockS, action);
    run.advance(run.clockS, Infinity);
    this.flags.addPoke(run.clockS, key, text, run.log.inputs.length - 1);
    this.tellFlags();
  }

  /** Makes room for an input at the clock. A future that was known from here on becomes the ghost. */
  private openInput(): void {
    const { run } = this;
    run.passHandledEvents();
    const { clockS, headS, log } = run;
    if (clockS >= headS) return;
    const history = run.history.snapshot();
    const interventions = this.flags.fork(log.applied, log.values);
    run.dropFuture();
    this.followed.dropAfter(clockS);
    this.board.prepare({ ghost: { forkS: clockS, endS: headS, history, interventions } });
  }

  // --- Status

  private tellFlags(): void {
    this.followPlayhead({ interventions: this.flags.interventions, lastStep: null });
  }

  /** Tells the values at the playhead, if they or anything in `patch` are news. */
  private followPlayhead(patch: Partial<StatusFields>): void {
    this.board.update({ ...patch, values: this.valuesShown(), surgeUntilS: this.surgeUntilS() });
  }

  /** The object of the status, unless something changed. */
  private valuesShown(): Readonly<Record<string, ParameterValue>> {
    const { values } = this.run.log;
    const shown = this.board.fields.values;
    for (const key in values) {
      if (values[key] !== shown[key] && !this.pending.has(key)) {
        return { ...values, ...Object.fromEntries(this.pending) };
      }
    }
    return shown;
  }

  /** End of the running surge at the playhead, 0 without one. */
  private surgeUntilS(): number {
    const { clockS, log } = this.run;
    return log.surgeEndS > clockS ? log.surgeEndS : 0;
  }
}

/** A player at time 0, or on its way to the moment it is to open at. */
export function createPlayer(scenario: Scenario, options: PlayerOptions = {}): Player {
  return new RunPlayer(scenario, options);
}
