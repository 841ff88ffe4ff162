/** All that changes in workers while the simulation runs: plain data. */
import { extended } from '../kernel/extended.ts';
import type { WorkersSpec } from '../flow.ts';
import { setDeliveryParameter } from '../kernel/deliveries.ts';
import { JobLines } from '../kernel/jobLine.ts';
import { Paces } from '../kernel/paces.ts';
import { KeyTable } from '../kernel/keyTable.ts';
import { NumberSet } from '../kernel/numberSet.ts';
import { modesOf, withMode, type Program } from '../kernel/program.ts';
import { Autoscaler } from './autoscaler.ts';

/** In `current`: the worker waits for a message, or is dead or starting. */
export const IDLE = -1;
export const DOWN = -2;

export const Idempotency = { none: 0, checkThenAct: 1, atomicClaim: 2 } as const;

export function createWorkersState(spec: WorkersSpec, program: Program) {
  const { works } = program;
  const { workers, autoscale } = spec;
  return {
    capacity: workers,
    modes: modesOf(program),
    paces: new Paces(works, spec.variability),
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
    buffer: new JobLines(workers),
    done: new JobLines(workers),
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
    /** Messages held by all, those that have left the pool and work off what they have excepted. */
    holding: 0,
    down: 0,
    /** 1 while messages are fetched: whatever frees a worker meanwhile leaves the rest to it. */
    fetching: 0,
    /** 1 in an outage: nothing is fetched or started. */
    stalled: 0,
    stallsUntilS: 0,
    slowFactor: 1,
    slowDowns: 0,
    /** Workers that die in their next work, and how long they are away then. */
    pendingKills: 0,
    killDownS: 0,
    poisoned: [] as number[],
    /** Null where the number of workers is fixed. */
    autoscaler: autoscale === undefined ? null : new Autoscaler(autoscale),
    /** Requests whose effect has happened. */
    effected: new NumberSet(),
    /** The same of copies of one event. */
    effectedCopies: new KeyTable(),
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

export type WorkersState = ReturnType<typeof createWorkersState>;

/** Makes room for more workers; whether new ones are up is the caller's affair. */
export function growCells(state: WorkersState, cells: number): void {
  if (cells <= state.current.length) return;
  state.current = extended(state.current, new Int32Array(cells).fill(IDLE));
  state.held = extended(state.held, new Int32Array(cells));
  state.buffer.grow(cells);
  state.done.grow(cells);
  state.batchFailed = extended(state.batchFailed, new Uint8Array(cells));
  state.channel = extended(state.channel, new Int32Array(cells));
  state.ackArrivesS = extended(state.ackArrivesS, new Float64Array(cells));
  state.life = extended(state.life, new Int32Array(cells));
  state.sinceS = extended(state.sinceS, new Float64Array(cells));
  state.untilS = extended(state.untilS, new Float64Array(cells));
  state.idle = extended(state.idle, new Int32Array(cells));
  state.idling = extended(state.idling, new Uint8Array(cells));
}

/**
 * Changes a parameter that takes effect with the next message.
 * @param parameter its name and, after a dot, the work step it is for
 * @param program the handler's
 * @returns false if there is none of that name or the value is not usable
 */
export function setWorkersParameter(
  state: WorkersState,
  program: Program,
  parameter: string,
  value: number | string | null,
): boolean {
  const dot = parameter.indexOf('.');
  const name = dot < 0 ? parameter : parameter.slice(0, dot);
  if (name === 'mode') {
    const modes = withMode(state.modes, program, dot < 0 ? null : parameter.slice(dot + 1), value);
    if (modes === null) return false;
    state.modes = modes;
    return true;
  }
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
    case 'failureRate':
    case 'crashRate':
      if (value > 1) return false;
      state[name] = value;
      return true;
    case 'prefetch':
    case 'batch':
      if (value < 1) return false;
      state[name] = Math.floor(value);
      return true;
    case 'startUpS':
      state.startUpS = value;
      return true;
    case 'deliveryMs':
    case 'deliveryLoss':
      return setDeliveryParameter(state, name, value);
    case 'workMs':
    case 'cv':
      return state.paces.set(name, dot < 0 ? null : parameter.slice(dot + 1), value);
    default:
      return false;
  }
}
