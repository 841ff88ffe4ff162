/** Handlers compiled to flat programs: an array of integers that a service walks without allocating. */
import type { CallPolicy } from '../callPolicy.ts';
import type { Step, StepMode, Variability } from '../flow.ts';

export const Op = {
  /** Work; argument: index of the work step. */
  Work: 0,
  /** Call and wait; argument: node of the target, other: index of the call step. */
  Call: 1,
  /** Publish; argument: node of the queue. */
  Publish: 2,
  /** If bit `argument` of the job's modes is set, go to position `other`. */
  IfQueued: 3,
  /** Go to position `argument`. */
  Jump: 4,
  End: 5,
  /** Use a facility (store, outbox) and wait; argument: its node, other: the operation. */
  Use: 16,
} as const;

/** Integers per instruction: operation, argument, other. */
export const STRIDE = 3;

export interface WorkStep {
  readonly name: string;
  readonly workMs: number;
  readonly variability: Variability | null;
}

export interface CallSpec {
  readonly name: string;
  readonly target: number;
  readonly policy: CallPolicy | null;
  /** The handler does without the answer if there is none. */
  readonly goesOn: boolean;
}

export interface Program {
  /** Operation, argument, other; positions are multiples of `STRIDE`. */
  readonly code: Int32Array;
  /** Top-level handler step of each instruction, by position / STRIDE. */
  readonly stepOf: Int16Array;
  readonly works: readonly WorkStep[];
  readonly calls: readonly CallSpec[];
  /** Names of the switched steps, by bit. */
  readonly switches: readonly { readonly name: string; readonly mode: StepMode }[];
}

/**
 * @param nodeIndex gives a node's index by id
 * @throws Error naming the step, if it refers to an unknown node
 */
export function compileHandler(
  handler: readonly Step[],
  nodeIndex: (id: string) => number,
): Program {
  const code: number[] = [];
  const stepOf: number[] = [];
  const works: WorkStep[] = [];
  const calls: CallSpec[] = [];
  const switches: { name: string; mode: StepMode }[] = [];

  const emit = (step: number, op: number, argument: number, other: number): number => {
    code.push(op, argument, other);
    stepOf.push(step);
    return code.length - STRIDE;
  };
  const compile = (step: Step, top: number): void => {
    switch (step.do) {
      case 'work':
        emit(top, Op.Work, works.length, 0);
        works.push({ name: step.name, workMs: step.workMs, variability: step.variability ?? null });
        return;
      case 'call':
        emit(top, Op.Call, nodeIndex(step.target), calls.length);
        calls.push({
          name: step.name,
          target: nodeIndex(step.target),
          policy: step.policy ?? null,
          goesOn: step.whenFailed === 'goOn',
        });
        return;
      case 'publish':
        emit(top, Op.Publish, nodeIndex(step.queue), 0);
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
      default:
        return exhaustive(step);
    }
  };
  handler.forEach((step, top) => compile(step, top));
  emit(-1, Op.End, 0, 0);
  return { code: Int32Array.from(code), stepOf: Int16Array.from(stepOf), works, calls, switches };
}

function exhaustive(value: never): never {
  throw new Error(`unknown step ${JSON.stringify(value)}`);
}
