/** Nodes and flows as tests mostly need them: regular, small, without chance. */
import type { ClientsSpec, Flow, NodeSpec, ServiceSpec, Step } from '../flow.ts';

export function flowOf(nodes: Record<string, NodeSpec>, schedule: Flow['schedule'] = []): Flow {
  return { version: 1, nodes, schedule };
}

/** Requests at 1, 2, 3, … s, so many of them, from users who wait for ever. */
export function everySecond(
  target: string,
  limit: number,
  more: Partial<ClientsSpec> = {},
): ClientsSpec {
  return {
    kind: 'clients',
    target,
    arrivals: 'constant',
    ratePerS: 1,
    patienceS: null,
    limit,
    ...more,
  };
}

/** One thread, and calls wait for it without a limit. */
export function serviceOf(handler: readonly Step[], more: Partial<ServiceSpec> = {}): ServiceSpec {
  return { kind: 'service', threads: 1, acceptQueue: null, handler, ...more };
}

export const work = (workMs: number, name = 'work') => ({ do: 'work', name, workMs }) as const;
