/**
 * Asynchronous request-reply: a POST is checked, put on a queue and answered 202 with a place to ask;
 * its user learns of the result by polling or by a webhook. The request ends when its user knows
 * (served, failed), is turned away (rejected) or has given up (timed out); the job itself goes on.
 * Mean notice delay of polling is half the interval, its load the outstanding jobs over the interval.
 *
 * The POST is a call like any other: its policy covers the way to the 202. A client that does not get
 * one in time may send the POST again. With an idempotency key it is given the first job; without, a
 * second job is made, and nobody ever asks for the first. A webhook, whose address came with the POST,
 * is sent for every job, whether its 202 arrived or not.
 */
import type { JobApiSpec } from '../flow.ts';
import { emptyBrokerView } from '../kernel/brokerView.ts';
import { Caller, callOfCaller, CallPhase, drawKey } from '../kernel/calls.ts';
import { endJob, handOver } from '../kernel/endJob.ts';
import type { Job } from '../kernel/job.ts';
import {
  eventTarget,
  Measure,
  MessageEnd,
  Result,
  Tally,
  type Callee,
  type Edge,
  type Kernel,
  type Watcher,
} from '../kernel/node.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { WaitLine } from '../kernel/waitLine.ts';
import { Outcome } from '../outcome.ts';
import type { BrokerView } from '../view.ts';
import { JobTickets, TicketStatus } from './jobTickets.ts';

/** Position of a job that has been found invalid; others stay at 0, where they enter. */
const INVALID = 1;

const Code = { Accepted: 0, Invalid: 1, Poll: 2, Webhook: 3, Admit: 4 } as const;

export class JobApi implements Callee, Watcher {
  readonly id: string;
  readonly index: number;
  readonly state;
  private readonly queue: number;
  private readonly polls: boolean;
  private readonly hasKeys: boolean;
  private readonly key0: number;
  private readonly key1: number;

  constructor(
    id: string,
    index: number,
    spec: JobApiSpec,
    nodeIndex: (id: string) => number,
    random: KeyedRandom,
  ) {
    this.id = id;
    this.index = index;
    this.queue = nodeIndex(spec.queue);
    this.polls = spec.notice !== 'webhook';
    this.hasKeys = spec.idempotencyKey === 'returnsFirst';
    [this.key0, this.key1] = random.keysOf(id);
    this.state = {
      acceptS: (spec.acceptMs ?? 0) / 1000,
      invalidRate: spec.invalidRate ?? 0,
      limit: spec.limit ?? Infinity,
      quotaPerS: spec.quotaPerS ?? Infinity,
      quotaBurst: spec.quotaBurst ?? 1,
      throttlePerS: spec.throttlePerS ?? Infinity,
      /** −1: rejections do not say. */
      retryAfterS: spec.rejectionRetryAfterS ?? -1,
      retryAfterJitter: spec.rejectionRetryAfterJitter ?? 0,
      keyTtlS: spec.keyTtlS ?? 86_400,
      pollEveryS: spec.pollEveryS ?? 5,
      jitter: spec.retryAfterJitter ?? 0,
      webhookS: (spec.webhookMs ?? 0) / 1000,
      webhookFailureRate: spec.webhookFailureRate ?? 0,
      webhookAckLossRate: spec.webhookAckLossRate ?? 0,
      webhookAttempts: spec.webhookAttempts ?? 5,
      webhookBackoffS: spec.webhookBackoffS ?? 1,
      resultTtlS: spec.resultTtlS ?? Infinity,
      tickets: new JobTickets(),
      /** Producers held back by the throttle. */
      line: new WaitLine(),
      nextAdmitS: 0,
      admitArmed: 0,
      tokens: spec.quotaBurst ?? 1,
      tokensS: 0,
      outstanding: 0,
      /** Since the start. */
      accepted: 0,
      /** Of those, jobs for requests that had one already. */
      duplicates: 0,
      /** POSTs whose key was known. */
      repeated: 0,
      invalid: 0,
      rejectedQuota: 0,
      rejectedOverload: 0,
      completed: 0,
      failed: 0,
      /** Jobs done for users who had given up, and jobs that no client knew of when they ended. */
      wasted: 0,
      orphaned: 0,
      cancelled: 0,
      noticed: 0,
      noticeDelayS: 0,
      pollCount: 0,
      webhooks: 0,
      webhookDuplicates: 0,
      webhooksLost: 0,
      expired: 0,
    };
  }

