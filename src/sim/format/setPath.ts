/**
 * Changes one value of a flow by its path, before it is parsed: `api.threads`, `nodes.api.threads`,
 * `api.handler[0].workMs`, `api.handler.validate.workMs`, or what a running flow calls it, for example
 * `email.workMs` and `api.mode.email`.
 */
import { unions } from './unions.ts';
import type { Union } from './field.ts';

type Fields = Record<string, unknown>;

/**
 * A copy of the flow with the value set. A path that names nothing in the file becomes an input at
 * time 0, which `parseFlow` then checks with the rest.
 */
export function setPath(json: unknown, path: string, value: unknown): unknown {
  const flow = structured(json);
  if (!isObject(flow)) return flow;
  const keys = path.split(/\.|\[(\d+)\]\.?/).filter((key) => key !== undefined && key !== '');
  const top = keys[0] ?? '';
  const within = Object.hasOwn(flow, top) || !isObject(flow['nodes']) ? flow : flow['nodes'];
  if (!assign(within, keys, value)) {
    const schedule = Array.isArray(flow['schedule']) ? (flow['schedule'] as unknown[]) : [];
    const input = { timeS: 0, action: { do: 'set', path: path.replace(/^nodes\./, ''), value } };
    flow['schedule'] = [input, ...schedule];
  }
  return flow;
}

/** @returns false if the path leads nowhere */
function assign(from: Fields, keys: readonly string[], value: unknown): boolean {
  let at: unknown = from;
  for (let k = 0; k < keys.length - 1; k++) at = member(at, keys[k]);
  const last = keys.at(-1);
  if (last === undefined) return false;
  if (Array.isArray(at) && Number(last) < at.length) {
    at[Number(last)] = value;
    return true;
  }
  if (!isObject(at) || !(Object.hasOwn(at, last) || mayHave(at, last))) return false;
  at[last] = value;
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

/** True if the object is of a kind that has such a parameter, though the file does not give it. */
function mayHave(value: Fields, key: string): boolean {
  return Object.values<Union>(unions).some(({ tag, variants }) => {
    const kind = value[tag];
    return (
      typeof kind === 'string' &&
      Object.hasOwn(variants, kind) &&
      Object.hasOwn(variants[kind].fields, key)
    );
  });
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function structured(json: unknown): unknown {
  return JSON.parse(JSON.stringify(json ?? null)) as unknown;
}
