/**
 * The kinds of node that runs can be built from, by name. The page starts with those its scenarios
 * need; whoever runs any flow imports `allKinds.ts` first, so that nobody downloads what they don't use.
 */
import type { Flow, NodeSpec } from '../flow.ts';
import type { CallEdges } from '../kernel/callEdges.ts';
import type { Broker, Callee, Origin, SimNode } from '../kernel/node.ts';
import type { KeyedRandom } from '../kernel/random.ts';

/** Consumers that share the work of one log: each of its records is for one of them. */
export interface ConsumerGroup {
  readonly name: string;
  readonly nodes: readonly number[];
}

/** A node and the roles it plays; absent: it does not. */
export interface BuiltNode {
  readonly node: SimNode;
  readonly callee?: Callee;
  readonly broker?: Broker;
  readonly origin?: Origin;
}

/** What a kind may ask about the flow around it. All indices are positions in `flow.nodes`. */
export interface BuildContext {
  readonly random: KeyedRandom;
  readonly edges: CallEdges;
  /** −1 if there is no such node. */
  readonly anyIndex: (id: string) => number;
  /** @throws Error if there is none, or it cannot be worked off */
  readonly queueIndex: (id: string) => number;
  /** @throws Error if there is none, or it takes no messages */
  readonly publishIndex: (id: string) => number;
  /** @throws Error if there is none, or clients cannot send to it */
  readonly targetIndex: (id: string) => number;
  /** Nodes that work off the queue. */
  readonly consumersOf: (id: string) => number[];
  /** The same by consumer group; a node that names none is a group of its own. */
  readonly groupsOf: (id: string) => ConsumerGroup[];
  /** Nodes that are told when a message of the queue ends. */
  readonly watchersOf: (id: string) => number[];
}

type SpecOf<K extends NodeSpec['kind']> = Extract<NodeSpec, { readonly kind: K }>;
type Build<K extends NodeSpec['kind']> = (
  id: string,
  index: number,
  spec: SpecOf<K>,
  context: BuildContext,
) => BuiltNode;

const builders = new Map<string, Build<NodeSpec['kind']>>();

/** Makes a kind known; once per kind, when its module is loaded. */
export function registerKind<K extends NodeSpec['kind']>(kind: K, build: Build<K>): void {
  builders.set(kind, build as unknown as Build<NodeSpec['kind']>);
}

/** @throws Error if the node's kind is not known here */
export function buildNode(flow: Flow, id: string, index: number, context: BuildContext): BuiltNode {
  const spec = flow.nodes[id];
  const build = builders.get(spec.kind);
  if (build === undefined) throw new Error(`node "${id}": the kind "${spec.kind}" is not loaded`);
  return build(id, index, spec, context);
}