  get retryAfterS(): number {
    return this.state.retryAfterS;
  }

  get retryAfterJitter(): number {
    return this.state.retryAfterJitter;
  }

  start(): void {
    // Nothing happens until somebody asks for a job.
  }

  handle(kernel: Kernel, code: number, slot: number, generation: number): void {
    const { table } = this.state.tickets;
    switch (code) {
      case Code.Admit:
        this.admit(kernel);
        return;
      case Code.Accepted:
        if (kernel.jobs.rows[slot].generation === generation) this.accept(kernel, slot);
        return;
      case Code.Invalid:
        if (kernel.jobs.rows[slot].generation === generation)
          endJob(kernel, kernel.jobs.rows[slot], Result.FailedForGood);
        return;
      case Code.Poll:
        if (table.generation[slot] === generation) this.poll(kernel, slot);
        return;
      case Code.Webhook:
        if (table.generation[slot] === generation) this.deliver(kernel, slot);
        return;
    }
  }

  set(_kernel: Kernel, parameter: string, value: number | string | null): boolean {
    const { state } = this;
    const open = value === null ? Infinity : value;
    if (typeof open !== 'number' || !(open >= 0)) return false;
    switch (parameter) {
      case 'limit':
      case 'quotaPerS':
      case 'resultTtlS':
        state[parameter] = open;
        return true;
      case 'throttlePerS':
        if (open === 0) return false;
        state.throttlePerS = open;
        return true;
      case 'rejectionRetryAfterS':
        state.retryAfterS = value === null ? -1 : open;
        return true;
    }
    if (open === Infinity) return false;
    switch (parameter) {
      case 'pollEveryS':
        if (open === 0) return false;
        state.pollEveryS = open;
        return true;
      case 'keyTtlS':
        if (open === 0) return false;
        state.keyTtlS = open;
        return true;
      case 'webhookFailureRate':
      case 'webhookAckLossRate':
      case 'invalidRate':
        if (open > 1) return false;
        state[parameter] = open;
        return true;
      default:
        return false;
    }
  }

  act(): boolean {
    return false;
  }

  entryOf(): number {
    return 0;
  }

  arrive(kernel: Kernel, job: Job): boolean {
    const { state } = this;
    const { recorder } = kernel;
    const { index, generation, request } = job;
    // Validated first: what can never be done is told at once.
    if (
      this.draw(kernel, kernel.requests.rows[request].number, 0, Purpose.Failure) <
      state.invalidRate
    ) {
      state.invalid++;
      recorder?.tally(kernel, this.index, Tally.Invalid);
      job.position = INVALID;
      const target = eventTarget(this.index, Code.Invalid);
      kernel.events.push(kernel.clockS + state.acceptS, target, index, generation);
      return true;
    }
    if (!this.withinQuota(kernel)) {
      state.rejectedQuota++;
      recorder?.tally(kernel, this.index, Tally.OverQuota);
      recorder?.turnedAway(kernel, job, this.index);
      return false;
    }
    // Whose key is known asks for nothing new.
    if (!this.hasKeys || !state.tickets.knowsKey(kernel, request)) {
      if (state.throttlePerS < Infinity) {
        state.line.push(index, generation);
        this.armAdmit(kernel);
        return true;
      }
      if (kernel.brokers[this.queue]!.backlog >= state.limit) {
        state.rejectedOverload++;
        recorder?.tally(kernel, this.index, Tally.Overloaded);
        recorder?.turnedAway(kernel, job, this.index);
        return false;
      }
    }
    const target = eventTarget(this.index, Code.Accepted);
    kernel.events.push(kernel.clockS + state.acceptS, target, index, generation);
    return true;
  }

