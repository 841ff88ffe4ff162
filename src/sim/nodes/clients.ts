/**
 * Clients: an open loop of users who arrive whether or not the system keeps up, or a closed loop of
 * some who think, ask, and wait. Both may give up.
 */
import type { ClientsSpec, RequestClass } from '../flow.ts';
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
import { ArrivalLoad, LoadCode } from './arrivalLoad.ts';

/** Events besides those of the load (`LoadCode`). */
const Code = { Patience: 4, PatienceSingle: 5, Thought: 6 } as const;

export class Clients implements Origin {
  readonly id: string;
  readonly index: number;
  readonly state;
  private readonly target: number;
  private readonly load: ArrivalLoad;
  private readonly key0: number;
  private readonly key1: number;
  /** null: requests go straight to the target. */
  private readonly edge: CallEdge | null;
  private readonly endpoint: string | undefined;
  private readonly classes: readonly RequestClass[];
  private readonly hasClasses: boolean;
  /** Up to which draw each class goes; and where its requests begin. One entry when there are none. */
  private readonly shareUpTo: Float64Array;
  private readonly entries: Int32Array;
  /** Users of a closed loop; 0: an open one. */
  private readonly users: number;
  private readonly thinking: Variation;
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
    this.load = new ArrivalLoad(id, index, spec, random);
    [this.key0, this.key1] = random.keysOf(id);
    this.edge =
      spec.policy === undefined ? null : edges.add(id, 'call', index, this.target, 0, spec.policy);
    this.endpoint = spec.endpoint;
    this.classes = spec.classes ?? [];
    const whole = this.classes.reduce((sum, { share }) => sum + share, 0);
    let sum = 0;
    this.hasClasses = this.classes.length > 0;
    this.shareUpTo = Float64Array.from(this.classes, ({ share }) => (sum += share / whole));
    this.entries = new Int32Array(Math.max(1, this.classes.length));
    this.users = spec.arrivals === 'closed' ? (spec.users ?? 1) : 0;
    this.thinking = new Variation(spec.thinkVariability);
    this.patience = new Variation(spec.patienceVariability);
    this.state = {
      load: this.load.state,
      thinkS: spec.thinkS ?? 0,
      patienceS: spec.patienceS ?? Infinity,
      leaves: spec.whenImpatient === 'leavesAcceptQueue',
      untilStarted: spec.patienceRuns === 'untilStarted',
      patience: new TimerRing(),
      /** Requests that have ended, by outcome. */
      outcomes: new Int32Array(6),
    };
  }

  get nextRequest(): number {
    return this.load.state.nextNumber;
  }

  start(kernel: Kernel): void {
    const target = kernel.callees[this.target]!;
    this.entries[0] = target.entryOf(this.endpoint);
    this.classes.forEach(({ endpoint }, k) => {
      this.entries[k] = target.entryOf(endpoint ?? this.endpoint);
    });
    for (let user = 0; user < this.users; user++) this.think(kernel, user, 0);
    if (this.users === 0) this.load.start(kernel);
  }

  handle(kernel: Kernel, code: number, slot: number, generation: number): void {
    if (code !== LoadCode.Arrival) {
      this.handleSeldom(kernel, code, slot, generation);
      return;
    }
    const { load } = this;
    const { state } = load;
    if (generation !== state.arrivalGeneration) return;
    const request = kernel.requests.create(state.nextNumber++, this.index, kernel);
    load.next(kernel);
    this.submit(kernel, request);
  }

  private handleSeldom(kernel: Kernel, code: number, slot: number, generation: number): void {
    switch (code) {
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
        if (this.load.state.nextNumber < this.load.limit) this.thought(kernel);
        return;
      case Code.PatienceSingle:
        if (kernel.requests.rows[slot].generation === generation) this.giveUp(kernel, slot);
        return;
      default:
        this.load.handleSeldom(kernel, code, generation);
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
        this.load.setRate(kernel, value);
        return true;
      case 'patienceS':
        if (value !== null && (typeof value !== 'number' || !(value > 0))) return false;
        state.patienceS = value ?? Infinity;
        return true;
      case 'thinkS':
        if (typeof value !== 'number' || !(value >= 0)) return false;
        if (this.users === 0) return false;
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
    // A closed loop has no rate that could be multiplied.
    if (action.do !== 'surge' || this.users > 0) return false;
    this.load.surge(kernel, action.factor, action.durationS);
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
    const { state } = this.load;
    view.ratePerS = this.load.rate(kernel.clockS);
    view.surgeUntilS = state.surgeFactor === 1 ? 0 : state.surgeUntilS;
    view.nextRequest = state.nextNumber;
    view.nextArrivalS = state.nextArrivalS;
    view.outcomes.set(this.state.outcomes);
  }

  private submit(kernel: Kernel, row: Request): void {
    const { recorder } = kernel;
    const { generation } = row;
    const entry = this.hasClasses === true ? this.classify(kernel, row) : this.entries[0];
    if (recorder !== null) recorder.submitted(kernel, row, this.target);
    if (this.edge === null) this.send(kernel, row, entry);
    else this.call(kernel, row, entry);
    // It may have been answered within this instant: then its row may be another's by now.
    if (this.state.patienceS < Infinity && row.generation === generation) {
      this.awaitGivingUp(kernel, row);
    }
  }

  /** Straight to the target. */
  private send(kernel: Kernel, row: Request, entry: number): void {
    const { jobs } = kernel;
    const job = jobs.create(this.target, row.index, Caller.Clients, entry, 1, kernel);
    job.root = 1;
    row.rootJob = job.index;
    if (kernel.callees[this.target]!.arrive(kernel, job)) return;
    jobs.release(job);
    this.reject(kernel, row);
  }

  /** With a policy, or over a distance. */
  private call(kernel: Kernel, row: Request, entry: number): void {
    // Whoever waits only for the start has no deadline for the answer.
    const waitsS = this.state.untilStarted ? Infinity : this.drawPatience(kernel, row);
    this.edge!.call(kernel, row.index, -1, 1, entry, kernel.clockS + waitsS);
  }

  private awaitGivingUp(kernel: Kernel, request: Request): void {
    if (request.outcome !== Outcome.Open) return;
    const { events } = kernel;
    const { index, generation } = request;
    const atS = kernel.clockS + this.drawPatience(kernel, request);
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

  /** A user of a closed loop has thought. */
  private thought(kernel: Kernel): void {
    const number = this.load.state.nextNumber++;
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

  private drawPatience({ random }: Kernel, request: Request): number {
    const { patienceS } = this.state;
    if (this.patience.cv === 0 || patienceS === Infinity) return patienceS;
    random.select(this.key0, this.key1, request.number, 0, Purpose.Patience);
    return patienceS * this.patience.draw(random);
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
