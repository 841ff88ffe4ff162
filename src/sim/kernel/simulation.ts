/**
 * One lane of a run: a fold over (flow, seed, timed inputs). Events are handled in the order of
 * (time, priority, serial); the state is plain data, so it can be copied, restored and replayed.
 */
import type { Flow, InputAction, TimedInput } from '../flow.ts';
import type { Journey } from '../journey.ts';
import { FanOutStatistics, fansOut } from '../metrics/fanOutStatistics.ts';
import { LiveRecorder } from '../metrics/liveRecorder.ts';
import { readJourney } from '../metrics/readJourney.ts';
import type { LaneReadouts } from '../metrics/readouts.ts';
import { reportRun, type RunReport } from '../metrics/runReport.ts';
import { ClassStatistics, hasClasses } from '../metrics/classStatistics.ts';
import { RunStatistics } from '../metrics/runStatistics.ts';
import { buildNodes } from '../nodes/buildNodes.ts';
import { Trace } from '../trace.ts';
import type { LaneView } from '../view.ts';
import { CallTable } from './calls.ts';
import { EventQueue } from './eventQueue.ts';
import { LimitError, MAX_EVENTS_AT_ONE_INSTANT } from './limits.ts';
import { JobTable } from './jobs.ts';
import { MessageTable } from './messages.ts';
import {
  codeOfTarget,
  eventTarget,
  nodeOfTarget,
  type Broker,
  type Callee,
  type Edge,
  type Facility,
  type Kernel,
  type Origin,
  type Recorder,
  type SimNode,
  type Watcher,
} from './node.ts';
import { bytesOf, copyPlain, writePlain } from './plainState.ts';
import { KeyedRandom } from './random.ts';
import type { Request } from './request.ts';
import { RequestTable } from './requests.ts';

export type Observation = 'none' | 'live' | 'metrics';

export interface SimulationOptions {
  /** Integer, 0 to 2^31 − 1. */
  readonly seed: number;
  /**
   * How much is recorded; never changes what happens. `live` is what the page needs: a trace, journeys
   * and windows. `metrics` is what a headless run reports: counts, integrals and percentiles since the start.
   */
  readonly observe: Observation;
}

/** Plain data; opaque to everyone but simulations of the same flow. */
export interface Checkpoint {
  readonly timeS: number;
  /** Size, with what it shares with other checkpoints. */
  readonly bytes: number;
  readonly state: object;
}

/** Events handled in one go. */
const AT_ONCE = 1_000_000;

export class Simulation implements Kernel {
  readonly flow: Flow;
  readonly seed: number;
  readonly random: KeyedRandom;
  readonly events = new EventQueue();
  readonly jobs = new JobTable();
  readonly requests = new RequestTable();
  readonly messages = new MessageTable();
  readonly nodes: readonly SimNode[];
  readonly callees: readonly (Callee | null)[];
  readonly brokers: readonly (Broker | null)[];
  readonly origins: readonly (Origin | null)[];
  readonly calls = new CallTable();
  readonly edges: readonly Edge[];
  readonly facilities: readonly (Facility | null)[];
  readonly watchers: readonly (Watcher | null)[];
  readonly recorder: Recorder | null;
  private readonly live: LiveRecorder | null;
  private readonly statistics: RunStatistics | null;
  clockS = 0;
  private lastEvent = -Infinity;
  private atThisInstant = 0;
  /** In order of time; the event for an entry carries its position. */
  private readonly schedule: readonly TimedInput[];
  private readonly emptyTrace = new Trace(0);

  /** @throws Error if the flow refers to nodes it does not have */
  constructor(flow: Flow, options: SimulationOptions) {
    this.flow = flow;
    this.seed = options.seed;
    this.random = new KeyedRandom(options.seed);
    const built = buildNodes(flow, this.random);
    this.nodes = built.nodes;
    this.callees = built.callees;
    this.brokers = built.brokers;
    this.origins = built.origins;
    this.edges = built.edges;
    this.facilities = built.facilities;
    this.watchers = built.watchers;
    this.live =
      options.observe === 'live'
        ? new LiveRecorder(
            this.brokers.filter((broker) => broker !== null),
            this.nodes.length,
          )
        : null;
    this.statistics =
      options.observe === 'metrics'
        ? createStatistics(flow, this.edges.length, this.brokers)
        : null;
    this.recorder = this.live ?? this.statistics;
    this.schedule = [...(flow.schedule ?? [])].sort((a, b) => a.timeS - b.timeS);
    this.scheduleInput(0);
    for (const node of this.nodes) node.start(this);
  }

  /** Model time, seconds. */
  get timeS(): number {
    return this.clockS;
  }

