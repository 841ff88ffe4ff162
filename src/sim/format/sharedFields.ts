/** Fields that several kinds have. */
import type { TextField } from './field.ts';

export const labelField = {
  type: 'text',
  label: 'Label',
  help: 'The name on screen; the node id when left out.',
  default: '',
} as const satisfies TextField;
