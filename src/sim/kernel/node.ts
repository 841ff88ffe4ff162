/** What nodes are to the kernel and to each other. Node kinds never import one another. */
import type { VisibleEvent } from '../trace.ts';
import type { NodeView, PoolView } from '../view.ts';
import type { CallTable } from './calls.ts';
import type { EventQueue } from './eventQueue.ts';
import type { Job } from './job.ts';
import type { JobTable } from './jobs.ts';
import type { MessageTable } from './messages.ts';
import type { KeyedRandom } from './random.ts';
import type { Request } from './request.ts';
import type { RequestTable } from './requests.ts';

/** How a job ends for whoever asked for it. */
export const Result = {
  Ok: 0,
  /** An error; the outcome of the work is void. */
  Failed: 1,
  /** A final "no", for example a declined card. */
  Declined: 2,
  /** No place in the accept queue. */
  Rejected: 3,
  /** No answer in time; whether the work was done is unknown. */
  TimedOut: 4,
  /** Not sent: the circuit breaker was open. */
  BreakerOpen: 5,
  /** An error that trying again cannot change: an invalid request, a job that has failed. */
  FailedForGood: 6,
  /** Not the end: taken in, to be done later (a 202). Told to calls only, before the result. */
  Accepted: 7,
} as const;
export type Result = (typeof Result)[keyof typeof Result];

/** Everything nodes may use of a running simulation. */
export interface Kernel {
  clockS: number;
  readonly random: KeyedRandom;
  readonly events: EventQueue;
  readonly jobs: JobTable;
  readonly requests: RequestTable;
  readonly messages: MessageTable;
  readonly callees: readonly (Callee | null)[];
  readonly brokers: readonly (Broker | null)[];
  readonly origins: readonly (Origin | null)[];
  readonly calls: CallTable;
  readonly edges: readonly Edge[];
  readonly facilities: readonly (Facility | null)[];
  readonly watchers: readonly (Watcher | null)[];
  /** null unless the run is observed. */
  readonly recorder: Recorder | null;
  /** Drops one reference; the row is freed with the last. */
  releaseRequest(request: number): void;
  release(request: Request): void;
}

/** What listens to a run. Listening never changes what happens. Requests are given by row. */
export interface Recorder {
  submitted(kernel: Kernel, request: Request, node: number): void;
  rejected(kernel: Kernel, request: number, node: number): void;
  gaveUp(kernel: Kernel, request: number, node: number): void;
  /** @param gone the user had given up before */
  answered(kernel: Kernel, request: Request, gone: boolean): void;
  /** A fact has changed that counts depend on together with the outcome. */
  noteFlags(kernel: Kernel, request: number): void;
  /** The request waits in the accept queue of `node`. */
  queued(kernel: Kernel, request: number, node: number): void;
  handlerStarted(kernel: Kernel, job: Job, node: number, cell: number): void;
  /** A thread of `node` waits for `target`, and has its answer. */
  parked(kernel: Kernel, request: number, node: number, cell: number, target: number): void;
  resumed(kernel: Kernel, request: number, node: number, cell: number, target: number): void;
  handlerEnded(kernel: Kernel, request: number): void;
  published(
    kernel: Kernel,
    request: number,
    queue: number,
    fromNode: number,
    fromCell: number,
  ): void;
  delivered(
    kernel: Kernel,
    request: number,
    queue: number,
    toNode: number,
    toCell: number,
    attempt: number,
  ): void;
  /** @param declined 1 if the answer was a decline */
  acknowledged(kernel: Kernel, request: number, queue: number, declined: number): void;
  record(
    kernel: Kernel,
    kind: VisibleEvent,
    request: number,
    node: number,
    cell: number,
    otherNode: number,
    otherCell: number,
    detail: number,
  ): void;
  /** An event that concerns a node and no request. */
  recordNode(kernel: Kernel, kind: VisibleEvent, node: number, cell: number): void;
  /** The request's row is about to be reused. */
  forget(kernel: Kernel, request: number): void;
  /** The job has left the accept queue of `node`: it starts now, or it was withdrawn. */
  leftQueue(kernel: Kernel, job: Job, node: number): void;
  /**
   * One more (1) or one less (−1) waits at `node` outside its accept queue: a delivered message for a
   * thread or for a busy worker, or a caller to be told that it is rejected.
   */
  waiting(kernel: Kernel, node: number, change: 1 | -1): void;
  /** The job left without being served: the accept queue, after `leftQueue`, or as a delivery void or taken back. */
  withdrawn(kernel: Kernel, job: Job, node: number): void;
  /** `node` has turned the job away: at once, out of its accept queue, or at the cost of a thread's time. */
  turnedAway(kernel: Kernel, job: Job, node: number): void;
  /** A thread begins to tell the job's caller that it is rejected, and has done so (or has died). */
  refusalStarted(kernel: Kernel, job: Job, node: number, cell: number): void;
  refusalEnded(kernel: Kernel, job: Job, node: number): void;
  /** The pool of `node` has that many threads from now on, so many of them down; also called at the start. */
  resized(kernel: Kernel, node: number, capacity: number, down: number): void;
  /** What a queue holds from now on; called after every change. */
  depth(kernel: Kernel, node: number, ready: number, inFlight: number, backingOff: number): void;
  /** A message was ready for that long, seconds, and is being delivered or has been dropped. */
  waited(kernel: Kernel, node: number, waitedS: number): void;
  /** The job's handler has ended, or its thread has died; the thread is free (or down) from now. */
  threadFreed(kernel: Kernel, job: Job, node: number, result: Result): void;
  /** Counts something that happened at `node`. */
  tally(kernel: Kernel, node: number, what: Tally): void;
  /** Counts something that happened to a call with a policy. @param edge position in `kernel.edges` */
  tallyCall(kernel: Kernel, edge: number, what: Tally): void;
  /** The same for what happens to many at once. @param times may be a fraction, or a correction below 0 */
  tallyMany(kernel: Kernel, node: number, what: Tally, times: number): void;
  /** One observation of a quantity at `node`, for example the staleness of a value shown, seconds. */
  measure(kernel: Kernel, node: number, what: Measure, value: number): void;
  /** The same of one that has risen evenly between two moments. */
  measureRise(kernel: Kernel, node: number, what: Measure, from: number, to: number): void;
}

