/** Clients: an open loop of users who arrive whether or not the system keeps up, and who may give up. */
import type { ClientsSpec } from '../flow.ts';
import { eventTarget, Result, type Kernel, type NodeAction, type Origin } from '../kernel/node.ts';
import type { CallEdge } from '../kernel/callEdge.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import { Caller, callOfCaller } from '../kernel/calls.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { RequestFlag } from '../kernel/requests.ts';
import { TimerRing } from '../kernel/timerRing.ts';
import { Outcome } from '../outcome.ts';
import type { ClientsView } from '../view.ts';

const Code = { Arrival: 0, SurgeEnd: 1, Patience: 2, PatienceSingle: 3 } as const;

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
    this.state = {
      ratePerS: spec.ratePerS,
      surgeFactor: 1,
      surgeUntilS: 0,
      surgeGeneration: 0,
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
    };
  }

  get nextRequest(): number {
    return this.state.nextNumber;
  }

  start(kernel: Kernel): void {
    this.state.restUnits = this.gapUnits(kernel);
    this.schedule(kernel);
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
      case Code.PatienceSingle:
        if (kernel.requests.generation[slot] === generation) this.giveUp(kernel, slot);
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
        this.changeRate(kernel, value, state.surgeFactor);
        return true;
      case 'patienceS':
        if (value !== null && (typeof value !== 'number' || !(value > 0))) return false;
        state.patienceS = value ?? Infinity;
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
    requests.rootJob[request] = -1;
    const gone = requests.outcome[request] !== Outcome.Open;
    if (!gone) {
      requests.endS[request] = clockS;
      if (result === Result.TimedOut) {
        requests.outcome[request] = Outcome.TimedOut;
        if (recorder !== null) recorder.gaveUp(kernel, request, this.target);
        return;
      }
      if (result === Result.Rejected && (requests.flags[request] & RequestFlag.Started) === 0) {
        requests.outcome[request] = Outcome.Rejected;
        if (recorder !== null) recorder.rejected(kernel, request, this.target);
        return;
      }
      requests.outcome[request] =
        result === Result.Ok
          ? Outcome.Served
          : result === Result.Declined
            ? Outcome.Declined
            : result === Result.Rejected
              ? Outcome.Rejected
              : Outcome.Failed;
    }
    if (recorder !== null) recorder.answered(kernel, request, gone);
  }

  started(kernel: Kernel, request: number): void {
    kernel.requests.flags[request] |= RequestFlag.Started;
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
    };
  }

  readView(_kernel: Kernel, view: ClientsView): void {
    const { state } = this;
    view.ratePerS = state.ratePerS * state.surgeFactor;
    view.surgeUntilS = state.surgeFactor === 1 ? 0 : state.surgeUntilS;
    view.nextRequest = state.nextNumber;
    view.nextArrivalS = state.nextArrivalS;
  }

  private arrival(kernel: Kernel): void {
    const { state } = this;
    const { requests, jobs, recorder, clockS } = kernel;
    const number = state.nextNumber++;
    const request = requests.create(number, this.index, clockS);
    if (state.nextNumber < this.limit) {
      state.restUnits = this.gapUnits(kernel);
      this.schedule(kernel);
    } else state.nextArrivalS = Infinity;

    if (recorder !== null) recorder.submitted(kernel, request, this.target);
    if (this.edge !== null) {
      const generation = requests.generation[request];
      this.edge.call(kernel, request, -1, 1, clockS + state.patienceS);
      if (requests.generation[request] !== generation) return;
    } else {
      const job = jobs.create(this.target, request, Caller.Clients, -1, 1, clockS);
      requests.rootJob[request] = job;
      if (!kernel.callees[this.target]!.arrive(kernel, job)) {
        jobs.free(job);
        this.reject(kernel, request);
        return;
      }
    }
    if (state.patienceS !== Infinity) {
      state.patience.add(
        kernel.events,
        eventTarget(this.index, Code.Patience),
        eventTarget(this.index, Code.PatienceSingle),
        clockS + state.patienceS,
        request,
        requests.generation[request],
      );
    }
  }

  private reject(kernel: Kernel, request: number): void {
    const { requests, recorder, clockS } = kernel;
    requests.rootJob[request] = -1;
    requests.outcome[request] = Outcome.Rejected;
    requests.endS[request] = clockS;
    if (recorder !== null) recorder.rejected(kernel, request, this.target);
    kernel.releaseRequest(request);
  }

  private giveUp(kernel: Kernel, request: number): void {
    const { requests, recorder, clockS } = kernel;
    if (requests.outcome[request] !== Outcome.Open) return;
    if (this.state.untilStarted && (requests.flags[request] & RequestFlag.Started) !== 0) return;
    requests.outcome[request] = Outcome.TimedOut;
    requests.endS[request] = clockS;
    if (recorder !== null) recorder.gaveUp(kernel, request, this.target);
    const job = requests.rootJob[request];
    if (this.state.leaves && job >= 0 && kernel.callees[this.target]!.withdraw(kernel, job)) {
      const caller = kernel.jobs.caller[job];
      requests.rootJob[request] = -1;
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
    const oldRate = state.ratePerS * state.surgeFactor;
    const newRate = ratePerS * factor;
    state.ratePerS = ratePerS;
    state.surgeFactor = factor;
    if (newRate === oldRate || state.nextNumber >= this.limit) return;
    if (state.nextArrivalS !== Infinity) {
      state.restUnits = (state.nextArrivalS - kernel.clockS) * oldRate;
    }
    state.arrivalGeneration++;
    this.schedule(kernel);
  }

  private schedule(kernel: Kernel): void {
    const { state } = this;
    const rate = state.ratePerS * state.surgeFactor;
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

  /** Gap before the next request, in mean gaps. */
  private gapUnits(kernel: Kernel): number {
    if (!this.poisson) return 1;
    kernel.random.select(this.key0, this.key1, this.state.nextNumber, 0, Purpose.Arrival);
    return kernel.random.exponential();
  }
}
