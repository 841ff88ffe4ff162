import { expect, it } from 'vitest';
import { checkout } from '../../scenarios/checkout.ts';
import { Dice } from '../testing/dice.ts';
import { randomFlow } from '../testing/randomFlow.ts';
import { example } from './flowDocs.ts';
import { flowJsonSchema } from './jsonSchema.ts';
import { parseFlow } from './parseFlow.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The part of JSON Schema (2020-12) that the published schema uses, and nothing else: unknown words fail. */
function accepts(root: Schema, schema: Schema, value: unknown): boolean {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const fields = isObject ? (value as Record<string, unknown>) : {};
  return Object.entries(schema).every(([word, given]) => {
    switch (word) {
      case 'title':
      case 'description':
      case 'default':
      case '$schema':
      case '$id':
      case '$defs':
        return true;
      case '$ref': {
        const name = String(given).replace('#/$defs/', '');
        return accepts(root, (root['$defs'] as Record<string, Schema>)[name], value);
      }
      case 'type':
        return [given]
          .flat()
          .some((type) =>
            type === 'object'
              ? isObject
              : type === 'array'
                ? Array.isArray(value)
                : type === 'null'
                  ? value === null
                  : type === 'integer'
                    ? Number.isInteger(value)
                    : typeof value === type,
          );
      case 'const':
        return value === given;
      case 'enum':
        return (given as unknown[]).includes(value);
      case 'oneOf':
        return (given as Schema[]).filter((each) => accepts(root, each, value)).length === 1;
      case 'minimum':
        return typeof value !== 'number' || value >= Number(given);
      case 'exclusiveMinimum':
        return typeof value !== 'number' || value > Number(given);
      case 'maximum':
        return typeof value !== 'number' || value <= Number(given);
      case 'maxLength':
        return typeof value !== 'string' || value.length <= Number(given);
      case 'pattern':
        return typeof value !== 'string' || new RegExp(String(given)).test(value);
      case 'minItems':
        return !Array.isArray(value) || value.length >= Number(given);
      case 'maxItems':
        return !Array.isArray(value) || value.length <= Number(given);
      case 'items':
        return !Array.isArray(value) || value.every((item) => accepts(root, given as Schema, item));
      case 'maxProperties':
        return Object.keys(fields).length <= Number(given);
      case 'propertyNames':
        return Object.keys(fields).every((key) => accepts(root, given as Schema, key));
      case 'required':
        return !isObject || (given as string[]).every((key) => Object.hasOwn(fields, key));
      case 'properties':
        return Object.entries(given as Record<string, Schema>).every(
          ([key, each]) => !Object.hasOwn(fields, key) || accepts(root, each, fields[key]),
        );
      case 'additionalProperties':
        return Object.entries(fields).every(([key, inner]) => {
          if (Object.hasOwn((schema['properties'] as object | undefined) ?? {}, key)) return true;
          return given !== false && accepts(root, given as Schema, inner);
        });
      default:
        throw new Error(`the schema says "${word}", which this test does not know`);
    }
  });
}

const schema = JSON.parse(JSON.stringify(flowJsonSchema())) as Schema;

it.each([
  ['the documented example', example],
  ['checkout, waiting', checkout.lanes.sync],
  ['checkout, queued', checkout.lanes.async],
])('accepts %s', (_name, flow) => {
  expect(accepts(schema, schema, JSON.parse(JSON.stringify(flow)))).toBe(true);
});

it('accepts whatever the parser accepts, and refuses one wrong value anywhere', () => {
  let accepted = 0;
  let refused = 0;
  for (let seed = 0; seed < 3500; seed++) {
    const dice = new Dice(seed);
    const file = JSON.parse(JSON.stringify(randomFlow(dice))) as Record<string, unknown>;
    if (parseFlow(file).flow === undefined) continue;
    accepted++;
    expect(accepts(schema, schema, file), `seed ${seed}`).toBe(true);
    const nodes = Object.values(file['nodes'] as Record<string, Record<string, unknown>>);
    const node = dice.pick(nodes);
    const key = dice.pick(Object.keys(node));
    node[key] = { neither: 'this nor that' };
    if (parseFlow(file).flow !== undefined) continue;
    refused++;
    expect(accepts(schema, schema, file), `seed ${seed}, ${key}`).toBe(false);
  }
  expect(accepted).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(100);
});
