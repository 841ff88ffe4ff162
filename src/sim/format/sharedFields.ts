/** Fields that several kinds have. */
import type { Fault, FieldMap, TextField } from './field.ts';

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

/** Of everything that works off a queue. */
export const deliveryFields = {
  deliveryMs: {
    type: 'number',
    label: 'Travel time of deliveries',
    unit: 'ms',
    min: 0,
    max: 1e9,
    default: 0,
    help: 'Between the broker and whoever works the message off, each way. Leases and prefetch count from the broker: from the hand-out until the acknowledgement is back.',
  },
  deliveryLoss: {
    type: 'number',
    label: 'Loss of deliveries',
    unit: '',
    min: 0,
    max: 1,
    default: 0,
    help: 'Share of deliveries, and of acknowledgements, lost on the way. A queue closes the channel and delivers what it held again; a lease runs out. From a log the worker fetches again, and a lost commit is made good by the next, or made again after its commit interval.',
  },
} as const satisfies FieldMap;

export function checkDeliveries(
  { deliveryMs = 0, deliveryLoss = 0 }: { deliveryMs?: number; deliveryLoss?: number },
  report: (fault: Fault) => void,
): void {
  if (deliveryLoss === 0 || deliveryMs > 0) return;
  report({
    path: 'deliveryLoss',
    message: `Loss of deliveries is ${deliveryLoss}, and they take no time`,
    right: 'deliveryMs above 0, or no loss',
  });
}
