/**
 * Clients: an open loop of users who arrive whether or not the system keeps up, or a closed loop of
 * some who think, ask, and wait. Both may give up.
 */
import type { Bursts, ClientsSpec, RequestClass } from '../flow.ts';
import { cvOf, drawDuration, shapeOf, type ShapeOfWork } from '../kernel/distributions.ts';
import { eventTarget, Result, type Kernel, type NodeAction, type Origin } from '../kernel/node.ts';
import type { CallEdge } from '../kernel/callEdge.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import { Caller, callOfCaller } from '../kernel/calls.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { RequestFlag } from '../kernel/requests.ts';
import { TimerRing } from '../kernel/timerRing.ts';
import { Outcome } from '../outcome.ts';
import type { ClientsView } from '../view.ts';

const Code = {
  Arrival: 0,
  SurgeEnd: 1,
  Patience: 2,
  PatienceSingle: 3,
  Thought: 4,
  Burst: 5,
} as const;

/** The highest rate a flow may ask for, per second. */
const MAX_RATE_PER_S = 100_000;

export class Clients implements Origin {
  readonly id: string;
  readonly index: number;
  readonly state;
  private readonly target: number;
  private readonly poisson: boolean;
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
    this.poisson = spec.arrivals === 'poisson';
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
    this.state = {
      ratePerS: spec.ratePerS,
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
      /** The next gap in mean gaps, kept while the rate is 0. */
      restUnits: 0,
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
        const { generation: generations } = kernel.requests;
        for (;;) {
          const request = ring.expire(kernel.events, target, kernel.clockS, generations);
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
      case Code.PatienceSingle:
        if (kernel.requests.rows[slot].generation === generation) this.giveUp(kernel, slot);
        return;
    }
  }

