/** Fields that several kinds have. */
import type { FieldMap, TextField } from './field.ts';

export const labelField = {
  type: 'text',
  label: 'Label',
  help: 'The name on screen; the node id when left out.',
  default: '',
} as const satisfies TextField;

/** Of everything that may turn a call away. */
export const retryAfterFields = {
  rejectionRetryAfterS: {
    type: 'number',
    label: 'Retry-After of rejections',
    unit: 's',
    min: 0,
    max: 1e6,
    none: 'not said',
    default: null,
    help: 'When a caller that retries is asked to come again; its own backoff if not said.',
  },
  rejectionRetryAfterJitter: {
    type: 'number',
    label: 'Jitter of Retry-After',
    unit: '',
    min: 0,
    max: 1,
    default: 0,
    help: 'Up to this share of it is added at random, so that callers do not come back all at once.',
  },
} as const satisfies FieldMap;
