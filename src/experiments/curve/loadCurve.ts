/**
 * A load curve: how a flow answers at each of many loads, one short run per load. Pure, so that it runs
 * on the page, in workers and in tests alike; a run can be done in slices.
 */
import type { Flow } from '../../sim/flow.ts';
import { Simulation } from '../../sim/kernel/simulation.ts';

/** A parameter of the flow that differs from the flow's file. */
export interface Setting {
  /** `node.parameter`, for example `email.workMs`. */
  readonly path: string;
  readonly value: number | string | null;
}

export interface CurveLane {
  readonly id: string;
  readonly flow: Flow;
  readonly settings: readonly Setting[];
}

/** What is asked for: every lane at every load. Plain data, so that it can be sent to a worker. */
export interface CurveRequest {
  readonly lanes: readonly CurveLane[];
  /** The parameter that is the load, for example `users.ratePerS`. */
  readonly loadPath: string;
  /** Per second, above 0. */
  readonly loads: readonly number[];
  /** Requests per run, the warm-up included. */
  readonly requests: number;
  readonly seed: number;
}

/** One run of one lane; its place in the request. */
export interface CurveTask {
  readonly lane: number;
  readonly load: number;
}

export interface CurvePoint {
  readonly lane: string;
  readonly ratePerS: number;
  /** Answered without error and in time. */
  readonly goodputPerS: number;
  readonly rejectedShare: number;
  readonly timedOutShare: number;
  readonly failedShare: number;
  /** Response time of those who were answered in time, seconds; null where nobody was. */
  readonly meanS: number | null;
  readonly p50S: number | null;
  readonly p99S: number | null;
}

/** The first tenth of the requests fills the system and is not counted. */
const WARM_UP_SHARE = 0.1;

/** Loads from `min` to `max` in equal ratios, both ends included. */
export function spreadLoads(min: number, max: number, count: number): number[] {
  const ratio = (max / min) ** (1 / (count - 1));
  return Array.from({ length: count }, (_, k) => (k === count - 1 ? max : min * ratio ** k));
}

/** Every run of a request: the ends and the middle first, then ever finer, the lanes in turn. */
export function curveTasks({ lanes, loads }: CurveRequest): CurveTask[] {
  const order: number[] = [];
  const taken = new Set<number>();
  const last = loads.length - 1;
  for (let parts = 1; order.length < loads.length; parts *= 2) {
    for (let k = 0; k <= parts; k++) {
      const load = Math.round((k * last) / parts);
      if (taken.has(load)) continue;
      taken.add(load);
      order.push(load);
    }
  }
  return order.flatMap((load) => lanes.map((_, lane) => ({ lane, load })));
}

/** One run under way. */
export class CurveRun {
  private readonly lane: CurveLane;
  private readonly ratePerS: number;
  private readonly simulation: Simulation;
  private readonly warmUpS: number;
  private readonly endS: number;
  private warm = false;

  /** @throws Error if the flow does not have a parameter of that path, or the value is out of its range */
  constructor(request: CurveRequest, task: CurveTask) {
    this.lane = request.lanes[task.lane];
    this.ratePerS = request.loads[task.load];
    const { seed, loadPath, requests } = request;
    this.simulation = new Simulation(this.lane.flow, { seed, observe: 'metrics' });
    for (const { path, value } of this.lane.settings) this.set(path, value);
    this.set(loadPath, this.ratePerS);
    this.endS = requests / this.ratePerS;
    this.warmUpS = WARM_UP_SHARE * this.endS;
  }

  /** Goes on for at most `maxEvents` events. @returns true when the run is over */
  advance(maxEvents: number): boolean {
    const { simulation } = this;
    if (!this.warm) {
      const before = simulation.eventCount;
      if (!simulation.advanceWithin(this.warmUpS, maxEvents)) return false;
      simulation.clearStatistics();
      this.warm = true;
      return this.advance(maxEvents - (simulation.eventCount - before));
    }
    return simulation.advanceWithin(this.endS, maxEvents);
  }

  /** Only after `advance` has returned true. */
  get point(): CurvePoint {
    const { lane } = this.simulation.report();
    const ended = lane.served + lane.declined + lane.rejected + lane.timedOut + lane.failed;
    const share = (count: number): number => (ended > 0 ? count / ended : 0);
    return {
      lane: this.lane.id,
      ratePerS: this.ratePerS,
      goodputPerS: lane.goodputPerS,
      rejectedShare: share(lane.rejected),
      timedOutShare: share(lane.timedOut),
      failedShare: share(lane.failed),
      meanS: lane.response.meanS,
      p50S: lane.response.p50S,
      p99S: lane.response.p99S,
    };
  }

  private set(path: string, value: Setting['value']): void {
    if (!this.simulation.apply({ do: 'set', path, value })) {
      throw new Error(`${this.lane.id}: ${path} cannot be ${value}`);
    }
  }
}

/** A whole run at once. */
export function curvePoint(request: CurveRequest, task: CurveTask): CurvePoint {
  const run = new CurveRun(request, task);
  run.advance(Infinity);
  return run.point;
}
