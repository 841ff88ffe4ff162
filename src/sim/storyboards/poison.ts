/** Poison messages: what a failing message costs by kind of queue, and what takes it out. */
import type { Flow, LeaseQueueSpec, QueueSpec, WorkersSpec } from '../flow.ts';

/** Orders, one queue, workers; the queue and the workers vary. */
export function poisonFlow(
  queue: LeaseQueueSpec | QueueSpec,
  workers: Partial<WorkersSpec> = {},
  ratePerS = 2,
  limit: number | null = null,
): Flow {
  return {
    version: 1,
    title: 'Poison message',
    nodes: {
      users: {
        kind: 'clients',
        label: 'Users',
        target: 'api',
        arrivals: 'poisson',
        ratePerS,
        patienceS: null,
        limit,
      },
      api: {
        kind: 'service',
        label: 'API',
        threads: 20,
        acceptQueue: null,
        handler: [{ do: 'publish', name: 'order', queue: 'orders' }],
      },
      orders: queue,
      workers: {
        kind: 'workers',
        label: 'Workers',
        consumes: 'orders',
        workers: 4,
        handler: [{ do: 'work', name: 'handle', workMs: 500 }],
        ...workers,
      },
    },
  };
}

/** As SQS: 30 s hidden, and no dead-letter queue unless `maxReceives` says so. */
export function leaseQueue(maxReceives: number | null): LeaseQueueSpec {
  return { kind: 'leaseQueue', label: 'Orders', visibilityS: 30, maxReceives };
}

/** A failed message is back at once and first in line, for ever. */
export const requeueLoop: QueueSpec = {
  kind: 'queue',
  label: 'Orders',
  limit: null,
  maxAttempts: null,
  backoffBaseS: 0,
  jitter: 'none',
};
