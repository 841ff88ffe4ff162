/**
 * Fan-out on write: 50 posts a second go to 75 followers each; workers make 5,000 deliveries a second.
 * Then somebody with a million followers posts: one request. A message is a chunk of 75 deliveries, so the
 * million are 13,333 messages. Data only.
 */
import type { ClientsSpec, Flow, NodeSpec, WorkersSpec } from '../flow.ts';

const CHUNK = 75;
const FOLLOWERS = 1_000_000;
/** One worker delivers a chunk in 150 ms: ten make 5,000 deliveries a second. */
const CHUNK_MS = 150;
const WORKERS = 10;

export const CELEBRITY_POSTS_AT_S = 20;

/** @param ownLane workers of ten that do nothing but chunks of celebrities; 0: one queue for all */
export function celebrityFlow(ownLane: number): Flow {
  const nodes: Record<string, NodeSpec> = {
    authors: posts({ endpoint: 'post', ratePerS: 50 }),
    celebrity: posts({ endpoint: 'celebrity', ratePerS: 0, limit: 1 }),
    api: {
      kind: 'service',
      threads: 1000,
      acceptQueue: null,
      handler: [],
      endpoints: {
        post: [{ do: 'publish', name: 'chunk', queue: 'deliveries' }],
        celebrity: [
          {
            do: 'publish',
            name: 'chunks',
            queue: ownLane > 0 ? 'celebrityDeliveries' : 'deliveries',
            copies: Math.floor(FOLLOWERS / CHUNK),
          },
        ],
      },
    },
    deliveries: { kind: 'queue', limit: null },
    celebrityDeliveries: { kind: 'queue', limit: null },
    workers: workers('deliveries', WORKERS - ownLane),
  };
  if (ownLane > 0) nodes['celebrityWorkers'] = workers('celebrityDeliveries', ownLane);
  return {
    version: 1,
    title: 'A celebrity posts',
    nodes,
    schedule: [
      {
        timeS: CELEBRITY_POSTS_AT_S,
        action: { do: 'set', path: 'celebrity.ratePerS', value: 100_000 },
      },
    ],
  };
}

function posts(more: Partial<ClientsSpec>): ClientsSpec {
  return {
    kind: 'clients',
    target: 'api',
    arrivals: 'poisson',
    ratePerS: 0,
    patienceS: null,
    ...more,
  };
}

function workers(consumes: string, count: number): WorkersSpec {
  return {
    kind: 'workers',
    consumes,
    workers: count,
    variability: { kind: 'gamma', cv: 0.35 },
    handler: [{ do: 'work', name: 'deliver', workMs: CHUNK_MS }],
  };
}
