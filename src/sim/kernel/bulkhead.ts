/**
 * A cap on the calls under way to one target. As in Resilience4j a call that finds no place may wait
 * for one, first come, first served; nobody overtakes those who wait.
 */
import type { CallPolicy } from '../callPolicy.ts';
import type { CallTable } from './calls.ts';

export class Bulkhead {
  places: number;
  taken = 0;
  maxWaitS: number;
  /** First and last of the calls that wait; a list through their rows. */
  head = -1;
  tail = -1;
  /** 1 while places are handed out, so that this is never done within itself. */
  handingOut = 0;

  constructor(policy: CallPolicy) {
    this.places = policy.maxConcurrent ?? Infinity;
    this.maxWaitS = (policy.maxWaitMs ?? 0) / 1000;
  }

  /** Has a newcomer to wait? */
  isFull(): boolean {
    return this.taken >= this.places || this.head >= 0;
  }

  join(calls: CallTable, call: number): void {
    calls.previous[call] = this.tail;
    calls.next[call] = -1;
    if (this.tail >= 0) calls.next[this.tail] = call;
    else this.head = call;
    this.tail = call;
  }

  leave(calls: CallTable, call: number): void {
    const before = calls.previous[call];
    const after = calls.next[call];
    if (before >= 0) calls.next[before] = after;
    else this.head = after;
    if (after >= 0) calls.previous[after] = before;
    else this.tail = before;
  }
}
