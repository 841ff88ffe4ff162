/**
 * The pending events, ordered by (time, priority, serial): a binary heap over typed arrays.
 *
 * `pop` leaves a hole at the root that the next `push` fills: most events schedule exactly one
 * successor, and replacing the root costs half of a pop followed by a push.
 */

import { nextCapacity } from './limits.ts';

/** Priorities at one instant, lower first; ties go by order of scheduling. */
const PRIORITY_SPAN = 2 ** 50;

export class EventQueue {
  size = 0;
  /** 1 while the root has been popped and not been filled yet. */
  hole = 0;
  serial = 0;
  time = new Float64Array(64);
  /** priority · 2^50 + serial. */
  order = new Float64Array(64);
  target = new Int32Array(64);
  slot = new Int32Array(64);
  generation = new Int32Array(64);

  /** Events waiting. */
  get pending(): number {
    return this.size - this.hole;
  }

  /**
   * @param timeS when, seconds; not before the current event
   * @param target receiver and event code, packed by the kernel
   * @param priority 0 to 3
   */
  push(timeS: number, target: number, slot: number, generation: number, priority = 1): void {
    const order = priority * PRIORITY_SPAN + this.serial++;
    if (this.hole === 1) {
      this.hole = 0;
      this.siftDown(timeS, order, target, slot, generation);
      return;
    }
    if (this.size === this.time.length) this.grow();
    const { time, order: orders } = this;
    let i = this.size++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const parentTime = time[parent]!;
      if (parentTime < timeS || (parentTime === timeS && orders[parent]! < order)) break;
      this.move(parent, i);
      i = parent;
    }
    this.put(i, timeS, order, target, slot, generation);
  }

  /** Time of the next event, seconds; Infinity when there is none. */
  nextTime(): number {
    if (this.hole === 1) this.close();
    return this.size === 0 ? Infinity : this.time[0]!;
  }

  /**
   * Removes the next event. Its fields stay readable at index 0 until the next call.
   * Only after `nextTime()` told that there is one.
   */
  pop(): void {
    this.hole = 1;
  }

  private close(): void {
    this.hole = 0;
    const last = --this.size;
    if (last > 0) {
      this.siftDown(
        this.time[last]!,
        this.order[last]!,
        this.target[last]!,
        this.slot[last]!,
        this.generation[last]!,
      );
    }
  }

  private siftDown(
    timeS: number,
    order: number,
    target: number,
    slot: number,
    generation: number,
  ): void {
    const { time, order: orders, size } = this;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      let childTime = time[child]!;
      const right = child + 1;
      if (right < size) {
        const rightTime = time[right]!;
        if (rightTime < childTime || (rightTime === childTime && orders[right]! < orders[child]!)) {
          child = right;
          childTime = rightTime;
        }
      }
      if (timeS < childTime || (timeS === childTime && order < orders[child]!)) break;
      this.move(child, i);
      i = child;
    }
    this.put(i, timeS, order, target, slot, generation);
  }

  private move(from: number, to: number): void {
    this.time[to] = this.time[from]!;
    this.order[to] = this.order[from]!;
    this.target[to] = this.target[from]!;
    this.slot[to] = this.slot[from]!;
    this.generation[to] = this.generation[from]!;
  }

  private put(
    i: number,
    timeS: number,
    order: number,
    target: number,
    slot: number,
    generation: number,
  ): void {
    this.time[i] = timeS;
    this.order[i] = order;
    this.target[i] = target;
    this.slot[i] = slot;
    this.generation[i] = generation;
  }

  private grow(): void {
    const capacity = nextCapacity(this.time.length, 'events');
    this.time = grown(this.time, new Float64Array(capacity));
    this.order = grown(this.order, new Float64Array(capacity));
    this.target = grown(this.target, new Int32Array(capacity));
    this.slot = grown(this.slot, new Int32Array(capacity));
    this.generation = grown(this.generation, new Int32Array(capacity));
  }
}

function grown<A extends Float64Array | Int32Array>(old: A, bigger: A): A {
  bigger.set(old);
  return bigger;
}