  /** A DELETE: what has not started is taken off the queue. */
  withdraw(kernel: Kernel, job: number): boolean {
    const { state } = this;
    const { tickets } = state;
    const { table } = tickets;
    const ticket = tickets.ofJob(kernel, job);
    if (ticket < 0) {
      // Not accepted yet: its place in the line, or its 202, is void with its row.
      state.cancelled++;
      const row = kernel.jobs.rows[job];
      if (row.position !== INVALID) kernel.recorder?.withdrawn(kernel, row, this.index);
      return true;
    }
    if (table.status[ticket] !== TicketStatus.Pending) return false;
    // As if ended, so that the end of its message is not taken for a result.
    table.status[ticket] = TicketStatus.Failed;
    const published = table.accepted[ticket] === 1;
    const broker = kernel.brokers[this.queue]!;
    if (published && !broker.withdraw(kernel, table.request[ticket], table.key[ticket])) {
      table.status[ticket] = TicketStatus.Pending;
      return false;
    }
    state.cancelled++;
    // Its producer was still held back by the queue.
    if (!published) kernel.recorder?.withdrawn(kernel, kernel.jobs.rows[job], this.index);
    state.outstanding--;
    tickets.forget(ticket);
    tickets.leave(ticket);
    table.free(ticket);
    return true;
  }

  /** The broker has published a job for which it had no room before. */
  resume(kernel: Kernel, job: number): void {
    this.sendAccepted(kernel, this.state.tickets.ofJob(kernel, job));
  }

  offer(): boolean {
    return false;
  }

  acknowledged(kernel: Kernel, job: number): void {
    if (this.polls) this.armPoll(kernel, this.state.tickets.ofJob(kernel, job), 1);
  }

  abandoned(kernel: Kernel, job: number): void {
    const { tickets } = this.state;
    const ticket = tickets.ofJob(kernel, job);
    // A poll that will never come would have closed it; webhooks go on.
    if (ticket < 0 || !this.polls || tickets.table.accepted[ticket] === 0) return;
    if (tickets.table.status[ticket] !== TicketStatus.Pending) this.lose(kernel, ticket);
  }

  messageEnded(kernel: Kernel, message: number, how: MessageEnd): void {
    const { state } = this;
    const { tickets } = state;
    const ticket = tickets.ofMessage(kernel, message);
    // A job that has failed stays failed, also when its message is sent back to the queue.
    if (ticket < 0 || tickets.table.status[ticket] !== TicketStatus.Pending) return;
    const done = how === MessageEnd.Acknowledged;
    tickets.end(ticket, done ? TicketStatus.Done : TicketStatus.Failed, kernel.clockS);
    state.outstanding--;
    if (done) state.completed++;
    else state.failed++;
    if (tickets.table.accepted[ticket] === 1) this.ended(kernel, ticket);
  }

  createView(): BrokerView {
    return emptyBrokerView(this.id, this.index);
  }

  readView(_kernel: Kernel, view: BrokerView): void {
    view.inFlight = this.state.outstanding;
    view.publishing = this.state.line.size;
  }

  readCells(): void {
    // It has no threads that one could see.
  }

  /** Token bucket of the caller's quota. */
  private withinQuota(kernel: Kernel): boolean {
    const { state } = this;
    if (state.quotaPerS === Infinity) return true;
    const gained = (kernel.clockS - state.tokensS) * state.quotaPerS;
    state.tokens = Math.min(state.quotaBurst, state.tokens + gained);
    state.tokensS = kernel.clockS;
    if (state.tokens < 1) return false;
    state.tokens -= 1;
    return true;
  }

  /** The throttle lets producers through one by one, evenly spaced. */
  private armAdmit(kernel: Kernel): void {
    const { state } = this;
    if (state.admitArmed === 1 || state.line.size === 0) return;
    state.admitArmed = 1;
    const atS = Math.max(kernel.clockS, state.nextAdmitS);
    kernel.events.push(atS, eventTarget(this.index, Code.Admit), 0, 0);
  }

  private admit(kernel: Kernel): void {
    const { state } = this;
    const { jobs } = kernel;
    state.admitArmed = 0;
    let job = state.line.shift(jobs);
    // A producer that has given up sends nothing.
    while (job >= 0 && jobs.rows[job].caller === Caller.Abandoned) {
      kernel.recorder?.withdrawn(kernel, jobs.rows[job], this.index);
      endJob(kernel, jobs.rows[job], Result.TimedOut);
      job = state.line.shift(jobs);
    }
    if (job >= 0) {
      state.nextAdmitS = kernel.clockS + 1 / state.throttlePerS;
      const target = eventTarget(this.index, Code.Accepted);
      kernel.events.push(kernel.clockS + state.acceptS, target, job, jobs.rows[job].generation);
    }
    this.armAdmit(kernel);
  }

