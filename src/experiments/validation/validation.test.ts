import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import {
  errorBound,
  littlesLawBound,
  runCase,
  standardErrorShare,
  type CaseResult,
} from './validationCase.ts';
import { validationCases } from './validationCases.ts';
import { validationPage } from './validationPage.ts';

const results: CaseResult[] = [];

describe.each(validationCases)('$name', (validationCase) => {
  it('comes out exactly, and a wrong model does not', { timeout: 60_000 }, () => {
    const result = runCase(validationCase);
    results.push(result);
    for (const {
      figure,
      measured,
      standardError,
      errors,
      mutated,
      mutatedErrors,
    } of result.figures) {
      const said = `${figure.name}: ${measured} ± ${standardError}, exactly ${figure.exact}; mutated ${mutated}`;
      expect(Math.abs(errors), said).toBeLessThan(errorBound);
      expect(Math.abs(mutatedErrors), said).toBeGreaterThan(errorBound);
      const effect = Math.abs(mutated - figure.exact);
      expect(standardError, said).toBeLessThan(standardErrorShare * effect);
    }
    expect(result.littlesLawGap).toBeLessThan(littlesLawBound);
  });
});

it('docs/validation.md is up to date (else: npm run generate)', async () => {
  const url = new URL('../../../docs/validation.md', import.meta.url);
  const config = await resolveConfig(url.pathname);
  const page = await format(validationPage(results), { ...config, filepath: url.pathname });
  expect(readFileSync(url, 'utf8')).toBe(page);
});
