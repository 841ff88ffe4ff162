/**
 * Random flows in which every duration matters soon: a few nodes that are busy with each other, waits and
 * times of a like size, and nearly everything given. Flows that are random throughout hardly ever
 * throttle, trip a breaker or outlive a lease.
 */
import { flowFields } from '../format/flowFields.ts';
import type { unions } from '../format/unions.ts';
import type { Dice } from './dice.ts';
import { fitToArrivals } from './fitTogether.ts';
import { fieldValue, variantValue, type Context, type Fields } from './randomFlow.ts';

/** The nodes of a flow, with what has to be so that something happens. */
interface Scene {
  readonly kindOf: Readonly<Record<string, string>>;
  readonly arrange: (context: Context, nodes: Record<string, Fields>) => void;
}

export function tenseFlow(dice: Dice): Fields {
  const { kindOf, arrange } = dice.pick(scenes)(dice);
  const context: Context = { dice, ids: Object.keys(kindOf), kindOf, isTense: true, names: 0 };
  const nodes: Record<string, Fields> = {};
  for (const [id, kind] of Object.entries(kindOf)) nodes[id] = made(context, 'node', kind);
  arrange(context, nodes);
  // Arrivals may be another kind by now.
  fitToArrivals(nodes['users']);
  const flow: Fields = { version: 1, $schema: 'flow.schema.v1.json', title: 'Tense', nodes };
  if (dice.chance(0.3)) flow['schedule'] = fieldValue(context, flowFields.schedule, 2);
  return flow;
}

const scenes = [calls, calls, calls, messages, messages, reads, jobs, jobs, feed];

/** Users and a server ask another, which hardly keeps up. */
function calls(dice: Dice): Scene {
  return {
    kindOf: { users: 'clients', server: 'service', back: 'service' },
    arrange(context, { users, server, back }) {
      Object.assign(users, { target: 'server', ratePerS: 1 + 9 * dice.share(), limit: null });
      const call = () => {
        const endpoint = dice.chance(0.5) ? { endpoint: 'other' } : {};
        const step = made(context, 'step', 'call', { target: 'back', ...endpoint });
        const retry = (step['policy'] as Fields | undefined)?.['retry'] as Fields | undefined;
        if (retry !== undefined && dice.chance(0.5)) {
          Object.assign(retry, { attempts: 4, baseS: dice.share(), capS: 2 * dice.share() });
        }
        return step;
      };
      const calling = dice.chance(0.5)
        ? call()
        : made(context, 'step', 'parallel', { calls: [call(), call()] });
      Object.assign(server, { threads: 1 + dice.below(20), handler: [calling, work(context)] });
      Object.assign(back, { threads: 1 + dice.below(3), handler: [work(context)] });
      for (const service of [server, back]) service['endpoints'] = { other: [work(context)] };
      if (dice.chance(0.3)) users['endpoint'] = 'other';
      for (const one of (users['classes'] as Fields[] | undefined) ?? []) {
        if (dice.chance(0.2)) one['endpoint'] = 'other';
      }
      if (dice.chance(0.5)) back['acceptQueue'] = null;
      const trouble = dice.pick([overload, turnAway, null]);
      if (trouble !== null) trouble(context, users, server, back);
      for (const each of [users, server, back]) delete each['consumes'];
    },
  };
}

/** More users than the last server can do, who wait: what its accept queue drops shows. */
function overload(context: Context, users: Fields, server: Fields, back: Fields): void {
  const { dice } = context;
  const kind = dice.pick(['deadlineDrop', 'codel', 'codelTimeout']);
  const discipline = made(context, 'discipline', kind);
  if (kind === 'codel') discipline['intervalMs'] = 200 * dice.share();
  if (kind === 'deadlineDrop') discipline['maxWaitS'] = 2 * dice.share();
  Object.assign(back, { acceptQueue: null, discipline });
  Object.assign(users, { arrivals: 'poisson', ratePerS: 10, patienceS: null });
  const call = made(context, 'step', 'call', { target: 'back' });
  delete call['policy'];
  Object.assign(server, serverWith([call]));
}

/** The last server has no accept queue, and says when to come again. */
function turnAway(context: Context, users: Fields, server: Fields, back: Fields): void {
  const { dice } = context;
  Object.assign(back, { acceptQueue: 0, rejectionRetryAfterS: 2 * dice.share() });
  Object.assign(users, { arrivals: 'poisson', ratePerS: 10, patienceS: null });
  const policy = { retry: { attempts: 4, baseS: dice.share(), capS: 2 * dice.share() } };
  Object.assign(server, serverWith([made(context, 'step', 'call', { target: 'back', policy })]));
}

