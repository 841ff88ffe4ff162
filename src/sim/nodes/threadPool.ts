/** The threads of a service: which are idle, held or dead. Plain data. */
import { extended } from '../kernel/extended.ts';

/** In `job`: nobody on the thread, or the thread is dead. */
export const IDLE = -1;
export const DOWN = -2;

export class ThreadPool {
  capacity: number;
  /** Threads that may be held now: the capacity, or 0 in a stall. */
  open: number;
  /** Threads held, those above the capacity included. */
  held = 0;
  /** Dead threads below the capacity. */
  down = 0;
  idleCount: number;
  /** Job on each thread, IDLE or DOWN. */
  job: Int32Array;
  downSinceS: Float64Array;
  downUntilS: Float64Array;
  /** Stack of idle threads below the capacity; the top is used next. */
  idle: Int32Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.open = capacity;
    this.idleCount = capacity;
    this.job = new Int32Array(capacity).fill(IDLE);
    this.downSinceS = new Float64Array(capacity);
    this.downUntilS = new Float64Array(capacity);
    this.idle = Int32Array.from({ length: capacity }, (_, k) => capacity - 1 - k);
  }

  hasIdle(): boolean {
    return this.idleCount > 0 && this.held + this.down < this.open;
  }

  /** For work under way, which a stall does not stop. */
  hasIdleForMore(): boolean {
    return this.idleCount > 0 && this.held + this.down < this.capacity;
  }

  /** The thread that `take` would give. */
  nextIdle(): number {
    return this.idle[this.idleCount - 1];
  }

  /** Only if `hasIdle()`. @returns the thread */
  take(job: number): number {
    const cell = this.idle[--this.idleCount];
    this.job[cell] = job;
    this.held++;
    return cell;
  }

  release(cell: number): void {
    this.job[cell] = IDLE;
    this.held--;
    if (cell < this.capacity) this.idle[this.idleCount++] = cell;
  }

  /** The thread dies in the middle of its work. */
  kill(cell: number, sinceS: number, untilS: number): void {
    this.job[cell] = DOWN;
    this.held--;
    if (cell < this.capacity) this.down++;
    this.downSinceS[cell] = sinceS;
    this.downUntilS[cell] = untilS;
  }

  revive(cell: number): void {
    this.job[cell] = IDLE;
    if (cell >= this.capacity) return;
    this.down--;
    this.idle[this.idleCount++] = cell;
  }

  /** A grown pool has its threads at once; a shrunk one loses them as they come free. */
  resize(capacity: number): void {
    if (capacity > this.job.length) {
      this.job = extended(this.job, new Int32Array(capacity).fill(IDLE));
      this.downSinceS = extended(this.downSinceS, new Float64Array(capacity));
      this.downUntilS = extended(this.downUntilS, new Float64Array(capacity));
      this.idle = extended(this.idle, new Int32Array(capacity));
    }
    if (this.open > 0) this.open = capacity;
    this.capacity = capacity;
    this.idleCount = 0;
    this.down = 0;
    for (let cell = capacity - 1; cell >= 0; cell--) {
      if (this.job[cell] === IDLE) this.idle[this.idleCount++] = cell;
      else if (this.job[cell] === DOWN) this.down++;
    }
  }

  /** In a stall threads that come free stay idle. */
  stall(stalled: boolean): void {
    this.open = stalled ? 0 : this.capacity;
  }
}
