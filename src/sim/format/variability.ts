/** The parameters of the distributions a duration may have. */
import type { Variability } from '../flow.ts';
import type { Union, VariantsOf } from './field.ts';

const variants: VariantsOf<Variability, 'kind'> = {
  constant: { label: 'Constant', help: 'Always the mean.', fields: {} },
  gamma: {
    label: 'Gamma',
    help: 'Between constant and exponential.',
    fields: {
      cv: {
        type: 'number',
        label: 'Coefficient of variation',
        unit: '',
        min: 0,
        max: 1,
        help: 'Standard deviation ÷ mean: 0 is constant, 1 is exponential.',
      },
    },
  },
  exponential: { label: 'Exponential', help: 'Memoryless.', fields: {} },
};

export const variabilityUnion: Union = { label: 'Variability', tag: 'kind', variants };
