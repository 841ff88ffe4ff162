/**
 * Workers: a pool that only works off messages. A worker runs one message at a time; those it has
 * fetched beyond that (a batch, or a prefetch) wait in its buffer, where the time counts against
 * their leases. The effect of a message happens at the end of its work; the acknowledgement follows.
 * Redeliveries and duplicate effects are counted apart: an idempotent consumer has the first without
 * the second.
 *
 * Deliveries may take time. A lease, an acknowledgement timeout and the prefetch run at the broker:
 * from the hand-out until the acknowledgement has come back, so that with a prefetch of 1 a worker
 * waits two ways for its next message. Messages on the way to a worker are in its buffer already. An
 * acknowledgement that was sent before a crash arrives; the crash itself is news to the broker one
 * way later, and so is a heartbeat.
 */
import type { AutoscaleSpec, WorkersSpec } from '../flow.ts';
import type { CallEdge } from '../kernel/callEdge.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import { drawKey } from '../kernel/calls.ts';
import {
  cvOf,
  drawDuration,
  fitsShape,
  shapeOf,
  type ShapeOfWork,
} from '../kernel/distributions.ts';
import { JobPhase } from '../kernel/jobs.ts';
import { KeyTable } from '../kernel/keyTable.ts';
import {
  eventTarget,
  Result,
  Tally,
  type Callee,
  type Kernel,
  type NodeAction,
} from '../kernel/node.ts';
import { NumberSet } from '../kernel/numberSet.ts';
import { emptyPoolView } from '../kernel/poolView.ts';
import { compileHandler, Op, STRIDE, type Program } from '../kernel/program.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { VisibleEvent } from '../trace.ts';
import { CellState, MAX_VIEW_CELLS, type NodeView, type PoolView } from '../view.ts';

const Code = {
  WorkDone: 0,
  Published: 1,
  Up: 2,
  Crash: 3,
  Heartbeat: 4,
  Scale: 5,
  StallEnd: 6,
  SlowEnd: 7,
  /** A delivery reaches its worker, an acknowledgement the broker, the news of a dead worker the broker. */
  Delivered: 8,
  Settled: 9,
  Returned: 10,
} as const;

/** In `current`: the worker waits for a message, or is dead or starting. */
const IDLE = -1;
const DOWN = -2;
const MAX_WORKERS = 1000;
/** Backlogs kept for a delayed metric. */
const MAX_SAMPLES = 10_000;

/** When the work of a job ends in the death of its worker; kept in the job's `modes`. */
const Doom = { None: 0, BeforeEffect: 1, AfterEffect: 2 } as const;

const Idempotency = { none: 0, checkThenAct: 1, atomicClaim: 2 } as const;

export class Workers implements Callee {
  readonly id: string;
  readonly index: number;
  readonly state;
  private readonly program: Program;
  private readonly source: number;
  private readonly declines: boolean;
  private readonly acknowledgesBatch: boolean;
  private readonly keyIsMessage: boolean;
  private readonly autoscale: AutoscaleSpec | null;
  private readonly key0: number;
  private readonly key1: number;
  /** By call step: its edge, null where calls go straight to the target; and its ordinal there. */
  private readonly edges: readonly (CallEdge | null)[];
  private readonly ordinals: Int32Array;
  private readonly entries: Int32Array;
  private readonly shapes: readonly ShapeOfWork[];
  /** Of the draws for crashes. */
  private readonly crashKey0: number;
  private readonly crashKey1: number;
  /** By node: which of the clients it is, so that request numbers of several do not collide. */
  private originOrdinals = new Int32Array(0);
  private origins = 1;

