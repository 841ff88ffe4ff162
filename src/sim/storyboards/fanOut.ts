/** One event, four subscribers: a queue each, one shared queue, or four calls one after the other. */
import type { ClientsSpec, Flow, NodeSpec, WorkersSpec } from '../flow.ts';

const SUBSCRIBERS = ['crm', 'search', 'mail', 'audit'] as const;

const users: ClientsSpec = {
  kind: 'clients',
  label: 'Users',
  target: 'api',
  arrivals: 'poisson',
  ratePerS: 100,
  patienceS: null,
};

/** 150 events a second each: 15 workers at 100 ms. */
function subscriber(queue: string): WorkersSpec {
  return {
    kind: 'workers',
    consumes: queue,
    workers: 15,
    variability: { kind: 'gamma', cv: 0.35 },
    handler: [{ do: 'work', name: 'handle', workMs: 100 }],
  };
}

const api: NodeSpec = {
  kind: 'service',
  label: 'API',
  threads: 20,
  acceptQueue: null,
  handler: [{ do: 'publish', name: 'event', queue: 'events' }],
};

/** @param crmDown when the CRM stops taking messages, and for how long, seconds */
export function topicFlow(crmDown: { readonly atS: number; readonly forS: number }): Flow {
  const nodes: Record<string, NodeSpec> = {
    users,
    api,
    events: {
      kind: 'topic',
      label: 'Events',
      subscriptions: SUBSCRIBERS.map((name) => `${name}Queue`),
    },
  };
  for (const name of SUBSCRIBERS) {
    nodes[`${name}Queue`] = { kind: 'queue', limit: null };
    nodes[name] = subscriber(`${name}Queue`);
  }
  return {
    version: 1,
    title: 'Fan-out: a queue per subscriber',
    nodes,
    schedule: [
      {
        timeS: crmDown.atS,
        action: { do: 'outage', node: 'crm', durationS: crmDown.forS, how: 'stall' },
      },
    ],
  };
}

/** The mistake: subscribers that compete for one queue share the events out instead of each seeing all. */
export function sharedQueueFlow(): Flow {
  const nodes: Record<string, NodeSpec> = {
    users,
    api,
    events: { kind: 'queue', label: 'Events', limit: null },
  };
  for (const name of SUBSCRIBERS) nodes[name] = subscriber('events');
  return { version: 1, title: 'Fan-out: one shared queue', nodes };
}

/** Four calls of 50 ms, one after the other, each failing once in a thousand. */
export function serialFlow(): Flow {
  const nodes: Record<string, NodeSpec> = {
    users,
    api: {
      kind: 'service',
      label: 'API',
      threads: 1000,
      acceptQueue: null,
      handler: SUBSCRIBERS.map((name) => ({ do: 'call', name, target: name })),
    },
  };
  for (const name of SUBSCRIBERS) {
    nodes[name] = {
      kind: 'service',
      threads: 100,
      acceptQueue: null,
      failureRate: 0.001,
      handler: [{ do: 'work', name: 'handle', workMs: 50 }],
    };
  }
  return { version: 1, title: 'Fan-out: four calls', nodes };
}