  /** Time of the last event handled; −Infinity before the first. */
  get lastEventS(): number {
    return this.lastEvent;
  }

  /** Events handled so far. */
  get eventCount(): number {
    return this.events.serial - this.events.pending;
  }

  /** The recent visible events; empty unless observed live. */
  get trace(): Trace {
    return this.live?.trace ?? this.emptyTrace;
  }

  /** Time of the next event, Infinity if there is none. */
  nextEventS(): number {
    return this.events.nextTime();
  }

  /** Handles every event before `untilS`, then sets the clock to it. */
  advance(untilS: number): void {
    while (!this.handle(untilS, AT_ONCE));
    if (untilS > this.clockS) this.clockS = untilS;
  }

  /**
   * Like `advance`, but handles at most `maxEvents` events.
   * @returns false if the budget ended first; the clock is then the time of the last event
   */
  advanceWithin(untilS: number, maxEvents: number): boolean {
    for (let left = maxEvents; !this.handle(untilS, Math.min(left, AT_ONCE));) {
      left -= AT_ONCE;
      if (left <= 0) return false;
    }
    if (untilS > this.clockS) this.clockS = untilS;
    return true;
  }

  /** Handles exactly one event; the clock is then its time. @returns false if there is none */
  runEvent(): boolean {
    if (!this.events.hasBefore(Infinity)) return false;
    this.handle(Infinity, 1);
    return true;
  }

  /**
   * Applies an input now; it precedes the events of this instant that are not yet handled.
   * @returns false, with nothing changed, if the flow has no such node or parameter or the value is out of its range
   */
  apply(action: InputAction): boolean {
    const dot = action.do === 'set' ? action.path.indexOf('.') : -1;
    const id = action.do === 'set' ? action.path.slice(0, dot) : action.node;
    const node = this.nodes.find((candidate) => candidate.id === id);
    if (node === undefined) return false;
    switch (action.do) {
      case 'set':
        return dot > 0 && node.set(this, action.path.slice(dot + 1), action.value);
      case 'surge':
        return node.act(this, action);
      case 'kill':
      case 'outage':
      case 'flush':
      case 'slow':
        return node.act(this, action);
      case 'redrive':
        return node.act(this, action);
      case 'poison':
        return node.act(this, { do: 'poison', request: this.nextRequest() });
    }
  }

  releaseRequest(request: number): void {
    this.release(this.requests.rows[request]);
  }

  release(request: Request): void {
    const { requests, recorder } = this;
    if (--request.references > 0) return;
    if (recorder !== null) recorder.forget(this, request.index);
    requests.release(request);
  }

  /**
   * The state as it is now.
   * @param like an earlier checkpoint of a simulation of the same flow; what has not changed since
   *     takes no memory of its own
   */
  checkpoint(like?: Checkpoint): Checkpoint {
    const state = copyPlain(this.state(), like?.state) as object;
    return { timeS: this.clockS, bytes: bytesOf(state), state };
  }

  /** Goes back (or on) to a checkpoint of a simulation of the same flow and seed; empties the trace. */
  restore(checkpoint: Checkpoint): void {
    const source = checkpoint.state as ReturnType<Simulation['state']>;
    writePlain(this.state(), source);
    this.clockS = source.clockS;
    this.lastEvent = source.lastEvent;
    this.atThisInstant = source.atThisInstant;
    this.live?.trace.clear();
  }

  createView(): LaneView {
    return { timeS: 0, nodes: this.nodes.map((node) => node.createView()) };
  }

  /** Fills a view made by `createView` of a simulation of the same flow. */
  readView(view: LaneView): void {
    view.timeS = this.clockS;
    this.nodes.forEach((node, k) => node.readView(this, view.nodes[k]));
    this.callees.forEach((callee, k) => {
      const pool = view.nodes[k];
      if (callee !== null && pool.kind === 'pool') callee.readCells(this, pool, view.nodes);
    });
  }

  /** Threads that are parked now, of the first node that has threads. */
  get parkedThreads(): number {
    for (const callee of this.callees) if (callee?.countParked) return callee.countParked(this);
    return 0;
  }

  /** Ready messages in all queues now. */
  get readyMessages(): number {
    let ready = 0;
    for (const broker of this.brokers) if (broker !== null) ready += broker.backlog;
    return ready;
  }

  /** The 99th percentile that `readouts` would give, without the rest. @throws Error unless observed live */
  get responseP99S(): number | null {
    return this.observed().state.response.readP99(this.clockS);
  }

