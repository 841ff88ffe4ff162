/**
 * One slow service starves another feature: half of A's requests need B, which needs C; the other
 * half never leave A. C becomes 20 times slower for a minute. Data only.
 */
import type { CallPolicy } from '../callPolicy.ts';
import type { Flow, Variability } from '../flow.ts';

export const CASCADE_SLOW_FROM_S = 60;
export const CASCADE_SLOW_FOR_S = 60;

const exponential: Variability = { kind: 'exponential' };

/** The bulkhead comes on top of the timeouts. */
export type CascadeRemedy = 'none' | 'timeouts' | 'bulkhead';

/** What A does about B, and B about C, by remedy. */
const policies: Readonly<Record<CascadeRemedy, readonly [CallPolicy?, CallPolicy?]>> = {
  none: [],
  timeouts: [{ timeoutMs: 500 }, { timeoutMs: 300 }],
  bulkhead: [{ timeoutMs: 500, maxConcurrent: 10 }, { timeoutMs: 300 }],
};

export function cascadeFlow(remedy: CascadeRemedy): Flow {
  const [toB, toC] = policies[remedy];
  return {
    version: 1,
    title: 'Cascade',
    nodes: {
      remote: users('remote'),
      local: users('local'),
      a: {
        kind: 'service',
        label: 'A',
        threads: 40,
        acceptQueue: 40,
        variability: exponential,
        handler: [],
        endpoints: {
          local: [{ do: 'work', name: 'local', workMs: 10 }],
          remote: [
            { do: 'work', name: 'remote', workMs: 10 },
            { do: 'call', name: 'b', target: 'b', ...(toB && { policy: toB }) },
          ],
        },
      },
      b: {
        kind: 'service',
        label: 'B',
        threads: 20,
        acceptQueue: 20,
        variability: exponential,
        handler: [
          { do: 'work', name: 'own', workMs: 20 },
          { do: 'call', name: 'c', target: 'c', ...(toC && { policy: toC }) },
        ],
      },
      c: {
        kind: 'service',
        label: 'C',
        threads: 1000,
        acceptQueue: null,
        variability: exponential,
        handler: [{ do: 'work', name: 'own', workMs: 100 }],
      },
    },
    schedule: [
      {
        timeS: CASCADE_SLOW_FROM_S,
        action: { do: 'slow', node: 'c', factor: 20, durationS: CASCADE_SLOW_FOR_S },
      },
    ],
  };

  function users(endpoint: string) {
    return {
      kind: 'clients',
      target: 'a',
      endpoint,
      arrivals: 'poisson',
      ratePerS: 50,
      patienceS: null,
    } as const;
  }
}

/** The same, but B hands its message to a queue; 20 workers work it off against C. */
export function cascadeQueueFlow(): Flow {
  const flow = cascadeFlow('none');
  const { c, b, ...rest } = flow.nodes;
  if (c?.kind !== 'service' || b?.kind !== 'service') throw new Error('the cascade has B and C');
  return {
    ...flow,
    title: 'Cascade, with a queue',
    nodes: {
      ...rest,
      b: {
        ...b,
        handler: [
          { do: 'work', name: 'own', workMs: 20 },
          { do: 'publish', name: 'c', queue: 'queue' },
        ],
      },
      queue: { kind: 'queue', limit: null },
      c: { ...c, threads: 20, consumes: 'queue' },
    },
  };
}