  /** Puts the job on the queue, unless its key stands for one. */
  private accept(kernel: Kernel, job: number): void {
    const { state } = this;
    const { tickets } = state;
    const { jobs } = kernel;
    const request = jobs.rows[job].request;
    if (this.hasKeys && tickets.knowsKey(kernel, request)) {
      this.repeat(kernel, job, request);
      return;
    }
    // The first job of a request asks for what it would ask for if it were published elsewhere.
    jobs.rows[job].publishKey = drawKey(jobs.rows[job].drawKey, 0, 1);
    const ticket = tickets.open(kernel, job);
    // A unique insert: it is there before anything else can ask for it.
    if (this.hasKeys) tickets.remember(ticket, kernel.clockS + state.keyTtlS);
    state.outstanding++;
    const broker = kernel.brokers[this.queue]!;
    if (broker.hold(kernel, job)) return;
    tickets.table.message[ticket] = kernel.messages.created;
    if (broker.publish(kernel, request, this.index, -1, jobs.rows[job].publishKey)) {
      this.sendAccepted(kernel, ticket);
      return;
    }
    state.rejectedOverload++;
    kernel.recorder?.tally(kernel, this.index, Tally.Overloaded);
    kernel.recorder?.turnedAway(kernel, kernel.jobs.rows[job], this.index);
    state.outstanding--;
    tickets.forget(ticket);
    this.close(kernel, ticket, Result.Rejected);
  }

  /** A POST that was sent again: its client gets the first job, or its result. */
  private repeat(kernel: Kernel, job: number, request: number): void {
    const { state } = this;
    const { table, posts } = state.tickets;
    state.repeated++;
    kernel.recorder?.tally(kernel, this.index, Tally.RepeatedPost);
    const ticket = posts.ticket[request];
    if (ticket >= 0) {
      const first = table.job[ticket];
      handOver(kernel, job, first);
      if (table.status[ticket] !== TicketStatus.Pending) this.tellResult(kernel, ticket);
      else if (table.accepted[ticket] === 1) this.tellAccepted(kernel, first);
      return;
    }
    const kept = kernel.clockS - posts.doneS[request] <= state.resultTtlS;
    if (!kept) {
      state.expired++;
      kernel.recorder?.tally(kernel, this.index, Tally.ResultExpired);
    }
    const done = kept && posts.status[request] === TicketStatus.Done;
    if (done) state.noticed++;
    endJob(kernel, kernel.jobs.rows[job], done ? Result.Ok : Result.FailedForGood);
  }

  /** The job is on the queue: 202. */
  private sendAccepted(kernel: Kernel, ticket: number): void {
    const { state } = this;
    const { table, posts } = state.tickets;
    table.accepted[ticket] = 1;
    state.accepted++;
    kernel.recorder?.tally(kernel, this.index, Tally.JobAccepted);
    if (posts.jobs[table.request[ticket]]++ > 0) {
      state.duplicates++;
      kernel.recorder?.tally(kernel, this.index, Tally.DuplicateJob);
    }
    const job = table.job[ticket];
    // Done already: then its user may have gone, and the ticket with it.
    if (table.status[ticket] !== TicketStatus.Pending && !this.ended(kernel, ticket)) return;
    this.tellAccepted(kernel, job);
  }

  private tellAccepted(kernel: Kernel, job: number): void {
    const caller = kernel.jobs.rows[job].caller;
    if (caller === Caller.Clients) this.acknowledged(kernel, job);
    else if (caller !== Caller.Abandoned) {
      const call = callOfCaller(caller);
      kernel.edges[kernel.calls.edge[call]].answer(kernel, call, Result.Accepted);
    }
  }