  constructor(
    id: string,
    index: number,
    spec: WorkersSpec,
    nodeIndex: (id: string) => number,
    random: KeyedRandom,
    edges: CallEdges,
  ) {
    this.id = id;
    this.index = index;
    this.program = compileHandler(spec.handler, {}, nodeIndex);
    this.source = nodeIndex(spec.consumes);
    this.declines = spec.failureKind === 'decline';
    this.acknowledgesBatch = spec.acknowledge === 'batch';
    this.keyIsMessage = spec.idempotencyKey === 'message';
    this.autoscale = spec.autoscale ?? null;
    [this.key0, this.key1] = random.keysOf(id);
    [this.crashKey0, this.crashKey1] = random.keysOf(`${id}/crash`);
    const { works, calls } = this.program;
    this.ordinals = Int32Array.from(calls, ({ target }) => edges.nextOrdinal(target));
    this.edges = calls.map(({ name, target, policy }, k) =>
      policy === null ? null : edges.add(id, name, index, target, this.ordinals[k], policy),
    );
    this.entries = new Int32Array(calls.length);
    this.shapes = works.map((work) => shapeOf(work.variability ?? spec.variability));
    const { workers } = spec;
    const samples = this.autoscale
      ? Math.min(MAX_SAMPLES, Math.floor(this.autoscale.metricDelayS / this.autoscale.everyS)) + 1
      : 0;
    this.state = {
      capacity: workers,
      workS: Float64Array.from(works, (work) => work.workMs / 1000),
      cv: Float64Array.from(works, (work) => cvOf(work.variability ?? spec.variability)),
      failureRate: spec.failureRate ?? 0,
      crashRate: spec.crashRate ?? 0,
      crashAfterEffect: spec.crashWhen === 'afterEffect' ? 1 : 0,
      startUpS: spec.startUpS ?? 0,
      prefetch: spec.prefetch ?? 1,
      batch: spec.batch ?? 1,
      heartbeatS: spec.heartbeatS ?? Infinity,
      deliveryS: (spec.deliveryMs ?? 0) / 1000,
      deliveryLoss: spec.deliveryLoss ?? 0,
      idempotency: Idempotency[spec.idempotency ?? 'none'] as number,
      keyTtlS: spec.keyTtlS ?? Infinity,
      /** By worker: the job it runs, IDLE or DOWN. */
      current: new Int32Array(workers).fill(IDLE),
      /** Messages it holds: running, in its buffer, or run and not acknowledged yet. */
      held: new Int32Array(workers),
      /** Its buffer, and what of its batch has been run; jobs in order. */
      bufferHead: new Int32Array(workers).fill(-1),
      bufferTail: new Int32Array(workers).fill(-1),
      doneHead: new Int32Array(workers).fill(-1),
      doneTail: new Int32Array(workers).fill(-1),
      /** 1 where a message of its batch has failed. */
      batchFailed: new Uint8Array(workers),
      /** Counts the channels that have been closed; and when its last acknowledgement arrives. */
      channel: new Int32Array(workers),
      ackArrivesS: new Float64Array(workers),
      /** Counts the times it came up or down; a stale heartbeat or start-up is told by it. */
      life: new Int32Array(workers),
      sinceS: new Float64Array(workers),
      untilS: new Float64Array(workers),
      /** Stack of idle workers with nothing in hand; the top is used next. */
      idle: Int32Array.from({ length: workers }, (_, k) => workers - 1 - k),
      idleCount: workers,
      /** 1 while the worker is on that stack. */
      idling: new Uint8Array(workers).fill(1),
      /** The worker that `next` is putting to work; −1 for none. */
      advancing: -1,
      /** Where the next search for a worker with room in its prefetch starts. */
      turn: 0,
      /** Messages held by all. */
      holding: 0,
      down: 0,
      /** 1 while messages are fetched: whatever frees a worker meanwhile leaves the rest to it. */
      fetching: 0,
      /** 1 in an outage: nothing is fetched or started. */
      stalled: 0,
      stalls: 0,
      slowFactor: 1,
      slowDowns: 0,
      pendingKills: 0,
      killDownS: 0,
      poisoned: [] as number[],
      /** Backlogs of the last decisions, a ring. */
      backlogs: new Float64Array(samples),
      decisions: 0,
      /** Requests whose effect has happened. */
      effected: new NumberSet(),
      /** Keys with an end. */
      keys: new KeyTable(),
      /** Since the start. */
      lostDeliveries: 0,
      lostAcknowledgements: 0,
      executions: 0,
      effects: 0,
      duplicateEffects: 0,
      /** Executions without an effect because the key was known. */
      suppressed: 0,
      crashes: 0,
      failures: 0,
    };
  }

  start(kernel: Kernel): void {
    this.program.calls.forEach(({ target, endpoint }, k) => {
      this.entries[k] = kernel.callees[target]!.entryOf(endpoint);
    });
    this.originOrdinals = new Int32Array(kernel.origins.length);
    let origins = 0;
    kernel.origins.forEach((origin, k) => {
      if (origin !== null) this.originOrdinals[k] = origins++;
    });
    this.origins = Math.max(1, origins);
    kernel.recorder?.resized(kernel, this.index, this.state.capacity);
    if (this.autoscale !== null) this.armScale(kernel, this.autoscale.everyS);
  }

  handle(kernel: Kernel, code: number, slot: number, generation: number): void {
    const { jobs } = kernel;
    switch (code) {
      case Code.Up:
        if (this.state.life[slot] === generation) this.comeUp(kernel, slot);
        return;
      case Code.Heartbeat:
        if (this.state.life[slot] === generation) this.beat(kernel, slot);
        return;
      case Code.StallEnd:
        if (generation !== this.state.stalls) return;
        this.state.stalled = 0;
        this.fetch(kernel, -1);
        return;
      case Code.SlowEnd:
        if (generation === this.state.slowDowns) this.state.slowFactor = 1;
        return;
      case Code.Scale:
        this.scale(kernel);
        return;
    }
    if (jobs.rows[slot].generation !== generation) return;
    switch (code) {
      case Code.WorkDone:
        jobs.rows[slot].position += STRIDE;
        this.run(kernel, slot);
        return;
      case Code.Published:
        this.confirm(kernel, slot);
        return;
      case Code.Crash:
        this.crash(kernel, jobs.rows[slot].thread, this.state.startUpS);
        return;
      case Code.Delivered:
        this.delivered(kernel, slot);
        return;
      case Code.Settled:
        this.settled(kernel, slot);
        return;
      case Code.Returned:
        this.giveBack(kernel, slot);
        return;
    }
  }

  set(kernel: Kernel, parameter: string, value: number | string | null): boolean {
    const { state } = this;
    const { works } = this.program;
    const dot = parameter.indexOf('.');
    const name = dot < 0 ? parameter : parameter.slice(0, dot);
    if (name === 'idempotency') {
      if (value !== 'none' && value !== 'checkThenAct' && value !== 'atomicClaim') return false;
      state.idempotency = Idempotency[value];
      return true;
    }
    if (name === 'heartbeatS' || name === 'keyTtlS') {
      if (value !== null && (typeof value !== 'number' || !(value > 0))) return false;
      state[name] = value ?? Infinity;
      return true;
    }
    if (typeof value !== 'number' || !(value >= 0)) return false;
    switch (name) {
      case 'workers':
        if (value < 1 || value > MAX_WORKERS) return false;
        this.resize(kernel, Math.floor(value), 0);
        return true;
      case 'failureRate':
      case 'crashRate':
        if (value > 1) return false;
        state[name] = value;
        return true;
      case 'prefetch':
      case 'batch':
        if (value < 1) return false;
        state[name] = Math.floor(value);
        this.fetch(kernel, -1);
        return true;
      case 'startUpS':
        state.startUpS = value;
        return true;
      case 'deliveryMs':
        if (value === 0 && state.deliveryLoss > 0) return false;
        state.deliveryS = value / 1000;
        return true;
      case 'deliveryLoss':
        if (value > 1 || (value > 0 && state.deliveryS === 0)) return false;
        state.deliveryLoss = value;
        return true;
      case 'workMs':
      case 'cv': {
        const at = dot < 0 ? 0 : works.findIndex((work) => work.name === parameter.slice(dot + 1));
        if (at < 0 || works.length === 0) return false;
        if (name === 'workMs') {
          state.workS[at] = value / 1000;
          return true;
        }
        const last = dot < 0 ? works.length - 1 : at;
        for (let k = at; k <= last; k++) if (!fitsShape(this.shapes[k], value)) return false;
        state.cv.fill(value, at, last + 1);
        return true;
      }
      default:
        return false;
    }
  }

