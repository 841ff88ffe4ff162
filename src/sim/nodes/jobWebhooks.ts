/**
 * The part of a job API that learns of the end of a job. Users who poll will ask; the others are sent a
 * webhook, whose address came with the POST: for every job, whether its 202 arrived or not.
 */
import { Caller, callOfCaller, CallPhase, drawKey } from '../kernel/calls.ts';
import { MessageEnd, Result, Tally, type Kernel } from '../kernel/node.ts';
import { Purpose } from '../kernel/random.ts';
import { Outcome } from '../outcome.ts';
import { Code, JobResults } from './jobResults.ts';
import { TicketStatus } from './jobTickets.ts';

export abstract class JobWebhooks extends JobResults {
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

  /** The work is done, or has failed for good. @returns whether anybody may still ask for it */
  protected ended(kernel: Kernel, ticket: number): boolean {
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

  protected deliver(kernel: Kernel, ticket: number): void {
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

  /** To a client who has the 202 the result travels as an answer; to others here, seconds. */
  private wayOfWebhook(kernel: Kernel, ticket: number): number {
    const { calls, requests } = kernel;
    const { outcome, rootJob } = requests.rows[this.state.tickets.table.request[ticket]];
    const call = outcome === Outcome.Open ? callOf(kernel, rootJob) : -1;
    if (call < 0 || calls.phase[call] === CallPhase.Accepted) return 0;
    return kernel.edges[calls.edge[call]].travelS;
  }
}

/** The call of a request that is still open; −1 where clients have no policy. */
function callOf(kernel: Kernel, rootJob: number): number {
  const caller = rootJob >= 0 ? kernel.jobs.rows[rootJob].caller : rootJob;
  return caller <= Caller.FirstCall ? callOfCaller(caller) : -1;
}
