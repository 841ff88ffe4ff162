/** What a story's number has to keep to: its mean over seeds within 3 standard errors, or 10 %. */
import type { Mean } from './messageRun.ts';

/** @throws Error if the mean is further off */
export function expectMean({ mean, standardError }: Mean, expected: number): void {
  const off = Math.abs(mean - expected);
  if (off <= Math.max(3 * standardError, 0.1 * expected)) return;
  throw new Error(`the mean is ${mean} ± ${standardError}, expected is ${expected}`);
}