  act(kernel: Kernel, action: NodeAction): boolean {
    const { state } = this;
    switch (action.do) {
      case 'kill': {
        for (let cell = 0; cell < state.current.length; cell++) {
          const job = state.current[cell];
          if (job >= 0 && kernel.jobs.rows[job].phase === JobPhase.Running) {
            this.crash(kernel, cell, action.downS);
            return true;
          }
        }
        state.pendingKills++;
        state.killDownS = action.downS;
        return true;
      }
      case 'outage':
        if (action.how !== 'stall') return false;
        state.stalled = 1;
        this.later(kernel, action.durationS, Code.StallEnd, ++state.stalls);
        return true;
      case 'slow':
        state.slowFactor = action.factor;
        this.later(kernel, action.durationS, Code.SlowEnd, ++state.slowDowns);
        return true;
      case 'poison':
        state.poisoned.push(action.request);
        return true;
      default:
        return false;
    }
  }

  entryOf(): number {
    return 0;
  }

  /** Nobody can call workers. */
  arrive(): boolean {
    return false;
  }

  withdraw(): boolean {
    return false;
  }

  offer(kernel: Kernel, cell = -1): boolean {
    return this.fetch(kernel, cell);
  }

  resume(kernel: Kernel, job: number, answer: Result): void {
    const { jobs } = kernel;
    let result: number = answer;
    if (jobs.rows[job].joining > 0) {
      if (answer !== Result.Ok) jobs.rows[job].result = answer;
      if (--jobs.rows[job].joining > 0) return;
      result = jobs.rows[job].result;
    }
    jobs.rows[job].callee = -1;
    this.unpark(kernel, job);
    jobs.rows[job].waitNode = -1;
    const { code, calls } = this.program;
    const position = jobs.rows[job].position;
    const goesOn = code[position] !== Op.Use && calls[code[position + 1]]?.goesOn === true;
    if (result !== Result.Ok && !goesOn) {
      this.state.failures++;
      this.finish(kernel, job, result === Result.Declined ? Result.Declined : Result.Failed);
      return;
    }
    jobs.rows[job].position += STRIDE;
    this.run(kernel, job);
  }

  cells(): number {
    return this.state.capacity;
  }

  isMember(cell: number): boolean {
    return cell < this.state.capacity && this.state.current[cell] !== DOWN;
  }

  channelClosed(kernel: Kernel, cell: number): void {
    const { state } = this;
    const { jobs } = kernel;
    const first = state.bufferHead[cell];
    const awaited =
      first >= 0 && jobs.rows[first].phase === JobPhase.Travelling && state.current[cell] === IDLE;
    this.dropBuffer(kernel, cell, 0);
    const broker = kernel.brokers[this.source]!;
    if (broker.recall !== undefined) {
      state.channel[cell]++;
      this.dropDone(kernel, cell, 0);
      const job = state.current[cell];
      if (job >= 0) broker.recall(kernel, jobs.rows[job].message, jobs.rows[job].receipt);
    }
    if (!awaited) return;
    // It waited for a delivery that will not come.
    this.next(kernel, cell);
    this.fetch(kernel, broker.perCell === true ? cell : -1);
  }

  createView(): PoolView {
    return emptyPoolView(this.id, this.index);
  }

  readView(_kernel: Kernel, view: PoolView): void {
    const { state } = this;
    view.capacity = state.capacity;
    view.queueLength = 0;
    view.queueLimit = 0;
    view.workMs = (state.workS[0] ?? 0) * 1000;
    view.failureRate = state.failureRate;
  }

  countParked(kernel: Kernel): number {
    let parked = 0;
    for (const job of this.state.current) {
      if (job >= 0 && kernel.jobs.rows[job].phase === JobPhase.Parked) parked++;
    }
    return parked;
  }

  readCells(kernel: Kernel, view: PoolView, nodes: readonly NodeView[]): void {
    const { state } = this;
    const { jobs, requests } = kernel;
    let cellCount = state.capacity;
    view.runningCount = 0;
    view.parkedCount = 0;
    view.downCount = 0;
    const cells = Math.min(state.current.length, MAX_VIEW_CELLS);
    for (let cell = 0; cell < cells; cell++) {
      const job = state.current[cell];
      if (job >= 0 && cell >= cellCount) cellCount = cell + 1;
      const running = job >= 0 && jobs.rows[job].phase === JobPhase.Running;
      view.request[cell] = job < 0 ? -1 : requests.rows[jobs.rows[job].request].number;
      view.wasted[cell] = 0;
      view.step[cell] = job < 0 ? -1 : this.program.stepOf[jobs.rows[job].position / STRIDE];
      view.targetNode[cell] = -1;
      view.targetCell[cell] = -1;
      view.targetSlot[cell] = -1;
      view.sinceS[cell] = job === DOWN ? state.sinceS[cell] : job < 0 ? 0 : jobs.rows[job].sinceS;
      view.untilS[cell] = job === DOWN ? state.untilS[cell] : running ? jobs.rows[job].untilS : 0;
      if (job === IDLE) view.state[cell] = CellState.Idle;
      else if (job === DOWN) {
        view.state[cell] = CellState.Down;
        if (cell < state.capacity) view.downCount++;
      } else if (running) {
        view.state[cell] = CellState.Running;
        view.runningCount++;
      } else {
        view.state[cell] = CellState.Parked;
        view.parkedCount++;
        const target = jobs.rows[job].waitNode;
        view.targetNode[cell] = target;
        const callee = jobs.rows[job].callee;
        const broker = nodes[target];
        if (callee >= 0) {
          view.targetCell[cell] = jobs.rows[callee].thread!;
          view.targetSlot[cell] = jobs.rows[callee].thread >= 0 ? -1 : jobs.rows[callee].viewSlot;
        } else if (broker?.kind === 'broker') broker.publishing++;
      }
    }
    view.cellCount = cellCount;
  }

