/** What a story's number has to keep to: its mean over seeds within 3 standard errors, or 10 %. */
import { expect } from 'vitest';
import type { Mean } from './messageRun.ts';

export function expectMean(figure: Mean, expected: number): void {
  const off = Math.abs(figure.mean - expected);
  const allowed = Math.max(3 * figure.standardError, 0.1 * expected);
  expect(off, `mean ${figure.mean}, expected ${expected}`).toBeLessThanOrEqual(allowed);
}
