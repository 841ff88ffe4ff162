/**
 * Asynchronous request-reply: a POST is checked, put on a queue and answered 202 with a place to ask;
 * its user learns of the result by polling or by a webhook. The request ends when its user knows
 * (served, failed), is turned away (rejected) or has given up (timed out); the job itself goes on.
 *
 * The POST is a call like any other: its policy covers the way to the 202. A client that does not get
 * one in time may send the POST again. With an idempotency key it is given the first job; without, a
 * second job is made, and nobody ever asks for the first.
 */
import type { JobApiSpec } from '../flow.ts';
import { emptyBrokerView } from '../kernel/brokerView.ts';
import { Caller, callOfCaller, drawKey } from '../kernel/calls.ts';
import { endJob, handOver } from '../kernel/endJob.ts';
import type { Job } from '../kernel/job.ts';
import {
  eventTarget,
  Result,
  Tally,
  type Callee,
  type Kernel,
  type Watcher,
} from '../kernel/node.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import type { BrokerView } from '../view.ts';
import { setJobApiParameter } from './jobApiState.ts';
import { Code } from './jobResults.ts';
import { TicketStatus } from './jobTickets.ts';
import { JobWebhooks } from './jobWebhooks.ts';

/** Position of a job that has been found invalid; others stay at 0, where they enter. */
const INVALID = 1;

export class JobApi extends JobWebhooks implements Callee, Watcher {
  private readonly queue: number;
  private readonly hasKeys: boolean;

  constructor(
    id: string,
    index: number,
    spec: JobApiSpec,
    nodeIndex: (id: string) => number,
    random: KeyedRandom,
  ) {
    super(id, index, spec, random);
    this.queue = nodeIndex(spec.queue);
    this.hasKeys = spec.idempotencyKey === 'returnsFirst';
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
    return setJobApiParameter(this.state, parameter, value);
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
}
