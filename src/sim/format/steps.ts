/** The parameters of the steps of a handler. */
import type { CallStep, Step } from '../flow.ts';
import { callPolicyField } from './callPolicy.ts';
import type { FieldsOf, NameField, Union, VariantsOf } from './field.ts';

const nameField = {
  type: 'name',
  label: 'Name',
  help: 'Paths refer to it; work, call and switch steps of a node have one of their own each.',
} as const satisfies NameField;

const callFields: FieldsOf<CallStep, 'do'> = {
  name: nameField,
  target: { type: 'node', label: 'Target', use: 'call', kinds: ['service'] },
  endpoint: {
    type: 'name',
    label: 'Endpoint',
    help: "The target's handler if left out.",
    optional: true,
  },
  policy: callPolicyField,
  whenFailed: {
    type: 'choice',
    label: 'When it fails',
    options: {
      fail: 'the handler fails with it',
      goOn: 'the handler does without the answer',
    },
    default: 'fail',
  },
};

const variants: VariantsOf<Step, 'do'> = {
  work: {
    label: 'Work',
    help: 'Occupies the thread for a drawn time.',
    fields: {
      name: nameField,
      workMs: { type: 'number', label: 'Mean work time', unit: 'ms', min: 0, max: 1e9 },
      variability: {
        type: 'ref',
        label: 'Variability',
        to: 'variability',
        absent: "the service's",
      },
    },
  },
  transfer: {
    label: 'Transfer',
    help: 'Occupies the thread for size ÷ bandwidth: an upload or a download; the time never varies.',
    fields: {
      name: nameField,
      sizeMB: { type: 'number', label: 'Size', unit: 'MB', min: 0, max: 1e6 },
      bandwidthMbps: {
        type: 'number',
        label: 'Bandwidth',
        unit: 'Mb/s',
        min: 0,
        aboveMin: true,
        max: 1e6,
      },
    },
  },
  call: {
    label: 'Call',
    help: 'Calls another service and parks the thread until the answer comes.',
    fields: callFields,
  },
  parallel: {
    label: 'Parallel calls',
    help: 'Calls several services at once and waits for all of them; it fails if one does whose answer is needed.',
    fields: {
      name: nameField,
      calls: {
        type: 'list',
        label: 'Calls',
        of: {
          type: 'object',
          label: 'Call',
          fields: {
            do: { type: 'choice', label: 'Step', options: { call: 'a call' } },
            ...callFields,
          },
        },
        minItems: 1,
        maxItems: 20,
      },
    },
  },
  branch: {
    label: 'Branch',
    help: 'Goes one of several ways, by probability; what is left of 1 skips them all.',
    fields: {
      name: nameField,
      ways: {
        type: 'list',
        label: 'Ways',
        of: {
          type: 'object',
          label: 'Way',
          fields: {
            probability: { type: 'number', label: 'Probability', unit: '', min: 0, max: 1 },
            steps: {
              type: 'list',
              label: 'Steps',
              of: { type: 'ref', label: 'Step', to: 'step' },
              minItems: 0,
              maxItems: 100,
            },
          },
        },
        minItems: 1,
        maxItems: 20,
      },
    },
  },
  publish: {
    label: 'Publish',
    help: 'Hands a message to a queue; the thread is parked on the broker until it confirms.',
    fields: {
      name: nameField,
      queue: {
        type: 'node',
        label: 'Queue',
        use: 'publish',
        kinds: ['queue', 'leaseQueue', 'topic', 'log'],
      },
      copies: {
        type: 'number',
        label: 'Copies',
        unit: 'messages',
        min: 1,
        max: 20_000,
        integer: true,
        default: 1,
        help: 'One event for many: as many messages, each with an id and demands of its own. For more, let a message stand for a chunk.',
      },
    },
  },
  write: {
    label: 'Write',
    help: "Writes the request's (or its user's) value to a store.",
    fields: {
      name: nameField,
      store: { type: 'node', label: 'Store', use: 'read', kinds: ['store'] },
      until: {
        type: 'choice',
        label: 'Waits for',
        options: { primary: 'the primary', copy: 'the copy to show it' },
        default: 'primary',
        source: 'Elasticsearch: refresh=wait_for waits for the copy',
      },
    },
  },
  read: {
    label: 'Read',
    help: "Reads the request's (or its user's) value from a store.",
    fields: {
      name: nameField,
      store: { type: 'node', label: 'Store', use: 'read', kinds: ['store'] },
      from: {
        type: 'choice',
        label: 'From',
        options: { primary: 'the primary', copy: 'the copy' },
        default: 'primary',
      },
      ownWrites: {
        type: 'choice',
        label: 'Own writes',
        options: {
          ignored: 'may be missed',
          primaryAfterWrite: 'are read from the primary for a while',
          versionToken: 'are waited for, by their version',
        },
        default: 'ignored',
      },
    },
  },
  commit: {
    label: 'Commit',
    help: 'Commits to a database together with an event.',
    fields: {
      name: nameField,
      outbox: { type: 'node', label: 'Outbox', use: 'publish', kinds: ['outbox'] },
    },
  },
  switch: {
    label: 'Switch',
    help: 'One of two variants, chosen when the handler starts.',
    fields: {
      name: nameField,
      mode: {
        type: 'choice',
        label: 'Mode',
        options: { wait: 'the first variant', queue: 'the second variant' },
      },
      wait: { type: 'ref', label: 'Waiting', to: 'step' },
      queue: { type: 'ref', label: 'Queued', to: 'step' },
    },
  },
};

export const stepUnion: Union = { label: 'Step', tag: 'do', variants };
