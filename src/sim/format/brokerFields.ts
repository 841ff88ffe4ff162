/** Fields that kinds which take messages have in common. */
import type { FieldMap, NumberField } from './field.ts';

/** The way of a publish to the broker and back. */
export const publishFields = {
  publishMs: {
    type: 'number',
    label: 'Publish confirm',
    unit: 'ms',
    min: 0,
    max: 1e9,
    default: 0,
  },
  publishLoss: {
    type: 'number',
    label: 'Loss of publishes',
    unit: '',
    min: 0,
    max: 1,
    default: 0,
    help: 'Share of publishes, and of confirms, that get lost on the way. A thread without a confirm timeout stays parked for ever.',
  },
  confirmTimeoutMs: {
    type: 'number',
    label: 'Confirm timeout',
    unit: 'ms',
    min: 0,
    aboveMin: true,
    max: 1e9,
    none: 'waits for ever',
    default: null,
    help: 'How long a handler waits for the confirm of one attempt. It then publishes again, or fails, not knowing what has become of it. An outbox publishes again at its next look instead.',
    source:
      'RabbitMQ publisher confirms have no timeout; Kafka producer: request.timeout.ms 30 s, delivery.timeout.ms 2 min',
  },
  publishAttempts: {
    type: 'number',
    label: 'Publish attempts',
    unit: 'attempts',
    min: 1,
    max: 1000,
    integer: true,
    default: 1,
    help: 'The first included. One that follows a lost or late confirm puts the message there once more.',
    source: 'illustrative',
  },
} as const satisfies FieldMap;

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
