/**
 * A partitioned log (as Kafka's): a record goes to the partition of its key and stays; every group of
 * consumers reads each partition in order and commits an offset. A partition belongs to one worker of
 * a group, which may be several nodes, so no more workers than partitions have work. A failed record is tried again in its place
 * and blocks its partition, not the others; after so many attempts it is skipped. A dead worker is
 * missed only after the session timeout; then its partitions go to others, which read on from the
 * committed offset: what was done and not committed is done again. A worker that leaves, or that has to
 * hand a partition to a newcomer, settles what it has in hand first.
 *
 * A fetch that gets lost is made again, and what follows waits for it: nothing is skipped and the order
 * stays. A commit that gets lost is made good by the next one of its partition, since a commit says how far
 * the group has come, or by the consumer's, which commits again after an interval (lostCommits.ts). Only if
 * the partition is read from the committed offset before that, by a restarted worker or another, is the record
 * done again.
 */
import type { LogSpec } from '../flow.ts';
import { emptyBrokerView } from '../kernel/brokerView.ts';
import { keyOf, keyOfCopy } from '../kernel/keys.ts';
import { MessageLists } from '../kernel/messageLists.ts';
import { MessagePhase } from '../kernel/messages.ts';
import { eventTarget, Result, Tally, type Broker, type Kernel } from '../kernel/node.ts';
import { BrokerWay } from '../kernel/brokerWay.ts';
import { VisibleEvent } from '../trace.ts';
import type { BrokerView } from '../view.ts';
import type { ConsumerGroup } from './kinds.ts';
import { LostCommits } from './lostCommits.ts';
import { NOBODY, PartitionOwners } from './partitionOwners.ts';

const Code = { Retry: 0, PollTimeout: 1, Rebalance: 2, CommitAgain: 3 } as const;

export class Log implements Broker {
  readonly id: string;
  readonly index: number;
  readonly state;
  readonly way: BrokerWay;
  readonly perCell = true;
  private readonly partitions: number;
  private readonly keys: number;
  private readonly groups: readonly ConsumerGroup[];
  private readonly owners: PartitionOwners;
  private readonly lostCommits: LostCommits;

  constructor(id: string, index: number, spec: LogSpec, groups: readonly ConsumerGroup[]) {
    this.id = id;
    this.index = index;
    this.partitions = spec.partitions;
    this.keys = spec.keys ?? 0;
    this.groups = groups;
    this.way = new BrokerWay(id, index, spec);
    const size = spec.partitions * groups.length;
    const sessionTimeoutS = spec.sessionTimeoutS ?? 45;
    this.owners = new PartitionOwners(spec.partitions, groups, sessionTimeoutS);
    const intervalS = spec.commitIntervalS === undefined ? 5 : (spec.commitIntervalS ?? Infinity);
    this.lostCommits = new LostCommits(index, Code.CommitAgain, size, intervalS);
    this.state = {
      owners: this.owners.state,
      lost: this.lostCommits.state,
      publishing: this.way.state,
      retentionS: spec.retentionS === undefined ? 604_800 : (spec.retentionS ?? Infinity),
      maxAttempts: spec.maxAttempts === undefined ? 10 : (spec.maxAttempts ?? Infinity),
      retryDelayS: spec.retryDelayS ?? 0,
      maxPollIntervalS:
        spec.maxPollIntervalS === undefined ? 300 : (spec.maxPollIntervalS ?? Infinity),
      /** By partition: records that some group has not read yet, and the offset of the next record. */
      records: new MessageLists(spec.partitions),
      end: new Float64Array(spec.partitions),
      /** By group and partition: first uncommitted record, next to hand out; −1: caught up. */
      front: new Int32Array(size).fill(-1),
      cursor: new Int32Array(size).fill(-1),
      committed: new Float64Array(size),
      inFlight: new Int32Array(size),
      /** Deliveries so far, and the number of that of the record in front. */
      given: new Int32Array(size),
      base: new Int32Array(size).fill(1),
      /** Records after the committed offset that are done, and whose commits got lost. */
      ahead: new Int32Array(size),
      /** Failed attempts of the first record that is not done. */
      attempts: new Int32Array(size),
      /** The first offset that was never handed out. */
      reached: new Float64Array(size),
      /** 1 while it waits to be tried again. */
      paused: new Uint8Array(size),
      /** Counts the times that its deliveries began or ended; tells a stale timer. */
      epoch: new Int32Array(size),
      /** By group: records between the end and what it has committed. */
      behind: new Float64Array(groups.length),
      /** Deliveries of all groups that are not committed. */
      flying: 0,
      turn: new Int32Array(groups.length),
      rebalances: new Int32Array(groups.length),
      /** By group: 1 while a rebalance is to come. */
      rebalancing: new Uint8Array(groups.length),
      /** Since the start. */
      published: 0,
      commits: 0,
      retries: 0,
      skipped: 0,
      expired: 0,
      redeliveries: 0,
      /** Commits that came after the partition had gone to another worker. */
      staleCommits: 0,
      lostCommits: 0,
    };
  }