/** What is counted by node, besides what the calls above tell. */
export const Tally = {
  /** An attempt of a call is sent from `node`, first or not. */
  CallAttempt: 0,
  /** Of those, attempts of calls that had sent one before. */
  CallRetry: 1,
  CallTimedOut: 2,
  /** A retry that a budget did not grant. */
  RetryDenied: 3,
  /** A call that an open circuit breaker, a full bulkhead or an adaptive throttle turned back. */
  BreakerOpen: 4,
  BulkheadFull: 5,
  Throttled: 6,
  /** A call, a delivery or a publish lost on the way, or what was to come back. */
  Lost: 7,
  /** The effect of a message was done for the first time, and once more. */
  Effect: 8,
  DuplicateEffect: 9,
  /** A lease ran out before the worker was done. */
  LeaseExpired: 10,
  /** A message outlived its retention. */
  Expired: 11,
  /** A status request of a job API's client, or of a polling feed. */
  Poll: 12,
  Read: 13,
  /** Of those, reads that missed the reader's own write: violations of read-your-writes. */
  StaleRead: 14,
  /** A message taken back by whoever sent it, before its work began. */
  Cancelled: 15,
  /** A read that showed an older version than an earlier read of the same user. */
  NonMonotonicRead: 16,
  /** A job API has made a job, or has made one more for a request that had one. */
  JobAccepted: 17,
  DuplicateJob: 18,
  /** A POST whose idempotency key was known: it made no job. */
  RepeatedPost: 19,
  /** Turned away by a job API: never possible (400), over quota (429), too much to do (503). */
  Invalid: 20,
  OverQuota: 21,
  Overloaded: 22,
  /** A webhook was sent, the first time or again. */
  Webhook: 23,
  /** An attempt that the target turned away, and one that ended in an error. */
  CallRejected: 24,
  CallFailed: 25,
  /** Of an outbox: transactions, and what became of their events. */
  Committed: 26,
  RolledBack: 27,
  /** Committed, and the event never published; published, and never committed; published once more. */
  EventLost: 28,
  EventInvented: 29,
  EventRepeated: 30,
  /** Of a feed: changes of its value, messages to its clients, and changes that a client was shown. */
  Update: 31,
  FeedMessage: 32,
  UpdateSeen: 33,
  ConnectionLost: 34,
  /** After a reconnect: updates that a client was sent late, or will never see. */
  UpdateReplayed: 35,
  UpdateMissed: 36,
  /** Of a store: writes, reads of the primary, and accesses that waited for a copy. */
  Write: 37,
  PrimaryRead: 38,
  CopyWait: 39,
  /** An event that a topic copied to its subscriptions. */
  TopicEvent: 40,
  /** A circuit breaker of `node` has opened, from closed or half open. */
  BreakerOpened: 41,
  /** Of a job API: a webhook that arrived once more, one that was given up, and a result asked for too late. */
  WebhookDuplicate: 42,
  WebhookLost: 43,
  ResultExpired: 44,
  /** Of a broker: attempts to publish whose confirm did not come in time, and messages that one before had put there. */
  Unconfirmed: 45,
  PublishedAgain: 46,
} as const;
export type Tally = (typeof Tally)[keyof typeof Tally];
export const TALLIES = 47;

