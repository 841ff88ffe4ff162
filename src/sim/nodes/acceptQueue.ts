/**
 * The accept queue: where calls wait for a thread. A list through the jobs' rows, one per priority
 * class, with a discipline that says who is next and who is dropped for having waited too long.
 * Drops are decided when a thread looks for work, so nothing needs a timer.
 */
import type { QueueDiscipline } from '../flow.ts';
import type { Job } from '../kernel/job.ts';
import type { JobTable } from '../kernel/jobs.ts';
import type { RequestTable } from '../kernel/requests.ts';

export const PRIORITY_CLASSES = 8;

export class AcceptQueue {
  readonly kind: QueueDiscipline['kind'];
  /** The discipline may drop what it hands out: `stamp` what is pushed, ask `isLate` of what is taken. */
  readonly drops: boolean;
  /** The discipline looks at priorities. */
  readonly ranks: boolean;
  private readonly newestFirst: boolean;
  /** In order of arrival, whatever the priorities. */
  private readonly oldestFirst: boolean;
  length = 0;
  limit: number;
  /** First and last in order of arrival, −1 if nobody waits; not used where there are classes. */
  oldest = -1;
  newest = -1;
  /** The same by class, where there are classes; class 0 goes first. */
  head: Int32Array;
  tail: Int32Array;
  maxWaitS = Infinity;
  targetS = 0;
  intervalS = 0;
  /** When the first of those it holds came, seconds. */
  lastEmptyS = 0;
  /** Classic CoDel: since when + interval the wait has been above the target, −1 if it has not. */
  firstAboveS = -1;
  dropping = 0;
  dropNextS = 0;
  dropCount = 0;
  lastDropCount = 0;

  constructor(limit: number, discipline: QueueDiscipline) {
    this.limit = limit;
    this.kind = discipline.kind;
    this.ranks = discipline.kind === 'priority';
    this.newestFirst = discipline.kind === 'lifo';
    this.oldestFirst = !this.ranks && !this.newestFirst;
    const classes = this.ranks ? PRIORITY_CLASSES : 0;
    this.head = new Int32Array(classes).fill(-1);
    this.tail = new Int32Array(classes).fill(-1);
    if (discipline.kind === 'deadlineDrop') this.maxWaitS = discipline.maxWaitS ?? Infinity;
    if (discipline.kind === 'codel' || discipline.kind === 'codelTimeout') {
      this.targetS = (discipline.targetMs ?? 5) / 1000;
      this.intervalS = (discipline.intervalMs ?? 100) / 1000;
    }
    this.drops =
      discipline.kind === 'deadlineDrop' ||
      discipline.kind === 'codel' ||
      discipline.kind === 'codelTimeout';
  }

  push({ rows }: JobTable, requests: RequestTable, job: Job): void {
    const { index } = job;
    job.next = -1;
    this.length++;
    if (this.ranks === true) {
      this.pushRanked(rows, job, classOf(requests, job));
      return;
    }
    const last = this.newest;
    job.previous = last;
    if (last >= 0) rows[last].next = index;
    else this.oldest = index;
    this.newest = index;
  }

  private pushRanked(rows: readonly Job[], job: Job, rank: number): void {
    const last = this.tail[rank];
    job.previous = last;
    if (last >= 0) rows[last].next = job.index;
    else this.head[rank] = job.index;
    this.tail[rank] = job.index;
  }

  /** Notes when the job, just pushed, is to be dropped. */
  stamp(job: Job, nowS: number): void {
    if (this.kind !== 'codelTimeout') return;
    if (this.length === 1) this.lastEmptyS = nowS;
    const standing = nowS - this.lastEmptyS > this.intervalS;
    job.untilS = nowS + (standing ? this.targetS : this.intervalS);
  }

  remove({ rows }: JobTable, requests: RequestTable, job: Job): void {
    const { previous, next } = job;
    const rank = this.ranks === true ? classOf(requests, job) : 0;
    if (previous >= 0) rows[previous].next = next;
    else if (this.ranks === true) this.head[rank] = next;
    else this.oldest = next;
    if (next >= 0) rows[next].previous = previous;
    else if (this.ranks === true) this.tail[rank] = previous;
    else this.newest = previous;
    this.length--;
  }

