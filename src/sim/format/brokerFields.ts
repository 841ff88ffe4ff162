/** Fields that kinds which take messages have in common. */
import type { NumberField } from './field.ts';

export const publishMsField = {
  type: 'number',
  label: 'Publish confirm',
  unit: 'ms',
  min: 0,
  max: 1e9,
  default: 0,
} as const satisfies NumberField;

export const delaySField = {
  type: 'number',
  label: 'Delivery delay',
  unit: 's',
  min: 0,
  max: 1e9,
  default: 0,
} as const satisfies NumberField;

export const groupsField = {
  type: 'number',
  label: 'FIFO groups',
  unit: 'groups',
  min: 1,
  max: 10_000,
  integer: true,
  none: 'no groups',
  default: null,
  help: 'One message of a group is in flight at a time; a failure blocks the group.',
} as const satisfies NumberField;
