/**
 * Clients: an open loop of users who arrive whether or not the system keeps up, or a closed loop of
 * some who think, ask, and wait. Both may give up.
 */
import type { Bursts, ClientsSpec, ProfilePoint, RequestClass } from '../flow.ts';
import { cvOf, drawDuration, Shape, shapeOf, type ShapeOfWork } from '../kernel/distributions.ts';
import { eventTarget, Result, type Kernel, type NodeAction, type Origin } from '../kernel/node.ts';
import type { CallEdge } from '../kernel/callEdge.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import { Caller, callOfCaller, CallPhase } from '../kernel/calls.ts';
import { JobPhase } from '../kernel/jobs.ts';
import { MAX_RATE_PER_S } from '../kernel/limits.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { RequestFlag } from '../kernel/requests.ts';
import { TimerRing } from '../kernel/timerRing.ts';
import { Outcome } from '../outcome.ts';
import type { ClientsView } from '../view.ts';
import { joinsBatch } from './arrivalBatches.ts';
import { inOrder, secondsFor, unitsIn } from './loadProfile.ts';

const Code = {
  Arrival: 0,
  SurgeEnd: 1,
  Patience: 2,
  PatienceSingle: 3,
  Thought: 4,
  Burst: 5,
  ProfilePoint: 6,
} as const;

/** What is shorter is a step. */
const SHORTEST_RAMP_S = 1e-9;

export class Clients implements Origin {
  readonly id: string;
  readonly index: number;
  readonly state;
  private readonly target: number;
  private readonly gapShape: ShapeOfWork;
  private readonly gapCv: number;
  private readonly batchSize: number;
  private readonly hasRandomBatches: boolean;
  /** In order of time. */
  private readonly profile: readonly ProfilePoint[];
  /** The profile starts again at its last point. */
  private readonly repeats: boolean;
  private readonly limit: number;
  private readonly key0: number;
  private readonly key1: number;
  /** null: requests go straight to the target. */
  private readonly edge: CallEdge | null;
  private readonly endpoint: string | undefined;
  private readonly classes: readonly RequestClass[];
  /** Up to which draw each class goes; and where its requests begin. One entry when there are none. */
  private readonly shareUpTo: Float64Array;
  private readonly entries: Int32Array;
  /** Users of a closed loop; 0: an open one. */
  private readonly users: number;
  private readonly thinkShape: ShapeOfWork;
  private readonly thinkCv: number;
  private readonly bursts: Bursts | null;
  private readonly patienceShape: ShapeOfWork;
  private readonly patienceCv: number;

  constructor(
    id: string,
    index: number,
    spec: ClientsSpec,
    nodeIndex: (id: string) => number,
    random: KeyedRandom,
    edges: CallEdges,
  ) {
    this.id = id;
    this.index = index;
    this.target = nodeIndex(spec.target);
    // Exponential gaps make a Poisson process.
    const gaps = spec.arrivals === 'renewal' ? spec.gapVariability : undefined;
    this.gapShape = shapeOf(gaps);
    this.gapCv = spec.arrivals === 'poisson' ? 1 : cvOf(gaps);
    this.batchSize = spec.batchSize ?? 1;
    this.hasRandomBatches = spec.batchSizes === 'geometric';
    this.profile = inOrder(spec);
    this.repeats = (spec.repeatEveryS ?? null) !== null;
    this.limit = spec.limit ?? Infinity;
    [this.key0, this.key1] = random.keysOf(id);
    this.edge =
      spec.policy === undefined ? null : edges.add(id, 'call', index, this.target, 0, spec.policy);
    this.endpoint = spec.endpoint;
    this.classes = spec.classes ?? [];
    const whole = this.classes.reduce((sum, { share }) => sum + share, 0);
    let sum = 0;
    this.shareUpTo = Float64Array.from(this.classes, ({ share }) => (sum += share / whole));
    this.entries = new Int32Array(Math.max(1, this.classes.length));
    this.users = spec.arrivals === 'closed' ? (spec.users ?? 1) : 0;
    this.thinkShape = shapeOf(spec.thinkVariability);
    this.thinkCv = cvOf(spec.thinkVariability);
    this.bursts = spec.bursts ?? null;
    this.patienceShape = shapeOf(spec.patienceVariability);
    this.patienceCv = cvOf(spec.patienceVariability);
    this.state = {
      /** As it was set last, at `rateSetS`; since then it changes by `slope` a second. */
      ratePerS: spec.ratePerS,
      rateSetS: 0,
      slope: 0,
      /** Position of the next point of the profile. */
      profileNext: 0,
      /** When the profile began, or began again. */
      profileStartS: 0,
      surgeFactor: 1,
      surgeUntilS: 0,
      surgeGeneration: 0,
      burstFactor: 1,
      /** Quiet times and bursts so far. */
      burstCount: 0,
      thinkS: spec.thinkS ?? 0,
      patienceS: spec.patienceS ?? Infinity,
      leaves: spec.whenImpatient === 'leavesAcceptQueue',
      untilStarted: spec.patienceRuns === 'untilStarted',
      /** Number of the next request. */
      nextNumber: 0,
      nextArrivalS: Infinity,
      /** What was left of the gap before the next arrival at `restS`, in mean gaps. */
      restUnits: 0,
      restS: 0,
      arrivalGeneration: 0,
      patience: new TimerRing(),
      /** Requests that have ended, by outcome. */
      outcomes: new Int32Array(6),
    };
  }