  /**
   * Lets workers with room fetch messages until there are none.
   * @param only the one worker that may; −1: any
   * @returns true if a message was taken
   */
  private fetch(kernel: Kernel, only: number): boolean {
    const { state } = this;
    if (state.fetching === 1 || state.stalled === 1) return false;
    state.fetching = 1;
    const broker = kernel.brokers[this.source]!;
    let took = false;
    if (broker.perCell === true || only >= 0) took = this.fetchEach(kernel, only);
    else {
      for (let cell = this.withRoom(); cell >= 0; cell = this.withRoom()) {
        if (!this.fetchFor(kernel, cell)) break;
        took = true;
      }
    }
    state.fetching = 0;
    return took;
  }

  private later(kernel: Kernel, afterS: number, code: number, generation: number): void {
    kernel.events.push(kernel.clockS + afterS, eventTarget(this.index, code), 0, generation);
  }

  /** Where the broker decides by worker: none may be passed over because another found nothing. */
  private fetchEach(kernel: Kernel, only: number): boolean {
    const { state } = this;
    let took = false;
    const first = only < 0 ? 0 : only;
    const last = only < 0 ? state.capacity - 1 : Math.min(only, state.capacity - 1);
    for (let cell = first; cell <= last; cell++) {
      while (state.current[cell] === IDLE && state.held[cell] === 0) {
        this.leaveIdle(cell);
        if (!this.fetchFor(kernel, cell)) break;
        took = true;
      }
    }
    return took;
  }

  /** A worker that may hold more; it is taken off the idle stack. @returns −1 if there is none */
  private withRoom(): number {
    const { state } = this;
    if (state.prefetch === 1 || state.batch > 1) {
      if (state.idleCount === 0) return -1;
      const cell = state.idle[--state.idleCount];
      state.idling[cell] = 0;
      return cell;
    }
    if (state.holding >= state.prefetch * (state.capacity - state.down)) return -1;
    // Deliveries go round the consumers whose prefetch is not used up, busy or not (RabbitMQ).
    for (let k = 0; k < state.capacity; k++) {
      const cell = (state.turn + k) % state.capacity;
      if (state.current[cell] !== DOWN && state.held[cell] < state.prefetch) {
        state.turn = (cell + 1) % state.capacity;
        if (state.held[cell] === 0) this.leaveIdle(cell);
        return cell;
      }
    }
    return -1;
  }

  private leaveIdle(cell: number): void {
    const { state } = this;
    if (state.idling[cell] === 0) return;
    state.idling[cell] = 0;
    for (let k = state.idleCount - 1; k >= 0; k--) {
      if (state.idle[k] !== cell) continue;
      state.idle.copyWithin(k, k + 1, state.idleCount);
      state.idleCount--;
      return;
    }
  }

  /** Fetches a batch, or one message, for a worker. */
  private fetchFor(kernel: Kernel, cell: number): boolean {
    const { state } = this;
    const { jobs, messages } = kernel;
    const broker = kernel.brokers[this.source]!;
    let taken = 0;
    while (taken < state.batch) {
      const message = broker.take(kernel, this.index, cell);
      if (message < 0) break;
      taken++;
      const request = messages.request[message];
      const key = drawKey(messages.drawKey[message], 0, messages.receipt[message]);
      const job = jobs.create(this.index, request, -1, message, key, kernel.clockS);
      jobs.rows[job].receipt = messages.receipt[message];
      jobs.rows[job].thread = cell;
      if (state.bufferTail[cell] >= 0) jobs.rows[state.bufferTail[cell]].next = job;
      else state.bufferHead[cell] = job;
      state.bufferTail[cell] = job;
      state.holding++;
      if (state.held[cell]++ === 0) {
        this.armHeartbeat(kernel, cell, state.heartbeatS + 2 * state.deliveryS);
      }
      if (state.deliveryS > 0) this.travel(kernel, job, Code.Delivered, state.deliveryS);
    }
    if (state.current[cell] === IDLE) this.next(kernel, cell);
    return taken > 0;
  }

  /** The worker goes on with its buffer; with nothing left it is idle. */
  private next(kernel: Kernel, cell: number): void {
    const { state } = this;
    const { jobs } = kernel;
    while (state.current[cell] === IDLE) {
      const job = state.bufferHead[cell];
      if (job < 0) {
        if (state.doneHead[cell] >= 0) this.acknowledgeBatch(kernel, cell);
        if (state.held[cell] === 0) {
          state.life[cell]++;
          this.becomeIdle(cell);
        }
        return;
      }
      // Deliveries arrive in order: the next one is still on its way.
      if (jobs.rows[job].phase === JobPhase.Travelling) return;
      state.bufferHead[cell] = jobs.rows[job].next!;
      if (state.bufferHead[cell] < 0) state.bufferTail[cell] = -1;
      jobs.rows[job].next = -1;
      const outer = state.advancing;
      state.advancing = cell;
      this.begin(kernel, cell, job);
      state.advancing = outer;
    }
  }

  private becomeIdle(cell: number): void {
    const { state } = this;
    if (cell >= state.capacity || state.idling[cell] === 1) return;
    state.idling[cell] = 1;
    state.idle[state.idleCount++] = cell;
  }

