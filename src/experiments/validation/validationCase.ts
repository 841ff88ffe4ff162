/**
 * A case whose answer is known exactly, and a mutation: a wrong model that the case must catch. Run on
 * fixed seeds, the engine has to come within 4 standard errors of the exact value, and the mutation
 * must not.
 */
import type { Flow } from '../../sim/flow.ts';
import type { RunReport } from '../../sim/metrics/runReport.ts';
import { runHeadless } from '../../sim/runHeadless.ts';

export interface Figure {
  readonly name: string;
  readonly exact: number;
  read(this: void, report: RunReport): number;
}

export interface ValidationCase {
  readonly name: string;
  /** Where the exact value comes from. */
  readonly source: string;
  readonly flow: Flow;
  readonly warmupS: number;
  readonly durationS: number;
  /** A queue grows for as long as the run lasts: Little's law says nothing of a moment on the way. */
  readonly isUnstable?: true;
  readonly figures: readonly Figure[];
  readonly mutation: { readonly name: string; readonly flow: Flow };
}

export interface FigureResult {
  readonly figure: Figure;
  /** Mean over the runs, and the standard error of that mean. */
  readonly measured: number;
  readonly standardError: number;
  /** Measured − exact, in standard errors. */
  readonly errors: number;
  /** The same figure of the mutated model. */
  readonly mutated: number;
  readonly mutatedErrors: number;
}

export interface CaseResult {
  readonly validationCase: ValidationCase;
  readonly figures: readonly FigureResult[];
  readonly events: number;
  /** Largest relative difference between number in node and rate × time, over all nodes and runs. */
  readonly littlesLawGap: number;
}

/** Within 4 standard errors of the exact value. */
export const errorBound = 4;
/** The standard error, at most this share of what the mutation changes. */
export const standardErrorShare = 0.25;
/** Number in node against rate × time, relative. */
export const littlesLawBound = 0.01;

const SEEDS = Array.from({ length: 20 }, (_, k) => k + 1);
const MUTATED_SEEDS = SEEDS.slice(0, 8);
/** Nodes with fewer jobs on average say nothing about Little's law within a run. */
const FEWEST_JOBS = 0.1;

export function runCase(validationCase: ValidationCase): CaseResult {
  const { flow, mutation, figures } = validationCase;
  const run = (each: Flow, seed: number): RunReport =>
    runHeadless(each, {
      seed,
      warmupS: validationCase.warmupS,
      durationS: validationCase.durationS,
    }).report;
  const reports = SEEDS.map((seed) => run(flow, seed));
  const mutatedReports = MUTATED_SEEDS.map((seed) => run(mutation.flow, seed));
  return {
    validationCase,
    events: reports.reduce((sum, { events }) => sum + events, 0),
    littlesLawGap:
      validationCase.isUnstable === true ? 0 : Math.max(0, ...reports.flatMap(littlesLawGaps)),
    figures: figures.map((figure) => {
      const { mean, standardError } = meanOf(reports.map(figure.read));
      const mutated = meanOf(mutatedReports.map(figure.read));
      return {
        figure,
        measured: mean,
        standardError,
        errors: errorsOf(mean, standardError, figure.exact),
        mutated: mutated.mean,
        mutatedErrors: errorsOf(mutated.mean, mutated.standardError, figure.exact),
      };
    }),
  };
}

/** How far a mean is off, in standard errors; exactly right is right, also where nothing varies. */
function errorsOf(mean: number, standardError: number, exact: number): number {
  return mean === exact ? 0 : (mean - exact) / standardError;
}

function littlesLawGaps({ nodes }: RunReport): number[] {
  return Object.values(nodes).flatMap(({ littlesLaw }) => {
    if (littlesLaw === null || littlesLaw.numberMean < FEWEST_JOBS) return [];
    return [Math.abs(littlesLaw.rateTimesTime / littlesLaw.numberMean - 1)];
  });
}

function meanOf(values: readonly number[]): { mean: number; standardError: number } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return { mean, standardError: Math.sqrt(squares / (n - 1) / n) };
}
