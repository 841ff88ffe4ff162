/** What a headless run tells of classes of requests, beside their clients' own figures. */
import type { NodeSpec } from '../flow.ts';
import { ClassStatistics } from './classStatistics.ts';
import { countsByName, type OutcomeCounts } from './outcomeCounts.ts';
import type { RunStatistics } from './runStatistics.ts';
import type { SeriesSummary } from './series.ts';

/** One class of a node's clients. */
export interface ClassReport extends OutcomeCounts {
  readonly name: string;
  readonly firstTries: number;
  readonly open: number;
  readonly openAtStart: number;
  /** Submit to answer, over the requests answered while their user waited. */
  readonly response: SeriesSummary;
  /** In the accept queue of the first service, over the attempts that left it for a thread. */
  readonly timeInQueue: SeriesSummary;
}

/** @returns null for a node that is not clients with classes */
export function reportClasses(
  statistics: RunStatistics,
  node: number,
  spec: NodeSpec,
): ClassReport[] | null {
  if (spec.kind !== 'clients' || spec.classes === undefined) return null;
  if (!(statistics instanceof ClassStatistics)) return null;
  return spec.classes.map(({ name }, k) => {
    const { submitted, openAtStart, outcomes, ended, response, wait } = statistics.classAt(node, k);
    return {
      name,
      firstTries: submitted,
      ...countsByName(outcomes),
      open: openAtStart + submitted - ended,
      openAtStart,
      response: response.summary(),
      timeInQueue: wait.summary(),
    };
  });
}