export const Measure = {
  /** Now − source time of the value shown, seconds. */
  Staleness: 0,
  /** From the moment a result was there to the moment its client knew, seconds. */
  NoticeDelay: 1,
  /** The same as the first, at clients of a feed that are too slow. */
  SlowStaleness: 2,
} as const;
export type Measure = (typeof Measure)[keyof typeof Measure];
export const MEASURES = 3;

/** Event codes share an integer with the node's index. */
const CODE_BITS = 4;

export function eventTarget(nodeIndex: number, code: number): number {
  return (nodeIndex << CODE_BITS) | code;
}
// Constants, because of a declared function compilers check at each call that it is still the same.
export const nodeOfTarget = (target: number): number => target >> CODE_BITS;
export const codeOfTarget = (target: number): number => target & ((1 << CODE_BITS) - 1);

export interface SimNode {
  readonly id: string;
  readonly index: number;
  /** Plain data; all that changes while the simulation runs. */
  readonly state: object;
  /** Called once, at time 0. */
  start(kernel: Kernel): void;
  handle(kernel: Kernel, code: number, slot: number, generation: number): void;
  /** Changes a parameter. @returns false if there is none of that name or the value is not usable */
  set(kernel: Kernel, parameter: string, value: number | string | null): boolean;
  /** Things done to the node: kill, poison, surge. @returns false if it does not know how */
  act(kernel: Kernel, action: NodeAction): boolean;
  createView(): NodeView;
  readView(kernel: Kernel, view: NodeView): void;
}

export type NodeAction =
  | { readonly do: 'surge'; readonly factor: number; readonly durationS: number }
  | { readonly do: 'kill'; readonly downS: number }
  | { readonly do: 'outage'; readonly durationS: number; readonly how: 'stall' | 'refuse' }
  | { readonly do: 'flush' }
  | { readonly do: 'slow'; readonly factor: number; readonly durationS: number }
  | { readonly do: 'poison'; readonly request: number }
  | { readonly do: 'redrive' };

/** A node that answers calls and may work off a queue. */
export interface Callee extends SimNode {
  /** Where the program of an endpoint begins; of the handler for undefined. */
  entryOf(endpoint: string | undefined): number;
  /** Takes the job in, or refuses it: then nothing of it stays here and the caller frees the row. */
  arrive(kernel: Kernel, job: Job): boolean;
  /** A job of this node gets the answer it was parked for. */
  resume(kernel: Kernel, job: number, result: Result): void;
  /** Takes a queued job out of the accept queue. @returns false if it has started */
  withdraw(kernel: Kernel, job: number): boolean;
  /** Retry-After of its rejections, seconds, −1: says none; clients add up to `jitter` of it, at random. */
  readonly retryAfterS?: number;
  readonly retryAfterJitter?: number;
  /** The caller of a job has learnt that it was accepted (`Result.Accepted`). */
  acknowledged?(kernel: Kernel, job: number): void;
  /** The caller of a job waits for it no longer. */
  abandoned?(kernel: Kernel, job: number): void;
  /**
   * Told by a queue that it has a ready message.
   * @param cell the only cell it is for; −1 or absent: any
   * @returns true if a thread took it
   */
  offer(kernel: Kernel, cell?: number): boolean;
  /** Whether a commit that is made again gets lost. @param number of its request, `key` of the draw */
  losesCommit?(kernel: Kernel, number: number, key: number): boolean;
  /** A broker has closed the channel of a cell: its deliveries that have not started are void. */
  channelClosed?(kernel: Kernel, cell: number): void;
  /** Threads that wait for a call or a broker; absent where there are no threads. */
  countParked?(kernel: Kernel): number;
  /** Workers there are to share partitions among (one beyond has left), and whether one is up. */
  cells?(): number;
  isMember?(cell: number): boolean;
  /** Fills the cells of a view, after `readView` of every node: tethers end on slots of others. */
  readCells(kernel: Kernel, view: PoolView, nodes: readonly NodeView[]): void;
}

/** A way from a caller to a target, with a policy, a travel time or both. Events reach it like a node. */
export interface Edge {
  readonly id: string;
  readonly state: object;
  /** Node of the caller, and of the target. */
  readonly from: number;
  readonly to: number;
  /** Each way, seconds; and the share that gets lost. */
  readonly travelS: number;
  readonly loss: number;
  handle(kernel: Kernel, code: number, slot: number, generation: number): void;
  /** The target is done with the present attempt of the call, or has accepted it. */
  answer(kernel: Kernel, call: number, result: Result): void;
  /** Whoever made the call learns its result in another way. */
  inform(kernel: Kernel, call: number, result: Result): void;
}

