/** From a flow to its nodes, each in the roles it plays. */
import type { Flow, NodeSpec } from '../flow.ts';
import { CallEdges } from '../kernel/callEdges.ts';
import type { Broker, Callee, Edge, Facility, Origin, SimNode, Watcher } from '../kernel/node.ts';
import type { KeyedRandom } from '../kernel/random.ts';
import './coreKinds.ts';
import { buildNode, type BuildContext, type ConsumerGroup } from './kinds.ts';

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
    if (!kinds.has(entries[index][1].kind)) throw new Error(`node "${id}" is not a ${role}`);
    return index;
  };
  const edges = new CallEdges(entries.length, random);
  const context: BuildContext = {
    random,
    edges,
    anyIndex,
    queueIndex: indexIn(QUEUE_KINDS, 'queue'),
    publishIndex: indexIn(PUBLISH_KINDS, 'queue'),
    targetIndex: indexIn(TARGET_KINDS, 'service'),
    consumersOf: (id) =>
      entries.flatMap(([, other], k) => ('consumes' in other && other.consumes === id ? [k] : [])),
    groupsOf: (id) => groupsOf(entries, id),
    watchersOf: (id) =>
      entries.flatMap(([, other], k) => (other.kind === 'jobApi' && other.queue === id ? [k] : [])),
  };
  const built = entries.map(([id], index) => buildNode(flow, id, index, context));
  const nodes = built.map(({ node }) => node);
  return {
    nodes,
    callees: built.map(({ callee }) => callee ?? null),
    brokers: built.map(({ broker }) => broker ?? null),
    origins: built.map(({ origin }) => origin ?? null),
    facilities: nodes.map((node) => ('use' in node ? (node as Facility) : null)),
    watchers: nodes.map((node) => ('messageEnded' in node ? (node as Watcher) : null)),
    edges: edges.list,
  };
}

function groupsOf(entries: readonly (readonly [string, NodeSpec])[], id: string): ConsumerGroup[] {
  const groups: { name: string; named: boolean; nodes: number[] }[] = [];
  entries.forEach(([name, spec], index) => {
    if (!('consumes' in spec) || spec.consumes !== id) return;
    const group = spec.kind === 'workers' ? spec.group : undefined;
    const known = groups.find((other) => other.named && other.name === group);
    if (known !== undefined) known.nodes.push(index);
    else groups.push({ name: group ?? name, named: group !== undefined, nodes: [index] });
  });
  return groups;
}
