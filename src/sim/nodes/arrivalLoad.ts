/**
 * The load that clients bring: a rate that is set, or follows a profile, times surges and bursts; and
 * from it the moment at which the next request arrives.
 */
import type { Bursts, ClientsSpec, ProfilePoint } from '../flow.ts';
import { eventTarget, type Kernel } from '../kernel/node.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { ArrivalGaps } from './arrivalGaps.ts';
import { inOrder, secondsFor, unitsIn } from './loadProfile.ts';

/** Events of the clients that concern their load; their others have higher numbers. */
export const LoadCode = { Arrival: 0, SurgeEnd: 1, Burst: 2, ProfilePoint: 3 } as const;

/** What is shorter is a step. */
const SHORTEST_RAMP_S = 1e-9;

export class ArrivalLoad {
  readonly state;
  /** Requests at most. */
  readonly limit: number;
  /** Of the clients. */
  private readonly index: number;
  /** Target of the event of an arrival. */
  private readonly arrives: number;
  private readonly gaps: ArrivalGaps;
  /** In order of time. */
  private readonly profile: readonly ProfilePoint[];
  /** The profile starts again at its last point. */
  private readonly repeats: boolean;
  private readonly bursts: Bursts | null;
  private readonly key0: number;
  private readonly key1: number;

  /** @param id and @param index of the clients */
  constructor(id: string, index: number, spec: ClientsSpec, random: KeyedRandom) {
    this.index = index;
    this.arrives = eventTarget(index, LoadCode.Arrival);
    this.gaps = new ArrivalGaps(id, spec, random);
    this.profile = inOrder(spec);
    this.repeats = (spec.repeatEveryS ?? null) !== null;
    this.limit = spec.limit ?? Infinity;
    this.bursts = spec.bursts ?? null;
    [this.key0, this.key1] = random.keysOf(id);
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
      /** Number of the next request. */
      nextNumber: 0,
      nextArrivalS: Infinity,
      /** What was left of the gap before the next arrival at `restS`, in mean gaps. */
      restUnits: 0,
      restS: 0,
      arrivalGeneration: 0,
    };
  }

  start(kernel: Kernel): void {
    this.next(kernel);
    if (this.profile.length > 0) {
      this.setRate(kernel, this.state.ratePerS);
      this.awaitPoint(kernel);
    }
    if (this.bursts !== null) this.nextBurst(kernel);
  }

  /** All events of the load but arrivals. */
  handleSeldom(kernel: Kernel, code: number, generation: number): void {
    switch (code) {
      case LoadCode.SurgeEnd:
        if (generation === this.state.surgeGeneration) this.surge(kernel, 1, 0);
        return;
      case LoadCode.Burst:
        this.burst(kernel);
        return;
      case LoadCode.ProfilePoint:
        this.reachPoint(kernel);
        return;
    }
  }

  /** Requests per second now. */
  rate(nowS: number): number {
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
  setRate(kernel: Kernel, ratePerS: number): void {
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

  /** The rate is multiplied for a while; a factor of 1 ends it. */
  surge(kernel: Kernel, factor: number, durationS: number): void {
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
      eventTarget(this.index, LoadCode.SurgeEnd),
      0,
      state.surgeGeneration,
    );
  }

  private awaitPoint(kernel: Kernel): void {
    const { profileNext, profileStartS } = this.state;
    const next = this.profile[profileNext];
    if (next === undefined) return;
    // Like an input, it precedes the other events of its instant.
    const atS = profileStartS + next.atS;
    kernel.events.pushFirst(atS, eventTarget(this.index, LoadCode.ProfilePoint), 0, 0);
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
    kernel.events.push(kernel.clockS + lengthS, eventTarget(this.index, LoadCode.Burst), 0, 0);
  }

  /** What is still to come of the gap keeps its length in mean gaps. */
  private rateChanged(kernel: Kernel, oldRate: number, oldSlope: number): void {
    const { state } = this;
    const { clockS } = kernel;
    const rate = this.rate(clockS);
    const slope = this.slope();
    state.steadyPerS = slope === 0 ? rate : 0;
    if (state.nextNumber >= this.limit) return;
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

  /** Puts the next arrival among the events, when what is left of the gap has passed. */
  private schedule(kernel: Kernel): void {
    const { state } = this;
    const { steadyPerS } = state;
    const restS = steadyPerS > 0 ? state.restUnits / steadyPerS : this.secondsOnRamp(kernel.clockS);
    const nextS = kernel.clockS + restS;
    state.nextArrivalS = nextS;
    if (nextS === Infinity) return;
    kernel.events.dueAt(nextS);
    kernel.events.pushDue(this.arrives, 0, state.arrivalGeneration);
  }

  /** Seconds until the rest of the gap has passed, which starts to count now. */
  private secondsOnRamp(nowS: number): number {
    this.state.restS = nowS;
    return secondsFor(this.state.restUnits, this.rate(nowS), this.slope());
  }

  /** The gap before the next request begins now. */
  next(kernel: Kernel): void {
    const { state } = this;
    if (state.nextNumber >= this.limit) {
      state.nextArrivalS = Infinity;
      return;
    }
    state.restUnits = this.gaps.before(state.nextNumber);
    this.schedule(kernel);
  }
}