  /** The work is done, or has failed for good. @returns whether anybody may still ask for it */
  private ended(kernel: Kernel, ticket: number): boolean {
    const { state } = this;
    const { table } = state.tickets;
    const gone = kernel.requests.rows[table.request[ticket]].outcome !== Outcome.Open;
    const abandoned = kernel.jobs.rows[table.job[ticket]].caller === Caller.Abandoned;
    if (this.polls) {
      if (gone || abandoned) this.lose(kernel, ticket);
      return !gone && !abandoned;
    }
    if (gone) state.wasted++;
    this.arm(kernel, Code.Webhook, ticket, state.webhookS + this.wayOfWebhook(kernel, ticket));
    return true;
  }

  /** Nobody will ask for the result. */
  private lose(kernel: Kernel, ticket: number): void {
    const { state } = this;
    const request = state.tickets.table.request[ticket];
    if (kernel.requests.rows[request].outcome === Outcome.Open) state.orphaned++;
    else state.wasted++;
    this.close(kernel, ticket, Result.Ok);
  }

  /** @param ways that the poll, and the answer before it, travel */
  private armPoll(kernel: Kernel, ticket: number, ways: number): void {
    const { state } = this;
    const { table } = state.tickets;
    let afterS = state.pollEveryS;
    const attempt = ++table.attempts[ticket];
    if (state.jitter > 0) {
      const drawn = this.draw(kernel, table.number[ticket], attempt, Purpose.Notice);
      afterS *= 1 + state.jitter * (2 * drawn - 1);
    }
    const edge = this.edgeOf(kernel, ticket);
    if (edge !== null) afterS += ways * edge.travelS;
    this.arm(kernel, Code.Poll, ticket, afterS);
  }

  private poll(kernel: Kernel, ticket: number): void {
    const { state } = this;
    const { table } = state.tickets;
    // Whoever has given up asks no more; the job's end will clear the ticket.
    if (kernel.requests.rows[table.request[ticket]].outcome !== Outcome.Open) {
      if (table.status[ticket] !== TicketStatus.Pending) this.close(kernel, ticket, Result.Ok);
      return;
    }
    const loss = this.edgeOf(kernel, ticket)?.loss ?? 0;
    if (loss > 0 && this.isLost(kernel, ticket, loss, Purpose.CallLoss)) {
      this.armPoll(kernel, ticket, 2);
      return;
    }
    state.pollCount++;
    kernel.recorder?.tally(kernel, this.index, Tally.Poll);
    const again = loss > 0 && this.isLost(kernel, ticket, loss, Purpose.AnswerLoss);
    if (again || table.status[ticket] === TicketStatus.Pending) this.armPoll(kernel, ticket, 2);
    else this.tellResult(kernel, ticket);
  }

  /** A status request or its answer does not arrive; the client asks again after as long. */
  private isLost(kernel: Kernel, ticket: number, loss: number, purpose: number): boolean {
    const { table } = this.state.tickets;
    if (this.draw(kernel, table.number[ticket], table.attempts[ticket], purpose) >= loss)
      return false;
    kernel.recorder?.tally(kernel, this.index, Tally.Lost);
    return true;
  }

  private deliver(kernel: Kernel, ticket: number): void {
    const { state } = this;
    const { table } = state.tickets;
    const number = table.number[ticket];
    const attempt = ++table.attempts[ticket];
    // Two jobs of one request are not delivered alike.
    const key = drawKey(table.key[ticket], 0, attempt);
    state.webhooks++;
    kernel.recorder?.tally(kernel, this.index, Tally.Webhook);
    const arrives = this.draw(kernel, number, key, Purpose.Delivery) >= state.webhookFailureRate;
    // At least once: a delivery whose acknowledgement is lost is sent again.
    const acknowledged =
      arrives && this.draw(kernel, number, key, Purpose.Notice) >= state.webhookAckLossRate;
    const last = attempt >= state.webhookAttempts;
    const told = table.job[ticket] < 0;
    if (arrives && told) {
      state.webhookDuplicates++;
      kernel.recorder?.tally(kernel, this.index, Tally.WebhookDuplicate);
    }
    if (acknowledged || last) {
      if (arrives && !told) this.tellByWebhook(kernel, ticket);
      if (arrives || told) table.free(ticket);
      else {
        state.webhooksLost++;
        kernel.recorder?.tally(kernel, this.index, Tally.WebhookLost);
        this.close(kernel, ticket, Result.FailedForGood);
      }
      return;
    }
    let backoffS = state.webhookBackoffS;
    for (let k = 1; k < attempt; k++) backoffS *= 2;
    this.arm(kernel, Code.Webhook, ticket, backoffS);
    if (arrives && !told) this.tellByWebhook(kernel, ticket);
  }

