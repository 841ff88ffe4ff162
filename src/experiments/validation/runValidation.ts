/** Runs every case and makes the page of docs/validation.md from the results. */
import { runCase } from './validationCase.ts';
import { validationCases } from './validationCases.ts';
import { validationPage } from './validationPage.ts';

export function runValidation(): string {
  return validationPage(validationCases.map(runCase));
}