  /** Lag of the group that is furthest behind, over all partitions. */
  get backlog(): number {
    let most = 0;
    const { behind } = this.state;
    for (let group = 0; group < behind.length; group++) most = Math.max(most, behind[group]);
    return most;
  }

  get owed(): number {
    return this.backlog;
  }

  get dropped(): number {
    return this.state.expired;
  }

  get deadLettered(): number {
    return this.state.skipped;
  }

  get readers(): number {
    return this.groups.length;
  }

  backlogOf(node: number): number {
    return this.state.behind[this.owners.groupOf(node)];
  }

  /** Records between the end and what the group has committed, in all partitions or in one. */
  lag(group: number, only = -1): number {
    const { state, partitions } = this;
    let lag = 0;
    for (let p = 0; p < partitions; p++) {
      if (only < 0 || p === only) lag += state.end[p] - state.committed[group * partitions + p];
    }
    return lag;
  }

  start(kernel: Kernel): void {
    this.groups.forEach((_, group) => this.assign(kernel, group));
  }

  handle(kernel: Kernel, code: number, slot: number, generation: number): void {
    const { state } = this;
    switch (code) {
      case Code.Retry:
        state.paused[slot] = 0;
        this.offerPartition(kernel, slot);
        return;
      case Code.PollTimeout:
        if (state.epoch[slot] === generation) this.revoke(kernel, slot);
        return;
      case Code.CommitAgain:
        if (this.lostCommits.isDue(slot, generation)) this.commitAgain(kernel, slot);
        return;
      case Code.Rebalance:
        if (state.rebalances[slot] !== generation) return;
        state.rebalancing[slot] = 0;
        this.assign(kernel, slot);
        return;
    }
  }

  set(_kernel: Kernel, parameter: string, value: number | string | null): boolean {
    const { state } = this;
    if (this.way.set(parameter, value)) return true;
    const open = value === null ? Infinity : value;
    if (typeof open !== 'number' || !(open >= 0)) return false;
    switch (parameter) {
      case 'maxAttempts':
        if (open < 1) return false;
        state.maxAttempts = open;
        return true;
      case 'retentionS':
      case 'maxPollIntervalS':
        if (open === 0) return false;
        state[parameter] = open;
        return true;
      case 'commitIntervalS':
        if (open === 0) return false;
        state.lost.intervalS = open;
        return true;
    }
    if (parameter !== 'retryDelayS' || open === Infinity) return false;
    state.retryDelayS = open;
    return true;
  }

  act(): boolean {
    return false;
  }

  hold(): boolean {
    return false;
  }

  publish(
    kernel: Kernel,
    request: number,
    fromNode: number,
    fromCell: number,
    _drawKey = 1,
    copy = 0,
    attempt = 1,
  ): boolean {
    const { state, partitions, groups } = this;
    const { messages, requests, recorder } = kernel;
    const number = keyOfCopy(requests.rows[request].number, copy);
    const partition = keyOf(this.keys > 0 ? keyOf(number, this.keys) : number, partitions);
    state.published++;
    state.end[partition]++;
    if (recorder !== null) recorder.published(kernel, request, this.index, fromNode, fromCell);
    if (groups.length === 0) return true;
    const record = messages.createCopy(request, this.index, kernel.clockS, attempt, copy);
    requests.rows[request].references++;
    messages.group[record] = partition;
    messages.holders[record] = groups.length;
    state.records.pushTail(messages, partition, record);
    for (let group = 0; group < groups.length; group++) {
      const at = group * partitions + partition;
      state.behind[group]++;
      if (state.front[at] < 0) state.front[at] = record;
      if (state.cursor[at] < 0) state.cursor[at] = record;
    }
    this.noteDepth(kernel);
    // Only now: a group that reads at once may free the record.
    for (let group = 0; group < groups.length; group++) {
      this.offerPartition(kernel, group * partitions + partition);
    }
    return true;
  }

