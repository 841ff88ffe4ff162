/**
 * Asynchronous request-reply: a request is checked, put on a queue and answered 202 with a place to
 * ask; its user learns of the result by polling or by a webhook. The request ends when its user knows
 * (served, failed), is turned away (rejected) or has given up (timed out); the job itself goes on.
 * Mean notice delay of polling is half the interval, its load the outstanding jobs over the interval.
 */
import type { JobApiSpec } from '../flow.ts';
import { emptyBrokerView } from '../kernel/brokerView.ts';
import { endJob } from '../kernel/endJob.ts';
import {
  eventTarget,
  Measure,
  MessageEnd,
  Result,
  Tally,
  type Callee,
  type Kernel,
  type Watcher,
} from '../kernel/node.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { Table } from '../kernel/table.ts';
import { WaitLine } from '../kernel/waitLine.ts';
import { Outcome } from '../outcome.ts';
import type { BrokerView } from '../view.ts';

const Code = { Accepted: 0, Invalid: 1, Poll: 2, Webhook: 3, Admit: 4 } as const;

const Status = { Pending: 0, Done: 1, Failed: 2 } as const;

/** One row per accepted job that its user has not been told about. */
class TicketTable extends Table {
  /** Job that stands for the user's request. */
  job: Int32Array;
  request: Int32Array;
  status: Uint8Array;
  /** Status requests, or webhook deliveries, so far. */
  attempts: Int32Array;
  doneS: Float64Array;

  constructor(capacity = 64) {
    super(capacity);
    this.job = new Int32Array(capacity);
    this.request = new Int32Array(capacity);
    this.status = new Uint8Array(capacity);
    this.attempts = new Int32Array(capacity);
    this.doneS = new Float64Array(capacity);
  }

  create(job: number, request: number): number {
    const ticket = this.allocate();
    this.job[ticket] = job;
    this.request[ticket] = request;
    this.status[ticket] = Status.Pending;
    this.attempts[ticket] = 0;
    this.doneS[ticket] = 0;
    return ticket;
  }
}

