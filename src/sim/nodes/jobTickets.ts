/** What a job API keeps: a ticket per job that its user has not been told about, and what it knows of each request. */
import { extended } from '../kernel/extended.ts';
import type { Kernel } from '../kernel/node.ts';
import { Table } from '../kernel/table.ts';

export const TicketStatus = { Pending: 0, Done: 1, Failed: 2 } as const;

/** `next` leads to the older tickets of the same request. */
class TicketTable extends Table {
  /** Job that stands for the user's request; −1 once the user has been told. */
  job: Int32Array;
  request: Int32Array;
  /** Number of the request: outlives its row. */
  number: Int32Array;
  /** Number of its message, −1 where the broker publishes later; and the key of the message's draws. */
  message: Int32Array;
  key: Int32Array;
  status: Uint8Array;
  /** 1 once its 202 has been sent. */
  accepted: Uint8Array;
  /** Status requests, or webhook deliveries, so far. */
  attempts: Int32Array;
  /** When it was done or had failed, seconds. */
  doneS: Float64Array;

  constructor(capacity = 64) {
    super(capacity);
    this.job = new Int32Array(capacity);
    this.request = new Int32Array(capacity);
    this.number = new Int32Array(capacity);
    this.message = new Int32Array(capacity);
    this.key = new Int32Array(capacity);
    this.status = new Uint8Array(capacity);
    this.accepted = new Uint8Array(capacity);
    this.attempts = new Int32Array(capacity);
    this.doneS = new Float64Array(capacity);
  }
}

/** By request row; rows that nobody has posted, or that are another request's by now, are stale. */
class PostTable {
  generation = new Int32Array(64).fill(-1);
  /** Newest of its tickets, −1 for none. */
  head = new Int32Array(64).fill(-1);
  /** Jobs made for it. */
  jobs = new Int32Array(64);
  /** The key it was posted with is known until then, seconds; −1: it is not. */
  keyUntilS = new Float64Array(64).fill(-1);
  /** How the job that the key stands for is doing: its ticket, −1 once that is closed, and its end. */
  ticket = new Int32Array(64).fill(-1);
  status = new Uint8Array(64);
  doneS = new Float64Array(64);
}

export class JobTickets {
  readonly table = new TicketTable();
  readonly posts = new PostTable();

  /** A ticket for a job that is being accepted; the newest of its request. */
  open(kernel: Kernel, job: number): number {
    const { table, posts } = this;
    const request = kernel.jobs.rows[job].request;
    this.know(kernel, request);
    const ticket = table.allocate();
    table.job[ticket] = job;
    table.request[ticket] = request;
    table.number[ticket] = kernel.requests.rows[request].number;
    table.message[ticket] = -1;
    table.key[ticket] = kernel.jobs.rows[job].publishKey;
    table.status[ticket] = TicketStatus.Pending;
    table.accepted[ticket] = 0;
    table.attempts[ticket] = 0;
    table.doneS[ticket] = 0;
    table.next[ticket] = posts.head[request];
    posts.head[request] = ticket;
    return ticket;
  }

  /** Takes a ticket off its request; its row stays until `table.free`. */
  leave(ticket: number): void {
    const { table, posts } = this;
    const request = table.request[ticket];
    if (posts.ticket[request] === ticket) posts.ticket[request] = -1;
    if (posts.head[request] === ticket) {
      posts.head[request] = table.next[ticket];
      return;
    }
    let before = posts.head[request];
    while (table.next[before] !== ticket) before = table.next[before];
    table.next[before] = table.next[ticket];
  }

  /** @returns −1 if the job has none */
  ofJob(kernel: Kernel, job: number): number {
    const { table } = this;
    let ticket = this.first(kernel, kernel.jobs.rows[job].request);
    while (ticket >= 0 && table.job[ticket] !== job) ticket = table.next[ticket];
    return ticket;
  }

  /** The ticket whose job a message is; −1 if it is none. */
  ofMessage(kernel: Kernel, message: number): number {
    const { table } = this;
    const { messages } = kernel;
    const number = messages.number[message];
    const key = messages.drawKey[message];
    let ticket = this.first(kernel, messages.request[message]);
    while (ticket >= 0) {
      const known = table.message[ticket];
      if (known === number || (known < 0 && table.key[ticket] === key)) return ticket;
      ticket = table.next[ticket];
    }
    return -1;
  }

  /** From now on the key of the ticket's request stands for this ticket's job. */
  remember(ticket: number, untilS: number): void {
    const { table, posts } = this;
    const request = table.request[ticket];
    posts.keyUntilS[request] = untilS;
    posts.ticket[request] = ticket;
    posts.status[request] = TicketStatus.Pending;
  }

  forget(ticket: number): void {
    const { table, posts } = this;
    const request = table.request[ticket];
    if (posts.ticket[request] === ticket) posts.keyUntilS[request] = -1;
  }

  /** Whether a job has been made for this request under its key, and the key lives. */
  knowsKey(kernel: Kernel, request: number): boolean {
    return this.isKnown(kernel, request) && kernel.clockS < this.posts.keyUntilS[request];
  }

  /** The job has ended. */
  end(ticket: number, status: number, nowS: number): void {
    const { table, posts } = this;
    const request = table.request[ticket];
    table.status[ticket] = status;
    table.doneS[ticket] = nowS;
    if (posts.ticket[request] !== ticket) return;
    posts.status[request] = status;
    posts.doneS[request] = nowS;
  }

  private first(kernel: Kernel, request: number): number {
    return this.isKnown(kernel, request) ? this.posts.head[request] : -1;
  }

  private isKnown(kernel: Kernel, request: number): boolean {
    const { generation } = this.posts;
    return (
      request < generation.length &&
      generation[request] === kernel.requests.rows[request].generation
    );
  }

  private know(kernel: Kernel, request: number): void {
    if (this.isKnown(kernel, request)) return;
    const { posts } = this;
    if (request >= posts.generation.length) this.grow(request);
    posts.generation[request] = kernel.requests.rows[request].generation;
    posts.head[request] = -1;
    posts.jobs[request] = 0;
    posts.keyUntilS[request] = -1;
    posts.ticket[request] = -1;
    posts.status[request] = TicketStatus.Pending;
    posts.doneS[request] = 0;
  }

  private grow(request: number): void {
    const { posts } = this;
    const before = posts.generation.length;
    let length = before * 2;
    while (length <= request) length *= 2;
    posts.generation = extended(posts.generation, new Int32Array(length).fill(-1));
    posts.head = extended(posts.head, new Int32Array(length));
    posts.jobs = extended(posts.jobs, new Int32Array(length));
    posts.keyUntilS = extended(posts.keyUntilS, new Float64Array(length));
    posts.ticket = extended(posts.ticket, new Int32Array(length));
    posts.status = extended(posts.status, new Uint8Array(length));
    posts.doneS = extended(posts.doneS, new Float64Array(length));
  }
}
