/**
 * Where in a flow file each field may stand, by the declarations: `node.clients.patienceS`,
 * `step.call.policy.retry.baseS`, `node.store.lagsMs[]`. Tests use it to show that they leave none out.
 */
import type { Field, FieldMap } from '../format/field.ts';
import { flowFields } from '../format/flowFields.ts';
import { unions } from '../format/unions.ts';

/** Every field of the format by its place; the variants of unions stand under the union's name. */
export function declaredPaths(): ReadonlyMap<string, Field> {
  const paths = new Map<string, Field>();
  addAll('', flowFields, paths);
  for (const [name, { variants }] of Object.entries(unions)) {
    for (const [tag, { fields }] of Object.entries<{ readonly fields: FieldMap }>(variants)) {
      addAll(variantPath(name, tag), fields, paths);
    }
  }
  return paths;
}

export function variantPath(union: string, tag: string): string {
  return `${union}.${tag}`;
}

export function fieldPath(parent: string, key: string): string {
  return parent === '' ? key : `${parent}.${key}`;
}

export function itemPath(path: string): string {
  return `${path}[]`;
}

function addAll(parent: string, fields: FieldMap, paths: Map<string, Field>): void {
  for (const [key, field] of Object.entries(fields)) add(fieldPath(parent, key), field, paths);
}

function add(path: string, field: Field, paths: Map<string, Field>): void {
  paths.set(path, field);
  if (field.type === 'list' || field.type === 'record') add(itemPath(path), field.of, paths);
  if (field.type === 'object') addAll(path, field.fields, paths);
}