export class JobApi implements Callee, Watcher {
  readonly id: string;
  readonly index: number;
  readonly state;
  private readonly queue: number;
  private readonly polls: boolean;
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
    [this.key0, this.key1] = random.keysOf(id);
    this.state = {
      acceptS: (spec.acceptMs ?? 0) / 1000,
      invalidRate: spec.invalidRate ?? 0,
      limit: spec.limit ?? Infinity,
      quotaPerS: spec.quotaPerS ?? Infinity,
      quotaBurst: spec.quotaBurst ?? 1,
      throttlePerS: spec.throttlePerS ?? Infinity,
      pollEveryS: spec.pollEveryS ?? 5,
      jitter: spec.retryAfterJitter ?? 0,
      webhookS: (spec.webhookMs ?? 0) / 1000,
      webhookFailureRate: spec.webhookFailureRate ?? 0,
      webhookAckLossRate: spec.webhookAckLossRate ?? 0,
      webhookAttempts: spec.webhookAttempts ?? 5,
      webhookBackoffS: spec.webhookBackoffS ?? 1,
      resultTtlS: spec.resultTtlS ?? Infinity,
      tickets: new TicketTable(),
      /** By request row: its ticket, −1 for none. */
      ticketOf: new Int32Array(64).fill(-1),
      /** Producers held back by the throttle. */
      line: new WaitLine(),
      nextAdmitS: 0,
      admitArmed: 0,
      tokens: spec.quotaBurst ?? 1,
      tokensS: 0,
      outstanding: 0,
      /** Since the start. */
      accepted: 0,
      invalid: 0,
      rejectedQuota: 0,
      rejectedOverload: 0,
      completed: 0,
      failed: 0,
      /** Jobs done for users who had given up. */
      wasted: 0,
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

  start(): void {
    // Nothing happens until somebody asks for a job.
  }

  handle(kernel: Kernel, code: number, slot: number, generation: number): void {
    const { tickets } = this.state;
    switch (code) {
      case Code.Admit:
        this.admit(kernel);
        return;
      case Code.Accepted:
        if (kernel.jobs.rows[slot].generation === generation) this.accept(kernel, slot);
        return;
      case Code.Invalid:
        if (kernel.jobs.rows[slot].generation === generation) endJob(kernel, slot, Result.Failed);
        return;
      case Code.Poll:
        if (tickets.generation[slot] === generation) this.poll(kernel, slot);
        return;
      case Code.Webhook:
        if (tickets.generation[slot] === generation) this.deliver(kernel, slot);
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
    }
    if (open === Infinity) return false;
    switch (parameter) {
      case 'pollEveryS':
        if (open === 0) return false;
        state.pollEveryS = open;
        return true;
      case 'webhookFailureRate':
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

  arrive(kernel: Kernel, job: number): boolean {
    const { state } = this;
    const { jobs } = kernel;
    const generation = jobs.rows[job].generation;
    // Validated first: what can never be done is told at once.
    if (this.draw(kernel, jobs.rows[job].request, 0, Purpose.Failure) < state.invalidRate) {
      state.invalid++;
      const target = eventTarget(this.index, Code.Invalid);
      kernel.events.push(kernel.clockS + state.acceptS, target, job, generation);
      return true;
    }
    if (!this.withinQuota(kernel)) {
      state.rejectedQuota++;
      return false;
    }
    if (state.throttlePerS < Infinity) {
      state.line.push(job, generation);
      this.armAdmit(kernel);
      return true;
    }
    if (kernel.brokers[this.queue]!.backlog >= state.limit) {
      state.rejectedOverload++;
      return false;
    }
    const target = eventTarget(this.index, Code.Accepted);
    kernel.events.push(kernel.clockS + state.acceptS, target, job, generation);
    return true;
  }

  /** A DELETE: what has not started is taken off the queue. */
  withdraw(kernel: Kernel, job: number): boolean {
    const { state } = this;
    const request = kernel.jobs.rows[job].request;
    const ticket = this.ticketFor(request);
    if (ticket < 0) {
      // Not accepted yet: its place in the line, or its 202, is void with its row.
      state.cancelled++;
      return true;
    }
    if (state.tickets.status[ticket] !== Status.Pending) return false;
    // Off the list first, so that the end of its message is not taken for a result.
    state.ticketOf[request] = -1;
    if (!kernel.brokers[this.queue]!.withdraw(kernel, request)) {
      state.ticketOf[request] = ticket;
      return false;
    }
    state.cancelled++;
    state.outstanding--;
    state.tickets.free(ticket);
    return true;
  }

  resume(): void {
    // It calls nobody.
  }

  offer(): boolean {
    return false;
  }

  messageEnded(kernel: Kernel, request: number, how: MessageEnd): void {
    const { state } = this;
    const ticket = this.ticketFor(request);
    if (ticket < 0) return;
    const done = how === MessageEnd.Acknowledged;
    state.tickets.status[ticket] = done ? Status.Done : Status.Failed;
    state.tickets.doneS[ticket] = kernel.clockS;
    state.outstanding--;
    if (done) state.completed++;
    else state.failed++;
    if (kernel.requests.rows[request].outcome !== Outcome.Open) {
      state.wasted++;
      this.close(kernel, ticket, Result.Ok);
    } else if (!this.polls) this.arm(kernel, Code.Webhook, ticket, state.webhookS);
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
    state.admitArmed = 0;
    const job = state.line.shift(kernel.jobs);
    if (job >= 0) {
      state.nextAdmitS = kernel.clockS + 1 / state.throttlePerS;
      const target = eventTarget(this.index, Code.Accepted);
      kernel.events.push(
        kernel.clockS + state.acceptS,
        target,
        job,
        kernel.jobs.rows[job].generation,
      );
    }
    this.armAdmit(kernel);
  }

  /** 202: the job is on the queue. */
  private accept(kernel: Kernel, job: number): void {
    const { state } = this;
    const request = kernel.jobs.rows[job].request;
    const ticket = state.tickets.create(job, request);
    if (request >= state.ticketOf.length) this.growTickets(request);
    state.ticketOf[request] = ticket;
    state.outstanding++;
    if (!kernel.brokers[this.queue]!.publish(kernel, request, this.index, -1)) {
      state.rejectedOverload++;
      state.outstanding--;
      this.close(kernel, ticket, Result.Rejected);
      return;
    }
    state.accepted++;
    // Done already, for a user who had gone: then the ticket is closed.
    if (this.polls && state.ticketOf[request] === ticket) this.armPoll(kernel, ticket);
  }

  private armPoll(kernel: Kernel, ticket: number): void {
    const { state } = this;
    let afterS = state.pollEveryS;
    if (state.jitter > 0) {
      const attempt = ++state.tickets.attempts[ticket];
      const drawn = this.draw(kernel, state.tickets.request[ticket], attempt, Purpose.Notice);
      afterS *= 1 + state.jitter * (2 * drawn - 1);
    }
    this.arm(kernel, Code.Poll, ticket, afterS);
  }

  private poll(kernel: Kernel, ticket: number): void {
    const { state } = this;
    const { tickets } = state;
    const request = tickets.request[ticket];
    // Whoever has given up asks no more; the job's end will clear the ticket.
    if (kernel.requests.rows[request].outcome !== Outcome.Open) {
      if (tickets.status[ticket] !== Status.Pending) this.close(kernel, ticket, Result.Ok);
      return;
    }
    state.pollCount++;
    kernel.recorder?.tally(kernel, this.index, Tally.Poll);
    if (tickets.status[ticket] === Status.Pending) this.armPoll(kernel, ticket);
    else this.tellResult(kernel, ticket);
  }

  private deliver(kernel: Kernel, ticket: number): void {
    const { state } = this;
    const { tickets } = state;
    const request = tickets.request[ticket];
    const attempt = ++tickets.attempts[ticket];
    state.webhooks++;
    if (this.draw(kernel, request, attempt, Purpose.Delivery) >= state.webhookFailureRate) {
      // At least once: a delivery whose acknowledgement is lost is sent again.
      const lost = this.draw(kernel, request, attempt, Purpose.Notice) < state.webhookAckLossRate;
      if (lost && attempt < state.webhookAttempts) state.webhookDuplicates++;
      this.tellResult(kernel, ticket);
      return;
    }
    if (attempt >= state.webhookAttempts) {
      state.webhooksLost++;
      this.close(kernel, ticket, Result.Failed);
      return;
    }
    let backoffS = state.webhookBackoffS;
    for (let k = 1; k < attempt; k++) backoffS *= 2;
    this.arm(kernel, Code.Webhook, ticket, backoffS);
  }

  /** The user learns of the result. */
  private tellResult(kernel: Kernel, ticket: number): void {
    const { state } = this;
    const { tickets } = state;
    const delayS = kernel.clockS - tickets.doneS[ticket];
    if (delayS > state.resultTtlS) {
      state.expired++;
      this.close(kernel, ticket, Result.Failed);
      return;
    }
    kernel.recorder?.measure(kernel, this.index, Measure.NoticeDelay, delayS);
    state.noticeDelayS += delayS;
    if (kernel.requests.rows[tickets.request[ticket]].outcome === Outcome.Open) state.noticed++;
    this.close(kernel, ticket, tickets.status[ticket] === Status.Done ? Result.Ok : Result.Failed);
  }

  private close(kernel: Kernel, ticket: number, result: Result): void {
    const { state } = this;
    const job = state.tickets.job[ticket];
    state.ticketOf[state.tickets.request[ticket]] = -1;
    state.tickets.free(ticket);
    endJob(kernel, job, result);
  }

  private arm(kernel: Kernel, code: number, ticket: number, afterS: number): void {
    const generation = this.state.tickets.generation[ticket];
    kernel.events.push(kernel.clockS + afterS, eventTarget(this.index, code), ticket, generation);
  }

  private ticketFor(request: number): number {
    const { ticketOf } = this.state;
    return request < ticketOf.length ? ticketOf[request] : -1;
  }

  private growTickets(request: number): void {
    const { state } = this;
    let capacity = state.ticketOf.length * 2;
    while (capacity <= request) capacity *= 2;
    const bigger = new Int32Array(capacity).fill(-1);
    bigger.set(state.ticketOf);
    state.ticketOf = bigger;
  }

  private draw(kernel: Kernel, request: number, attempt: number, purpose: number): number {
    const { random, requests } = kernel;
    random.select(this.key0, this.key1, requests.rows[request].number, attempt, purpose);
    return random.uniform();
  }
}
