/** The parameters of what a schedule (or a person) does to a running flow. */
import type { InputAction } from '../flow.ts';
import type { Union, VariantsOf } from './field.ts';

const variants: VariantsOf<InputAction, 'do'> = {
  set: {
    label: 'Set',
    help: 'Changes a parameter; applies to work that starts afterwards.',
    fields: {
      path: {
        type: 'text',
        label: 'Path',
        help: '`node.parameter`, for example `email.workMs` or `api.mode.email`.',
      },
      value: { type: 'value', label: 'Value', help: 'A number, an option, or null for no limit.' },
    },
  },
  surge: {
    label: 'Surge',
    help: 'Multiplies the arrival rate for a while; a factor of 1 ends it.',
    fields: {
      node: { type: 'node', label: 'Clients', use: 'act', kinds: ['clients'] },
      factor: { type: 'number', label: 'Factor', unit: '', min: 0, max: 1000 },
      durationS: { type: 'number', label: 'Duration', unit: 's', min: 0, max: 1e9 },
    },
  },
  kill: {
    label: 'Kill',
    help: 'A thread of the service dies in the middle of its work.',
    fields: {
      node: { type: 'node', label: 'Service', use: 'act', kinds: ['service', 'workers'] },
      downS: { type: 'number', label: 'Down for', unit: 's', min: 0, max: 1e9 },
    },
  },
  poison: {
    label: 'Poison',
    help: 'The next request to arrive fails at this service on every attempt.',
    fields: {
      node: { type: 'node', label: 'Service', use: 'act', kinds: ['service', 'workers'] },
    },
  },
  redrive: {
    label: 'Redrive',
    help: 'Sends the dead letters of a queue back to it, as if enqueued now.',
    fields: { node: { type: 'node', label: 'Queue', use: 'act', kinds: ['queue', 'leaseQueue'] } },
  },
};

export const actionUnion: Union = { label: 'Action', tag: 'do', variants };
