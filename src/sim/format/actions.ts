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
        help: '`node.parameter`, where it is one that can change while the flow runs. Of steps: `email.workMs` (the first work step), `email.workMs.send` (that one), `email.cv`, `api.mode.email`; of a call policy, without its groups: `users.call.timeoutMs`, `api.call.charge.openS`; of replicas `store.lagsMs.0`.',
      },
      value: { type: 'value', label: 'Value', help: 'A number, an option, or null for no limit.' },
    },
  },
  surge: {
    label: 'Surge',
    help: 'Multiplies the arrival rate for a while, in place of a surge under way; a factor of 1 ends it. Not of a closed loop.',
    fields: {
      node: { type: 'node', label: 'Clients', use: 'act', kinds: ['clients'] },
      factor: { type: 'number', label: 'Factor', unit: '', min: 0, max: 1000 },
      durationS: { type: 'number', label: 'Duration', unit: 's', min: 0, max: 1e9 },
    },
  },
  kill: {
    label: 'Kill',
    help: 'A thread of the service dies in the middle of its work; if none works now, the next that does (parked threads do not).',
    fields: {
      node: { type: 'node', label: 'Service', use: 'act', kinds: ['service', 'workers'] },
      downS: { type: 'number', label: 'Down for', unit: 's', min: 0, max: 1e9 },
    },
  },
  outage: {
    label: 'Outage',
    help: 'For a while the service starts nothing, or turns every call away (workers get none). Work under way goes on. Outages may overlap.',
    fields: {
      node: { type: 'node', label: 'Service', use: 'act', kinds: ['service', 'workers'] },
      durationS: { type: 'number', label: 'Duration', unit: 's', min: 0, max: 1e9 },
      how: {
        type: 'choice',
        label: 'How',
        options: { stall: 'takes calls in and starts nothing', refuse: 'turns calls away' },
      },
    },
  },
  flush: {
    label: 'Flush',
    help: 'Empties the accept queue: all that wait in it are rejected.',
    fields: { node: { type: 'node', label: 'Service', use: 'act', kinds: ['service'] } },
  },
  slow: {
    label: 'Slow down',
    help: 'Work that starts takes so many times as long, for a while, in place of a slow-down under way; a factor of 1 ends it.',
    fields: {
      node: { type: 'node', label: 'Service', use: 'act', kinds: ['service', 'workers'] },
      factor: { type: 'number', label: 'Factor', unit: '', min: 0, max: 1e6 },
      durationS: { type: 'number', label: 'Duration', unit: 's', min: 0, max: 1e9 },
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
    help: 'Sends the dead letters of a queue (the latest 10,000 are kept) back to it, as if enqueued now; one that drops nothing takes as many as it has places for.',
    fields: { node: { type: 'node', label: 'Queue', use: 'act', kinds: ['queue', 'leaseQueue'] } },
  },
};

export const actionUnion: Union = { label: 'Action', tag: 'do', variants };
