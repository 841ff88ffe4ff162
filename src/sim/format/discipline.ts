/** The parameters of the disciplines of an accept queue. */
import type { QueueDiscipline } from '../flow.ts';
import type { NumberField, Union, VariantsOf } from './field.ts';

const target = {
  type: 'number',
  label: 'Target',
  unit: 'ms',
  min: 0,
  aboveMin: true,
  max: 1e6,
  default: 5,
  source: 'RFC 8289',
} as const satisfies NumberField;

const interval = {
  type: 'number',
  label: 'Interval',
  unit: 'ms',
  min: 0,
  aboveMin: true,
  max: 1e6,
  default: 100,
  source: 'RFC 8289',
} as const satisfies NumberField;

const variants: VariantsOf<QueueDiscipline, 'kind'> = {
  fifo: { label: 'FIFO', help: 'First in, first out.', fields: {} },
  lifo: { label: 'LIFO', help: 'The newest first: those who wait longest have gone.', fields: {} },
  priority: {
    label: 'Priority',
    help: "By the request's class, then in order of arrival. When full, the last of the worst class makes room.",
    fields: {},
  },
  deadlineDrop: {
    label: 'Deadline drop',
    help: 'Rejected when its turn comes after its deadline (if it has one), or after so long.',
    fields: {
      maxWaitS: {
        type: 'number',
        label: 'Longest wait',
        unit: 's',
        min: 0,
        max: 1e9,
        none: 'only deadlines count',
        default: null,
      },
    },
  },
  codel: {
    label: 'CoDel',
    help: 'Controlled delay: rejects ever more often while the wait stays above the target for an interval.',
    fields: { targetMs: target, intervalMs: interval },
  },
  codelTimeout: {
    label: 'CoDel, as a timeout',
    help: 'Rejected after the target if the queue had not been empty for the interval, else after the interval.',
    fields: {
      targetMs: { ...target, source: 'Facebook: Fail at Scale' },
      intervalMs: { ...interval, source: 'Facebook: Fail at Scale' },
    },
  },
};

export const disciplineUnion: Union = { label: 'Discipline', tag: 'kind', variants };