  get nextRequest(): number {
    return this.state.nextNumber;
  }

  start(kernel: Kernel): void {
    const target = kernel.callees[this.target]!;
    this.entries[0] = target.entryOf(this.endpoint);
    this.classes.forEach(({ endpoint }, k) => {
      this.entries[k] = target.entryOf(endpoint ?? this.endpoint);
    });
    for (let user = 0; user < this.users; user++) this.think(kernel, user, 0);
    if (this.users > 0) return;
    this.drawGap(kernel);
    this.schedule(kernel);
    if (this.profile.length > 0) {
      this.setRate(kernel, this.state.ratePerS);
      this.awaitPoint(kernel);
    }
    if (this.bursts !== null) this.nextBurst(kernel);
  }

  handle(kernel: Kernel, code: number, slot: number, generation: number): void {
    switch (code) {
      case Code.Arrival:
        if (generation === this.state.arrivalGeneration) this.arrival(kernel);
        return;
      case Code.SurgeEnd:
        if (generation === this.state.surgeGeneration) this.surge(kernel, 1, 0);
        return;
      case Code.Patience: {
        const ring = this.state.patience;
        const target = eventTarget(this.index, Code.Patience);
        for (;;) {
          const request = ring.expire(kernel.events, target, kernel.clockS, kernel.requests);
          if (request < 0) return;
          this.giveUp(kernel, request);
        }
      }
      case Code.Thought:
        if (this.state.nextNumber < this.limit) this.thought(kernel);
        return;
      case Code.Burst:
        this.burst(kernel);
        return;
      case Code.ProfilePoint:
        this.reachPoint(kernel);
        return;
      case Code.PatienceSingle:
        if (kernel.requests.rows[slot].generation === generation) this.giveUp(kernel, slot);
        return;
    }
  }

  set(kernel: Kernel, parameter: string, value: number | string | null): boolean {
    const { state } = this;
    if (parameter.startsWith('call.')) {
      return this.edge !== null && this.edge.set(kernel, parameter.slice('call.'.length), value);
    }
    switch (parameter) {
      case 'ratePerS':
        if (typeof value !== 'number' || !(value >= 0 && value <= MAX_RATE_PER_S)) return false;
        if (this.users > 0) return false;
        this.setRate(kernel, value);
        return true;
      case 'patienceS':
        if (value !== null && (typeof value !== 'number' || !(value > 0))) return false;
        state.patienceS = value ?? Infinity;
        return true;
      case 'thinkS':
        if (typeof value !== 'number' || !(value >= 0)) return false;
        state.thinkS = value;
        return true;
      case 'whenImpatient':
        state.leaves = value === 'leavesAcceptQueue';
        return value === 'stays' || value === 'leavesAcceptQueue';
      case 'patienceRuns':
        state.untilStarted = value === 'untilStarted';
        return value === 'untilAnswered' || value === 'untilStarted';
      default:
        return false;
    }
  }

  act(kernel: Kernel, action: NodeAction): boolean {
    if (action.do !== 'surge') return false;
    this.surge(kernel, action.factor, action.durationS);
    return true;
  }

  answer(kernel: Kernel, index: number, result: Result): void {
    const { recorder, clockS } = kernel;
    const request = kernel.requests.rows[index];
    request.rootJob = -1;
    const gone = request.outcome !== Outcome.Open;
    if (!gone) {
      request.endS = clockS;
      if (this.users > 0) this.think(kernel, request.number, 1);
      const hasStarted = (request.flags & RequestFlag.Started) !== 0;
      request.outcome = outcomeOf(result);
      this.state.outcomes[request.outcome]++;
      if (result === Result.TimedOut) {
        if (recorder !== null) recorder.gaveUp(kernel, index, this.target);
        return;
      }
      if (result === Result.Rejected && !hasStarted) {
        if (recorder !== null) recorder.rejected(kernel, index, this.target);
        return;
      }
    }
    // A user who has gone learns nothing from a call that timed out, and its job works on.
    if (recorder !== null && !(gone && result === Result.TimedOut)) {
      recorder.answered(kernel, index, gone);
    }
  }

