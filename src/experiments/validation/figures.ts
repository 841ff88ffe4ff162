/** What is read off a report and compared with the exact value. */
import type { RunReport } from '../../sim/metrics/runReport.ts';
import type { Figure } from './validationCase.ts';

export const response = (exact: number): Figure => ({
  name: 'response time',
  exact,
  read: ({ lane }) => lane.response.meanS ?? NaN,
});
export const responsePercentile = (share: 'p95S' | 'p99S', exact: number): Figure => ({
  name: `response time, ${share.slice(0, 3)}`,
  exact,
  read: ({ lane }) => lane.response[share] ?? NaN,
});
export const wait = (exact: number): Figure => ({
  name: 'time in queue',
  exact,
  read: ({ nodes }) => nodes['server'].timeInQueue?.meanS ?? NaN,
});
export const queueLength = (exact: number): Figure => ({
  name: 'queue length',
  exact,
  read: ({ nodes }) => nodes['server'].queue?.mean ?? NaN,
});
/** Threads held and places of the accept queue taken, on average. */
export const numberInService = (exact: number): Figure => ({
  name: 'number in service',
  exact,
  read: ({ nodes }) => nodes['server'].littlesLaw?.numberMean ?? NaN,
});
export const rejectedShare = (exact: number): Figure => ({
  name: 'share rejected',
  exact,
  read: ({ lane }) => lane.rejected / lane.firstTries,
});

export function secondMoment({ nodes }: RunReport): number {
  const series = nodes['server'].timeInQueue;
  const mean = series?.meanS ?? NaN;
  const deviation = series?.sdS ?? NaN;
  return deviation * deviation + mean * mean;
}

export const classWait = (name: string, exact: number): Figure => ({
  name: `time in queue, ${name}`,
  exact,
  read: ({ nodes }) =>
    nodes['users'].classes?.find((each) => each.name === name)?.timeInQueue.meanS ?? NaN,
});
