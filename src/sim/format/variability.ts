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
  lognormal: {
    label: 'Lognormal',
    help: 'A long tail: most are short, a few very long.',
    fields: {
      cv: {
        type: 'number',
        label: 'Coefficient of variation',
        unit: '',
        min: 0,
        max: 100,
        help: 'Standard deviation ÷ mean.',
      },
    },
  },
  hyperexponential: {
    label: 'Hyperexponential',
    help: 'A mixture of short and long exponentials with balanced means.',
    fields: {
      cv: {
        type: 'number',
        label: 'Coefficient of variation',
        unit: '',
        min: 1,
        max: 100,
        help: 'Standard deviation ÷ mean; 1 is exponential.',
      },
    },
  },
  uniform: {
    label: 'Uniform',
    help: 'Evenly between (1 − spread) and (1 + spread) times the mean.',
    fields: { spread: { type: 'number', label: 'Spread', unit: '', min: 0, max: 1 } },
  },
  empirical: {
    label: 'Empirical',
    help: "From data: one of these values at random, scaled so that their mean is the step's.",
    fields: {
      values: {
        type: 'list',
        label: 'Values',
        of: { type: 'number', label: 'Value', unit: '', min: 0, max: 1e9 },
        minItems: 1,
        maxItems: 10_000,
      },
    },
  },
};

export const variabilityUnion: Union = { label: 'Variability', tag: 'kind', variants };
