/** Collects the edges of a flow while its nodes are built. */
import type { CallPolicy } from '../callPolicy.ts';
import { CallEdge } from './callEdge.ts';
import type { KeyedRandom } from './random.ts';

export class CallEdges {
  readonly list: CallEdge[] = [];
  private readonly nodes: number;
  private readonly random: KeyedRandom;
  /** Call steps seen so far, by target. */
  private readonly stepsTo = new Map<number, number>();
  private readonly ids = new Set<string>();

  /** @param nodes how many the flow has; the events of edges are numbered past them and the schedule */
  constructor(nodes: number, random: KeyedRandom) {
    this.nodes = nodes;
    this.random = random;
  }

  /** Numbers the call steps that lead to one target, in the order of the flow. */
  nextOrdinal(target: number): number {
    const ordinal = this.stepsTo.get(target) ?? 0;
    this.stepsTo.set(target, ordinal + 1);
    return ordinal;
  }

  /**
   * @param name of the call within its node
   * @param goesOn the caller does without the answer if there is none
   */
  add(
    node: string,
    name: string,
    from: number,
    to: number,
    ordinal: number,
    policy: CallPolicy,
    goesOn = false,
  ): CallEdge {
    const index = this.list.length;
    let id = `${node}/${name}`;
    while (this.ids.has(id)) id += '+';
    this.ids.add(id);
    const site = {
      id,
      eventIndex: this.nodes + 1 + index,
      from,
      to,
      ordinal,
      goesOn,
    };
    const edge = new CallEdge(index, site, policy, this.random);
    this.list.push(edge);
    return edge;
  }
}