  /** Takes out who is next; only if somebody waits. */
  shift(jobs: JobTable, requests: RequestTable): Job {
    if (this.oldestFirst === false) return this.takeFirst(jobs, requests);
    const { rows } = jobs;
    const job = rows[this.oldest];
    const { next } = job;
    this.oldest = next;
    if (next >= 0) rows[next].previous = -1;
    else this.newest = -1;
    this.length--;
    return job;
  }

  private takeFirst(jobs: JobTable, requests: RequestTable): Job {
    const job = jobs.rows[this.first()];
    this.remove(jobs, requests, job);
    return job;
  }

  /** Who is next; −1 if nobody waits. */
  first(): number {
    if (this.ranks === false) return this.newestFirst === true ? this.newest : this.oldest;
    const { head } = this;
    for (let k = 0; k < head.length; k++) if (head[k] >= 0) return head[k];
    return -1;
  }

  /** Since when the oldest waits, whoever is next; Infinity if nobody does. */
  oldestSinceS({ rows }: JobTable): number {
    if (this.ranks === false) return this.oldest < 0 ? Infinity : rows[this.oldest].sinceS;
    let sinceS = Infinity;
    for (const first of this.head) {
      if (first >= 0) sinceS = Math.min(sinceS, rows[first].sinceS);
    }
    return sinceS;
  }

  /** Who comes after `job`; −1 after the last. */
  after(requests: RequestTable, job: Job): number {
    const { previous, next } = job;
    if (this.newestFirst) return previous;
    if (next >= 0 || !this.ranks) return next;
    const { head } = this;
    for (let k = classOf(requests, job) + 1; k < head.length; k++) if (head[k] >= 0) return head[k];
    return -1;
  }

  /** Who makes room for a newcomer when it is full: the last of a worse class; −1: nobody. */
  victim(requests: RequestTable, newcomer: Job): number {
    if (!this.ranks) return -1;
    const rank = classOf(requests, newcomer);
    for (let k = this.tail.length - 1; k > rank; k--) {
      if (this.tail[k] >= 0) return this.tail[k];
    }
    return -1;
  }

  /** Has the job, just taken out, waited so long that it is dropped? */
  isLate(job: Job, nowS: number): boolean {
    const waitedS = nowS - job.sinceS;
    switch (this.kind) {
      case 'deadlineDrop':
        return waitedS > this.maxWaitS || nowS > job.deadlineS;
      // "Fail at Scale" (Facebook, 2015): the timeout was set on arrival, short if the queue had stood.
      case 'codelTimeout':
        return nowS > job.untilS;
      case 'codel':
        return this.controlsDelay(waitedS, nowS);
      default:
        return false;
    }
  }

  /** Controlled delay, RFC 8289: drops ever more often while the wait stays above the target. */
  private controlsDelay(waitedS: number, nowS: number): boolean {
    let above = false;
    if (waitedS < this.targetS || this.length === 0) this.firstAboveS = -1;
    else if (this.firstAboveS < 0) this.firstAboveS = nowS + this.intervalS;
    else above = nowS >= this.firstAboveS;
    if (this.dropping === 1) {
      if (!above) this.dropping = 0;
      else if (nowS >= this.dropNextS) {
        this.dropCount++;
        this.dropNextS += this.intervalS / Math.sqrt(this.dropCount);
        return true;
      }
      return false;
    }
    if (!above) return false;
    this.dropping = 1;
    const fresh = this.dropCount - this.lastDropCount;
    this.dropCount = fresh > 1 && nowS - this.dropNextS < 16 * this.intervalS ? fresh : 1;
    this.dropNextS = nowS + this.intervalS / Math.sqrt(this.dropCount);
    this.lastDropCount = this.dropCount;
    return true;
  }
}

function classOf({ rows }: RequestTable, { request }: Job): number {
  return Math.min(rows[request].priority, PRIORITY_CLASSES - 1);
}
