/** What the cases of known answers are made of: a service with Poisson arrivals. Times are 1 s unless said. */
import type { ClientsSpec, Flow, NodeSpec, ServiceSpec, Variability } from '../../sim/flow.ts';

export const exponential: Variability = { kind: 'exponential' };
export const constant: Variability = { kind: 'constant' };

interface StationOptions {
  readonly ratePerS: number;
  readonly threads?: number;
  /** Places in the accept queue; absent: without limit. */
  readonly places?: number;
  readonly workMs?: number;
  readonly variability?: Variability;
  readonly clients?: Partial<ClientsSpec>;
  readonly service?: Partial<ServiceSpec>;
}

/** Poisson arrivals at one service. */
export function station(options: StationOptions): Flow {
  const { ratePerS, threads = 1, places, workMs = 1000, variability = exponential } = options;
  return flowOf({
    users: {
      kind: 'clients',
      target: 'server',
      arrivals: 'poisson',
      ratePerS,
      patienceS: null,
      ...options.clients,
    },
    server: {
      kind: 'service',
      threads,
      acceptQueue: places ?? null,
      handler: [{ do: 'work', name: 'serve', workMs, variability }],
      ...options.service,
    },
  });
}

export function flowOf(nodes: Record<string, NodeSpec>): Flow {
  return { version: 1, nodes };
}

export const mm1 = station({ ratePerS: 0.8 });
