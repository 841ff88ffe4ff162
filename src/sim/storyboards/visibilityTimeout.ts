/** A visibility timeout shorter than the work: several effects per message, heartbeats and claims. */
import type { Flow, Variability, WorkersSpec } from '../flow.ts';

/**
 * @param visibilityS how long a receive hides a message, seconds
 * @param workS mean work time, seconds
 */
export function visibilityTimeoutFlow(
  visibilityS: number,
  workS: number,
  variability: Variability,
  workers: Partial<WorkersSpec> = {},
  limit: number | null = null,
): Flow {
  return {
    version: 1,
    title: 'Visibility timeout',
    nodes: {
      users: {
        kind: 'clients',
        label: 'Users',
        target: 'api',
        arrivals: 'poisson',
        ratePerS: 2,
        patienceS: null,
        limit,
      },
      api: {
        kind: 'service',
        label: 'API',
        threads: 20,
        acceptQueue: null,
        handler: [{ do: 'publish', name: 'invoice', queue: 'invoices' }],
      },
      invoices: { kind: 'leaseQueue', label: 'Invoices', visibilityS, maxReceives: 5 },
      workers: {
        kind: 'workers',
        label: 'Workers',
        consumes: 'invoices',
        // Enough that nothing waits: a delivery starts at once.
        workers: 600,
        variability,
        handler: [{ do: 'work', name: 'charge', workMs: workS * 1000 }],
        ...workers,
      },
    },
  };
}
