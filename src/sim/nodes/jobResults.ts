/**
 * The part of a job API that tells users what became of their jobs, and answers those who poll for it.
 * Mean notice delay of polling is half the interval, its load the outstanding jobs over the interval.
 */
import type { JobApiSpec } from '../flow.ts';
import { Caller, callOfCaller } from '../kernel/calls.ts';
import { endJob } from '../kernel/endJob.ts';
import { eventTarget, Measure, Result, Tally, type Edge, type Kernel } from '../kernel/node.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { Outcome } from '../outcome.ts';
import { createJobApiState, type JobApiState } from './jobApiState.ts';
import { TicketStatus } from './jobTickets.ts';

/** The events of a job API. */
export const Code = { Accepted: 0, Invalid: 1, Poll: 2, Webhook: 3, Admit: 4 } as const;

export abstract class JobResults {
  readonly id: string;
  readonly index: number;
  readonly state: JobApiState;
  protected readonly polls: boolean;
  private readonly key0: number;
  private readonly key1: number;

  constructor(id: string, index: number, spec: JobApiSpec, random: KeyedRandom) {
    this.id = id;
    this.index = index;
    this.polls = spec.notice !== 'webhook';
    [this.key0, this.key1] = random.keysOf(id);
    this.state = createJobApiState(spec);
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

  /** Nobody will ask for the result. */
  protected lose(kernel: Kernel, ticket: number): void {
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

  protected poll(kernel: Kernel, ticket: number): void {
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

  /** The user learns of the result. */
  protected tellResult(kernel: Kernel, ticket: number): void {
    const result = this.resultOf(kernel, ticket);
    this.close(kernel, ticket, result);
  }

  /** What the user is told, counted as told. */
  protected resultOf(kernel: Kernel, ticket: number): Result {
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

  protected close(kernel: Kernel, ticket: number, result: Result): void {
    this.endRequest(kernel, ticket, result);
    this.state.tickets.table.free(ticket);
  }

  /** The request is over; its ticket stays. */
  protected endRequest(kernel: Kernel, ticket: number, result: Result): void {
    const { tickets } = this.state;
    const job = tickets.table.job[ticket];
    tickets.leave(ticket);
    tickets.table.job[ticket] = -1;
    endJob(kernel, kernel.jobs.rows[job], result);
  }

  protected arm(kernel: Kernel, code: number, ticket: number, afterS: number): void {
    const generation = this.state.tickets.table.generation[ticket];
    kernel.events.push(kernel.clockS + afterS, eventTarget(this.index, code), ticket, generation);
  }

  /** The way to the ticket's client; null where there is no distance. */
  private edgeOf(kernel: Kernel, ticket: number): Edge | null {
    const caller = kernel.jobs.rows[this.state.tickets.table.job[ticket]].caller;
    if (caller > Caller.FirstCall) return null;
    return kernel.edges[kernel.calls.edge[callOfCaller(caller)]];
  }

  protected draw(kernel: Kernel, number: number, attempt: number, purpose: number): number {
    kernel.random.select(this.key0, this.key1, number, attempt, purpose);
    return kernel.random.uniform();
  }
}
