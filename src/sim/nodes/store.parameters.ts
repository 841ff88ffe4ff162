/** The parameters of a store. */
import type { StoreSpec } from '../flow.ts';
import type { VariantOf } from '../format/field.ts';
import { labelField } from '../format/sharedFields.ts';

export const storeParameters: VariantOf<StoreSpec, 'kind'> = {
  label: 'Store',
  help: 'A primary and a copy that lags behind it: a replica, or a search index.',
  fields: {
    label: labelField,
    keys: {
      type: 'number',
      label: 'Users',
      unit: 'users',
      min: 1,
      max: 1000000,
      default: null,
      integer: true,
      none: 'a value for each request',
      help: 'Each has a value of their own.',
    },
    writeMs: {
      type: 'number',
      label: 'Write',
      unit: 'ms',
      min: 0,
      max: 1e9,
      default: 0,
    },
    readMs: {
      type: 'number',
      label: 'Read',
      unit: 'ms',
      min: 0,
      max: 1e9,
      default: 0,
    },
    lagMs: {
      type: 'number',
      label: 'Lag of the copy',
      unit: 'ms',
      min: 0,
      max: 1e9,
      default: 0,
    },
    lagVariability: {
      type: 'ref',
      label: 'Variability of the lag',
      to: 'variability',
      absent: 'a constant lag',
    },
    refreshS: {
      type: 'number',
      label: 'Refresh interval',
      unit: 's',
      min: 0,
      max: 1e6,
      default: 0,
      help: 'A search index shows what has reached it only at its next refresh; 0: at once.',
      source: 'Elasticsearch: 1 s',
    },
    applyPerS: {
      type: 'number',
      label: 'Capacity of the copy',
      unit: 'writes/s',
      min: 0,
      max: 1e6,
      default: null,
      aboveMin: true,
      none: 'any number',
    },
    stickyS: {
      type: 'number',
      label: 'Primary after an own write',
      unit: 's',
      min: 0,
      max: 1e6,
      default: 1,
      help: 'How long a user reads the primary after a write of their own.',
      source: 'illustrative',
    },
  },
};