  private begin(kernel: Kernel, cell: number, job: number): void {
    const { state } = this;
    const { jobs, requests, recorder, random } = kernel;
    state.current[cell] = job;
    state.executions++;
    jobs.rows[job].phase = JobPhase.Running;
    jobs.rows[job].sinceS = kernel.clockS;
    if (recorder !== null) recorder.handlerStarted(kernel, job, this.index, cell);
    if (state.idempotency !== Idempotency.none && this.knows(kernel, job)) {
      state.suppressed++;
      this.finish(kernel, job, Result.Ok);
      return;
    }
    const number = requests.rows[jobs.rows[job].request].number;
    if (state.failureRate > 0) {
      random.select(this.key0, this.key1, number, jobs.rows[job].drawKey, Purpose.Failure);
      jobs.rows[job].fails = random.uniform() < state.failureRate ? 1 : 0;
    }
    if (state.poisoned.length > 0 && state.poisoned.includes(number)) jobs.rows[job].fails = 1;
    if (state.crashRate > 0) {
      random.select(this.crashKey0, this.crashKey1, number, jobs.rows[job].drawKey, Purpose.Crash);
      if (random.uniform() < state.crashRate) {
        jobs.rows[job].modes = state.crashAfterEffect === 1 ? Doom.AfterEffect : Doom.BeforeEffect;
      }
    }
    this.run(kernel, job);
  }

  private run(kernel: Kernel, job: number): void {
    const { code } = this.program;
    const { jobs } = kernel;
    for (;;) {
      const position = jobs.rows[job].position;
      const argument = code[position + 1];
      switch (code[position]) {
        case Op.Work:
          this.work(kernel, job, argument);
          return;
        case Op.Call:
          this.park(kernel, job, this.program.calls[argument].target);
          this.call(kernel, job, argument);
          return;
        case Op.Parallel: {
          const count = code[position + 2];
          this.park(kernel, job, this.program.calls[argument].target);
          jobs.rows[job].joining = count;
          jobs.rows[job].result = Result.Ok;
          for (let k = 0; k < count; k++) this.call(kernel, job, argument + k);
          return;
        }
        case Op.Branch:
          jobs.rows[job].position = this.branch(kernel, job, argument);
          break;
        case Op.Publish: {
          this.park(kernel, job, argument);
          jobs.rows[job].publishKey = drawKey(jobs.rows[job].drawKey, code[position + 2], 1);
          const { publishS } = kernel.brokers[argument]!;
          const target = eventTarget(this.index, Code.Published);
          kernel.events.push(kernel.clockS + publishS, target, job, jobs.rows[job].generation);
          return;
        }
        case Op.Use:
          this.park(kernel, job, argument);
          kernel.facilities[argument]!.use(kernel, job, code[position + 2]);
          return;
        case Op.IfQueued:
          // Workers have no switches to turn: the waiting variant always.
          jobs.rows[job].position = position + STRIDE;
          break;
        case Op.Jump:
          jobs.rows[job].position = argument;
          break;
        default:
          this.complete(kernel, job);
          return;
      }
    }
  }

  private work(kernel: Kernel, job: number, step: number): void {
    const { state } = this;
    const { jobs, requests, clockS, random } = kernel;
    const cv = state.cv[step];
    let durationS = state.slowFactor * state.workS[step];
    const number = requests.rows[jobs.rows[job].request].number;
    if (cv > 0) {
      random.select(this.key0, this.key1, number, jobs.rows[job].drawKey, Purpose.Work + step);
      durationS *= drawDuration(random, this.shapes[step], cv);
    }
    jobs.rows[job].phase = JobPhase.Running;
    jobs.rows[job].sinceS = clockS;
    jobs.rows[job].untilS = clockS + durationS;
    let code: number = Code.WorkDone;
    let atS = clockS + durationS;
    if (state.pendingKills > 0) {
      state.pendingKills--;
      jobs.rows[job].modes = Doom.BeforeEffect;
    }
    if (jobs.rows[job].modes === Doom.BeforeEffect) {
      random.select(
        this.crashKey0,
        this.crashKey1,
        number,
        jobs.rows[job].drawKey,
        Purpose.CrashPoint,
      );
      code = Code.Crash;
      atS = clockS + durationS * random.uniform();
    }
    kernel.events.push(atS, eventTarget(this.index, code), job, jobs.rows[job].generation);
  }

  private call(kernel: Kernel, job: number, step: number): void {
    const { jobs } = kernel;
    const request = jobs.rows[job].request;
    const key = jobs.rows[job].drawKey;
    const edge = this.edges[step];
    if (edge !== null) {
      edge.call(kernel, request, job, key, this.entries[step], Infinity);
      return;
    }
    const { target } = this.program.calls[step];
    const calleeKey = drawKey(key, this.ordinals[step], 1);
    const callee = jobs.create(target, request, job, -1, calleeKey, kernel.clockS);
    jobs.rows[callee].position = this.entries[step];
    jobs.rows[job].callee = callee;
    if (!kernel.callees[target]!.arrive(kernel, callee)) {
      jobs.free(callee);
      this.resume(kernel, job, Result.Rejected);
    }
  }

  private branch(kernel: Kernel, job: number, step: number): number {
    const { upTo, positions } = this.program.branches[step];
    const { jobs, random, requests } = kernel;
    const number = requests.rows[jobs.rows[job].request].number;
    random.select(this.key0, this.key1, number, jobs.rows[job].drawKey, Purpose.Branch + step);
    const drawn = random.uniform();
    let way = 0;
    while (way < upTo.length && drawn >= upTo[way]) way++;
    return positions[way];
  }

