/**
 * Clients: an open loop of users who arrive whether or not the system keeps up, or a closed loop of
 * some who think, ask, and wait. Both may give up.
 */
import type { Bursts, ClientsSpec, ProfilePoint, RequestClass } from '../flow.ts';
import { Variation } from '../kernel/distributions.ts';
import { eventTarget, Result, type Kernel, type NodeAction, type Origin } from '../kernel/node.ts';
import type { CallEdge } from '../kernel/callEdge.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import { Caller, callOfCaller, CallPhase } from '../kernel/calls.ts';
import { JobPhase } from '../kernel/jobs.ts';
import { MAX_RATE_PER_S } from '../kernel/limits.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import type { Request } from '../kernel/request.ts';
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
  /** Target of the event of an arrival. */
  private readonly arrives: number;
  /** Of gaps. */
  private readonly gaps: Variation;
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
  private readonly thinking: Variation;
  private readonly bursts: Bursts | null;
  private readonly patience: Variation;

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
    this.arrives = eventTarget(index, Code.Arrival);
    // Exponential gaps make a Poisson process.
    const poisson = spec.arrivals === 'poisson' ? { kind: 'exponential' as const } : undefined;
    this.gaps = new Variation(spec.arrivals === 'renewal' ? spec.gapVariability : poisson);
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
    this.thinking = new Variation(spec.thinkVariability);
    this.bursts = spec.bursts ?? null;
    this.patience = new Variation(spec.patienceVariability);
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
      /** Requests per second as long as they stay the same, all factors included; 0: on a ramp, or none come. */
      steadyPerS: spec.ratePerS,
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
    if (code !== Code.Arrival) this.handleSeldom(kernel, code, slot, generation);
    else if (generation === this.state.arrivalGeneration) this.arrival(kernel);
  }

  private handleSeldom(kernel: Kernel, code: number, slot: number, generation: number): void {
    switch (code) {
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

  answer(kernel: Kernel, request: Request, result: Result): void {
    const { recorder, clockS } = kernel;
    request.rootJob = -1;
    if (request.outcome !== Outcome.Open) {
      // A user who has gone learns nothing from a call that timed out, and its job works on.
      if (recorder !== null && result !== Result.TimedOut) {
        recorder.answered(kernel, request, true);
      }
      return;
    }
    request.endS = clockS;
    if (this.users > 0) this.think(kernel, request.number, 1);
    const outcome = result === Result.Ok ? Outcome.Served : outcomeOf(result);
    request.outcome = outcome;
    this.state.outcomes[outcome]++;
    if (recorder === null) return;
    if (outcome === Outcome.TimedOut) recorder.gaveUp(kernel, request.index, this.target);
    else if (outcome === Outcome.Rejected && (request.flags & RequestFlag.Started) === 0) {
      recorder.rejected(kernel, request.index, this.target);
    } else recorder.answered(kernel, request, false);
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
    const request = kernel.requests.create(state.nextNumber++, this.index, kernel);
    if (state.nextNumber < this.limit) {
      this.drawGap(kernel);
      this.schedule(kernel);
    } else state.nextArrivalS = Infinity;
    this.submit(kernel, request);
  }

  private submit(kernel: Kernel, row: Request): void {
    const { state } = this;
    const { jobs, recorder, clockS } = kernel;
    const { index: request, generation } = row;
    const entry = this.classes.length === 0 ? this.entries[0] : this.classify(kernel, row);
    if (recorder !== null) recorder.submitted(kernel, row, this.target);
    const patienceS = this.patience.cv === 0 ? state.patienceS : this.drawPatience(kernel, row);
    if (this.edge !== null) {
      // Whoever waits only for the start has no deadline for the answer.
      const deadlineS = state.untilStarted ? Infinity : clockS + patienceS;
      this.edge.call(kernel, request, -1, 1, entry, deadlineS);
    } else {
      const job = jobs.create(this.target, request, Caller.Clients, -1, 1, kernel);
      job.position = entry;
      row.rootJob = job.index;
      if (!kernel.callees[this.target]!.arrive(kernel, job.index)) {
        jobs.release(job);
        this.reject(kernel, row);
        return;
      }
    }
    // It may have been answered within this instant: then its row may be another's by now.
    if (patienceS < Infinity && row.generation === generation && row.outcome === Outcome.Open) {
      this.awaitGivingUp(kernel, row, clockS + patienceS);
    }
  }

  private awaitGivingUp({ events }: Kernel, request: Request, atS: number): void {
    const { index, generation } = request;
    const single = eventTarget(this.index, Code.PatienceSingle);
    // A ring is for timers that end in the order they were set.
    if (this.patience.cv > 0) events.push(atS, single, index, generation);
    else {
      const ring = eventTarget(this.index, Code.Patience);
      this.state.patience.add(events, ring, single, atS, index, generation);
    }
  }

  private reject(kernel: Kernel, request: Request): void {
    const { recorder, clockS } = kernel;
    request.rootJob = -1;
    request.outcome = Outcome.Rejected;
    this.state.outcomes[Outcome.Rejected]++;
    request.endS = clockS;
    if (this.users > 0) this.think(kernel, request.number, 1);
    if (recorder !== null) recorder.rejected(kernel, request.index, this.target);
    kernel.release(request);
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
    const rate = this.rate(clockS);
    const slope = this.slope();
    state.steadyPerS = slope === 0 ? rate : 0;
    if (this.users > 0 || state.nextNumber >= this.limit) return;
    if (rate === oldRate && slope === oldSlope) return;
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
    const { steadyPerS } = state;
    let nextS = clockS;
    if (steadyPerS > 0) nextS += state.restUnits / steadyPerS;
    else nextS += this.secondsOnRamp(clockS);
    state.nextArrivalS = nextS;
    if (nextS < Infinity) kernel.events.push(nextS, this.arrives, 0, state.arrivalGeneration);
  }

  /** Seconds until the rest of the gap has passed, which starts to count now. */
  private secondsOnRamp(nowS: number): number {
    this.state.restS = nowS;
    return secondsFor(this.state.restUnits, this.rate(nowS), this.slope());
  }

  /** A user of a closed loop has thought. */
  private thought(kernel: Kernel): void {
    const number = this.state.nextNumber++;
    this.submit(kernel, kernel.requests.create(number, this.index, kernel));
  }

  /** @param after 0: user `number` before the first request; 1: after request `number` */
  private think(kernel: Kernel, number: number, after: number): void {
    const { random, clockS } = kernel;
    let thinkS = this.state.thinkS;
    if (this.thinking.cv > 0) {
      random.select(this.key0, this.key1, number, after, Purpose.Think);
      thinkS *= this.thinking.draw(random);
    }
    kernel.events.push(clockS + thinkS, eventTarget(this.index, Code.Thought), 0, 0);
  }

  /** Draws the class of a request. @returns where it begins */
  private classify({ random }: Kernel, request: Request): number {
    random.select(this.key0, this.key1, request.number, 0, Purpose.Class);
    const drawn = random.uniform();
    let k = 0;
    while (k < this.shareUpTo.length - 1 && drawn >= this.shareUpTo[k]) k++;
    request.classOf = k;
    request.priority = this.classes[k].priority ?? 0;
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
    if (inBatch || this.gaps.cv === 0) return;
    kernel.random.select(this.key0, this.key1, state.nextNumber, 0, Purpose.Arrival);
    state.restUnits *= this.gaps.draw(kernel.random);
  }

  /** Does the next request come with the one before it? */
  private isInBatch(kernel: Kernel): boolean {
    const { nextNumber } = this.state;
    return this.hasRandomBatches
      ? joinsBatch(kernel.random, this.key0, this.key1, nextNumber, this.batchSize)
      : nextNumber % this.batchSize !== 0;
  }

  private drawPatience({ random }: Kernel, request: Request): number {
    if (this.state.patienceS === Infinity) return Infinity;
    random.select(this.key0, this.key1, request.number, 0, Purpose.Patience);
    return this.state.patienceS * this.patience.draw(random);
  }
}

/** Of what did not go well. */
function outcomeOf(result: Result): Outcome {
  switch (result) {
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