  /** A webhook has reached the client, who may know already, or still be waiting for an answer to the POST. */
  private tellByWebhook(kernel: Kernel, ticket: number): void {
    const { state } = this;
    const { table } = state.tickets;
    const { outcome, rootJob } = kernel.requests.rows[table.request[ticket]];
    if (outcome !== Outcome.Open) {
      if (outcome !== Outcome.TimedOut) state.webhookDuplicates++;
      this.endRequest(kernel, ticket, Result.Ok);
      return;
    }
    const result = this.resultOf(kernel, ticket);
    if (kernel.jobs.rows[table.job[ticket]].caller === Caller.Abandoned) {
      const call = callOf(kernel, rootJob);
      kernel.edges[kernel.calls.edge[call]].inform(kernel, call, result);
    }
    this.endRequest(kernel, ticket, result);
  }

  /** The user learns of the result. */
  private tellResult(kernel: Kernel, ticket: number): void {
    const result = this.resultOf(kernel, ticket);
    this.close(kernel, ticket, result);
  }

  /** What the user is told, counted as told. */
  private resultOf(kernel: Kernel, ticket: number): Result {
    const { state } = this;
    const { table } = state.tickets;
    const delayS = kernel.clockS - table.doneS[ticket];
    if (delayS > state.resultTtlS) {
      state.expired++;
      kernel.recorder?.tally(kernel, this.index, Tally.ResultExpired);
      return Result.FailedForGood;
    }
    kernel.recorder?.measure(kernel, this.index, Measure.NoticeDelay, delayS);
    state.noticeDelayS += delayS;
    if (kernel.requests.rows[table.request[ticket]].outcome === Outcome.Open) state.noticed++;
    return table.status[ticket] === TicketStatus.Done ? Result.Ok : Result.FailedForGood;
  }

  /** To a client who has the 202 the result travels as an answer; to others here, seconds. */
  private wayOfWebhook(kernel: Kernel, ticket: number): number {
    const { calls, requests } = kernel;
    const { outcome, rootJob } = requests.rows[this.state.tickets.table.request[ticket]];
    const call = outcome === Outcome.Open ? callOf(kernel, rootJob) : -1;
    if (call < 0 || calls.phase[call] === CallPhase.Accepted) return 0;
    return kernel.edges[calls.edge[call]].travelS;
  }

  private close(kernel: Kernel, ticket: number, result: Result): void {
    this.endRequest(kernel, ticket, result);
    this.state.tickets.table.free(ticket);
  }

  /** The request is over; its ticket stays. */
  private endRequest(kernel: Kernel, ticket: number, result: Result): void {
    const { tickets } = this.state;
    const job = tickets.table.job[ticket];
    tickets.leave(ticket);
    tickets.table.job[ticket] = -1;
    endJob(kernel, kernel.jobs.rows[job], result);
  }

  private arm(kernel: Kernel, code: number, ticket: number, afterS: number): void {
    const generation = this.state.tickets.table.generation[ticket];
    kernel.events.push(kernel.clockS + afterS, eventTarget(this.index, code), ticket, generation);
  }

  /** The way to the ticket's client; null where there is no distance. */
  private edgeOf(kernel: Kernel, ticket: number): Edge | null {
    const caller = kernel.jobs.rows[this.state.tickets.table.job[ticket]].caller;
    if (caller > Caller.FirstCall) return null;
    return kernel.edges[kernel.calls.edge[callOfCaller(caller)]];
  }

  private draw(kernel: Kernel, number: number, attempt: number, purpose: number): number {
    kernel.random.select(this.key0, this.key1, number, attempt, purpose);
    return kernel.random.uniform();
  }
}

/** The call of a request that is still open; −1 where clients have no policy. */
function callOf(kernel: Kernel, rootJob: number): number {
  const caller = rootJob >= 0 ? kernel.jobs.rows[rootJob].caller : rootJob;
  return caller <= Caller.FirstCall ? callOfCaller(caller) : -1;
}