  noteLate(kernel: Kernel, request: number): void {
    kernel.recorder?.noteFlags(kernel, request);
  }

  createView(): ClientsView {
    return {
      kind: 'clients',
      id: this.id,
      index: this.index,
      ratePerS: 0,
      surgeUntilS: 0,
      nextRequest: 0,
      nextArrivalS: Infinity,
      outcomes: new Int32Array(6),
    };
  }

  readView(kernel: Kernel, view: ClientsView): void {
    const { state } = this;
    view.ratePerS = this.rate(kernel.clockS);
    view.surgeUntilS = state.surgeFactor === 1 ? 0 : state.surgeUntilS;
    view.nextRequest = state.nextNumber;
    view.nextArrivalS = state.nextArrivalS;
    view.outcomes.set(state.outcomes);
  }

  private arrival(kernel: Kernel): void {
    const { state } = this;
    if (state.nextNumber >= this.limit) return;
    const request = kernel.requests.create(state.nextNumber++, this.index, kernel.clockS);
    if (state.nextNumber < this.limit) {
      this.drawGap(kernel);
      this.schedule(kernel);
    } else state.nextArrivalS = Infinity;
    this.submit(kernel, request);
  }

  private submit(kernel: Kernel, request: number): void {
    const { state } = this;
    const { requests, jobs, recorder, clockS } = kernel;
    const entry = this.classes.length === 0 ? this.entries[0] : this.classify(kernel, request);
    if (recorder !== null) recorder.submitted(kernel, request, this.target);
    const row = requests.rows[request];
    const { generation } = row;
    const patienceS = this.patienceCv === 0 ? state.patienceS : this.drawPatience(kernel, request);
    if (this.edge !== null) {
      // Whoever waits only for the start has no deadline for the answer.
      const deadlineS = state.untilStarted ? Infinity : clockS + patienceS;
      this.edge.call(kernel, request, -1, 1, entry, deadlineS);
    } else {
      const job = jobs.create(this.target, request, Caller.Clients, -1, 1, clockS);
      jobs.rows[job].position = entry;
      row.rootJob = job;
      if (!kernel.callees[this.target]!.arrive(kernel, job)) {
        jobs.free(job);
        this.reject(kernel, request);
        return;
      }
    }
    if (patienceS === Infinity) return;
    // It may have been answered within this instant: then its row may be another's by now.
    if (row.generation !== generation || row.outcome !== Outcome.Open) return;
    const single = eventTarget(this.index, Code.PatienceSingle);
    // A ring is for timers that end in the order they were set.
    if (this.patienceCv > 0) kernel.events.push(clockS + patienceS, single, request, generation);
    else {
      const ring = eventTarget(this.index, Code.Patience);
      state.patience.add(kernel.events, ring, single, clockS + patienceS, request, generation);
    }
  }

  private reject(kernel: Kernel, request: number): void {
    const { requests, recorder, clockS } = kernel;
    requests.rows[request].rootJob = -1;
    requests.rows[request].outcome = Outcome.Rejected;
    this.state.outcomes[Outcome.Rejected]++;
    requests.rows[request].endS = clockS;
    if (this.users > 0) this.think(kernel, requests.rows[request].number, 1);
    if (recorder !== null) recorder.rejected(kernel, request, this.target);
    kernel.releaseRequest(request);
  }

  private giveUp(kernel: Kernel, request: number): void {
    const { requests, recorder, clockS } = kernel;
    if (requests.rows[request].outcome !== Outcome.Open) return;
    if (this.state.untilStarted && this.isStarted(kernel, request)) return;
    requests.rows[request].outcome = Outcome.TimedOut;
    this.state.outcomes[Outcome.TimedOut]++;
    requests.rows[request].endS = clockS;
    if (this.users > 0) this.think(kernel, requests.rows[request].number, 1);
    if (recorder !== null) recorder.gaveUp(kernel, request, this.target);
    const job = requests.rows[request].rootJob;
    if (job <= Caller.FirstCall) {
      this.edge!.userGone(kernel, callOfCaller(job));
      return;
    }
    if (this.state.leaves && job >= 0 && kernel.callees[this.target]!.withdraw(kernel, job)) {
      const caller = kernel.jobs.rows[job].caller;
      requests.rows[request].rootJob = -1;
      kernel.jobs.free(job);
      if (caller === Caller.Clients) kernel.releaseRequest(request);
      else this.edge!.release(kernel, callOfCaller(caller));
      return;
    }
    // A job of which its caller knows nothing, since its 202 was lost.
    if (this.edge !== null && job >= 0) {
      this.edge.userGone(kernel, callOfCaller(kernel.jobs.rows[job].caller));
    }
  }

