/**
 * Random flow files, made from the descriptions of the fields: whatever kinds, steps and parameters
 * there are, tests meet them without a line added here. Most are valid; references may point to a node
 * of the wrong kind and calls may go round in circles.
 */
import type { Field, FieldMap } from '../format/field.ts';
import { flowFields } from '../format/flowFields.ts';
import { unions } from '../format/unions.ts';
import type { Dice } from './dice.ts';
import { fitTogether } from './fitTogether.ts';

export type Fields = Record<string, unknown>;

/** What a flow is made with. */
export interface Context {
  readonly dice: Dice;
  readonly ids: readonly string[];
  readonly kindOf: Readonly<Record<string, string>>;
  /** Most of what may be left out is given, and small values are more frequent; milliseconds go up to a second. */
  readonly isTense: boolean;
  names: number;
}

/** Nesting beyond which optional parts are left out and lists stay empty. */
const DEEP = 7;

export function randomFlow(dice: Dice): Fields {
  const kinds = Object.keys(unions.node.variants);
  const kindOf: Record<string, string> = { users: 'clients', server: 'service' };
  const more = dice.below(6);
  for (let k = 0; k < more; k++) kindOf[`n${k}`] = dice.pick(kinds);
  const ids = Object.keys(kindOf);
  const context: Context = { dice, ids, kindOf, isTense: false, names: 0 };
  const nodes: Record<string, Fields> = {};
  for (const id of ids) nodes[id] = variantValue(context, 'node', kindOf[id], 1);
  // Left to chance alone, next to no request would ever reach a queue's worker.
  if (dice.chance(0.7)) connect(context, nodes);
  const flow: Fields = { version: 1, nodes };
  if (dice.chance(0.3)) flow['schedule'] = fieldValue(context, flowFields.schedule, 2);
  return flow;
}

/** Requests come in at the server, which begins with a step for each node that steps lead to; workers consume. */
function connect(context: Context, nodes: Record<string, Fields>): void {
  const { dice, ids, kindOf } = context;
  const users = nodes['users'];
  if (kindOf[users['target'] as string] === 'service') users['target'] = 'server';
  users['ratePerS'] = 1 + 9 * dice.share();
  const steps: Fields[] = [];
  for (const id of ids) {
    const leads = Object.entries(unions.step.variants).flatMap(([tag, { fields }]) =>
      Object.entries(fields)
        // Calls may go round in circles.
        .filter(([, field]) => refersTo(field, kindOf[id]) && kindOf[id] !== 'service')
        .map(([key]) => ({ tag, key })),
    );
    if (leads.length > 0) {
      const { tag, key } = dice.pick(leads);
      steps.push({ ...variantValue(context, 'step', tag, DEEP), [key]: id });
    }
    const isConsumed = Object.values(nodes).some(({ consumes }) => consumes === id);
    if (!refersTo(unions.node.variants['workers'].fields['consumes'], kindOf[id]) || isConsumed) {
      continue;
    }
    nodes[`w-${id}`] = { ...variantValue(context, 'node', 'workers', 2), consumes: id };
  }
  const server = nodes['server'];
  server['handler'] = [...steps, ...(server['handler'] as unknown[])];
}

function refersTo(field: Field, kind: string): boolean {
  return field.type === 'node' && field.kinds.includes(kind);
}

/** A variant of a union, its fields at random. */
export function variantValue(
  context: Context,
  union: keyof typeof unions,
  tag: string,
  depth: number,
): Fields {
  const { tag: tagName, variants } = unions[union];
  const made = { [tagName]: tag, ...objectValue(context, variants[tag].fields, depth) };
  if (context.dice.chance(0.9)) fitTogether(made);
  return made;
}

function objectValue(context: Context, fields: FieldMap, depth: number): Fields {
  const object: Fields = {};
  for (const [key, field] of Object.entries(fields)) {
    const mayOmit =
      ('default' in field && field.default !== undefined) ||
      ('optional' in field && field.optional === true) ||
      ('absent' in field && field.absent !== undefined);
    // An optional name refers to something that has to be there, or else to others that say the same.
    if (field.type === 'name' && mayOmit) {
      if (field.joins === true && context.dice.chance(0.5)) object[key] = 'together';
      continue;
    }
    const omits = context.isTense ? 0.2 : 0.5;
    if (mayOmit && (depth > DEEP || context.dice.chance(omits))) continue;
    object[key] = fieldValue(context, field, depth + 1);
  }
  return object;
}

export function fieldValue(context: Context, field: Field, depth: number): unknown {
  const { dice } = context;
  switch (field.type) {
    case 'number': {
      if (field.none !== undefined && dice.chance(0.3)) return null;
      // Small values are where things happen; now and then the ends of the range.
      const usual = context.isTense && field.unit === 'ms' ? 1000 : 10;
      const most = dice.chance(0.05) ? field.max : Math.min(field.max, field.min + usual);
      const share = context.isTense ? dice.share() * dice.share() : dice.share();
      let number = field.min + share * (most - field.min);
      if (dice.chance(0.1)) number = field.min;
      if (field.integer === true) number = Math.floor(number);
      if (field.aboveMin === true && number === field.min) {
        number = field.integer === true ? field.min + 1 : field.min + 1e-3;
      }
      return number;
    }
    case 'choice':
      return dice.pick(Object.keys(field.options));
    case 'boolean':
      return dice.chance(0.5);
    case 'text':
      return dice.pick(['', 'text', 'server.threads', 'users.ratePerS', 'n0.limit']);
    case 'name':
      return `name${context.names++}`;
    case 'value':
      return dice.pick<unknown>([null, 0, 1, 3, 0.5, 1e9, 'queue', 'wait']);
    case 'node': {
      const fitting = context.ids.filter((id) => field.kinds.includes(context.kindOf[id]));
      return fitting.length === 0 || dice.chance(0.02)
        ? dice.pick(context.ids)
        : dice.pick(fitting);
    }
    case 'list': {
      const length = field.minItems + (depth > DEEP ? 0 : dice.below(4));
      return Array.from({ length }, () => fieldValue(context, field.of, depth + 1));
    }
    case 'object':
      return objectValue(context, field.fields, depth);
    case 'record': {
      const length = depth > DEEP ? 0 : dice.below(3);
      return Object.fromEntries(
        Array.from({ length }, () => [
          `key${context.names++}`,
          fieldValue(context, field.of, depth + 1),
        ]),
      );
    }
    case 'ref': {
      const union = field.to as keyof typeof unions;
      const tags = Object.keys(unions[union].variants);
      // The first variants are the plain ones: they end a nest.
      return variantValue(context, union, depth > DEEP ? tags[0] : dice.pick(tags), depth + 1);
    }
  }
}