  private confirm(kernel: Kernel, job: number): void {
    const { jobs } = kernel;
    const broker = kernel.brokers[jobs.rows[job].waitNode]!;
    if (broker.hold(kernel, job)) return;
    broker.publish(
      kernel,
      jobs.rows[job].request,
      this.index,
      jobs.rows[job].thread,
      jobs.rows[job].publishKey,
    );
    this.resume(kernel, job, Result.Ok);
  }

  private park(kernel: Kernel, job: number, target: number): void {
    const { jobs, recorder } = kernel;
    jobs.rows[job].phase = JobPhase.Parked;
    jobs.rows[job].sinceS = kernel.clockS;
    jobs.rows[job].waitNode = target;
    const cell = jobs.rows[job].thread;
    const request = jobs.rows[job].request;
    recorder?.record(kernel, VisibleEvent.Park, request, this.index, cell, target, -1, 0);
  }

  private unpark(kernel: Kernel, job: number): void {
    const { jobs, recorder } = kernel;
    jobs.rows[job].phase = JobPhase.Running;
    jobs.rows[job].sinceS = kernel.clockS;
    jobs.rows[job].untilS = kernel.clockS;
    const cell = jobs.rows[job].thread;
    const request = jobs.rows[job].request;
    const from = jobs.rows[job].waitNode;
    recorder?.record(kernel, VisibleEvent.Resume, request, this.index, cell, from, -1, 0);
  }

  /** The work is done: the effect happens, unless it failed or an idempotent consumer knows better. */
  private complete(kernel: Kernel, job: number): void {
    const { state } = this;
    const { jobs } = kernel;
    if (jobs.rows[job].fails === 1) {
      state.failures++;
      this.finish(kernel, job, this.declines ? Result.Declined : Result.Failed);
      return;
    }
    // The claim is a unique insert in the transaction of the effect: the second one is rolled back.
    if (state.idempotency === Idempotency.atomicClaim && this.knows(kernel, job)) {
      state.suppressed++;
    } else this.effect(kernel, job);
    if (jobs.rows[job].modes === Doom.AfterEffect) {
      this.crash(kernel, jobs.rows[job].thread, state.startUpS);
    } else this.finish(kernel, job, Result.Ok);
  }

  private effect(kernel: Kernel, job: number): void {
    const { state } = this;
    const business = this.businessKey(kernel, job);
    state.effects++;
    if (state.effected.has(business)) {
      state.duplicateEffects++;
      kernel.recorder?.tally(kernel, this.index, Tally.DuplicateEffect);
    } else {
      state.effected.add(business);
      kernel.recorder?.tally(kernel, this.index, Tally.Effect);
    }
    if (state.idempotency !== Idempotency.none && (this.keyIsMessage || state.keyTtlS < Infinity)) {
      state.keys.put(this.keyOf(kernel, job), kernel.clockS + state.keyTtlS, kernel.clockS);
    }
  }

  /** Whether the consumer remembers that the effect of this message has happened. */
  private knows(kernel: Kernel, job: number): boolean {
    const { state } = this;
    if (this.keyIsMessage || state.keyTtlS < Infinity) {
      return state.keys.has(this.keyOf(kernel, job), kernel.clockS);
    }
    return state.effected.has(this.businessKey(kernel, job));
  }

  private keyOf(kernel: Kernel, job: number): number {
    if (this.keyIsMessage) return kernel.messages.number[kernel.jobs.rows[job].message];
    return this.businessKey(kernel, job);
  }

  private businessKey(kernel: Kernel, job: number): number {
    const { requests, jobs } = kernel;
    const request = jobs.rows[job].request;
    return (
      requests.rows[request].number * this.origins +
      this.originOrdinals[requests.rows[request].origin]
    );
  }

  private finish(kernel: Kernel, job: number, result: Result): void {
    const { state } = this;
    const { jobs } = kernel;
    const cell = jobs.rows[job].thread;
    state.current[cell] = IDLE;
    if (kernel.recorder !== null) kernel.recorder.threadFreed(kernel, job, this.index, result);
    if (this.acknowledgesBatch && state.batch > 1) {
      if (state.doneTail[cell] >= 0) jobs.rows[state.doneTail[cell]].next = job;
      else state.doneHead[cell] = job;
      state.doneTail[cell] = job;
      if (result !== Result.Ok && result !== Result.Declined) state.batchFailed[cell] = 1;
    } else this.settle(kernel, cell, job, result);
    if (state.advancing === cell) return;
    this.next(kernel, cell);
    // Of a log only this worker's partitions may have become free.
    this.fetch(kernel, kernel.brokers[this.source]!.perCell === true ? cell : -1);
  }

  private acknowledgeBatch(kernel: Kernel, cell: number): void {
    const { state } = this;
    const { jobs } = kernel;
    const result = state.batchFailed[cell] === 1 ? Result.Failed : Result.Ok;
    let job = state.doneHead[cell];
    state.doneHead[cell] = -1;
    state.doneTail[cell] = -1;
    state.batchFailed[cell] = 0;
    while (job >= 0) {
      const next = jobs.rows[job].next;
      this.settle(kernel, cell, job, result);
      job = next;
    }
  }

  private settle(kernel: Kernel, cell: number, job: number, result: Result): void {
    const { state } = this;
    if (state.deliveryS === 0) {
      this.settleNow(kernel, cell, job, result);
      return;
    }
    const { jobs, clockS } = kernel;
    jobs.rows[job].result = result;
    // Its work is over: the column tells from here on which channel the acknowledgement is for.
    jobs.rows[job].position = state.channel[cell];
    const atS = Math.max(clockS + state.deliveryS, state.ackArrivesS[cell]);
    state.ackArrivesS[cell] = atS;
    this.travel(kernel, job, Code.Settled, atS - clockS);
  }

