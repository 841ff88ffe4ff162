/** From a flow to its nodes: the one place that knows every kind. */
import type { Flow, NodeSpec } from '../flow.ts';
import { CallEdges } from '../kernel/callEdges.ts';
import type { Broker, Callee, Edge, Facility, Origin, SimNode, Watcher } from '../kernel/node.ts';
import type { KeyedRandom } from '../kernel/random.ts';
import { Clients } from './clients.ts';
import { Feed } from './feed.ts';
import { JobApi } from './jobApi.ts';
import { LeaseQueue } from './leaseQueue.ts';
import { Log } from './log.ts';
import { Outbox } from './outbox.ts';
import { Queue } from './queue.ts';
import { Service } from './service.ts';
import { Store } from './store.ts';
import { Topic } from './topic.ts';
import { Workers } from './workers.ts';

/** Kinds whose messages can be worked off. */
const QUEUE_KINDS: ReadonlySet<NodeSpec['kind']> = new Set(['queue', 'leaseQueue', 'log']);

/** Kinds that take messages. */
const PUBLISH_KINDS: ReadonlySet<NodeSpec['kind']> = new Set([...QUEUE_KINDS, 'topic']);
/** Kinds that clients may send to. */
const TARGET_KINDS: ReadonlySet<NodeSpec['kind']> = new Set(['service', 'jobApi']);

export interface BuiltNodes {
  /** In the order of the flow. */
  readonly nodes: readonly SimNode[];
  /** The same, by role; null where a node does not play it. */
  readonly callees: readonly (Callee | null)[];
  readonly brokers: readonly (Broker | null)[];
  readonly origins: readonly (Origin | null)[];
  readonly edges: readonly Edge[];
  readonly facilities: readonly (Facility | null)[];
  readonly watchers: readonly (Watcher | null)[];
}

/** @throws Error if a node refers to one that is missing or of the wrong kind */
export function buildNodes(flow: Flow, random: KeyedRandom): BuiltNodes {
  const entries = Object.entries(flow.nodes);
  const anyIndex = (id: string): number => entries.findIndex(([candidate]) => candidate === id);
  const indexIn = (kinds: ReadonlySet<NodeSpec['kind']>, role: string) => (id: string) => {
    const index = anyIndex(id);
    if (index < 0) throw new Error(`there is no node "${id}"`);
    return kinds.has(entries[index][1].kind) ? index : wrongKind(id, role);
  };
  const queueIndex = indexIn(QUEUE_KINDS, 'queue');
  const publishIndex = indexIn(PUBLISH_KINDS, 'queue');
  const targetIndex = indexIn(TARGET_KINDS, 'service');
  const consumersOf = (id: string): number[] =>
    entries.flatMap(([, other], k) => ('consumes' in other && other.consumes === id ? [k] : []));
  const watchersOf = (id: string): number[] =>
    entries.flatMap(([, other], k) => (other.kind === 'jobApi' && other.queue === id ? [k] : []));

  const nodes: SimNode[] = [];
  const callees: (Callee | null)[] = [];
  const brokers: (Broker | null)[] = [];
  const origins: (Origin | null)[] = [];
  const edges = new CallEdges(entries.length, random);
  entries.forEach(([id, spec], index) => {
    const add = (
      node: SimNode,
      callee: Callee | null,
      broker: Broker | null,
      origin: Origin | null,
    ) => {
      nodes.push(node);
      callees.push(callee);
      brokers.push(broker);
      origins.push(origin);
    };
    switch (spec.kind) {
      case 'clients': {
        const clients = new Clients(id, index, spec, targetIndex, random, edges);
        return add(clients, null, null, clients);
      }
      case 'service': {
        if (spec.consumes !== undefined) queueIndex(spec.consumes);
        const service = new Service(id, index, spec, anyIndex, random, edges);
        return add(service, service, null, null);
      }
      case 'queue': {
        const queue = new Queue(id, index, spec, consumersOf(id), watchersOf(id), random);
        return add(queue, null, queue, null);
      }
      case 'leaseQueue': {
        const queue = new LeaseQueue(id, index, spec, consumersOf(id), watchersOf(id), random);
        return add(queue, null, queue, null);
      }
      case 'log': {
        const log = new Log(id, index, spec, consumersOf(id));
        return add(log, null, log, null);
      }
      case 'store':
        return add(new Store(id, index, spec, random), null, null, null);
      case 'feed':
        return add(new Feed(id, index, spec, random), null, null, null);
      case 'outbox':
        return add(new Outbox(id, index, spec, publishIndex, random), null, null, null);
      case 'topic': {
        spec.subscriptions.forEach(queueIndex);
        const topic = new Topic(id, index, spec, anyIndex);
        return add(topic, null, topic, null);
      }
      case 'jobApi': {
        const api = new JobApi(id, index, spec, queueIndex, random);
        return add(api, api, null, null);
      }
      case 'workers': {
        queueIndex(spec.consumes);
        const workers = new Workers(id, index, spec, anyIndex, random, edges);
        return add(workers, workers, null, null);
      }
      default:
        return exhaustive(spec);
    }
  });
  const facilities = nodes.map((node) => ('use' in node ? (node as Facility) : null));
  const watchers = nodes.map((node) => ('messageEnded' in node ? (node as Watcher) : null));
  return { nodes, callees, brokers, origins, facilities, watchers, edges: edges.list };
}

function wrongKind(id: string, kind: string): never {
  throw new Error(`node "${id}" is not a ${kind}`);
}

function exhaustive(value: never): never {
  throw new Error(`unknown node kind ${JSON.stringify(value)}`);
}
