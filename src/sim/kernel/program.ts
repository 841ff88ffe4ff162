/**
 * Handlers compiled to flat programs: an array of integers that a service walks without allocating.
 * A service's endpoints share one program and begin at different positions.
 */
import type { CallPolicy } from '../callPolicy.ts';
import type { CallStep, Step, StepMode, Variability } from '../flow.ts';
import { Result } from './node.ts';

/** Those up to `LastJump` take no time and only say where to go on. */
export const Op = {
  /** Go to position `argument`. */
  Jump: 0,
  /** If bit `argument` of the job's modes is set, go to position `other`. */
  IfQueued: 1,
  /** Draw for branch step `argument`, then go to the position of the way taken; other: its ways. */
  Branch: 2,
  LastJump: 2,
  /** Work; argument: index of the work step. */
  Work: 3,
  /** Call and wait; argument: index of the call step. */
  Call: 4,
  /** Publish; argument: node of the queue, other: ordinal of the step among those to this queue. */
  Publish: 5,
  /** The handler has come to its end. */
  End: 6,
  /** Several calls at once; argument: index of the first call step, other: how many. */
  Parallel: 7,
  /** Hold the thread; argument 0: for the time of a rejection, 1: for that of a hang. */
  Hold: 8,
  /** End with the result `argument`. */
  Finish: 9,
  /** Publish copies; argument: node of the queue, other: index of the step among such. */
  PublishCopies: 10,
  /** Use a facility (store, outbox) and wait; argument: its node, other: the operation. */
  Use: 16,
} as const;

/** What a step wants of a store. */
export const StoreOperation = {
  Write: 0,
  WriteAndWait: 1,
  ReadPrimary: 2,
  ReadCopy: 3,
  /** From the primary for a while after an own write. */
  ReadSticky: 4,
  /** From the copy, once it shows the own write. */
  ReadToken: 5,
} as const;

/** Integers per instruction: operation, argument, other. */
export const STRIDE = 3;

export const Hold = { Rejection: 0, Hang: 1 } as const;

export interface WorkStep {
  readonly name: string;
  readonly workMs: number;
  readonly variability: Variability | null;
}

export interface CallSpec {
  readonly name: string;
  readonly target: number;
  readonly endpoint: string | undefined;
  readonly policy: CallPolicy | null;
  /** The handler does without the answer if there is none. */
  readonly goesOn: boolean;
}

/** The ways of a branch step: up to which number a draw takes each, and where it leads. */
export interface BranchWays {
  readonly upTo: readonly number[];
  /** One more than `upTo`: the last is taken when no way is. */
  readonly positions: readonly number[];
}

/** A publish of several messages; its ordinal among the publish steps to this queue. */
export interface FanOutStep {
  readonly ordinal: number;
  readonly copies: number;
}

export interface Program {
  /** Operation, argument, other; positions are multiples of `STRIDE`. */
  readonly code: Int32Array;
  /** Top-level handler step of each instruction, by position / STRIDE; −1 outside the handler. */
  readonly stepOf: Int16Array;
  readonly works: readonly WorkStep[];
  readonly calls: readonly CallSpec[];
  readonly branches: readonly BranchWays[];
  /** Names of the switched steps, by bit. */
  readonly switches: readonly { readonly name: string; readonly mode: StepMode }[];
  readonly fanOuts: readonly FanOutStep[];
  /** Where each endpoint begins; the handler begins at 0. */
  readonly entries: ReadonlyMap<string, number>;
  /** Where a job goes that is turned away at a cost, or that hangs. */
  readonly rejects: number;
  readonly hangs: number;
}

/**
 * @param nodeIndex gives a node's index by id
 * @throws Error naming the step, if it refers to an unknown node
 */
