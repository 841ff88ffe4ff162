/**
 * What an input that sets a parameter by its path is checked against: the same description as a file's.
 * Whether the parameter can change while the flow runs is the affair of its node.
 */
import type { Flow } from '../flow.ts';
import { callPolicyField, retryBudgetUnion } from './callPolicy.ts';
import { suggest } from './checkField.ts';
import type { Field, FieldMap } from './field.ts';
import { stepUnion } from './steps.ts';
import { unions } from './unions.ts';
import { variabilityUnion } from './variability.ts';

const { lognormal } = variabilityUnion.variants;
const { ratio } = retryBudgetUnion.variants;

/** Parameters of steps, which a path names after the node, whatever the step: `email.workMs`, `api.mode.email`. */
const ofSteps: FieldMap = {
  workMs: stepUnion.variants['work'].fields['workMs'],
  // The widest range of any shape; whether a step's shape can have it, the node says.
  cv: lognormal.fields['cv'],
  mode: stepUnion.variants['switch'].fields['mode'],
};

/** Those of a call's policy, which stand in one row in paths: `api.call.charge.openS`. */
const ofCalls: FieldMap = {
  ...leaves(callPolicyField.fields),
  retryRatio: ratio.fields['ratio'],
};

/**
 * @param path `node.parameter`, of a node that the flow has
 * @returns the description of the value; undefined if no parameter is called that
 */
export function fieldOfPath(flow: Flow, path: string): Field | undefined {
  const [id, name, ...rest] = path.split('.');
  const { kind } = flow.nodes[id];
  const { fields } = unions.node.variants[kind];
  if (name === 'call') return own(ofCalls, rest.at(-1) ?? '');
  if ('handler' in fields && Object.hasOwn(ofSteps, name)) return ofSteps[name];
  const field = own(fields, name);
  if (field?.type === 'list') return rest.length === 1 ? field.of : undefined;
  return rest.length === 0 ? field : undefined;
}

/** What could stand in place of a path that names no parameter, in words. */
export function sayPath(flow: Flow, path: string): string {
  const [id, name, ...rest] = path.split('.');
  const { fields } = unions.node.variants[flow.nodes[id].kind];
  // What a file calls it; while the flow runs paths are shorter.
  if (name === 'policy')
    return `a parameter of the node (did you mean "${id}.call.${rest.at(-1)}"?)`;
  if (name === 'handler') return 'a parameter of the node; of a step, for example its workMs.name';
  const names = name === 'call' ? Object.keys(ofCalls) : Object.keys(leaves(fields));
  if ('handler' in fields) names.push(...Object.keys(ofSteps));
  return `a parameter of the node${suggest(name === 'call' ? rest.at(-1) : name, names)}`;
}

/** The fields that hold a single value, those of inner objects among them. */
function leaves(fields: FieldMap): FieldMap {
  const found: Record<string, Field> = {};
  for (const [key, field] of Object.entries(fields)) {
    if (field.type === 'object') Object.assign(found, leaves(field.fields));
    else if (field.type === 'number' || field.type === 'choice') found[key] = field;
  }
  return found;
}

function own(fields: FieldMap, key: string): Field | undefined {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}
