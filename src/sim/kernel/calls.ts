/** Calls with a policy: one row per logical call, however many attempts it takes. */
import { Table } from './table.ts';

/**
 * Who awaits a job, in `jobs.caller`: a job (its row, 0 or more), the clients, nobody any more, or a
 * call with a policy.
 */
export const Caller = {
  Clients: -1,
  /** The caller has given up: what the job still does is wasted. */
  Abandoned: -2,
  FirstCall: -3,
} as const;

/** The code of a call in `jobs.caller`, and back. */
export function callerOfCall(call: number): number {
  return Caller.FirstCall - call;
}
export function callOfCaller(caller: number): number {
  return Caller.FirstCall - caller;
}

/** What becomes of a call at the moment. */
export const CallPhase = {
  /** For a place in the bulkhead. */
  Waiting: 0,
  /** A job does it, at the target or on its way there. */
  UnderWay: 1,
  /** Its answer is on the way back. */
  Answering: 2,
  /** It, or its answer, got lost on the way: nothing happens but the timeout, if there is one. */
  Lost: 3,
  /** Until the next attempt. */
  BackingOff: 4,
  /** The caller knows that the target will do it later (a 202); what follows is the result. */
  Accepted: 5,
} as const;

export class CallTable extends Table {
  edge: Int32Array;
  request: Int32Array;
  /** Job that is parked on it, −1 for clients. */
  owner: Int32Array;
  /** Job of the present attempt, −1 while it has none. */
  job: Int32Array;
  attempt: Int32Array;
  /** 1 once an attempt has gone out. */
  sent: Uint8Array;
  /** A `CallPhase`. */
  phase: Uint8Array;
  /** Previous of those that wait for a place (`next` is the other direction). */
  previous: Int32Array;
  /** Where the target's program begins for it. */
  entry: Int32Array;
  /** Draw key of the owner. */
  ownerKey: Int32Array;
  /** An answer that is on its way. */
  result: Uint8Array;
  /** Period of the circuit breaker in which the attempt began. */
  period: Int32Array;
  /** When the attempt, or its wait for a place, ends of itself, seconds; Infinity: never. */
  dueS: Float64Array;
  /** When the owner itself is no longer awaited, seconds. */
  deadlineS: Float64Array;
  /** The last backoff, seconds. */
  backoffS: Float64Array;

  constructor(capacity = 64) {
    super(capacity);
    this.edge = new Int32Array(capacity);
    this.request = new Int32Array(capacity);
    this.owner = new Int32Array(capacity);
    this.job = new Int32Array(capacity);
    this.attempt = new Int32Array(capacity);
    this.sent = new Uint8Array(capacity);
    this.phase = new Uint8Array(capacity);
    this.previous = new Int32Array(capacity);
    this.entry = new Int32Array(capacity);
    this.ownerKey = new Int32Array(capacity);
    this.result = new Uint8Array(capacity);
    this.period = new Int32Array(capacity);
    this.dueS = new Float64Array(capacity);
    this.deadlineS = new Float64Array(capacity);
    this.backoffS = new Float64Array(capacity);
  }

  create(
    edge: number,
    request: number,
    owner: number,
    ownerKey: number,
    entry: number,
    deadlineS: number,
  ): number {
    const call = this.allocate();
    this.edge[call] = edge;
    this.request[call] = request;
    this.owner[call] = owner;
    this.job[call] = -1;
    this.attempt[call] = 1;
    this.sent[call] = 0;
    this.phase[call] = CallPhase.UnderWay;
    this.previous[call] = -1;
    this.dueS[call] = Infinity;
    this.entry[call] = entry;
    this.ownerKey[call] = ownerKey;
    this.result[call] = 0;
    this.period[call] = 0;
    this.deadlineS[call] = deadlineS;
    this.backoffS[call] = 0;
    return call;
  }
}

/**
 * Key of a job's random draws: 1 for the first attempt of the first call step that leads to its
 * node, so that the same request has the same demands in two designs; other values for retries, for
 * further call steps and for everything they lead to.
 * @param ordinal of the call step among those that lead to this node
 */
export function drawKey(callerKey: number, ordinal: number, attempt: number): number {
  return 1 + ((attempt - 1 + 64 * ordinal + Math.imul(callerKey - 1, 2533)) & 0x1ffffff);
}
