/**
 * The pending events, ordered by (time, priority, serial): a binary heap over typed arrays.
 *
 * Only times and entry numbers move in the heap; the rest of an event stays put in its entry, so a
 * level costs two loads and two stores. The times are compared first, and in nearly all runs alone.
 *
 * `pop` leaves a hole at the root that the next `push` fills: most events schedule exactly one
 * successor, and replacing the root costs half of a pop followed by a push.
 *
 * Times are handed over in the heap's column, not as arguments: a number that is passed to a function
 * which the compiler does not inline is allocated on the heap.
 */

import { nextCapacity } from './limits.ts';

/** Added to the serials of events that are not the first of their instant: 2^50. */
const AFTERWARDS = 1_125_899_906_842_624;
const FIRST_CAPACITY = 64;

export class EventQueue {
  size = 0;
  /** 1 while the root has been popped and not been filled yet. */
  hole = 0;
  serial = 0;
  /** By place in the heap. */
  time = new Float64Array(FIRST_CAPACITY);
  /** By place in the heap; the places beyond `size` hold the free entries. */
  entry = Int32Array.from({ length: FIRST_CAPACITY }, (_, k) => k);
  /** By entry: serial, + 2^50 unless it goes first. */
  order = new Float64Array(FIRST_CAPACITY);
  target = new Int32Array(FIRST_CAPACITY);
  slot = new Int32Array(FIRST_CAPACITY);
  generation = new Int32Array(FIRST_CAPACITY);

  /** Events waiting. */
  get pending(): number {
    return this.size - this.hole;
  }

  /**
   * @param timeS when, seconds; not before the current event
   * @param target receiver and event code, packed by the kernel
   */
  push(timeS: number, target: number, slot: number, generation: number): void {
    this.insert(timeS, target, slot, generation, AFTERWARDS);
  }

  /** Like `push`, for what precedes the other events of its instant. */
  pushFirst(timeS: number, target: number, slot: number, generation: number): void {
    this.insert(timeS, target, slot, generation, 0);
  }

  private insert(
    timeS: number,
    target: number,
    slot: number,
    generation: number,
    priority: number,
  ): void {
    let place = 0;
    if (this.hole === 0) {
      place = this.size++;
      if (place === this.time.length) this.grow();
    }
    const entry = this.entry[place];
    this.time[place] = timeS;
    this.order[entry] = priority + this.serial++;
    this.target[entry] = target;
    this.slot[entry] = slot;
    this.generation[entry] = generation;
    if (this.hole === 1) {
      this.hole = 0;
      this.siftDown();
    } else this.siftUp(place);
  }

  /** Time of the next event, seconds; Infinity when there is none. */
  nextTime(): number {
    if (this.hole === 1) this.close();
    return this.size === 0 ? Infinity : this.time[0];
  }

  /** Entry of the next event. Only after `nextTime()` told that there is one. */
  nextEntry(): number {
    return this.entry[0];
  }

  /**
   * Removes the next event. Its time stays readable at place 0 and its entry's fields until the next
   * call. Only after `nextTime()` told that there is one.
   */
  pop(): void {
    this.hole = 1;
  }

  private close(): void {
    this.hole = 0;
    const last = --this.size;
    if (last === 0) return;
    const free = this.entry[0];
    this.time[0] = this.time[last];
    this.entry[0] = this.entry[last];
    this.entry[last] = free;
    this.siftDown();
  }

  /** Moves the event at the root down to its place. */
  private siftDown(): void {
    const { time, entry: entries, order, size } = this;
    const timeS = time[0];
    const entry = entries[0];
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= size) break;
      let childS = time[child];
      const right = child + 1;
      if (right < size) {
        const rightS = time[right];
        if (
          rightS < childS ||
          (rightS === childS && order[entries[right]] < order[entries[child]])
        ) {
          child = right;
          childS = rightS;
        }
      }
      if (timeS < childS || (timeS === childS && order[entry] < order[entries[child]])) break;
      time[place] = childS;
      entries[place] = entries[child];
      place = child;
    }
    time[place] = timeS;
    entries[place] = entry;
  }

  /** Moves the event at `place`, the last one, up to its place. */
  private siftUp(place: number): void {
    const { time, entry: entries, order } = this;
    const timeS = time[place];
    const entry = entries[place];
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const parentS = time[parent];
      if (parentS < timeS || (parentS === timeS && order[entries[parent]] < order[entry])) break;
      time[place] = parentS;
      entries[place] = entries[parent];
      place = parent;
    }
    time[place] = timeS;
    entries[place] = entry;
  }

  private grow(): void {
    const old = this.time.length;
    const capacity = nextCapacity(old, 'events');
    this.time = grown(this.time, new Float64Array(capacity));
    this.entry = grown(this.entry, new Int32Array(capacity));
    for (let k = old; k < capacity; k++) this.entry[k] = k;
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
