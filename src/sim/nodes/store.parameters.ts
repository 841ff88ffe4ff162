/** The parameters of a store. */
import type { StoreSpec } from '../flow.ts';
import type { VariantOf } from '../format/field.ts';
import { labelField } from '../format/sharedFields.ts';

const MAX_REPLICAS = 10;

export const storeParameters: VariantOf<StoreSpec, 'kind'> = {
  label: 'Store',
  help: 'A primary and copies that lag behind it: replicas, or a search index.',
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
    replicas: {
      type: 'number',
      label: 'Replicas',
      unit: 'replicas',
      min: 1,
      max: MAX_REPLICAS,
      default: 1,
      integer: true,
      help: 'Copies; each has draws of its own for its lag, and refreshes at moments of its own.',
    },
    lagMs: {
      type: 'number',
      label: 'Lag of the copy',
      unit: 'ms',
      min: 0,
      max: 1e9,
      default: 0,
    },
    lagsMs: {
      type: 'list',
      label: 'Lags of single replicas',
      help: 'In the order of the replicas; those without one have the lag of the copy.',
      of: { type: 'number', label: 'Lag', unit: 'ms', min: 0, max: 1e9 },
      minItems: 0,
      maxItems: MAX_REPLICAS,
      optional: true,
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
      label: 'Capacity of a copy',
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
    replicaChoice: {
      type: 'choice',
      label: 'Reads go to',
      options: {
        random: 'a replica at random, each time',
        perUser: "the user's own replica: monotonic reads, not read-your-writes",
      },
      default: 'random',
    },
  },
  check({ replicas = 1, lagsMs }, report) {
    if (lagsMs === undefined || lagsMs.length <= replicas) return;
    report({
      path: 'lagsMs',
      message: `There are ${lagsMs.length} lags for ${replicas} replicas`,
      right: `at most ${replicas} lags`,
    });
  },
};
