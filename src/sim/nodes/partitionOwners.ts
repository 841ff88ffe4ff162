/**
 * Which worker of a consumer group has which partition of a log. A group may be several nodes; its
 * members are the workers of all of them. A partition is named by its place: by group, then partition.
 */
import type { Kernel } from '../kernel/node.ts';
import type { ConsumerGroup } from './kinds.ts';

export const NOBODY = -1;

export class PartitionOwners {
  readonly state;
  private readonly partitions: number;
  private readonly groups: readonly ConsumerGroup[];
  private readonly sessionTimeoutS: number;
  /** By node: its group, and its place in that. */
  private readonly groupsOfNodes: readonly number[];
  private readonly places: readonly number[];

  /** @param sessionTimeoutS how long a dead worker is waited for, seconds */
  constructor(partitions: number, groups: readonly ConsumerGroup[], sessionTimeoutS: number) {
    this.partitions = partitions;
    this.groups = groups;
    this.sessionTimeoutS = sessionTimeoutS;
    const ofNode: number[] = [];
    const places: number[] = [];
    groups.forEach(({ nodes }, group) => {
      nodes.forEach((node, place) => {
        ofNode[node] = group;
        places[node] = place;
      });
    });
    this.groupsOfNodes = ofNode;
    this.places = places;
    const size = partitions * groups.length;
    this.state = {
      /** The member that the partition belongs to. */
      owner: new Int32Array(size).fill(NOBODY),
      /** 1: it goes to another member as soon as what its owner has in hand is settled. */
      moving: new Uint8Array(size),
      /** Since when its owner is missed; Infinity: it is not. */
      missedSinceS: new Float64Array(size).fill(Infinity),
    };
  }

  groupOf(node: number): number {
    return this.groupsOfNodes[node];
  }

  /** Members count through the first cells of all nodes, then the second: so that nodes share evenly. */
  memberOf(node: number, cell: number): number {
    return cell * this.groups[this.groupsOfNodes[node]].nodes.length + this.places[node];
  }

  nodeOf(group: number, member: number): number {
    const { nodes } = this.groups[group];
    return nodes[member % nodes.length];
  }

  cellOf(group: number, member: number): number {
    return Math.floor(member / this.groups[group].nodes.length);
  }

  /** When the group may be rebalanced: now, unless somebody dead is waited for until the session ends. */
  rebalanceAtS(kernel: Kernel, group: number): number {
    const { state, partitions } = this;
    let atS = kernel.clockS;
    for (let at = group * partitions; at < (group + 1) * partitions; at++) {
      if (!this.isMissed(kernel, at)) state.missedSinceS[at] = Infinity;
      else {
        state.missedSinceS[at] = Math.min(state.missedSinceS[at], kernel.clockS);
        atS = Math.max(atS, state.missedSinceS[at] + this.sessionTimeoutS);
      }
    }
    return atS;
  }

  /**
   * Gives every partition a member, the same number to all within one: those that are up keep theirs
   * up to their share.
   * @param inFlight by place: deliveries that its owner has in hand
   * @param except a member that is not to be given any more, −1 for none
   * @returns places with a new owner
   */
  assign(kernel: Kernel, group: number, inFlight: Int32Array, except = NOBODY): readonly number[] {
    const { state, partitions } = this;
    const members = this.membersOf(kernel, group);
    const given: number[] = [];
    if (members.length === 0) return given;
    const held = this.keepShares(kernel, group, members, inFlight);
    for (let at = group * partitions; at < (group + 1) * partitions; at++) {
      if (state.owner[at] !== NOBODY) continue;
      let least = members[0];
      for (const member of members) {
        if (member === except && members.length > 1) continue;
        if (least === except || held.get(member)! < held.get(least)!) least = member;
      }
      state.owner[at] = least;
      held.set(least, held.get(least)! + 1);
      given.push(at);
    }
    return given;
  }

  /**
   * Takes from every member what is more than its share. What it has in hand it keeps until that is
   * settled, and so does one that leaves; one that is dead keeps all until its session ends.
   * @returns partitions of each member
   */
  private keepShares(
    kernel: Kernel,
    group: number,
    members: readonly number[],
    inFlight: Int32Array,
  ): Map<number, number> {
    const { state, partitions } = this;
    const held = new Map<number, number>(members.map((member) => [member, 0]));
    const share = Math.floor(partitions / members.length);
    let larger = partitions - share * members.length;
    // Those with something in hand first, so that idle ones are handed over.
    for (const busy of [true, false]) {
      for (let at = group * partitions; at < (group + 1) * partitions; at++) {
        if (inFlight[at] > 0 !== busy) continue;
        state.moving[at] = 0;
        const owner = state.owner[at];
        if (owner === NOBODY || this.isAwaited(kernel, at)) continue;
        const count = held.get(owner);
        if (count !== undefined && (count < share || (count === share && larger > 0))) {
          if (count === share) larger--;
          held.set(owner, count + 1);
        } else if (busy && !this.isMissed(kernel, at)) {
          state.moving[at] = 1;
        } else {
          state.owner[at] = NOBODY;
          state.missedSinceS[at] = Infinity;
        }
      }
    }
    return held;
  }

  private membersOf(kernel: Kernel, group: number): number[] {
    const members: number[] = [];
    for (const node of this.groups[group].nodes) {
      const consumer = kernel.callees[node]!;
      const cells = consumer.cells?.() ?? 0;
      for (let cell = 0; cell < cells; cell++) {
        if (consumer.isMember?.(cell) === true) members.push(this.memberOf(node, cell));
      }
    }
    return members.sort((a, b) => a - b);
  }

  /** Whether the owner of a partition has died. One that has left is not missed. */
  isMissed(kernel: Kernel, at: number): boolean {
    const owner = this.state.owner[at];
    if (owner === NOBODY) return false;
    const group = Math.floor(at / this.partitions);
    const consumer = kernel.callees[this.nodeOf(group, owner)]!;
    const cell = this.cellOf(group, owner);
    return cell < (consumer.cells?.() ?? 0) && consumer.isMember?.(cell) !== true;
  }

  /** Whether its owner has died, and its session has not ended yet. */
  private isAwaited(kernel: Kernel, at: number): boolean {
    const endS = this.state.missedSinceS[at] + this.sessionTimeoutS;
    return kernel.clockS < endS && this.isMissed(kernel, at);
  }
}
