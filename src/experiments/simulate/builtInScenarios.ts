/** The scenarios that come with the product, found by their files. */
import type { Scenario } from '../../scenarios/scenario.ts';

const modules: Record<string, Record<string, unknown>> = import.meta.glob(
  ['../../scenarios/*.ts', '!../../scenarios/*.test.ts'],
  { eager: true },
);

function isScenario(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && 'lanes' in value && 'parameters' in value;
}

export const builtInScenarios: readonly Scenario[] = Object.values(modules)
  .flatMap((module) => Object.values(module))
  .filter(isScenario);
