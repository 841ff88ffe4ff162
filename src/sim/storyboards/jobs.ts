/** A job API (202): 12 jobs a second for 20 workers that do 10. */
import type { Flow, JobApiSpec } from '../flow.ts';

/** @param patienceS how long a user waits for the result, seconds; null: for ever */
export function jobApiFlow(api: Partial<JobApiSpec>, patienceS: number | null): Flow {
  return {
    version: 1,
    title: 'Job API (202)',
    nodes: {
      users: {
        kind: 'clients',
        label: 'Users',
        target: 'api',
        arrivals: 'poisson',
        ratePerS: 12,
        patienceS,
      },
      api: { kind: 'jobApi', label: 'Job API', queue: 'jobs', pollEveryS: 5, ...api },
      jobs: { kind: 'queue', label: 'Jobs', limit: null },
      workers: {
        kind: 'workers',
        label: 'Workers',
        consumes: 'jobs',
        workers: 20,
        variability: { kind: 'gamma', cv: 0.35 },
        handler: [{ do: 'work', name: 'render', workMs: 2000 }],
      },
    },
  };
}
