/** Ten times the load for half a minute, at a service that can do a fifth of it. Data only. */
import type { Flow } from '../flow.ts';

export const SPIKE_FROM_S = 20;
export const SPIKE_FOR_S = 30;

/** @param acceptQueue places; null: without limit */
export function spikeFlow(acceptQueue: number | null): Flow {
  const users = { kind: 'clients', target: 'api', arrivals: 'poisson', patienceS: 1 } as const;
  const setRate = (timeS: number, node: string, value: number) =>
    ({ timeS, action: { do: 'set', path: `${node}.ratePerS`, value } }) as const;
  return {
    version: 1,
    title: 'Spike',
    nodes: {
      usual: { ...users, ratePerS: 50 },
      // The requests of the spike are counted by themselves.
      spike: { ...users, ratePerS: 0 },
      api: {
        kind: 'service',
        threads: 10,
        acceptQueue,
        variability: { kind: 'exponential' },
        handler: [{ do: 'work', name: 'serve', workMs: 100 }],
      },
    },
    schedule: [
      setRate(SPIKE_FROM_S, 'usual', 0),
      setRate(SPIKE_FROM_S, 'spike', 500),
      setRate(SPIKE_FROM_S + SPIKE_FOR_S, 'spike', 0),
      setRate(SPIKE_FROM_S + SPIKE_FOR_S, 'usual', 50),
    ],
  };
}

/** The same load as messages that can wait. */
export function deferredSpikeFlow(): Flow {
  const flow = spikeFlow(null);
  return {
    ...flow,
    title: 'Spike, as messages',
    nodes: {
      users: {
        kind: 'clients',
        target: 'front',
        arrivals: 'poisson',
        ratePerS: 50,
        patienceS: null,
      },
      front: {
        kind: 'service',
        threads: 100,
        acceptQueue: null,
        handler: [{ do: 'publish', name: 'work', queue: 'queue' }],
      },
      queue: { kind: 'queue', limit: null },
      api: { ...flow.nodes['api'], consumes: 'queue' } as Flow['nodes'][string],
    },
    schedule: [
      {
        timeS: SPIKE_FROM_S,
        action: { do: 'surge', node: 'users', factor: 10, durationS: SPIKE_FOR_S },
      },
    ],
  };
}
