/** The published JSON Schema (draft 2020-12) of flow files, made from the descriptions of the fields. */
import { isOptional } from './checkField.ts';
import type { Field, FieldMap, Union, Variant } from './field.ts';
import { flowFields, MAX_TEXT_LENGTH, NAME_PATTERN } from './flowFields.ts';
import { unions } from './unions.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = Readonly<Record<string, Json>>;

/** Where the schema is published, relative to the page. */
export const SCHEMA_FILE = 'flow.schema.v1.json';

export function flowJsonSchema(): JsonObject {
  const definitions: Record<string, Json> = {};
  for (const [name, union] of Object.entries<Union>(unions)) {
    const tags = Object.keys(union.variants);
    definitions[name] = {
      title: union.label,
      type: 'object',
      required: [union.tag],
      properties: { [union.tag]: { enum: tags } },
      oneOf: tags.map((tag) => ({ $ref: `#/$defs/${name}.${tag}` })),
    };
    for (const tag of tags) {
      definitions[`${name}.${tag}`] = variantSchema(union.variants[tag], union.tag, tag);
    }
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: SCHEMA_FILE,
    title: 'Flowscope flow, version 1',
    ...objectSchema(flowFields, { version: { const: 1 } }, ['version']),
    $defs: definitions,
  };
}

function variantSchema(variant: Variant, tag: string, value: string): JsonObject {
  return {
    title: variant.label,
    description: variant.help,
    ...objectSchema(variant.fields, { [tag]: { const: value } }, [tag]),
  };
}

function objectSchema(
  fields: FieldMap,
  first: Record<string, Json>,
  alwaysRequired: readonly string[],
): JsonObject {
  const properties: Record<string, Json> = { ...first };
  const required: string[] = [...alwaysRequired];
  for (const [key, field] of Object.entries(fields)) {
    properties[key] = fieldSchema(field);
    if (!isOptional(field)) required.push(key);
  }
  return { type: 'object', properties, required, additionalProperties: false };
}

function fieldSchema(field: Field): JsonObject {
  return { ...annotations(field), ...constraints(field) };
}

/** Title, description and default: for people and editors. */
function annotations(field: Field): JsonObject {
  const sentences = [
    field.help,
    'unit' in field && field.unit !== '' ? `Unit: ${field.unit}.` : undefined,
    field.type === 'number' && field.none !== undefined ? `null: ${field.none}.` : undefined,
    'absent' in field && field.absent !== undefined ? `Left out: ${field.absent}.` : undefined,
    field.source === undefined ? undefined : `Default from: ${field.source}.`,
  ].filter((sentence) => sentence !== undefined);
  return {
    title: field.label,
    ...(sentences.length > 0 ? { description: sentences.join(' ') } : {}),
    ...('default' in field && field.default !== undefined && field.default !== ''
      ? { default: field.default }
      : {}),
  };
}

function constraints(field: Field): JsonObject {
  switch (field.type) {
    case 'number': {
      const number = field.integer === true ? 'integer' : 'number';
      return {
        type: field.none === undefined ? number : [number, 'null'],
        [field.aboveMin === true ? 'exclusiveMinimum' : 'minimum']: field.min,
        maximum: field.max,
      };
    }
    case 'choice':
      return {
        oneOf: Object.entries(field.options).map(([value, title]) => ({ const: value, title })),
      };
    case 'boolean':
      return { type: 'boolean' };
    case 'text':
      return { type: 'string', maxLength: MAX_TEXT_LENGTH };
    case 'name':
    case 'node':
      return { type: 'string', pattern: NAME_PATTERN };
    case 'value':
      return { type: ['number', 'string', 'null'] };
    case 'list':
      return {
        type: 'array',
        items: fieldSchema(field.of),
        minItems: field.minItems,
        maxItems: field.maxItems,
      };
    case 'object': {
      const schema = objectSchema(field.fields, {}, []);
      return field.nullable === true ? { ...schema, type: ['object', 'null'] } : schema;
    }
    case 'record':
      return {
        type: 'object',
        propertyNames: { pattern: NAME_PATTERN },
        additionalProperties: fieldSchema(field.of),
        maxProperties: field.maxItems,
      };
    case 'ref':
      return { $ref: `#/$defs/${field.to}` };
  }
}
