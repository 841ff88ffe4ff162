/** The outermost object of a flow file, described like everything inside it. */
import type { Flow, TimedInput } from '../flow.ts';
import type { FieldsOf } from './field.ts';

export const MAX_NODES = 200;
const MAX_SCHEDULE = 10_000;

/** The node ids and step names that paths may refer to. */
export const NAME_PATTERN = '^[A-Za-z][A-Za-z0-9_-]{0,63}$';
export const MAX_TEXT_LENGTH = 2000;

const timedInputFields: FieldsOf<TimedInput, never> = {
  timeS: { type: 'number', label: 'At', unit: 's', min: 0, max: 1e9 },
  action: { type: 'ref', label: 'Action', to: 'action' },
};

export const flowFields: FieldsOf<Flow, 'version'> = {
  $schema: {
    type: 'text',
    label: 'Schema',
    help: 'Address of the JSON Schema, for editors.',
    default: '',
  },
  title: { type: 'text', label: 'Title', default: '' },
  nodes: {
    type: 'record',
    label: 'Nodes',
    help: 'By id; the ids are what paths and references name.',
    of: { type: 'ref', label: 'Node', to: 'node' },
    maxItems: MAX_NODES,
  },
  schedule: {
    type: 'list',
    label: 'Schedule',
    help: 'What happens to the flow while it runs: load that changes, faults.',
    of: { type: 'object', label: 'Input', fields: timedInputFields },
    minItems: 0,
    maxItems: MAX_SCHEDULE,
    optional: true,
  },
};
