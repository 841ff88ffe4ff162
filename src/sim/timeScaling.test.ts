import { expect, it, vi } from 'vitest';
import type { Flow, InputAction } from './flow.ts';
import type { Field } from './format/field.ts';
import { LimitError } from './kernel/limits.ts';
import { Simulation } from './kernel/simulation.ts';
import { declaredPaths } from './testing/declaredPaths.ts';
import { tenseFlow } from './testing/tenseFlow.ts';
import {
  atDoubleSpeed,
  changeFlow,
  timeUnit,
  validFlow,
  withTimesGiven,
} from './testing/validFlows.ts';

// Enough on a machine that does other things too.
vi.setConfig({ testTimeout: 120_000 });

const FLOWS = 2500;
const UNTIL_S = 20;
const MAX_EVENTS = 4000;
/** Flows in which each duration and rate has to make a difference. */
const ENOUGH = 2;

type Change = Parameters<typeof changeFlow>[1];

/** Durations halve and rates double, those that an input sets included. */
function fasterValue(value: unknown, field: Field): unknown {
  if (field.type !== 'ref' || field.to !== 'action') return atDoubleSpeed(value, field);
  const action = value as InputAction;
  if (action.do !== 'set' || typeof action.value !== 'number') return action;
  if (action.path.endsWith('PerS')) return { ...action, value: action.value * 2 };
  return /[a-z]S$|Ms$/.test(action.path) ? { ...action, value: action.value / 2 } : action;
}

/** @returns null if a value leaves its range */
function faster(flow: Flow, change: Change = fasterValue): Flow | null {
  try {
    return changeFlow(flow, change);
  } catch {
    return null;
  }
}

/** Every event with its time × `speed`, and what was counted. @returns null if the flow runs in circles */
function historyOf(flow: Flow, speed: number): readonly unknown[] | null {
  const simulation = new Simulation(flow, { seed: 1, observe: 'metrics' });
  const history: unknown[] = [];
  try {
    while (simulation.nextEventS() < UNTIL_S / speed && simulation.eventCount < MAX_EVENTS) {
      const { target, slot } = simulation.events.next();
      history.push(simulation.nextEventS() * speed, target, slot);
      simulation.runEvent();
    }
  } catch (error) {
    if (error instanceof LimitError) return null;
    throw error;
  }
  const { nodes, lane } = simulation.report();
  const { served, declined, rejected, timedOut, failed } = lane;
  history.push(served, declined, rejected, timedOut, failed);
  for (const { counts } of Object.values(nodes)) history.push(...Object.values(counts));
  return history;
}

function isSame(one: readonly unknown[] | null, other: readonly unknown[] | null): boolean {
  if (one === null || other === null || one.length !== other.length) return one === other;
  return one.every((each, k) => Object.is(each, other[k]));
}

/** The places of durations and rates that a flow gives. */
function timesIn(flow: Flow): ReadonlySet<string> {
  const paths = new Set<string>();
  changeFlow(flow, (value, field, _key, path) => {
    if (timeUnit(field) !== null && typeof value === 'number' && value > 0) paths.add(path);
    return value;
  });
  return paths;
}

it('halve every duration and double every rate: the same run in half the time, exactly', () => {
  // The comparison says something of a parameter only where the run is another without it: so each is
  // also left as it was while all others change, until that has been seen to matter.
  const matters = new Map<string, number>();
  for (const [path, field] of declaredPaths()) if (timeUnit(field) !== null) matters.set(path, 0);
  let events = 0;
  for (let seed = 0; seed < FLOWS; seed++) {
    const flow = withTimesGiven(validFlow(seed, true, tenseFlow));
    const fast = faster(flow);
    if (fast === null) continue;
    const history = historyOf(flow, 1);
    expect(isSame(historyOf(fast, 2), history), `flow of seed ${seed}`).toBe(true);
    events += history?.length ?? 0;
    for (const path of timesIn(flow)) {
      const seen = matters.get(path)!;
      if (seen >= ENOUGH) continue;
      const odd = faster(flow, (value, field, _key, where) =>
        where === path ? value : fasterValue(value, field),
      );
      if (odd !== null && !isSame(historyOf(odd, 2), history)) matters.set(path, seen + 1);
    }
  }
  expect(events).toBeGreaterThan(1_000_000);
  expect([...matters].filter(([, flows]) => flows < ENOUGH)).toEqual([]);
});
