/**
 * Changes one value of a flow by its path, before it is parsed: `api.threads`, `nodes.api.threads`,
 * `api.handler[0].workMs`, `api.handler.validate.workMs`, or what a running flow calls it, for example
 * `email.workMs` and `api.mode.email`.
 */
import type { Field, FieldMap } from './field.ts';
import { flowFields } from './flowFields.ts';
import { unions } from './unions.ts';

type Fields = Record<string, unknown>;

const flowField: Field = { type: 'object', label: 'Flow', fields: flowFields };

/**
 * A copy of the flow with the value set, in objects that are made where the file leaves them out. A
 * path that names nothing in a file becomes an input at time 0, after those of the file, which
 * `parseFlow` then checks with the rest.
 */
export function setPath(json: unknown, path: string, value: unknown): unknown {
  const flow = structured(json);
  if (!isObject(flow)) return flow;
  const keys = path.split(/\.|\[(\d+)\]\.?/).filter((key) => key !== undefined && key !== '');
  const top = keys[0] ?? '';
  const nodes = flow['nodes'];
  const isNode = isObject(nodes) && Object.hasOwn(nodes, top);
  const isTop = Object.hasOwn(flow, top) || (!isNode && Object.hasOwn(flowFields, top));
  const done =
    isTop || !isObject(nodes)
      ? assign(flow, flowField, keys, value)
      : assign(nodes, flowFields.nodes, keys, value);
  if (!done) {
    const schedule = Array.isArray(flow['schedule']) ? (flow['schedule'] as unknown[]) : [];
    const input = { timeS: 0, action: { do: 'set', path: path.replace(/^nodes\./, ''), value } };
    flow['schedule'] = [...schedule, input];
  }
  return flow;
}

/** @returns false if the path leads nowhere: then nothing is changed */
function assign(from: Fields, described: Field, keys: readonly string[], value: unknown): boolean {
  let at: unknown = from;
  let field: Field | undefined = described;
  // An object that the file leaves out, to be put in its place if the path leads on.
  let missing: { readonly into: Fields; readonly key: string; readonly made: Fields } | null = null;
  for (let k = 0; k < keys.length - 1; k++) {
    const next = member(at, keys[k]);
    const inner = memberField(field, at, keys[k]);
    if ((next ?? null) === null && isObject(at) && inner?.type === 'object') {
      const made = {};
      if (missing === null) missing = { into: at, key: keys[k], made };
      else at[keys[k]] = made;
      at = made;
    } else at = next;
    field = inner;
  }
  const last = keys.at(-1);
  if (last === undefined) return false;
  if (Array.isArray(at) && Number(last) < at.length) {
    at[Number(last)] = value;
    return true;
  }
  if (!isObject(at)) return false;
  const mayHave = field?.type !== 'record' && memberField(field, at, last) !== undefined;
  if (!Object.hasOwn(at, last) && !mayHave) return false;
  at[last] = value;
  if (missing !== null) missing.into[missing.key] = missing.made;
  return true;
}

/** A member by key; of a list by position or by the name of the entry. */
function member(value: unknown, key: string): unknown {
  if (Array.isArray(value)) {
    const list = value as unknown[];
    const at = /^\d+$/.test(key)
      ? Number(key)
      : list.findIndex((item) => isObject(item) && item['name'] === key);
    return list[at];
  }
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The description of a member of `value`, which `field` describes; undefined if it may have none. */
function memberField(field: Field | undefined, value: unknown, key: string): Field | undefined {
  switch (field?.type) {
    case 'list':
    case 'record':
      return field.of;
    case 'object':
      return ownField(field.fields, key);
    case 'ref': {
      const { tag, variants } = unions[field.to as keyof typeof unions];
      const kind = isObject(value) ? value[tag] : undefined;
      if (typeof kind !== 'string' || !Object.hasOwn(variants, kind)) return undefined;
      return ownField(variants[kind].fields, key);
    }
    default:
      return undefined;
  }
}

function ownField(fields: FieldMap, key: string): Field | undefined {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function structured(json: unknown): unknown {
  return JSON.parse(JSON.stringify(json ?? null)) as unknown;
}
