/** The cases with exact answers, in the order in which they are told. */
import { heldThreadCases } from './heldThreadCases.ts';
import { queueCases } from './queueCases.ts';
import { systemCases } from './systemCases.ts';
import type { ValidationCase } from './validationCase.ts';

export const validationCases: readonly ValidationCase[] = [
  ...queueCases,
  ...systemCases,
  ...heldThreadCases,
];
