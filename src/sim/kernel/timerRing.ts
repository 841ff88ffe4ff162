/**
 * Timers of one constant duration: they fall due in the order they were set, so a ring needs only
 * its head in the event queue. Cancelled timers (stale generation) are skipped, never searched.
 */
import type { EventQueue } from './eventQueue.ts';
import { MAX_PENDING, nextCapacity } from './limits.ts';
import type { Generations } from './rowTable.ts';

export class TimerRing {
  head = 0;
  size = 0;
  /** 1 while an event for the head is pending. */
  armed = 0;
  lastDueS = 0;
  dueS = new Float64Array(16);
  slot = new Int32Array(16);
  generation = new Int32Array(16);

  /** Sets a timer; `target` is the event that calls `expire` (ring) or stands alone (out of order). */
  add(
    events: EventQueue,
    ringTarget: number,
    singleTarget: number,
    dueS: number,
    slot: number,
    generation: number,
  ): void {
    if (this.size > 0 && dueS < this.lastDueS) {
      // The duration was shortened while longer timers run: this one goes on its own.
      events.push(dueS, singleTarget, slot, generation);
      return;
    }
    if (this.size === this.dueS.length) this.grow();
    const i = (this.head + this.size) & (this.dueS.length - 1);
    this.dueS[i] = dueS;
    this.slot[i] = slot;
    this.generation[i] = generation;
    this.size++;
    this.lastDueS = dueS;
    if (this.armed === 0) {
      this.armed = 1;
      events.push(dueS, ringTarget, 0, 0);
    }
  }

  /**
   * Takes the next timer that is due and still live.
   * @returns its slot, or −1 when none is left at `nowS` (the ring is then armed for the next)
   */
  expire(events: EventQueue, ringTarget: number, nowS: number, generations: Generations): number {
    const mask = this.dueS.length - 1;
    while (this.size > 0) {
      const i = this.head & mask;
      const slot = this.slot[i];
      const stale = !generations.isCurrent(slot, this.generation[i]);
      if (!stale && this.dueS[i] > nowS) {
        events.push(this.dueS[i], ringTarget, 0, 0);
        return -1;
      }
      this.head = (this.head + 1) & mask;
      this.size--;
      if (!stale) return slot;
    }
    this.armed = 0;
    return -1;
  }

  private grow(): void {
    const old = this.dueS.length;
    if (old >= MAX_PENDING) nextCapacity(old, 'timers');
    const dueS = new Float64Array(old * 2);
    const slot = new Int32Array(old * 2);
    const generation = new Int32Array(old * 2);
    for (let k = 0; k < this.size; k++) {
      const i = (this.head + k) & (old - 1);
      dueS[k] = this.dueS[i]!;
      slot[k] = this.slot[i]!;
      generation[k] = this.generation[i]!;
    }
    this.head = 0;
    this.dueS = dueS;
    this.slot = slot;
    this.generation = generation;
  }
}
