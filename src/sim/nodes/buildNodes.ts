/** From a flow to its nodes: the one place that knows every kind. */
import type { Flow, NodeSpec } from '../flow.ts';
import { CallEdges } from '../kernel/callEdges.ts';
import type { Broker, Callee, Edge, Origin, SimNode } from '../kernel/node.ts';
import type { KeyedRandom } from '../kernel/random.ts';
import { Clients } from './clients.ts';
import { Queue } from './queue.ts';
import { Service } from './service.ts';

export interface BuiltNodes {
  /** In the order of the flow. */
  readonly nodes: readonly SimNode[];
  /** The same, by role; null where a node does not play it. */
  readonly callees: readonly (Callee | null)[];
  readonly brokers: readonly (Broker | null)[];
  readonly origins: readonly (Origin | null)[];
  readonly edges: readonly Edge[];
}

/** @throws Error if a node refers to one that is missing or of the wrong kind */
export function buildNodes(flow: Flow, random: KeyedRandom): BuiltNodes {
  const entries = Object.entries(flow.nodes);
  const indexOf = (kind: NodeSpec['kind']) => (id: string) => {
    const index = entries.findIndex(([candidate]) => candidate === id);
    if (index < 0) throw new Error(`there is no node "${id}"`);
    return index + (entries[index]![1].kind === kind ? 0 : wrongKind(id, kind));
  };
  const anyIndex = (id: string): number => entries.findIndex(([candidate]) => candidate === id);

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
        const clients = new Clients(id, index, spec, indexOf('service'), random, edges);
        return add(clients, null, null, clients);
      }
      case 'service': {
        if (spec.consumes !== undefined) indexOf('queue')(spec.consumes);
        const service = new Service(id, index, spec, anyIndex, random, edges);
        return add(service, service, null, null);
      }
      case 'queue': {
        const consumers = entries.flatMap(([, other], k) =>
          other.kind === 'service' && other.consumes === id ? [k] : [],
        );
        const queue = new Queue(id, index, spec, consumers, random);
        return add(queue, null, queue, null);
      }
      default:
        return exhaustive(spec);
    }
  });
  return { nodes, callees, brokers, origins, edges: edges.list };
}

function wrongKind(id: string, kind: string): never {
  throw new Error(`node "${id}" is not a ${kind}`);
}

function exhaustive(value: never): never {
  throw new Error(`unknown node kind ${JSON.stringify(value)}`);
}
