import { expect, it } from 'vitest';
import { checkout } from '../../scenarios/checkout.ts';
import type { Flow } from '../flow.ts';
import { LimitError } from '../kernel/limits.ts';
import { Simulation } from '../kernel/simulation.ts';
import { Dice } from '../testing/dice.ts';
import { declaredPaths, fieldPath, itemPath, variantPath } from '../testing/declaredPaths.ts';
import { fieldValue, randomFlow, type Context } from '../testing/randomFlow.ts';
import { tenseFlow } from '../testing/tenseFlow.ts';
import type { Field } from './field.ts';
import { flowFields } from './flowFields.ts';
import { example } from './flowDocs.ts';
import { parseFlow } from './parseFlow.ts';
import { unions } from './unions.ts';

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

/** An object or a list in a file, and where its members are declared (declaredPaths.ts), if anywhere. */
interface Place {
  readonly at: Record<string, unknown>;
  readonly parent: string;
  readonly isOfItems: boolean;
}

const declared = declaredPaths();

interface Spot {
  readonly at: Record<string, unknown>;
  readonly keys: readonly string[];
  readonly key: string;
  readonly path: string;
}

function spotIn(dice: Dice, places: readonly Place[]): Spot {
  const { at, parent, isOfItems } = dice.pick(places);
  const keys = Object.keys(at);
  const key = keys.length === 0 || dice.chance(0.1) ? dice.pick(strangeKeys) : dice.pick(keys);
  return { at, keys, key, path: isOfItems ? itemPath(parent) : fieldPath(parent, key) };
}

/** Changes one to three places of a file: replaces, removes, adds, moves, doubles; also by what might stand there. */
function mutate(
  dice: Dice,
  file: unknown,
  mutated: Set<string>,
  changed: ReadonlyMap<string, number>,
): unknown {
  const timesOf = (path: string): number => (declared.has(path) ? (changed.get(path) ?? 0) : FILES);
  const copy = JSON.parse(JSON.stringify(file)) as unknown;
  const changes = 1 + dice.below(3);
  for (let k = 0; k < changes; k++) {
    const places: Place[] = [];
    collect(copy, { type: 'object', label: '', fields: flowFields }, '', places);
    if (places.length === 0) return copy;
    // Among a few spots the one that was changed least often: what is rare or deep has its turn, too.
    const spots = Array.from({ length: dice.chance(0.5) ? 1 : 5 }, () => spotIn(dice, places));
    spots.sort((one, other) => timesOf(one.path) - timesOf(other.path));
    const { at, keys, key, path } = spots[0];
    const field = declared.get(path);
    if (field !== undefined) mutated.add(path);
    const kind = dice.below(8);
    if (kind >= 5 && field !== undefined) {
      define(at, key, fieldValue({ ...contextOf(file), dice }, field, 6));
    } else if (kind === 0) Reflect.deleteProperty(at, key);
    else if (kind === 1) define(at, key, dice.pick(places).at);
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

/** @param field what the value should be; undefined where nothing is declared */
function collect(value: unknown, field: Field | undefined, path: string, into: Place[]): void {
  if (typeof value !== 'object' || value === null || into.length > 200) return;
  const at = value as Record<string, unknown>;
  const isOfItems = field?.type === 'list' || field?.type === 'record';
  const parent = field?.type === 'ref' ? variantPath(field.to, tagOf(at, field.to)) : path;
  into.push({ at, parent, isOfItems });
  for (const [key, inner] of Object.entries(at)) {
    const innerPath = isOfItems ? itemPath(parent) : fieldPath(parent, key);
    collect(inner, declared.get(innerPath), innerPath, into);
  }
}

function contextOf(file: unknown): Omit<Context, 'dice'> {
  const nodes = Object.entries((file as Flow).nodes);
  const kindOf = Object.fromEntries(nodes.map(([id, { kind }]) => [id, kind]));
  return { ids: nodes.map(([id]) => id), kindOf, isTense: false, names: 1000 };
}

function tagOf(value: Record<string, unknown>, union: string): string {
  const tag = value[unions[union as keyof typeof unions].tag];
  return typeof tag === 'string' ? tag : '';
}

it(
  `${FILES} mutated files never throw, hang or run beyond the limits`,
  { timeout: 400_000 },
  () => {
    const originals: unknown[] = [checkout.lanes.async, example];
    for (let seed = 0; originals.length < ORIGINALS; seed++) {
      const dice = new Dice(seed);
      const file = seed % 2 === 0 ? randomFlow(dice) : tenseFlow(dice);
      if (parseFlow(file).flow !== undefined) originals.push(file);
    }
    /** How many mutated files changed each declared place, and how many of those were run. */
    const changed = new Map<string, number>();
    const ran = new Map<string, number>();
    let accepted = 0;
    let refused = 0;
    let slowestMs = 0;
    for (let k = 0; k < FILES; k++) {
      const dice = new Dice(k);
      const original = originals[k % originals.length];
      const mutated = new Set<string>();
      const file = k < originals.length ? original : mutate(dice, original, mutated, changed);
      for (const path of mutated) changed.set(path, (changed.get(path) ?? 0) + 1);
      const start = process.cpuUsage();
      const { flow, faults } = parseFlow(file);
      if (flow === undefined) {
        refused++;
        for (const { path, message, right } of faults) {
          if (message === '' || right === '' || typeof path !== 'string') {
            throw new Error(`file ${k}: an empty message`);
          }
        }
      } else {
        if (k >= originals.length) accepted++;
        for (const path of mutated) ran.set(path, (ran.get(path) ?? 0) + 1);
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
      // Its own time: what else the machine does is no fault of the file.
      const { user, system } = process.cpuUsage(start);
      slowestMs = Math.max(slowestMs, (user + system) / 1000);
    }
    // Both sides of the gate are met often, or the test says nothing.
    expect(accepted).toBeGreaterThan(FILES / 10);
    expect(refused).toBeGreaterThan(FILES / 4);
    expect(slowestMs).toBeLessThan(2000);
    // No field, however deep, that was not changed, in a file that was refused or in one that was run.
    const seldom = (counts: ReadonlyMap<string, number>, least: number) =>
      [...declared.keys()].filter((path) => (counts.get(path) ?? 0) < least);
    expect(seldom(changed, 3)).toEqual([]);
    expect(seldom(ran, 1)).toEqual([]);
  },
);
