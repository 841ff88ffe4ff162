/** Random flows that the parser accepts, and changes to them that tests reason about. */
import type { Flow } from '../flow.ts';
import type { Field, FieldMap } from '../format/field.ts';
import { flowFields } from '../format/flowFields.ts';
import { parseFlow } from '../format/parseFlow.ts';
import { unions } from '../format/unions.ts';
import { fieldPath, itemPath, variantPath } from './declaredPaths.ts';
import { Dice } from './dice.ts';
import { randomFlow } from './randomFlow.ts';

type Fields = Record<string, unknown>;
/** @param path as in declaredPaths.ts */
type Change = (value: unknown, field: Field, key: string, path: string) => unknown;

/** The first valid random flow at or after a seed; the schedule is left out unless asked for. */
export function validFlow(seed: number, withSchedule = false, make = randomFlow): Flow {
  for (let k = 0; ; k++) {
    const file = make(new Dice(seed * 1000 + k));
    if (!withSchedule) delete file['schedule'];
    const { flow } = parseFlow(file);
    if (flow !== undefined) return flow;
  }
}

/** A copy of a flow with every described value passed through `change`; undefined removes it. */
export function changeFlow(flow: Flow, change: Change): Flow {
  const copy = changeFlowUnchecked(flow, change);
  const { flow: changed, faults } = parseFlow({ ...copy, version: 1 });
  if (changed === undefined)
    throw new Error(`the change broke the flow: ${JSON.stringify(faults)}`);
  return changed;
}

function changeFields(value: Fields, fields: FieldMap, path: string, change: Change): Fields {
  const copy: Fields = {};
  for (const [key, inner] of Object.entries(value)) {
    const field = fields[key];
    const changed =
      field === undefined ? inner : changeValue(inner, field, key, fieldPath(path, key), change);
    if (changed !== undefined) copy[key] = changed;
  }
  return copy;
}

function changeValue(
  value: unknown,
  field: Field,
  key: string,
  path: string,
  change: Change,
): unknown {
  const changed = change(value, field, key, path);
  if (changed === undefined || changed === null || typeof changed !== 'object') return changed;
  switch (field.type) {
    case 'list':
      return (changed as unknown[]).map((item) =>
        changeValue(item, field.of, key, itemPath(path), change),
      );
    case 'object':
      return changeFields(changed as Fields, field.fields, path, change);
    case 'record':
      return Object.fromEntries(
        Object.entries(changed).map(([name, item]) => [
          name,
          changeValue(item, field.of, name, itemPath(path), change),
        ]),
      );
    case 'ref': {
      const { tag, variants } = unions[field.to as keyof typeof unions];
      const fields = changed as Fields;
      const variant = fields[tag] as string;
      const described = variants as Record<string, { readonly fields: FieldMap }>;
      return changeFields(
        fields,
        described[variant].fields,
        variantPath(field.to, variant),
        change,
      );
    }
    default:
      return changed;
  }
}

/** The flow with every default of a duration or a rate written out. */
export function withTimesGiven(flow: Flow): Flow {
  return changeFlow(flow, (value, field) => {
    if (field.type !== 'ref' && field.type !== 'object') return value;
    const given = value as Fields | null;
    if (given === null) return value;
    const union = field.type === 'ref' ? unions[field.to as keyof typeof unions] : null;
    const fields: FieldMap =
      field.type === 'object'
        ? field.fields
        : (union!.variants as Record<string, { readonly fields: FieldMap }>)[
            given[union!.tag] as string
          ].fields;
    const filled: Fields = { ...given };
    for (const [key, inner] of Object.entries(fields)) {
      if (timeUnit(inner) === null || !('default' in inner) || key in given) continue;
      if (inner.default !== undefined) filled[key] = inner.default;
    }
    return filled;
  });
}

/** Whether the value of a field depends on how fast the clock runs, and which way. */
export function timeUnit(field: Field): 'duration' | 'rate' | null {
  if (field.type !== 'number') return null;
  if (field.unit === 's' || field.unit === 'ms') return 'duration';
  return field.unit.endsWith('/s') ? 'rate' : null;
}

/** What a clock that runs twice as fast makes of a value: durations halve, rates double. */
export function atDoubleSpeed(value: unknown, field: Field): unknown {
  const unit = timeUnit(field);
  if (unit === null || typeof value !== 'number') return value;
  return unit === 'duration' ? value / 2 : value * 2;
}

/** Every node of both flows in one; their ids get a prefix each. Those of the right one come first. */
export function sideBySide(left: Flow, right: Flow): Flow {
  return { version: 1, nodes: { ...prefixed(right, 'right-'), ...prefixed(left, 'left-') } };
}

function prefixed(flow: Flow, prefix: string): Flow['nodes'] {
  const changed = changeFlowUnchecked(flow, (value, field) =>
    field.type === 'node' ? `${prefix}${String(value)}` : value,
  );
  return Object.fromEntries(
    Object.entries(changed.nodes).map(([id, node]) => [`${prefix}${id}`, node]),
  );
}

function changeFlowUnchecked(flow: Flow, change: Change): Flow {
  return changeFields(flow as unknown as Fields, flowFields, '', change) as unknown as Flow;
}
