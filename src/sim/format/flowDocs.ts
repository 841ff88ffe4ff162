/** docs/flow-format.md: every kind with its parameters, made from the descriptions of the fields. */
import {
  DEFAULT_MAX_EVENTS,
  MAX_EVENTS_AT_ONE_INSTANT,
  MAX_PENDING,
  MAX_RATE_PER_S,
} from '../kernel/limits.ts';
import { isOptional } from './checkField.ts';
import type { Field, FieldMap, Union } from './field.ts';
import { flowFields, MAX_NODES } from './flowFields.ts';
import { SCHEMA_FILE } from './jsonSchema.ts';
import { unions } from './unions.ts';

/** The whole page, in Markdown. */
export function flowFormatPage(): string {
  const parts = [
    '# The flow format',
    '',
    '<!-- Generated from the descriptions in src/sim by `npm run generate`; do not edit. -->',
    '',
    'A flow is a JSON file: nodes, what their threads do step by step, the load, and a schedule of',
    `what happens to them. Its JSON Schema is published beside the page as \`${SCHEMA_FILE}\`;`,
    'name it in `$schema` and an editor completes and checks while you type.',
    '',
    '```json',
    JSON.stringify(example, null, 2),
    '```',
    '',
    'Run it with `npm run --silent simulate -- my-flow.json`; see [simulate.md](simulate.md).',
    '',
    '## Limits',
    '',
    `- ${group(MAX_NODES)} nodes; ${group(MAX_RATE_PER_S)} requests per second from one node of clients`,
    `- ${group(MAX_PENDING)} pending events, and as many requests, jobs or messages at once`,
    `- ${group(DEFAULT_MAX_EVENTS)} events a run, unless \`--max-events\` says otherwise`,
    `- ${group(MAX_EVENTS_AT_ONE_INSTANT)} events at one instant ("no progress at node …")`,
    '- calls may not form a circle; messages may',
    '',
    '## The file',
    '',
    '`version` is 1.',
    '',
    ...table(flowFields),
  ];
  for (const union of Object.values<Union>(unions)) {
    parts.push('', `## ${union.label}`, '', `An object; \`${union.tag}\` tells which.`);
    for (const [tag, variant] of Object.entries(union.variants)) {
      parts.push('', `### ${union.label}: \`${tag}\``, '', variant.help);
      if (Object.keys(variant.fields).length > 0) parts.push('', ...table(variant.fields));
    }
  }
  return `${parts.join('\n')}\n`;
}

/** Small enough to read at a glance, and run by a test. */
export const example = {
  $schema: SCHEMA_FILE,
  version: 1,
  title: 'One server',
  nodes: {
    users: { kind: 'clients', target: 'server', arrivals: 'poisson', ratePerS: 8, patienceS: 2 },
    server: {
      kind: 'service',
      threads: 1,
      acceptQueue: 20,
      handler: [{ do: 'work', name: 'serve', workMs: 100, variability: { kind: 'exponential' } }],
    },
  },
  schedule: [{ timeS: 60, action: { do: 'surge', node: 'users', factor: 10, durationS: 30 } }],
};

function table(fields: FieldMap): string[] {
  const rows: string[][] = [];
  collect(fields, '', rows);
  return [
    '| Parameter | Meaning | Value | Default |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ];
}

/** Fields of objects inside become rows of their own, as `retry.attempts`. */
function collect(fields: FieldMap, prefix: string, rows: string[][]): void {
  for (const [key, field] of Object.entries(fields)) {
    const name = `${prefix}${key}`;
    rows.push([`\`${name}\``, meaning(field), valueOf(field), defaultOf(field)]);
    if (field.type === 'object') collect(field.fields, `${name}.`, rows);
    const inner = field.type === 'list' || field.type === 'record' ? field.of : null;
    if (inner?.type === 'object') collect(inner.fields, `${name}[].`, rows);
  }
}

function meaning(field: Field): string {
  return cell(field.help === undefined ? field.label : `${field.label}. ${field.help}`);
}

function valueOf(field: Field): string {
  switch (field.type) {
    case 'number': {
      const from = field.aboveMin === true ? `above ${group(field.min)}` : group(field.min);
      const unit = field.unit === '' ? '' : ` ${field.unit}`;
      const none = field.none === undefined ? '' : `; null: ${field.none}`;
      const whole = field.integer === true ? 'whole, ' : '';
      return cell(`${whole}${from} to ${group(field.max)}${unit}${none}`);
    }
    case 'choice':
      return cell(
        Object.entries(field.options)
          .map(([value, words]) => `\`${value}\`: ${words}`)
          .join('<br>'),
      );
    case 'boolean':
      return '`true` or `false`';
    case 'text':
      return 'text';
    case 'name':
      return 'a name';
    case 'value':
      return 'a number, an option or null';
    case 'node':
      return `id of a ${field.kinds.join(' or ')}`;
    case 'list':
      return field.of.type === 'ref' || field.of.type === 'object'
        ? `list of ${field.of.label.toLowerCase()}s`
        : `list: ${valueOf(field.of)}`;
    case 'object':
      return 'an object';
    case 'record':
      return `by name: ${field.of.label.toLowerCase()}`;
    case 'ref':
      return `see [${unions[field.to as keyof typeof unions].label}](#${field.to})`;
  }
}

function defaultOf(field: Field): string {
  if (!isOptional(field)) return 'must be given';
  const source = field.source === undefined ? '' : ` (${field.source})`;
  if (field.type === 'number') {
    const value = field.default === null ? 'null' : group(field.default ?? 0);
    return cell(`${value}${source}`);
  }
  if (field.type === 'choice') return cell(`\`${field.default}\`${source}`);
  if (field.type === 'boolean') return cell(`\`${String(field.default)}\`${source}`);
  if ('absent' in field && field.absent !== undefined) return cell(`${field.absent}${source}`);
  return 'none';
}

function group(value: number): string {
  const [whole = '', fraction] = String(value).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