  /** Has the handler started? With retries that of the present attempt, which is then the last. */
  private isStarted(kernel: Kernel, request: number): boolean {
    const { requests, jobs, calls } = kernel;
    if ((requests.rows[request].flags & RequestFlag.Started) === 0) return false;
    if (this.edge === null) return true;
    const job = requests.rows[request].rootJob;
    const call = callOfCaller(job >= 0 ? jobs.rows[job].caller : job);
    const started =
      job >= 0
        ? jobs.rows[job].phase === JobPhase.Running || jobs.rows[job].phase === JobPhase.Parked
        : calls.phase[call] === CallPhase.Answering;
    if (started) this.edge.makeLast(kernel, call);
    return started;
  }

  private surge(kernel: Kernel, factor: number, durationS: number): void {
    const { state } = this;
    const oldRate = this.rate(kernel.clockS);
    const oldSlope = this.slope();
    state.surgeFactor = factor;
    this.rateChanged(kernel, oldRate, oldSlope);
    state.surgeGeneration++;
    if (factor === 1) {
      state.surgeUntilS = 0;
      return;
    }
    state.surgeUntilS = kernel.clockS + durationS;
    kernel.events.push(
      state.surgeUntilS,
      eventTarget(this.index, Code.SurgeEnd),
      0,
      state.surgeGeneration,
    );
  }

  /** Requests per second now. */
  private rate(nowS: number): number {
    const { state } = this;
    let { ratePerS } = state;
    if (state.slope !== 0) {
      ratePerS = Math.max(0, ratePerS + state.slope * (nowS - state.rateSetS));
    }
    return ratePerS * state.surgeFactor * state.burstFactor;
  }

  private slope(): number {
    const { state } = this;
    return state.slope * state.surgeFactor * state.burstFactor;
  }

  /** The rate without surges and bursts is another from now on, and so is the way to the next point. */
  private setRate(kernel: Kernel, ratePerS: number): void {
    const { state } = this;
    const { clockS } = kernel;
    const oldRate = this.rate(clockS);
    const oldSlope = this.slope();
    state.ratePerS = ratePerS;
    state.rateSetS = clockS;
    const next = this.profile[state.profileNext];
    const ramps = next?.by === 'ramp';
    const leftS = ramps ? state.profileStartS + next.atS - clockS : 0;
    state.slope = ramps && leftS > SHORTEST_RAMP_S ? (next.ratePerS - ratePerS) / leftS : 0;
    this.rateChanged(kernel, oldRate, oldSlope);
  }

  private awaitPoint(kernel: Kernel): void {
    const { profileNext, profileStartS } = this.state;
    const next = this.profile[profileNext];
    if (next === undefined) return;
    // Like an input, it precedes the other events of its instant.
    const atS = profileStartS + next.atS;
    kernel.events.pushFirst(atS, eventTarget(this.index, Code.ProfilePoint), 0, 0);
  }

  private reachPoint(kernel: Kernel): void {
    const { state } = this;
    if (state.nextNumber >= this.limit) return;
    const { ratePerS } = this.profile[state.profileNext++];
    if (this.repeats && state.profileNext === this.profile.length) {
      state.profileNext = 0;
      state.profileStartS = kernel.clockS;
    }
    this.setRate(kernel, ratePerS);
    this.awaitPoint(kernel);
  }

  /** What is still to come of the gap keeps its length in mean gaps. */
  private rateChanged(kernel: Kernel, oldRate: number, oldSlope: number): void {
    const { state } = this;
    const { clockS } = kernel;
    if (this.users > 0 || state.nextNumber >= this.limit) return;
    if (this.rate(clockS) === oldRate && this.slope() === oldSlope) return;
    if (state.nextArrivalS !== Infinity) {
      state.restUnits = unitsIn(oldRate, oldSlope, state.nextArrivalS - clockS);
    } else if (oldSlope !== 0) {
      // On a ramp that goes down to nothing: less what has passed, seen from now.
      const passed = unitsIn(oldRate, -oldSlope, clockS - state.restS);
      state.restUnits = Math.max(0, state.restUnits - passed);
    }
    state.arrivalGeneration++;
    this.schedule(kernel);
  }

