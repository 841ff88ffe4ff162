/** Jobs that wait in order of arrival: lists through their rows, so a job stands in one of them at a time. Plain data. */
import { extended } from './extended.ts';
import type { Job } from './job.ts';
import type { JobTable } from './jobs.ts';

export class JobLine {
  /** Rows of the first and the last, −1 if nobody waits. */
  head = -1;
  tail = -1;

  push({ rows }: JobTable, job: Job): void {
    const { index } = job;
    job.next = -1;
    if (this.tail >= 0) rows[this.tail].next = index;
    else this.head = index;
    this.tail = index;
  }

  /** Takes out the first; only if somebody waits. */
  shift({ rows }: JobTable): Job {
    const job = rows[this.head];
    this.head = job.next;
    if (this.head < 0) this.tail = -1;
    return job;
  }
}

/** A number of such lines. */
export class JobLines {
  /** By line. */
  head: Int32Array;
  tail: Int32Array;

  constructor(lines: number) {
    this.head = new Int32Array(lines).fill(-1);
    this.tail = new Int32Array(lines).fill(-1);
  }

  push({ rows }: JobTable, line: number, job: Job): void {
    const { index } = job;
    job.next = -1;
    if (this.tail[line] >= 0) rows[this.tail[line]].next = index;
    else this.head[line] = index;
    this.tail[line] = index;
  }

  /** Takes out the first; only if somebody waits in the line. */
  shift({ rows }: JobTable, line: number): Job {
    const job = rows[this.head[line]];
    this.head[line] = job.next;
    if (this.head[line] < 0) this.tail[line] = -1;
    return job;
  }

  /** Takes out a job that may stand anywhere in the line, found by search. */
  remove({ rows }: JobTable, line: number, { index, next }: Job): void {
    let before = -1;
    for (let at = this.head[line]; at !== index; at = rows[at].next) before = at;
    if (before < 0) this.head[line] = next;
    else rows[before].next = next;
    if (this.tail[line] === index) this.tail[line] = before;
  }

  /** Empties the line. @returns the row of the first, which leads on to the others; −1 if there is none */
  clear(line: number): number {
    const first = this.head[line];
    this.head[line] = -1;
    this.tail[line] = -1;
    return first;
  }

  grow(lines: number): void {
    this.head = extended(this.head, new Int32Array(lines).fill(-1));
    this.tail = extended(this.tail, new Int32Array(lines).fill(-1));
  }
}