/** How publishes get to a broker, and their confirms back. */
export interface PublishWay {
  readonly state: {
    /** From a publish to its confirm, and how long a producer waits for that (Infinity: for ever), seconds. */
    readonly publishS: number;
    readonly confirmTimeoutS: number;
    /** How often a producer publishes at most. */
    readonly attempts: number;
  };
  /** Whether the present attempt of a job's publish, or its confirm, gets lost. Draws only where anything may. */
  loses(kernel: Kernel, job: Job, purpose: number): boolean;
  /** The same for a producer with draws of its own: `number` and `key` tell its publishes apart. */
  draws(
    kernel: Kernel,
    key0: number,
    key1: number,
    number: number,
    key: number,
    purpose: number,
  ): boolean;
  /** Counts something at the broker. */
  tally(kernel: Kernel, what: Tally): void;
}

export interface Broker extends SimNode {
  readonly way: PublishWay;
  /** Messages neither acknowledged nor given up: ready, in flight, backing off. */
  readonly owed: number;
  /** Ready messages, or the lag of a log: what autoscaling looks at. */
  readonly backlog: number;
  /** The lag of the consumer group that a node belongs to, where groups differ in it. */
  backlogOf?(node: number): number;
  /** What may be taken depends on the cell that asks (partitions of a log). */
  readonly perCell?: boolean;
  /** Consumer groups that each get every message (a log's); absent: it is for one consumer. */
  readonly readers?: number;
  /** What a consumer has not settled comes back when its channel closes, also what it works on. */
  recall?(kernel: Kernel, message: number, receipt: number): void;
  /** The commit of a record that is done got lost: it is made good by the next, or made again (a log). */
  commitLost?(kernel: Kernel, message: number, receipt: number): void;
  /** Workers of a consuming node have come or gone. */
  rebalance?(kernel: Kernel, node: number): void;
  /** Lost by overflow, and dead-lettered, since the start. */
  readonly dropped: number;
  readonly deadLettered: number;
  /**
   * Asked before a publish by the job that wants to.
   * @returns true if the producer has to wait: the broker publishes for it later and resumes the job
   */
  hold(kernel: Kernel, job: number): boolean;
  /**
   * @param copy which of several messages of one publish it is, 0 for the only one or the last
   * @param attempt of its producer to publish it, 1 for the first
   * @returns false if the message was refused
   */
  publish(
    kernel: Kernel,
    request: number,
    fromNode: number,
    fromCell: number,
    drawKey?: number,
    copy?: number,
    attempt?: number,
  ): boolean;
  /** Hands the next ready message to a worker. @returns its row, −1 if there is none */
  take(kernel: Kernel, toNode: number, toCell: number): number;
  /** The worker is done with it. @param receipt of its delivery: only the latest decides */
  settle(kernel: Kernel, message: number, result: Result, receipt: number): void;
  /** The worker died; `receipt` is that of its delivery. */
  giveBack(kernel: Kernel, message: number, receipt: number): void;
  /** A heartbeat: the lease starts anew. @returns false if the receipt is not the latest */
  extend(kernel: Kernel, message: number, receipt: number): boolean;
  /**
   * Takes the message of a request out of the queue: ready, behind its group, or until later.
   * @param drawKey of the message
   * @returns false if it is at work, or over
   */
  withdraw(kernel: Kernel, request: number, drawKey: number): boolean;
}

/** How a message ended for its queue. */
export const MessageEnd = {
  Acknowledged: 0,
  Declined: 1,
  DeadLettered: 2,
  Dropped: 3,
  Expired: 4,
  Withdrawn: 5,
} as const;
export type MessageEnd = (typeof MessageEnd)[keyof typeof MessageEnd];

/** A node that is told how the messages of a queue end. */
export interface Watcher extends SimNode {
  /** @param message its row, which is about to be freed or is in the dead-letter queue */
  messageEnded(kernel: Kernel, message: number, how: MessageEnd): void;
}

/** A node that handlers use in a step of their own: a store, an outbox. */
export interface Facility extends SimNode {
  /** A parked job wants `operation`; it is resumed when that is done. */
  use(kernel: Kernel, job: number, operation: number): void;
}

/** Where requests come from and answers go to. */
export interface Origin extends SimNode {
  /** Number of the next request to arrive. */
  readonly nextRequest: number;
  /** The first service has ended the request. */
  answer(kernel: Kernel, request: Request, result: Result): void;
  /** A fact that counts depend on has changed after the request was answered. */
  noteLate(kernel: Kernel, request: number): void;
}