  private travel(kernel: Kernel, job: number, code: number, afterS: number): void {
    const { jobs, clockS, events } = kernel;
    jobs.rows[job].phase = JobPhase.Travelling;
    events.push(clockS + afterS, eventTarget(this.index, code), job, jobs.rows[job].generation);
  }

  /** A message has reached its worker, or should have. */
  private delivered(kernel: Kernel, job: number): void {
    const { state } = this;
    const { jobs } = kernel;
    const cell = jobs.rows[job].thread;
    if (this.isLost(kernel, job, Purpose.CallLoss)) {
      state.lostDeliveries++;
      this.lose(kernel, cell, job, true);
      return;
    }
    jobs.rows[job].phase = JobPhase.Queued;
    jobs.rows[job].arrivedS = kernel.clockS;
    this.next(kernel, cell);
  }

  /** An acknowledgement has reached the broker, or should have. */
  private settled(kernel: Kernel, job: number): void {
    const { state } = this;
    const { jobs } = kernel;
    const cell = jobs.rows[job].thread;
    const lost = this.isLost(kernel, job, Purpose.AnswerLoss);
    if (lost) state.lostAcknowledgements++;
    // What follows a lost one through the same channel does not arrive either.
    if (lost) this.lose(kernel, cell, job, false);
    else if (jobs.rows[job].position !== state.channel[cell]) this.letGo(kernel, cell, job, 0);
    else this.settleNow(kernel, cell, job, jobs.rows[job].result as Result);
    this.next(kernel, cell);
    this.fetch(kernel, kernel.brokers[this.source]!.perCell === true ? cell : -1);
  }

  /** A log's records are not lost: the connection sends them again. */
  private isLost(kernel: Kernel, job: number, purpose: number): boolean {
    const { state } = this;
    if (state.deliveryLoss === 0 || kernel.brokers[this.source]!.perCell === true) return false;
    const { random, requests, jobs, recorder } = kernel;
    const number = requests.rows[jobs.rows[job].request].number;
    random.select(this.crashKey0, this.crashKey1, number, jobs.rows[job].drawKey, purpose);
    if (random.uniform() >= state.deliveryLoss) return false;
    recorder?.tally(kernel, this.index, Tally.Lost);
    return true;
  }

  /** A delivery or an acknowledgement is lost: its channel closes, or its lease will run out. */
  private lose(kernel: Kernel, cell: number, job: number, buffered: boolean): void {
    const { state } = this;
    const wasFetching = state.fetching;
    state.fetching = 1;
    if (kernel.brokers[this.source]!.recall !== undefined) {
      if (!buffered) this.letGo(kernel, cell, job, 0);
      this.channelClosed(kernel, cell);
    } else {
      if (buffered) this.leaveBuffer(kernel, cell, job);
      this.letGo(kernel, cell, job, 0);
    }
    state.fetching = wasFetching;
    this.next(kernel, cell);
    this.fetch(kernel, -1);
  }

  private leaveBuffer(kernel: Kernel, cell: number, job: number): void {
    const { state } = this;
    const { next } = kernel.jobs;
    let before = -1;
    let at = state.bufferHead[cell];
    while (at !== job) {
      before = at;
      at = next[at];
    }
    if (before < 0) state.bufferHead[cell] = next[job];
    else next[before] = next[job];
    if (state.bufferTail[cell] === job) state.bufferTail[cell] = before;
    next[job] = -1;
  }

  private settleNow(kernel: Kernel, cell: number, job: number, result: Result): void {
    const { jobs } = kernel;
    const message = jobs.rows[job].message;
    const receipt = jobs.rows[job].receipt;
    this.state.held[cell]--;
    this.state.holding--;
    jobs.free(job);
    kernel.brokers[this.source]!.settle(kernel, message, result, receipt);
  }

  /** The message goes back unsettled; the broker learns of it after so long. */
  private letGo(kernel: Kernel, cell: number, job: number, afterS: number): void {
    this.state.held[cell]--;
    this.state.holding--;
    if (afterS === 0) {
      this.giveBack(kernel, job);
      return;
    }
    // Whatever it waited for no longer concerns it.
    kernel.jobs.rows[job].generation++;
    this.travel(kernel, job, Code.Returned, afterS);
  }

  private giveBack(kernel: Kernel, job: number): void {
    const { jobs } = kernel;
    const message = jobs.rows[job].message;
    const receipt = jobs.rows[job].receipt;
    jobs.free(job);
    kernel.brokers[this.source]!.giveBack(kernel, message, receipt);
  }

  /** What a worker has fetched and not begun goes back. */
  private dropBuffer(kernel: Kernel, cell: number, afterS: number): void {
    const { state } = this;
    const first = state.bufferHead[cell];
    state.bufferHead[cell] = -1;
    state.bufferTail[cell] = -1;
    this.letAllGo(kernel, cell, first, afterS);
  }

  /** What a worker has done of its batch and not acknowledged goes back. */
  private dropDone(kernel: Kernel, cell: number, afterS: number): void {
    const { state } = this;
    const first = state.doneHead[cell];
    state.doneHead[cell] = -1;
    state.doneTail[cell] = -1;
    state.batchFailed[cell] = 0;
    this.letAllGo(kernel, cell, first, afterS);
  }

  private letAllGo(kernel: Kernel, cell: number, first: number, afterS: number): void {
    const { jobs } = kernel;
    let job = first;
    while (job >= 0) {
      const next = jobs.rows[job].next;
      this.letGo(kernel, cell, job, afterS);
      job = next;
    }
  }

