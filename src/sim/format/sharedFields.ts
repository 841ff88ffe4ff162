/** Fields that several kinds have. */
import type { TextField } from './field.ts';

export const labelField: TextField = {
  type: 'text',
  label: 'Label',
  help: 'The name on screen; the node id when left out.',
  default: '',
};