  take(kernel: Kernel, toNode: number, toCell: number): number {
    const { state, partitions, owners } = this;
    const { owner, moving } = owners.state;
    const group = owners.groupOf(toNode);
    const member = owners.memberOf(toNode, toCell);
    for (let k = 0; k < partitions; k++) {
      const partition = (state.turn[group] + k) % partitions;
      const at = group * partitions + partition;
      if (owner[at] !== member || state.paused[at] === 1 || moving[at] === 1) continue;
      if (state.inFlight[at] === 0 && state.ahead[at] === 0) this.expire(kernel, at);
      if (state.cursor[at] < 0) continue;
      state.turn[group] = (partition + 1) % partitions;
      return this.deliver(kernel, at, toNode, toCell);
    }
    return -1;
  }

  settle(kernel: Kernel, record: number, result: Result, receipt: number): void {
    const { state } = this;
    const at = this.placeOf(kernel, record, receipt);
    if (!this.isNext(at, receipt)) {
      state.staleCommits++;
      return;
    }
    const { messages, recorder } = kernel;
    const request = messages.request[record];
    if (result === Result.Ok || result === Result.Declined) {
      this.makeGood(kernel, at);
      state.commits++;
      recorder?.acknowledged(kernel, request, this.index, result === Result.Declined ? 1 : 0);
      this.advance(kernel, at);
      return;
    }
    const attempts = ++state.attempts[at];
    if (attempts >= state.maxAttempts) {
      this.makeGood(kernel, at);
      state.skipped++;
      recorder?.record(kernel, VisibleEvent.DeadLetter, request, this.index, -1, -1, -1, attempts);
      this.advance(kernel, at);
      return;
    }
    state.retries++;
    recorder?.record(kernel, VisibleEvent.BackOff, request, this.index, -1, -1, -1, attempts);
    const owner = this.owners.state.owner[at];
    // Work of no length must not be tried again without an event, or it would never end.
    if (state.retryDelayS > 0 || kernel.clockS === messages.sinceS[record]) {
      state.paused[at] = 1;
      const target = eventTarget(this.index, Code.Retry);
      kernel.events.push(kernel.clockS + state.retryDelayS, target, at, 0);
    }
    this.seekBack(kernel, at);
    // Whatever else the worker has polled is read again after the failed record.
    this.closeChannel(kernel, Math.floor(at / this.partitions), owner);
    this.noteDepth(kernel);
  }

  commitLost(kernel: Kernel, record: number, receipt: number): void {
    const { state } = this;
    const at = this.placeOf(kernel, record, receipt);
    if (!this.isNext(at, receipt)) {
      state.staleCommits++;
      return;
    }
    state.lostCommits++;
    if (state.ahead[at]++ === 0) this.lostCommits.begin(kernel, at, record, receipt);
    state.attempts[at] = 0;
    if (--state.inFlight[at] > 0) return;
    this.settled(kernel, at);
    this.forgetIfDead(kernel, at);
  }

  giveBack(kernel: Kernel, record: number, receipt: number): void {
    const { state } = this;
    const at = this.placeOf(kernel, record, receipt);
    const given = Math.floor(receipt / this.groups.length);
    if (state.inFlight[at] > 0 && given >= state.base[at] + state.ahead[at])
      this.rewind(kernel, at);
  }

  extend(): boolean {
    return false;
  }

  withdraw(): boolean {
    return false;
  }

  rebalance(kernel: Kernel, node: number): void {
    const { partitions } = this;
    const group = this.owners.groupOf(node);
    for (let partition = 0; partition < partitions; partition++) {
      this.forgetIfDead(kernel, group * partitions + partition);
    }
    this.prepare(kernel, group);
  }

  createView(): BrokerView {
    const groups = this.groups.map(({ name }) => name);
    const groupLag = new Float64Array(groups.length);
    return { ...emptyBrokerView(this.id, this.index), groups, groupLag };
  }