/** A server publishes to a broker, straight or by another node; workers or threads of a service consume. */
function messages(dice: Dice): Scene {
  const by = dice.pick(['none', 'topic', 'outbox']);
  const broker = dice.pick(
    by === 'topic' ? ['queue', 'leaseQueue'] : ['queue', 'leaseQueue', 'log'],
  );
  const between = by === 'none' ? {} : { [by]: by };
  const more: Record<string, string> = broker === 'log' ? { others: 'workers' } : {};
  const byThreads = broker !== 'log' && dice.chance(0.3);
  return {
    kindOf: {
      users: 'clients',
      server: 'service',
      broker,
      ...between,
      workers: byThreads ? 'service' : 'workers',
      ...more,
    },
    arrange(context, nodes) {
      const step =
        by === 'outbox'
          ? made(context, 'step', 'commit', { outbox: 'outbox' })
          : made(context, 'step', 'publish', { queue: by === 'topic' ? 'topic' : 'broker' });
      nodes['users'] = usersOf('server', dice);
      nodes['server'] = serverWith([step]);
      if (by === 'topic') nodes['topic']['subscriptions'] = ['broker'];
      if (by === 'outbox') nodes['outbox']['queue'] = 'broker';
      if (by !== 'outbox') lose(nodes[by === 'none' ? 'broker' : by], dice);
      if (broker === 'queue' && dice.chance(0.5)) {
        Object.assign(nodes['broker'], { limit: null, maxAttempts: 5, retentionS: null });
        Object.assign(nodes['broker'], {
          backoffBaseS: dice.share(),
          backoffCapS: 2 * dice.share(),
        });
      }
      if (byThreads) {
        nodes['workers'] = {
          ...serverWith([work(context)]),
          ...{ threads: 1 + dice.below(3), consumes: 'broker', deliveryMs: 500 * dice.share() },
          ...{ failureRate: 0.3 * dice.share(), deliveryLoss: 0.2 * dice.share() },
        };
        return;
      }
      for (const id of ['workers', 'others']) {
        if (id in nodes) nodes[id] = consumers(context, nodes[id], broker === 'log');
      }
    },
  };
}

/** Publishes get lost, and their confirms come late at times: a producer that waits for them tries again. */
function lose(broker: Fields, dice: Dice): void {
  if (dice.chance(0.3)) return;
  Object.assign(broker, {
    publishLoss: 0.5 * dice.share(),
    confirmTimeoutMs: 500 * dice.share() + 1,
    publishAttempts: 1 + dice.below(4),
  });
}

function consumers(context: Context, workers: Fields, fromLog: boolean): Fields {
  const { dice } = context;
  return {
    ...workers,
    consumes: 'broker',
    ...(fromLog ? { group: 'together' } : {}),
    workers: 1 + dice.below(3),
    handler: [work(context)],
    failureRate: dice.chance(0.3) ? 0 : 0.5 * dice.share(),
    crashRate: dice.chance(0.5) ? 0 : 0.3 * dice.share(),
    ...(dice.chance(0.5) ? { idempotency: 'atomicClaim' } : {}),
  };
}

/** A server writes to a store and reads from it again. */
function reads(dice: Dice): Scene {
  return {
    kindOf: { users: 'clients', server: 'service', store: 'store' },
    arrange(context, nodes) {
      const step = (kind: string) => made(context, 'step', kind, { store: 'store' });
      nodes['users'] = usersOf('server', dice);
      nodes['server'] = serverWith([step('write'), step('read'), work(context), step('read')]);
      if (dice.chance(0.5)) nodes['store']['keys'] = 1 + dice.below(3);
    },
  };
}

/** Users post to a job API, more than once at times. */
function jobs(dice: Dice): Scene {
  return {
    kindOf: {
      users: 'clients',
      jobs: 'jobApi',
      queue: dice.pick(['queue', 'leaseQueue']),
      workers: 'workers',
    },
    arrange(context, nodes) {
      Object.assign(nodes['users'], {
        target: 'jobs',
        ratePerS: 1 + 9 * dice.share(),
        limit: null,
      });
      Object.assign(nodes['workers'], { consumes: 'queue', handler: [work(context)] });
      if (dice.chance(0.5)) Object.assign(nodes['jobs'], { quotaPerS: null, limit: null });
      if (dice.chance(0.5)) {
        Object.assign(nodes['users'], { arrivals: 'poisson', patienceS: null });
        Object.assign(nodes['workers'], { workers: 10, failureRate: 0 });
        Object.assign(nodes['jobs'], { resultTtlS: dice.share(), notice: 'poll' });
      }
      if (dice.chance(0.5)) {
        Object.assign(nodes['jobs'], {
          idempotencyKey: 'returnsFirst',
          keyTtlS: dice.share() + 0.01,
        });
      }
      nodes['users']['policy'] = {
        ...(nodes['users']['policy'] as Fields | undefined),
        timeoutMs: 100 + 500 * dice.share(),
        travelMs: 200 * dice.share(),
        loss: 0.3 * dice.share(),
        retry: { attempts: 1 + dice.below(5), baseS: 3 * dice.share() },
      };
    },
  };
}

function feed(): Scene {
  return {
    kindOf: { users: 'clients', server: 'service', feed: 'feed' },
    arrange(context, nodes) {
      nodes['users'] = { ...usersOf('server'), limit: 1 };
      const transfer = { sizeMB: 0.5, bandwidthMbps: 10 + 90 * context.dice.share() };
      nodes['server'] = serverWith([made(context, 'step', 'transfer', transfer)]);
      Object.assign(nodes['feed'], { clients: 3 });
    },
  };
}

function usersOf(target: string, dice?: Dice): Fields {
  const ratePerS = 1 + 4 * (dice?.share() ?? 1);
  return { kind: 'clients', target, arrivals: 'poisson', ratePerS, patienceS: null };
}

function serverWith(handler: readonly Fields[]): Fields {
  return { kind: 'service', threads: 100, acceptQueue: null, handler };
}

function work(context: Context): Fields {
  return made(context, 'step', 'work', { workMs: 1000 * context.dice.share() });
}

function made(
  context: Context,
  union: keyof typeof unions,
  tag: string,
  given: Fields = {},
): Fields {
  return { ...variantValue(context, union, tag, 1), ...given };
}
