/** Checks a value against the description of its field, collecting every fault with its path. */
import type { Fault, Field, FieldMap, NodeField, Union, Variant } from './field.ts';
import { MAX_TEXT_LENGTH, NAME_PATTERN } from './flowFields.ts';

/** A reference to another node, checked once all nodes are known. */
export interface Reference {
  readonly path: string;
  readonly from: string;
  readonly to: string;
  readonly field: NodeField;
}

export interface CheckContext {
  readonly unions: Readonly<Record<string, Union>>;
  readonly faults: Fault[];
  readonly references: Reference[];
  /** Id of the node being checked, empty outside of nodes. */
  node: string;
}

/** Beyond this many faults a file is not a flow, and a list of them helps nobody. */
export const MAX_FAULTS = 100;
/** Objects and lists inside each other; what a file may need is far less. */
const MAX_DEPTH = 24;

const NAME = new RegExp(NAME_PATTERN);

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as a message shows it: short, and never an object in full. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return `a ${typeof value}`;
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}

function fault(context: CheckContext, path: string, message: string, right: string): void {
  if (context.faults.length < MAX_FAULTS) context.faults.push({ path, message, right });
}

/** `a.b`, or `a["b c"]` where the key is no name. */
function member(path: string, key: string): string {
  if (!/^[$A-Za-z][\w$-]{0,63}$/.test(key)) return `${path}[${show(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** True where the field may be left out. */
export function isOptional(field: Field): boolean {
  switch (field.type) {
    case 'number':
    case 'choice':
    case 'boolean':
    case 'text':
      return field.default !== undefined;
    case 'name':
    case 'node':
    case 'list':
      return field.optional === true;
    case 'object':
    case 'record':
    case 'ref':
      return field.absent !== undefined;
    case 'value':
      return false;
  }
}

/** Checks one value; `path` is where it stands in the file. */
export function checkField(
  context: CheckContext,
  field: Field,
  value: unknown,
  path: string,
  depth: number,
): void {
  if (depth > MAX_DEPTH) {
    return fault(context, path, 'is nested too deeply', `at most ${MAX_DEPTH} levels`);
  }
  if (field.type === 'ref') {
    return checkUnion(context, context.unions[field.to], value, path, depth);
  }
  if (!fits(field, value)) {
    return fault(context, path, `${field.label} is ${show(value)}`, sayRight(field));
  }
  switch (field.type) {
    case 'node':
      context.references.push({ path, from: context.node, to: value as string, field });
      return;
    case 'list':
      return checkList(context, field, value as unknown[], path, depth);
    case 'object':
      if (value === null) return;
      return checkFields(context, field.fields, value as Fields, path, depth, null);
    case 'record':
      return checkRecord(context, field, value as Fields, path, depth);
    default:
      // The others hold nothing that could be wrong.
      return;
  }
}

/** Is the value of the sort that the field takes, and in its range? What it holds is not looked at. */
function fits(field: Exclude<Field, { readonly type: 'ref' }>, value: unknown): boolean {
  switch (field.type) {
    case 'number':
      if (value === null) return field.none !== undefined;
      return (
        typeof value === 'number' &&
        value >= field.min &&
        value <= field.max &&
        !(field.aboveMin === true && value === field.min) &&
        !(field.integer === true && !Number.isInteger(value))
      );
    case 'choice':
      return typeof value === 'string' && Object.hasOwn(field.options, value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string' && value.length <= MAX_TEXT_LENGTH;
    case 'name':
      return typeof value === 'string' && NAME.test(value);
    case 'value':
      return value === null || typeof value === 'string' || Number.isFinite(value);
    case 'node':
      return typeof value === 'string';
    case 'list':
      return Array.isArray(value);
    case 'object':
      return isObject(value) || (value === null && field.nullable === true);
    case 'record':
      return isObject(value);
  }
}

function checkList(
  context: CheckContext,
  field: Extract<Field, { readonly type: 'list' }>,
  items: readonly unknown[],
  path: string,
  depth: number,
): void {
  const { label, minItems, maxItems } = field;
  if (items.length < minItems || items.length > maxItems) {
    const right = `${minItems} to ${maxItems}`;
    return fault(context, path, `${label} has ${items.length} entries`, right);
  }
  items.forEach((item, k) => checkField(context, field.of, item, `${path}[${k}]`, depth + 1));
}

function checkRecord(
  context: CheckContext,
  field: Extract<Field, { readonly type: 'record' }>,
  items: Fields,
  path: string,
  depth: number,
): void {
  const { label, maxItems } = field;
  const keys = Object.keys(items);
  if (keys.length > maxItems) {
    return fault(context, path, `${label} has ${keys.length} entries`, `at most ${maxItems}`);
  }
  for (const key of keys) {
    const at = member(path, key);
    if (!NAME.test(key)) {
      const right = 'a letter, then up to 63 letters, digits, "_" or "-"';
      fault(context, at, `${show(key)} is not a name`, right);
      continue;
    }
    if (path === 'nodes') context.node = key;
    checkField(context, field.of, items[key], at, depth + 1);
  }
  context.node = '';
}

function checkUnion(
  context: CheckContext,
  union: Union,
  value: unknown,
  path: string,
  depth: number,
): void {
  const tags = Object.keys(union.variants);
  if (!isObject(value)) {
    const right = `an object with "${union.tag}": ${tags.join(', ')}`;
    return fault(context, path, `${union.label} is ${show(value)}`, right);
  }
  const tag = Object.hasOwn(value, union.tag) ? value[union.tag] : undefined;
  if (typeof tag !== 'string' || !Object.hasOwn(union.variants, tag)) {
    const right = `one of ${tags.join(', ')}${suggest(tag, tags)}`;
    return fault(
      context,
      member(path, union.tag),
      `there is no ${union.label.toLowerCase()} of kind ${show(tag)}`,
      right,
    );
  }
  const variant = union.variants[tag];
  const before = context.faults.length;
  checkFields(context, variant.fields, value, path, depth, union.tag);
  if (context.faults.length === before) checkWhole(context, variant, value, path);
}

function checkWhole(context: CheckContext, variant: Variant, value: Fields, path: string): void {
  variant.check?.(value as never, (found) =>
    fault(
      context,
      found.path.startsWith('[') ? path + found.path : found.path.split('.').reduce(member, path),
      found.message,
      found.right,
    ),
  );
}

/** @param tag the member that tells variants apart, null outside of unions */
export function checkFields(
  context: CheckContext,
  fields: FieldMap,
  value: Fields,
  path: string,
  depth: number,
  tag: string | null,
): void {
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(fields, key) || key === tag || value[key] === undefined) continue;
    const known = Object.keys(fields);
    fault(
      context,
      member(path, key),
      `there is no parameter ${show(key)} here`,
      known.length === 0 ? 'no parameters' : `one of ${known.join(', ')}${suggest(key, known)}`,
    );
    if (context.faults.length >= MAX_FAULTS) return;
  }
  for (const [key, field] of Object.entries(fields)) {
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    if (given !== undefined) checkField(context, field, given, member(path, key), depth + 1);
    else if (!isOptional(field)) {
      fault(context, member(path, key), `${field.label} is missing`, sayRight(field));
    }
    if (context.faults.length >= MAX_FAULTS) return;
  }
}

/** What would be right, in words, for example `a whole number from 1 to 1000 threads`. */
export function sayRight(field: Field): string {
  switch (field.type) {
    case 'number': {
      const number = field.integer === true ? 'a whole number' : 'a number';
      const from = field.aboveMin === true ? `above ${field.min} up to` : `from ${field.min} to`;
      const unit = field.unit === '' ? '' : ` ${field.unit}`;
      const none = field.none === undefined ? '' : `, or null: ${field.none}`;
      return `${number} ${from} ${field.max}${unit}${none}`;
    }
    case 'choice':
      return `one of ${Object.keys(field.options)
        .map((option) => `"${option}"`)
        .join(', ')}`;
    case 'boolean':
      return 'true or false';
    case 'text':
      return `a text of at most ${MAX_TEXT_LENGTH} characters`;
    case 'name':
      return 'a name: a letter, then up to 63 letters, digits, "_" or "-"';
    case 'value':
      return 'a number, a text or null';
    case 'node':
      return `the id of a node of kind ${field.kinds.join(' or ')}`;
    case 'list':
      return 'a list';
    case 'object':
      return `an object with ${Object.keys(field.fields).join(', ')}`;
    case 'record':
      return 'an object with a name for each entry';
    case 'ref':
      return 'an object';
  }
}

/** ` (did you mean "queue"?)` where a candidate is close, else nothing. */
export function suggest(given: unknown, candidates: readonly string[]): string {
  if (typeof given !== 'string' || given.length === 0 || given.length > 64) return '';
  let best = '';
  let bestDistance = Math.min(3, Math.floor(given.length / 2) + 1);
  for (const candidate of candidates) {
    const distance = editDistance(given.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best === '' ? '' : ` (did you mean "${best}"?)`;
}

/** Levenshtein distance: insertions, deletions and replacements from one text to the other. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, k) => k);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, previous[j] + 1, row[j - 1] + 1));
    }
    previous = row;
  }
  return previous[b.length];
}