  readView(kernel: Kernel, view: BrokerView): void {
    const { state } = this;
    let oldestS = kernel.clockS;
    for (let at = 0; at < state.inFlight.length; at++) {
      if (state.front[at] >= 0) {
        oldestS = Math.min(oldestS, kernel.messages.enqueuedS[state.front[at]]);
      }
    }
    view.groupLag?.set(state.behind);
    view.inFlight = state.flying;
    view.ready = Math.max(0, this.backlog - state.flying);
    view.deadLettered = state.skipped;
    view.dropped = state.expired;
    view.maxAttempts = state.maxAttempts;
    view.oldestAgeS = kernel.clockS - oldestS;
  }

  private deliver(kernel: Kernel, at: number, toNode: number, toCell: number): number {
    const { state } = this;
    const { messages, recorder, clockS } = kernel;
    const record = state.cursor[at];
    state.cursor[at] = messages.next[record];
    const given = ++state.given[at];
    const offset = state.committed[at] + state.inFlight[at];
    const again = offset < state.reached[at];
    if (again) state.redeliveries++;
    else state.reached[at] = offset + 1;
    state.flying++;
    if (state.inFlight[at]++ === 0) {
      const epoch = ++state.epoch[at];
      if (state.maxPollIntervalS < Infinity) {
        const target = eventTarget(this.index, Code.PollTimeout);
        kernel.events.push(clockS + state.maxPollIntervalS, target, at, epoch);
      }
    }
    const group = Math.floor(at / this.partitions);
    messages.phase[record] = MessagePhase.InFlight;
    messages.sinceS[record] = clockS;
    messages.receipt[record] = given * this.groups.length + group;
    this.noteDepth(kernel);
    if (recorder !== null) {
      recorder.waited(kernel, this.index, clockS - messages.enqueuedS[record]);
      const request = messages.request[record];
      // What was polled behind the record in front comes again with it, and so does what a lost worker had.
      const attempt = state.attempts[at] + 1;
      const delivery = again ? Math.max(2, attempt) : 1;
      recorder.delivered(kernel, request, this.index, toNode, toCell, delivery);
    }
    return record;
  }

  /** Whether a delivery is that of the first record of its partition that is not done. */
  private isNext(at: number, receipt: number): boolean {
    const { state } = this;
    const given = Math.floor(receipt / this.groups.length);
    return state.inFlight[at] > 0 && given === state.base[at] + state.ahead[at];
  }

  /** The record in front is done with: the offset moves on. */
  private advance(kernel: Kernel, at: number): void {
    const { state } = this;
    state.inFlight[at]--;
    this.passInHand(kernel, at);
    if (state.inFlight[at] === 0) this.settled(kernel, at);
    this.noteDepth(kernel);
  }

  /** Nothing of the partition is in anybody's hand any more. */
  private settled(kernel: Kernel, at: number): void {
    const { state } = this;
    state.epoch[at]++;
    const group = Math.floor(at / this.partitions);
    if (this.owners.state.moving[at] === 1 && state.rebalancing[group] === 0)
      this.prepare(kernel, group);
  }

  /** A consumer with a position that is not committed commits it again. */
  private commitAgain(kernel: Kernel, at: number): void {
    const group = Math.floor(at / this.partitions);
    const node = this.owners.nodeOf(group, this.owners.state.owner[at]);
    if (!this.lostCommits.arrives(kernel, at, kernel.callees[node]!)) {
      this.state.lostCommits++;
      return;
    }
    this.makeGood(kernel, at);
    this.noteDepth(kernel);
  }

  /** A position that was not committed dies with its worker. What is in its hands comes back on its own. */
  private forgetIfDead(kernel: Kernel, at: number): void {
    const { inFlight, ahead } = this.state;
    if (ahead[at] > 0 && inFlight[at] === 0 && this.owners.isMissed(kernel, at))
      this.rewind(kernel, at);
  }

  /** A commit has arrived: records whose own commits got lost are committed with it. */
  private makeGood(kernel: Kernel, at: number): void {
    const { state } = this;
    const { messages, recorder } = kernel;
    if (state.ahead[at] > 0) this.lostCommits.end(at);
    for (; state.ahead[at] > 0; state.ahead[at]--) {
      state.commits++;
      recorder?.acknowledged(kernel, messages.request[state.front[at]], this.index, 0);
      this.passInHand(kernel, at);
    }
  }