  /** The worker dies with everything it holds. */
  private crash(kernel: Kernel, cell: number, downS: number): void {
    const { state } = this;
    const { jobs, recorder, clockS } = kernel;
    const job = state.current[cell];
    const request = jobs.rows[job].request;
    state.crashes++;
    recorder?.record(kernel, VisibleEvent.Kill, request, this.index, cell, -1, -1, 0);
    recorder?.threadFreed(kernel, job, this.index, Result.Failed);
    this.goDown(kernel, cell, downS);
    const wasFetching = state.fetching;
    state.fetching = 1;
    this.letGo(kernel, cell, job, state.deliveryS);
    this.dropBuffer(kernel, cell, state.deliveryS);
    this.dropDone(kernel, cell, state.deliveryS);
    state.fetching = wasFetching;
    state.sinceS[cell] = clockS;
    kernel.brokers[this.source]!.rebalance?.(kernel, this.index);
    this.fetch(kernel, -1);
  }

  private goDown(kernel: Kernel, cell: number, downS: number): void {
    const { state } = this;
    state.current[cell] = DOWN;
    state.life[cell]++;
    if (cell < state.capacity) state.down++;
    state.sinceS[cell] = kernel.clockS;
    state.untilS[cell] = kernel.clockS + downS;
    const target = eventTarget(this.index, Code.Up);
    kernel.events.push(kernel.clockS + downS, target, cell, state.life[cell]);
  }

  private comeUp(kernel: Kernel, cell: number): void {
    const { state } = this;
    state.life[cell]++;
    state.current[cell] = IDLE;
    if (kernel.recorder !== null) {
      kernel.recorder.recordNode(kernel, VisibleEvent.Revive, this.index, cell);
    }
    if (cell < state.capacity) {
      state.down--;
      this.becomeIdle(cell);
    }
    kernel.brokers[this.source]!.rebalance?.(kernel, this.index);
    this.fetch(kernel, -1);
  }

  private armHeartbeat(kernel: Kernel, cell: number, afterS: number): void {
    if (afterS === Infinity) return;
    const target = eventTarget(this.index, Code.Heartbeat);
    kernel.events.push(kernel.clockS + afterS, target, cell, this.state.life[cell]);
  }

  private beat(kernel: Kernel, cell: number): void {
    const { state } = this;
    const { jobs } = kernel;
    if (state.held[cell] === 0) return;
    const broker = kernel.brokers[this.source]!;
    const current = state.current[cell];
    if (current >= 0) broker.extend(kernel, jobs.rows[current].message, jobs.rows[current].receipt);
    for (let job = state.bufferHead[cell]; job >= 0; job = jobs.rows[job].next!) {
      // What has not arrived cannot be held on to.
      if (jobs.rows[job].phase === JobPhase.Travelling) break;
      broker.extend(kernel, jobs.rows[job].message, jobs.rows[job].receipt);
    }
    for (let job = state.doneHead[cell]; job >= 0; job = jobs.rows[job].next!) {
      broker.extend(kernel, jobs.rows[job].message, jobs.rows[job].receipt);
    }
    this.armHeartbeat(kernel, cell, state.heartbeatS);
  }

  /** Backlog ÷ target, on a backlog as old as the metric's delay. */
  private scale(kernel: Kernel): void {
    const { state } = this;
    const spec = this.autoscale!;
    const { backlogs } = state;
    backlogs[state.decisions % backlogs.length] = kernel.brokers[this.source]!.backlog;
    state.decisions++;
    this.armScale(kernel, spec.everyS);
    const seen =
      state.decisions < backlogs.length ? 0 : backlogs[state.decisions % backlogs.length];
    const wanted = Math.min(spec.max, Math.max(spec.min, Math.ceil(seen / spec.targetBacklog)));
    if (wanted !== state.capacity) this.resize(kernel, wanted, state.startUpS);
  }

  private armScale(kernel: Kernel, everyS: number): void {
    kernel.events.push(kernel.clockS + everyS, eventTarget(this.index, Code.Scale), 0, 0);
  }

  /** New workers work after their start-up; superfluous ones go when what they hold is done. */
  private resize(kernel: Kernel, capacity: number, startUpS: number): void {
    const { state } = this;
    const before = state.capacity;
    const known = state.current.length;
    if (capacity > known) {
      state.current = extended(state.current, new Int32Array(capacity).fill(IDLE));
      state.held = extended(state.held, new Int32Array(capacity));
      state.bufferHead = extended(state.bufferHead, new Int32Array(capacity).fill(-1));
      state.bufferTail = extended(state.bufferTail, new Int32Array(capacity).fill(-1));
      state.doneHead = extended(state.doneHead, new Int32Array(capacity).fill(-1));
      state.doneTail = extended(state.doneTail, new Int32Array(capacity).fill(-1));
      state.batchFailed = extended(state.batchFailed, new Uint8Array(capacity));
      state.channel = extended(state.channel, new Int32Array(capacity));
      state.ackArrivesS = extended(state.ackArrivesS, new Float64Array(capacity));
      state.life = extended(state.life, new Int32Array(capacity));
      state.sinceS = extended(state.sinceS, new Float64Array(capacity));
      state.untilS = extended(state.untilS, new Float64Array(capacity));
      state.idle = extended(state.idle, new Int32Array(capacity));
      state.idling = extended(state.idling, new Uint8Array(capacity));
    }
    state.capacity = capacity;
    state.down = 0;
    state.idleCount = 0;
    state.idling.fill(0);
    for (let cell = capacity - 1; cell >= 0; cell--) {
      if (
        cell >= before &&
        startUpS > 0 &&
        state.current[cell] === IDLE &&
        state.held[cell] === 0
      ) {
        this.goDown(kernel, cell, startUpS);
      } else if (state.current[cell] === DOWN) state.down++;
      else if (state.held[cell] === 0) this.becomeIdle(cell);
    }
    if (kernel.recorder !== null) kernel.recorder.resized(kernel, this.index, capacity);
    kernel.brokers[this.source]!.rebalance?.(kernel, this.index);
    this.fetch(kernel, -1);
  }
}

function extended<A extends Float64Array | Int32Array | Uint8Array>(old: A, bigger: A): A {
  bigger.set(old);
  return bigger;
}