  /** @throws Error unless observed live */
  readouts(): LaneReadouts {
    let owed = 0;
    let dropped = 0;
    let deadLettered = 0;
    for (const broker of this.brokers) {
      if (broker === null) continue;
      owed += broker.owed;
      dropped += broker.dropped;
      deadLettered += broker.deadLettered;
    }
    return this.observed().readouts(this.clockS, { owed, dropped, deadLettered });
  }

  /** Ends the warm-up: what is reported happens from now on. @throws Error unless observed for metrics */
  clearStatistics(): void {
    this.measured().clear(this.clockS);
  }

  /** What happened since the start or the end of the warm-up. @throws Error unless observed for metrics */
  report(): RunReport {
    return reportRun(this, this.measured());
  }

  /** The life of a request that is still in the system or among the last to end; else null. */
  journey(request: number): Journey | null {
    const { requests } = this;
    for (let row = 0; row < requests.used; row++) {
      if (requests.rows[row].number === request && requests.rows[row].references > 0) {
        return readJourney(this, this.observed(), row);
      }
    }
    return null;
  }

  /** The last requests that ended and had been let in (not rejected), oldest first; at most 32. */
  recentJourneys(count: number): readonly Journey[] {
    const recorder = this.observed();
    return recorder.recentRows(count).map((row) => readJourney(this, recorder, row));
  }

  /**
   * The loop that everything happens in: a function of its own for each event would be one more call.
   * @param most events to handle, a small whole number
   * @returns whether none is left before `untilS`
   */
  private handle(untilS: number, most: number): boolean {
    const { events, nodes } = this;
    for (let left = most; events.hasBefore(untilS); left--) {
      if (left <= 0) return false;
      const timeS = events.time[0];
      const { target, slot, generation } = events.next();
      events.pop();
      if (timeS === this.lastEvent) this.countAtInstant(target);
      else this.atThisInstant = 0;
      this.clockS = timeS;
      this.lastEvent = timeS;
      const index = nodeOfTarget(target);
      if (index < nodes.length) nodes[index].handle(this, codeOfTarget(target), slot, generation);
      else this.handleElsewhere(target, slot, generation);
    }
    return true;
  }

  /** An event of the schedule or of an edge. */
  private handleElsewhere(target: number, slot: number, generation: number): void {
    const beyond = nodeOfTarget(target) - this.nodes.length;
    if (beyond === 0) {
      this.scheduleInput(slot + 1);
      this.apply(this.schedule[slot].action);
    } else this.edges[beyond - 1].handle(this, codeOfTarget(target), slot, generation);
  }

  private countAtInstant(target: number): void {
    if (++this.atThisInstant <= MAX_EVENTS_AT_ONE_INSTANT) return;
    throw new LimitError(
      `no progress at node ${this.nameOf(nodeOfTarget(target))}: ` +
        `more than ${MAX_EVENTS_AT_ONE_INSTANT} events at ${this.lastEvent} s`,
    );
  }

  private nameOf(index: number): string {
    const { nodes } = this;
    if (index < nodes.length) return nodes[index].id;
    return index === nodes.length ? 'schedule' : this.edges[index - nodes.length - 1].id;
  }

  /** An input precedes the other events of its instant: priority 0. */
  private scheduleInput(at: number): void {
    const input = this.schedule[at];
    if (input === undefined) return;
    this.events.pushFirst(input.timeS, eventTarget(this.nodes.length, 0), at, 0);
  }

  /** Everything that changes, with the live objects in it. */
  private state() {
    return {
      clockS: this.clockS,
      lastEvent: this.lastEvent,
      atThisInstant: this.atThisInstant,
      events: this.events,
      jobs: this.jobs,
      requests: this.requests,
      messages: this.messages,
      calls: this.calls,
      edges: Object.fromEntries(this.edges.map((edge) => [edge.id, edge.state])),
      nodes: Object.fromEntries(this.nodes.map((node) => [node.id, node.state])),
      recorder: this.live?.state ?? this.statistics?.state ?? null,
    };
  }

  private nextRequest(): number {
    for (const origin of this.origins) if (origin !== null) return origin.nextRequest;
    return 0;
  }

  private measured(): RunStatistics {
    if (this.statistics === null) throw new Error('this run is not observed for metrics');
    return this.statistics;
  }

  private observed(): LiveRecorder {
    if (this.live === null) throw new Error('this run is not observed live');
    return this.live;
  }
}

function createStatistics(
  flow: Flow,
  edges: number,
  brokers: readonly (Broker | null)[],
): RunStatistics {
  const fanOut = fansOut(flow, brokers) ? new FanOutStatistics() : null;
  if (hasClasses(flow)) return new ClassStatistics(flow, edges, fanOut);
  return new RunStatistics(Object.keys(flow.nodes).length, edges, fanOut);
}