  private passInHand(kernel: Kernel, at: number): void {
    this.state.flying--;
    this.state.base[at]++;
    this.pass(kernel, at, this.state.front[at]);
  }

  private pass(kernel: Kernel, at: number, record: number): void {
    const { state } = this;
    const { messages } = kernel;
    state.attempts[at] = 0;
    state.committed[at]++;
    state.behind[Math.floor(at / this.partitions)]--;
    state.front[at] = messages.next[record];
    if (--messages.holders[record] > 0) return;
    const request = messages.request[record];
    state.records.unlink(messages, messages.group[record], record);
    messages.free(record);
    kernel.releaseRequest(request);
  }

  /** What was handed out and not committed will be handed out again. */
  private rewind(kernel: Kernel, at: number): void {
    const { state } = this;
    if (state.ahead[at] > 0) {
      state.attempts[at] = 0;
      this.lostCommits.end(at);
    }
    state.flying -= state.ahead[at];
    state.ahead[at] = 0;
    this.seekBack(kernel, at);
  }

  /** The same from the first record that is not done, whether what was done is committed or not. */
  private seekBack(kernel: Kernel, at: number): void {
    const { state } = this;
    let record = state.front[at];
    for (let k = state.ahead[at]; k > 0; k--) record = kernel.messages.next[record];
    state.cursor[at] = record;
    state.flying -= state.inFlight[at];
    state.inFlight[at] = 0;
    state.base[at] = state.given[at] + 1 - state.ahead[at];
    this.settled(kernel, at);
  }

  /** Records that outlived the retention before the group came to them are lost to it. */
  private expire(kernel: Kernel, at: number): void {
    const { state } = this;
    for (;;) {
      const record = state.front[at];
      if (record < 0) break;
      if (kernel.messages.enqueuedS[record] + state.retentionS > kernel.clockS) break;
      state.expired++;
      kernel.recorder?.tally(kernel, this.index, Tally.Expired);
      this.pass(kernel, at, record);
      state.cursor[at] = state.front[at];
    }
  }

  /** The worker took longer between polls than allowed: its partition goes to the next. */
  private revoke(kernel: Kernel, at: number): void {
    const group = Math.floor(at / this.partitions);
    const { owner } = this.owners.state;
    const late = owner[at];
    this.rewind(kernel, at);
    owner[at] = NOBODY;
    this.closeChannel(kernel, group, late);
    this.assign(kernel, group, late);
  }

  /** Sets a time for the rebalance. */
  private prepare(kernel: Kernel, group: number): void {
    const { state } = this;
    state.rebalancing[group] = 1;
    const atS = this.owners.rebalanceAtS(kernel, group);
    const target = eventTarget(this.index, Code.Rebalance);
    kernel.events.push(atS, target, group, ++state.rebalances[group]);
  }

  private assign(kernel: Kernel, group: number, except = NOBODY): void {
    const { inFlight, ahead } = this.state;
    for (const at of this.owners.assign(kernel, group, inFlight, except)) {
      if (inFlight[at] > 0 || ahead[at] > 0) this.rewind(kernel, at);
      this.offerPartition(kernel, at);
    }
  }

  private closeChannel(kernel: Kernel, group: number, member: number): void {
    const node = this.owners.nodeOf(group, member);
    kernel.callees[node]!.channelClosed?.(kernel, this.owners.cellOf(group, member));
  }

  private offerPartition(kernel: Kernel, at: number): void {
    const { state, owners } = this;
    const owner = owners.state.owner[at];
    if (owner === NOBODY || owners.state.moving[at] === 1) return;
    if (state.cursor[at] < 0 || state.paused[at] === 1) return;
    const group = Math.floor(at / this.partitions);
    const consumer = kernel.callees[owners.nodeOf(group, owner)]!;
    consumer.offer(kernel, owners.cellOf(group, owner));
  }

  /** Index by group and partition of a delivery. */
  private placeOf(kernel: Kernel, record: number, receipt: number): number {
    const group = receipt % this.groups.length;
    return group * this.partitions + kernel.messages.group[record];
  }

  private noteDepth(kernel: Kernel): void {
    if (kernel.recorder === null) return;
    const { flying } = this.state;
    const ready = Math.max(0, this.backlog - flying);
    kernel.recorder.depth(kernel, this.index, ready, flying, 0);
  }
}