export function compileHandler(
  handler: readonly Step[],
  endpoints: Readonly<Record<string, readonly Step[]>>,
  nodeIndex: (id: string) => number,
): Program {
  const code: number[] = [];
  const stepOf: number[] = [];
  const works: WorkStep[] = [];
  const calls: CallSpec[] = [];
  const branches: BranchWays[] = [];
  const switches: { name: string; mode: StepMode }[] = [];
  const fanOuts: FanOutStep[] = [];

  /** Publish steps so far, by queue. */
  const publishes = new Map<string, number>();
  const emit = (step: number, op: number, argument: number, other: number): number => {
    code.push(op, argument, other);
    stepOf.push(step);
    return code.length - STRIDE;
  };
  const addCall = (step: CallStep, isOneOfSeveral: boolean): void => {
    const goesOn = step.whenFailed === 'goOn';
    calls.push({
      name: step.name,
      target: nodeIndex(step.target),
      endpoint: step.endpoint,
      // Among calls at once it takes a policy, if an empty one, to do without one of them.
      policy: step.policy ?? (goesOn && isOneOfSeveral ? {} : null),
      goesOn,
    });
  };
  const compile = (step: Step, top: number): void => {
    switch (step.do) {
      case 'work':
        emit(top, Op.Work, works.length, 0);
        works.push({ name: step.name, workMs: step.workMs, variability: step.variability ?? null });
        return;
      case 'transfer':
        // A byte has 8 bits.
        emit(top, Op.Work, works.length, 0);
        works.push({
          name: step.name,
          workMs: (8000 * step.sizeMB) / step.bandwidthMbps,
          variability: { kind: 'constant' },
        });
        return;
      case 'call':
        emit(top, Op.Call, calls.length, 0);
        addCall(step, false);
        return;
      case 'parallel':
        emit(top, Op.Parallel, calls.length, step.calls.length);
        step.calls.forEach((call) => addCall(call, true));
        return;
      case 'publish':
        if ((step.copies ?? 1) > 1) {
          const ordinal = publishes.get(step.queue) ?? 0;
          emit(top, Op.PublishCopies, nodeIndex(step.queue), fanOuts.length);
          fanOuts.push({ ordinal, copies: step.copies! });
        } else emit(top, Op.Publish, nodeIndex(step.queue), publishes.get(step.queue) ?? 0);
        publishes.set(step.queue, (publishes.get(step.queue) ?? 0) + 1);
        return;
      case 'write': {
        const operation =
          step.until === 'copy' ? StoreOperation.WriteAndWait : StoreOperation.Write;
        emit(top, Op.Use, nodeIndex(step.store), operation);
        return;
      }
      case 'read':
        emit(top, Op.Use, nodeIndex(step.store), readOperation(step));
        return;
      case 'commit':
        emit(top, Op.Use, nodeIndex(step.outbox), 0);
        return;
      case 'switch': {
        const test = emit(top, Op.IfQueued, switches.length, 0);
        switches.push({ name: step.name, mode: step.mode });
        compile(step.wait, top);
        const skip = emit(top, Op.Jump, 0, 0);
        code[test + 2] = code.length;
        compile(step.queue, top);
        code[skip + 1] = code.length;
        return;
      }
      case 'branch': {
        emit(top, Op.Branch, branches.length, step.ways.length);
        const upTo: number[] = [];
        const positions: number[] = [];
        const skips: number[] = [];
        branches.push({ upTo, positions });
        let sum = 0;
        for (const way of step.ways) {
          sum += way.probability;
          upTo.push(sum);
          positions.push(code.length);
          way.steps.forEach((inner) => compile(inner, top));
          skips.push(emit(top, Op.Jump, 0, 0));
        }
        positions.push(code.length);
        for (const skip of skips) code[skip + 1] = code.length;
        return;
      }
      default:
        return exhaustive(step);
    }
  };
  handler.forEach((step, top) => compile(step, top));
  emit(-1, Op.End, 0, 0);
  const entries = new Map<string, number>();
  for (const [name, steps] of Object.entries(endpoints)) {
    entries.set(name, code.length);
    steps.forEach((step) => compile(step, -1));
    emit(-1, Op.End, 0, 0);
  }
  const rejects = emit(-1, Op.Hold, Hold.Rejection, 0);
  emit(-1, Op.Finish, Result.Rejected, 0);
  const hangs = emit(-1, Op.Hold, Hold.Hang, 0);
  emit(-1, Op.Finish, Result.Failed, 0);
  return {
    code: Int32Array.from(code),
    stepOf: Int16Array.from(stepOf),
    works,
    calls,
    branches,
    switches,
    fanOuts,
    entries,
    rejects,
    hangs,
  };
}

/** Which switched steps are queued as a run begins: a bit each. */
export function modesOf({ switches }: Program): number {
  return switches.reduce(
    (modes, { mode }, bit) => (mode === 'queue' ? modes | (1 << bit) : modes),
    0,
  );
}

/** @returns the modes with one switch set; null if there is no such switch or mode */
export function withMode(
  modes: number,
  { switches }: Program,
  name: string | null,
  mode: number | string | null,
): number | null {
  const bit = switches.findIndex((step) => step.name === name);
  if (bit < 0 || (mode !== 'wait' && mode !== 'queue')) return null;
  return mode === 'queue' ? modes | (1 << bit) : modes & ~(1 << bit);
}

/** @returns position of the way that a draw, uniform in (0, 1), takes */
export function wayTaken({ upTo, positions }: BranchWays, drawn: number): number {
  let way = 0;
  while (way < upTo.length && drawn >= upTo[way]) way++;
  return positions[way];
}

function readOperation(step: Extract<Step, { readonly do: 'read' }>): number {
  if (step.from !== 'copy') return StoreOperation.ReadPrimary;
  switch (step.ownWrites) {
    case 'primaryAfterWrite':
      return StoreOperation.ReadSticky;
    case 'versionToken':
      return StoreOperation.ReadToken;
    default:
      return StoreOperation.ReadCopy;
  }
}

function exhaustive(value: never): never {
  throw new Error(`unknown step ${JSON.stringify(value)}`);
}
