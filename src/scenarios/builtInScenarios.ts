/** The scenarios that come with the product, found by their files, in teaching order. */
import type { Scenario } from './scenario.ts';

const modules: Record<string, Record<string, unknown>> = import.meta.glob(
  ['./*.ts', '!./*.test.ts', '!./builtInScenarios.ts'],
  { eager: true },
);

function isScenario(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && 'lanes' in value && 'parameters' in value;
}

const [first, ...others] = Object.values(modules)
  .flatMap((module) => Object.values(module))
  .filter(isScenario)
  .sort((a, b) => a.order - b.order);
if (first === undefined) throw new Error('there is no scenario');

/** The first is what the page opens with. */
export const builtInScenarios: readonly [Scenario, ...Scenario[]] = [first, ...others];
