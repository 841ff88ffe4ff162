import { expect, it } from 'vitest';
import { checkout } from '../../scenarios/checkout.ts';
import { LimitError } from '../kernel/limits.ts';
import { Simulation } from '../kernel/simulation.ts';
import { Dice } from '../testing/dice.ts';
import { randomFlow } from '../testing/randomFlow.ts';
import { example } from './flowDocs.ts';
import { parseFlow } from './parseFlow.ts';

const FILES = 100_000;
/** Events an accepted file may run here; enough to reach every handler of a small flow. */
const EVENTS = 80;
/** Distinct files before the mutations. */
const ORIGINALS = 1000;

const strangeValues: readonly unknown[] = [
  null, true, -1, 0, 0.1, 1e9, 1e308, -0, 2 ** 31, 5e-324, '', 'api', 'queue', '__proto__',
  'constructor', [], {}, [[]], { kind: 'service' }, { do: 'call' }, [{ do: 'work' }], '💥'.repeat(99),
]; // prettier-ignore

const strangeKeys = ['__proto__', 'constructor', 'kind', 'do', 'nodes', '', ' ', 'a.b', 'toString'];

/** Changes one to three places of a file: replaces, removes, adds, moves, doubles. */
function mutate(dice: Dice, file: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(file)) as unknown;
  const changes = 1 + dice.below(3);
  for (let k = 0; k < changes; k++) {
    const objects: (Record<string, unknown> | unknown[])[] = [];
    collect(copy, objects);
    if (objects.length === 0) return copy;
    const at = dice.pick(objects) as Record<string, unknown>;
    const keys = Object.keys(at);
    const key = keys.length === 0 || dice.chance(0.1) ? dice.pick(strangeKeys) : dice.pick(keys);
    const kind = dice.below(5);
    if (kind === 0) Reflect.deleteProperty(at, key);
    else if (kind === 1) define(at, key, dice.pick(objects));
    else if (kind === 2 && keys.length > 0) define(at, key, at[dice.pick(keys)]);
    else if (kind === 3 && typeof at[key] === 'number')
      define(at, key, at[key] * dice.pick([-1, 0, 1e-6, 10, 1e6]));
    else define(at, key, dice.pick(strangeValues));
  }
  try {
    return JSON.parse(JSON.stringify(copy)) as unknown;
  } catch {
    // A place was moved into itself: no JSON file can say that.
    return null;
  }
}

/** Sets an own member, `__proto__` included, as JSON.parse does. */
function define(at: object, key: string, value: unknown): void {
  Object.defineProperty(at, key, { value, writable: true, enumerable: true, configurable: true });
}

function collect(value: unknown, into: (Record<string, unknown> | unknown[])[]): void {
  if (typeof value !== 'object' || value === null || into.length > 200) return;
  into.push(value as Record<string, unknown>);
  for (const inner of Object.values(value)) collect(inner, into);
}

it(
  `${FILES} mutated files never throw, hang or run beyond the limits`,
  { timeout: 120_000 },
  () => {
    const originals: unknown[] = [checkout.lanes.async, example];
    for (let seed = 0; originals.length < ORIGINALS; seed++) {
      const file = randomFlow(new Dice(seed));
      if (parseFlow(file).flow !== undefined) originals.push(file);
    }
    let accepted = 0;
    let refused = 0;
    let slowestMs = 0;
    for (let k = 0; k < FILES; k++) {
      const dice = new Dice(k);
      const original = originals[k % originals.length];
      const file = k < originals.length ? original : mutate(dice, original);
      const startMs = performance.now();
      const { flow, faults } = parseFlow(file);
      if (flow === undefined) {
        refused++;
        for (const { path, message, right } of faults) {
          if (message === '' || right === '' || typeof path !== 'string') {
            throw new Error(`file ${k}: an empty message`);
          }
        }
      } else {
        accepted++;
        try {
          const simulation = new Simulation(flow, {
            seed: k,
            observe: k % 20 === 0 ? 'metrics' : 'none',
          });
          simulation.advanceWithin(1000, EVENTS);
          if (simulation.eventCount > EVENTS) throw new Error('beyond the budget');
          if (k % 20 === 0) simulation.report();
        } catch (error) {
          if (!(error instanceof LimitError)) {
            throw new Error(`file ${k}: ${JSON.stringify(file)}`, { cause: error });
          }
        }
      }
      slowestMs = Math.max(slowestMs, performance.now() - startMs);
    }
    // Both sides of the gate are met often, or the test says nothing.
    expect(accepted).toBeGreaterThan(FILES / 20);
    expect(refused).toBeGreaterThan(FILES / 4);
    expect(slowestMs).toBeLessThan(2000);
  },
);
