/** A valid flow that never gets on: a message that a worker hands back to its own queue at once. */
import type { Flow } from '../flow.ts';

export const endlessFlow: Flow = {
  version: 1,
  nodes: {
    users: { kind: 'clients', target: 'a', arrivals: 'constant', ratePerS: 1, patienceS: null },
    a: {
      kind: 'service',
      threads: 1,
      acceptQueue: null,
      consumes: 'q',
      handler: [{ do: 'publish', name: 'again', queue: 'q' }],
    },
    q: { kind: 'queue', limit: null },
  },
};
