/** The parameters of a topic. */
import type { TopicSpec } from '../flow.ts';
import { publishFields } from '../format/brokerFields.ts';
import type { VariantOf } from '../format/field.ts';
import { labelField } from '../format/sharedFields.ts';

export const topicParameters: VariantOf<TopicSpec, 'kind'> = {
  label: 'Topic',
  help: 'Copies every message to each of its subscriptions, which are queues of their own.',
  fields: {
    label: labelField,
    subscriptions: {
      type: 'list',
      label: 'Subscriptions',
      help: 'Queues that get a copy each.',
      of: { type: 'node', label: 'Queue', use: 'publish', kinds: ['queue', 'leaseQueue'] },
      minItems: 1,
      maxItems: 100,
    },
    ...publishFields,
  },
};