  set(kernel: Kernel, parameter: string, value: number | string | null): boolean {
    const { state } = this;
    if (parameter.startsWith('call.')) {
      return this.edge !== null && this.edge.set(parameter.slice('call.'.length), value);
    }
    switch (parameter) {
      case 'ratePerS':
        if (typeof value !== 'number' || !(value >= 0 && value <= MAX_RATE_PER_S)) return false;
        if (this.users > 0) return false;
        this.changeRate(kernel, value, state.surgeFactor);
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

  answer(kernel: Kernel, request: number, result: Result): void {
    const { requests, recorder, clockS } = kernel;
    requests.rows[request].rootJob = -1;
    const gone = requests.rows[request].outcome !== Outcome.Open;
    if (!gone) {
      requests.rows[request].endS = clockS;
      if (this.users > 0) this.think(kernel, requests.rows[request].number, 1);
      if (result === Result.TimedOut) {
        requests.rows[request].outcome = Outcome.TimedOut;
        this.state.outcomes[Outcome.TimedOut]++;
        if (recorder !== null) recorder.gaveUp(kernel, request, this.target);
        return;
      }
      if (
        result === Result.Rejected &&
        (requests.rows[request].flags & RequestFlag.Started) === 0
      ) {
        requests.rows[request].outcome = Outcome.Rejected;
        this.state.outcomes[Outcome.Rejected]++;
        if (recorder !== null) recorder.rejected(kernel, request, this.target);
        return;
      }
      requests.rows[request].outcome =
        result === Result.Ok
          ? Outcome.Served
          : result === Result.Declined
            ? Outcome.Declined
            : result === Result.Rejected
              ? Outcome.Rejected
              : Outcome.Failed;
      this.state.outcomes[requests.rows[request].outcome]++;
    }
    if (recorder !== null) recorder.answered(kernel, request, gone);
  }

  started(kernel: Kernel, request: number): void {
    kernel.requests.rows[request].flags |= RequestFlag.Started;
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

  readView(_kernel: Kernel, view: ClientsView): void {
    const { state } = this;
    view.ratePerS = this.rate();
    view.surgeUntilS = state.surgeFactor === 1 ? 0 : state.surgeUntilS;
    view.nextRequest = state.nextNumber;
    view.nextArrivalS = state.nextArrivalS;
    view.outcomes.set(state.outcomes);
  }

  private arrival(kernel: Kernel): void {
    const { state } = this;
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
    const generation = requests.rows[request].generation;
    if (this.edge !== null) {
      this.edge.call(kernel, request, -1, 1, entry, clockS + state.patienceS);
    } else {
      const job = jobs.create(this.target, request, Caller.Clients, -1, 1, clockS);
      jobs.rows[job].position = entry;
      requests.rows[request].rootJob = job;
      if (!kernel.callees[this.target]!.arrive(kernel, job)) {
        jobs.free(job);
        this.reject(kernel, request);
        return;
      }
    }
    // It may have been answered within this instant: then its row may be another's by now.
    const waits =
      requests.rows[request].generation === generation &&
      requests.rows[request].outcome === Outcome.Open;
    if (waits && state.patienceS !== Infinity) {
      state.patience.add(
        kernel.events,
        eventTarget(this.index, Code.Patience),
        eventTarget(this.index, Code.PatienceSingle),
        clockS + state.patienceS,
        request,
        generation,
      );
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
    if (this.state.untilStarted && (requests.rows[request].flags & RequestFlag.Started) !== 0)
      return;
    requests.rows[request].outcome = Outcome.TimedOut;
    this.state.outcomes[Outcome.TimedOut]++;
    requests.rows[request].endS = clockS;
    if (this.users > 0) this.think(kernel, requests.rows[request].number, 1);
    if (recorder !== null) recorder.gaveUp(kernel, request, this.target);
    const job = requests.rows[request].rootJob;
    if (this.state.leaves && job >= 0 && kernel.callees[this.target]!.withdraw(kernel, job)) {
      const caller = kernel.jobs.rows[job].caller;
      requests.rows[request].rootJob = -1;
      kernel.jobs.free(job);
      if (caller === Caller.Clients) kernel.releaseRequest(request);
      else this.edge?.answer(kernel, callOfCaller(caller), Result.TimedOut);
    }
  }

  private surge(kernel: Kernel, factor: number, durationS: number): void {
    const { state } = this;
    this.changeRate(kernel, state.ratePerS, factor);
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

  /** The part of the gap that is still to come keeps its length in mean gaps. */
  private changeRate(kernel: Kernel, ratePerS: number, factor: number): void {
    const { state } = this;
    const oldRate = this.rate();
    state.ratePerS = ratePerS;
    state.surgeFactor = factor;
    this.rateChanged(kernel, oldRate);
  }

  private rate(): number {
    const { state } = this;
    return state.ratePerS * state.surgeFactor * state.burstFactor;
  }

  private rateChanged(kernel: Kernel, oldRate: number): void {
    const { state } = this;
    if (this.users > 0 || this.rate() === oldRate || state.nextNumber >= this.limit) return;
    if (state.nextArrivalS !== Infinity) {
      state.restUnits = (state.nextArrivalS - kernel.clockS) * oldRate;
    }
    state.arrivalGeneration++;
    this.schedule(kernel);
  }

  private schedule(kernel: Kernel): void {
    const { state } = this;
    const rate = this.rate();
    if (rate === 0) {
      state.nextArrivalS = Infinity;
      return;
    }
    state.nextArrivalS = kernel.clockS + state.restUnits / rate;
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
    requests.classOf[request] = k;
    requests.rows[request].priority = this.classes[k].priority ?? 0;
    return this.entries[k];
  }

  private burst(kernel: Kernel): void {
    const { state } = this;
    const oldRate = this.rate();
    state.burstCount++;
    state.burstFactor = state.burstCount % 2 === 1 ? this.bursts!.factor : 1;
    this.rateChanged(kernel, oldRate);
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

  /** Gap before the next request, in mean gaps. */
  private drawGap(kernel: Kernel): void {
    const { state } = this;
    state.restUnits = 1;
    if (!this.poisson) return;
    kernel.random.select(this.key0, this.key1, state.nextNumber, 0, Purpose.Arrival);
    state.restUnits = kernel.random.exponential();
  }
}
