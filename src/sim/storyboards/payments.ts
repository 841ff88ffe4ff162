/** What of a payment may be queued: the card (a mistake), or what nobody has to wait for. Data only. */
import type { Flow, NodeSpec, OutboxSpec, Step, TimedInput } from '../flow.ts';

const ORDERS_PER_S = 50;

const users: NodeSpec = {
  kind: 'clients',
  label: 'Users',
  target: 'api',
  arrivals: 'poisson',
  ratePerS: ORDERS_PER_S,
  patienceS: 15,
};

/**
 * The customer is told "confirmed" before the card was asked: 50 orders a second, 5 % declines.
 * @param down when the provider is unreachable, and for how long; orders end with that outage, seconds
 */
export function queuedCardFlow(down?: { readonly atS: number; readonly forS: number }): Flow {
  const schedule: TimedInput[] = [];
  if (down !== undefined) {
    const { atS, forS } = down;
    schedule.push(
      { timeS: atS, action: { do: 'outage', node: 'card', durationS: forS, how: 'stall' } },
      { timeS: atS + forS, action: { do: 'set', path: 'users.ratePerS', value: 0 } },
    );
  }
  return {
    version: 1,
    title: 'The card is queued',
    nodes: {
      users,
      api: {
        kind: 'service',
        label: 'API',
        threads: 50,
        acceptQueue: 50,
        handler: [
          { do: 'work', name: 'validate', workMs: 50 },
          { do: 'publish', name: 'card', queue: 'cards' },
        ],
      },
      cards: { kind: 'queue', limit: null, publishMs: 5 },
      card: {
        kind: 'workers',
        label: 'Card',
        consumes: 'cards',
        workers: 100,
        failureRate: 0.05,
        failureKind: 'decline',
        handler: [{ do: 'work', name: 'authorise', workMs: 300 }],
      },
    },
    schedule,
  };
}

/** The same with the card awaited: the provider's outage is seen at once. */
export function awaitedCardFlow(down: { readonly atS: number; readonly forS: number }): Flow {
  return {
    version: 1,
    title: 'The card is awaited',
    nodes: {
      users,
      api: {
        kind: 'service',
        label: 'API',
        threads: 50,
        acceptQueue: 50,
        handler: [
          { do: 'work', name: 'validate', workMs: 50 },
          { do: 'call', name: 'card', target: 'card' },
        ],
      },
      card: {
        kind: 'service',
        label: 'Card',
        threads: 100,
        acceptQueue: null,
        failureRate: 0.05,
        failureKind: 'decline',
        handler: [{ do: 'work', name: 'authorise', workMs: 300 }],
      },
    },
    schedule: [
      {
        timeS: down.atS,
        action: { do: 'outage', node: 'card', durationS: down.forS, how: 'refuse' },
      },
    ],
  };
}

/** What a payment consists of, and how long each takes, milliseconds; the last is illustrative. */
const PARTS = [
  ['validate', 50],
  ['authorise', 300],
  ['fraudScore', 50],
  ['ledger', 150],
  ['fraudAnalytics', 800],
] as const;

/** Each part fails once in a thousand. */
const FAILURE_RATE = 0.001;

/** @param awaited how many of the parts the customer waits for; the others follow the commit */
export function paymentFlow(awaited: number, outbox: Partial<OutboxSpec> = {}): Flow {
  const calls = PARTS.slice(0, awaited).map(([name]): Step => ({ do: 'call', name, target: name }));
  const isAll = awaited === PARTS.length;
  const commit: Step = { do: 'commit', name: 'order', outbox: 'orders' };
  const nodes: Record<string, NodeSpec> = {
    users: { ...users, patienceS: null } as NodeSpec,
    api: {
      kind: 'service',
      label: 'API',
      threads: 1000,
      acceptQueue: null,
      handler: isAll ? calls : [...calls, commit],
    },
  };
  for (const [name, workMs] of PARTS.slice(0, awaited)) {
    nodes[name] = {
      kind: 'service',
      threads: 1000,
      acceptQueue: null,
      failureRate: FAILURE_RATE,
      handler: [{ do: 'work', name, workMs }],
    };
  }
  if (!isAll) {
    const later = PARTS.slice(awaited);
    nodes['orders'] = { kind: 'outbox', queue: 'paid', commitMs: 5, ...outbox };
    nodes['paid'] = { kind: 'topic', subscriptions: later.map(([name]) => `${name}Queue`) };
    for (const [name, workMs] of later) {
      nodes[`${name}Queue`] = { kind: 'queue', limit: null };
      nodes[name] = {
        kind: 'workers',
        consumes: `${name}Queue`,
        workers: 100,
        failureRate: FAILURE_RATE,
        idempotency: 'atomicClaim',
        handler: [{ do: 'work', name, workMs }],
      };
    }
  }
  return { version: 1, title: 'Payment', nodes };
}
