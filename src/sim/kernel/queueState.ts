/** All that changes in a broker queue while the simulation runs: plain data. */
import type { PublishSpec } from '../flow.ts';
import { MessageLists } from './messageLists.ts';
import type { BrokerWay } from './brokerWay.ts';
import { WaitLine } from './waitLine.ts';

export const QueueCode = { Due: 0, Retention: 1, Lease: 2 } as const;

/** What a publish meets when the queue is full. */
export const Overflow = { DropOldest: 0, Reject: 1, Block: 2 } as const;

export interface QueueOptions {
  readonly limit: number;
  readonly overflow: number;
  readonly publishing: PublishSpec;
  readonly delayS: number;
  readonly retentionS: number;
  /** Deliveries before a message is dead-lettered. */
  readonly maxAttempts: number;
  /** FIFO groups; 0: none. */
  readonly groups: number;
  /** Shares of messages, the most urgent class first; their sum is 1. */
  readonly priorityShares: readonly number[];
  /** Expired and dropped messages are dead-lettered, too. */
  readonly deadLettersAll: boolean;
}

/** The state of a queue with nothing in it. */
export function queueState(options: QueueOptions, way: BrokerWay) {
  return {
    publishing: way.state,
    limit: options.limit,
    overflow: options.overflow,
    delayS: options.delayS,
    retentionS: options.retentionS,
    maxAttempts: options.maxAttempts,
    deadLettersAll: options.deadLettersAll ? 1 : 0,
    /** By priority; with groups, only messages whose turn in their group it is. */
    lists: new MessageLists(Math.max(1, options.priorityShares.length)),
    ready: 0,
    /** By group: who waits behind the group's message in front. */
    waiting: new MessageLists(options.groups),
    /** By group: its message that may be delivered, is in flight or on the shelf; −1 for none. */
    front: new Int32Array(options.groups).fill(-1),
    /** In the order in which their leases end. */
    flying: new MessageLists(1),
    inFlight: 0,
    /** Backing off or delayed, newest first. */
    shelf: new MessageLists(1),
    backingOff: 0,
    /** Of those, due already and waiting for a place. */
    waitingForPlace: 0,
    deadList: new MessageLists(1),
    /** Producers parked until there is room: their jobs. */
    producers: new WaitLine(),
    nextConsumer: 0,
    retentionArmedS: Infinity,
    leaseArmedS: Infinity,
    /** Since the start. */
    published: 0,
    acknowledged: 0,
    dead: 0,
    dropped: 0,
    refused: 0,
    expired: 0,
    redriven: 0,
    deliveries: 0,
    redeliveries: 0,
    /** Leases that ended before the worker was done. */
    leasesExpired: 0,
    /** Attempts to settle with a receipt that was not the latest. */
    staleReceipts: 0,
    blocked: 0,
  };
}

export type QueueState = ReturnType<typeof queueState>;