  private schedule(kernel: Kernel): void {
    const { state } = this;
    const { clockS } = kernel;
    state.restS = clockS;
    state.nextArrivalS = clockS + secondsFor(state.restUnits, this.rate(clockS), this.slope());
    if (state.nextArrivalS === Infinity) return;
    kernel.events.push(
      state.nextArrivalS,
      eventTarget(this.index, Code.Arrival),
      0,
      state.arrivalGeneration,
    );
  }

  /** A user of a closed loop has thought. */
  private thought(kernel: Kernel): void {
    const number = this.state.nextNumber++;
    this.submit(kernel, kernel.requests.create(number, this.index, kernel.clockS));
  }

  /** @param after 0: user `number` before the first request; 1: after request `number` */
  private think(kernel: Kernel, number: number, after: number): void {
    const { random, clockS } = kernel;
    let thinkS = this.state.thinkS;
    if (this.thinkCv > 0) {
      random.select(this.key0, this.key1, number, after, Purpose.Think);
      thinkS *= drawDuration(random, this.thinkShape, this.thinkCv);
    }
    kernel.events.push(clockS + thinkS, eventTarget(this.index, Code.Thought), 0, 0);
  }

  /** Draws the class of a request. @returns where it begins */
  private classify(kernel: Kernel, request: number): number {
    const { random, requests } = kernel;
    random.select(this.key0, this.key1, requests.rows[request].number, 0, Purpose.Class);
    const drawn = random.uniform();
    let k = 0;
    while (k < this.shareUpTo.length - 1 && drawn >= this.shareUpTo[k]) k++;
    requests.rows[request].classOf = k;
    requests.rows[request].priority = this.classes[k].priority ?? 0;
    return this.entries[k];
  }

  private burst(kernel: Kernel): void {
    const { state } = this;
    const oldRate = this.rate(kernel.clockS);
    const oldSlope = this.slope();
    state.burstCount++;
    state.burstFactor = state.burstCount % 2 === 1 ? this.bursts!.factor : 1;
    this.rateChanged(kernel, oldRate, oldSlope);
    if (state.nextNumber < this.limit) this.nextBurst(kernel);
  }

  /** When the present quiet time or burst ends. */
  private nextBurst(kernel: Kernel): void {
    const { quietS, burstS, lengths } = this.bursts!;
    const { random } = kernel;
    const { burstCount } = this.state;
    let lengthS = burstCount % 2 === 0 ? quietS : burstS;
    if (lengths !== 'fixed') {
      random.select(this.key0, this.key1, burstCount, 0, Purpose.Burst);
      lengthS *= random.exponential();
    }
    kernel.events.push(kernel.clockS + lengthS, eventTarget(this.index, Code.Burst), 0, 0);
  }

  /** Gap before the next request, in mean gaps; none within a batch. */
  private drawGap(kernel: Kernel): void {
    const { state } = this;
    const inBatch = this.batchSize > 1 && this.isInBatch(kernel);
    state.restUnits = inBatch ? 0 : this.batchSize;
    if (inBatch || this.gapCv === 0) return;
    kernel.random.select(this.key0, this.key1, state.nextNumber, 0, Purpose.Arrival);
    // The exponential is named so that it is drawn without a detour.
    state.restUnits *=
      this.gapCv === 1 && this.gapShape.shape === Shape.Gamma
        ? kernel.random.exponential()
        : drawDuration(kernel.random, this.gapShape, this.gapCv);
  }

  /** Does the next request come with the one before it? */
  private isInBatch(kernel: Kernel): boolean {
    const { nextNumber } = this.state;
    return this.hasRandomBatches
      ? joinsBatch(kernel.random, this.key0, this.key1, nextNumber, this.batchSize)
      : nextNumber % this.batchSize !== 0;
  }

  private drawPatience(kernel: Kernel, request: number): number {
    const { random, requests } = kernel;
    if (this.state.patienceS === Infinity) return Infinity;
    random.select(this.key0, this.key1, requests.rows[request].number, 0, Purpose.Patience);
    return this.state.patienceS * drawDuration(random, this.patienceShape, this.patienceCv);
  }
}

function outcomeOf(result: Result): Outcome {
  switch (result) {
    case Result.Ok:
      return Outcome.Served;
    case Result.Declined:
      return Outcome.Declined;
    case Result.Rejected:
      return Outcome.Rejected;
    case Result.TimedOut:
      return Outcome.TimedOut;
    default:
      return Outcome.Failed;
  }
}
