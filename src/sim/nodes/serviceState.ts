/** All that changes in a service while the simulation runs: plain data. */
import type { ServiceSpec } from '../flow.ts';
import { setDeliveryParameter } from '../kernel/deliveries.ts';
import { JobLine } from '../kernel/jobLine.ts';
import { Paces } from '../kernel/paces.ts';
import { modesOf, withMode, type Program } from '../kernel/program.ts';
import { AcceptQueue } from './acceptQueue.ts';
import { ThreadPool } from './threadPool.ts';

export function createServiceState(spec: ServiceSpec, program: Program) {
  const { works } = program;
  const state = {
    pool: new ThreadPool(spec.threads),
    queue: new AcceptQueue(spec.acceptQueue ?? Infinity, spec.discipline ?? { kind: 'fifo' }),
    failureRate: spec.failureRate ?? 0,
    hangRate: spec.hangRate ?? 0,
    hangS: spec.hangS ?? Infinity,
    rejectionS: (spec.rejectionMs ?? 0) / 1000,
    /** −1: it does not say. */
    retryAfterS: spec.rejectionRetryAfterS ?? -1,
    retryAfterJitter: spec.rejectionRetryAfterJitter ?? 0,
    modes: modesOf(program),
    paces: new Paces(works, spec.variability),
    /** 1 while the admission loop runs: whatever frees a thread meanwhile leaves the rest to it. */
    admitting: 0,
    /** Calls turned away that wait for a thread to tell them so. */
    refusals: new JobLine(),
    /** Non-blocking: begun and not ended; and those that have their answer and wait for a thread. */
    inFlight: 0,
    inFlightLimit: spec.inFlightLimit ?? Infinity,
    goOn: new JobLine(),
    /** In both of these lines: asked whenever a thread is free, so it is one number. */
    pressing: 0,
    /** At the service, neither in the accept queue nor on a thread. */
    waiting: 0,
    deliveryS: (spec.deliveryMs ?? 0) / 1000,
    deliveryLoss: spec.deliveryLoss ?? 0,
    /** Messages on their way to a thread, or waiting for one, or with their acknowledgement on its way. */
    underWay: 0,
    /** Of those, the ones that wait for a thread. */
    delivered: new JobLine(),
    lostDeliveries: 0,
    lostAcknowledgements: 0,
    /** Kills that found nobody at work; each hits the next work to start. */
    pendingKills: 0,
    killDownS: 0,
    /** Requests (by number) that fail here on every attempt. */
    poisoned: [] as number[],
    /** 1 in an outage that turns calls away. */
    refusing: 0,
    /** When the outages of each kind are over that have begun, seconds. */
    refusesUntilS: 0,
    stallsUntilS: 0,
    slowFactor: 1,
    slowDowns: 0,
    /** 1 if anything may go wrong with a job that starts: asked for each, so that the rest need not be. */
    hazards: 0,
  };
  noteHazards(state);
  return state;
}

/** To be called when a chance of going wrong has changed. */
export function noteHazards(
  state: Pick<ServiceState, 'failureRate' | 'hangRate' | 'poisoned' | 'hazards'>,
): void {
  const { failureRate, hangRate, poisoned } = state;
  state.hazards = failureRate > 0 || hangRate > 0 || poisoned.length > 0 ? 1 : 0;
}

export type ServiceState = ReturnType<typeof createServiceState>;

/** @returns false if there is no such parameter here or the value is out of its range */
export function setServiceParameter(
  state: ServiceState,
  program: Program,
  name: string,
  part: string | null,
  value: number | string | null,
): boolean {
  if (name === 'mode') {
    const modes = withMode(state.modes, program, part, value);
    if (modes === null) return false;
    state.modes = modes;
    return true;
  }
  const open = value === null ? Infinity : typeof value === 'number' ? value : NaN;
  if (!(open >= 0)) return false;
  switch (name) {
    case 'acceptQueue':
      state.queue.limit = open;
      return true;
    case 'inFlightLimit':
      if (open < 1) return false;
      state.inFlightLimit = open;
      return true;
    case 'hangS':
      state.hangS = open;
      return true;
    case 'rejectionRetryAfterS':
      state.retryAfterS = value === null ? -1 : open;
      return true;
  }
  if (open === Infinity) return false;
  switch (name) {
    case 'failureRate':
    case 'hangRate':
      if (open > 1) return false;
      state[name] = open;
      noteHazards(state);
      return true;
    case 'deliveryMs':
    case 'deliveryLoss':
      return setDeliveryParameter(state, name, open);
    case 'rejectionMs':
      state.rejectionS = open / 1000;
      return true;
    case 'workMs':
    case 'cv':
      return state.paces.set(name, part, open);
    default:
      return false;
  }
}
