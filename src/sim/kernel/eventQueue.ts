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

import { extended } from './extended.ts';
import { UNSET_S, type RowColumns } from './columns.ts';
import { nextCapacity } from './limits.ts';
import type { Saves } from './plainState.ts';

/** Added to the serials of events that are not the first of their instant: 2^50. */
const AFTERWARDS = 1_125_899_906_842_624;
const FIRST_CAPACITY = 64;

/** What an event is, besides its time. */
class PendingEvent {
  /** Serial, + 2^50 unless it goes first of its instant. */
  order = UNSET_S;
  target = 0;
  slot = 0;
  generation = 0;
}

/** Every field of a pending event, which a test makes sure of. */
class EventColumns implements RowColumns<PendingEvent> {
  readonly target: Int32Array;
  readonly slot: Int32Array;
  readonly generation: Int32Array;
  readonly order: Float64Array;

  constructor(length: number) {
    this.target = new Int32Array(length);
    this.slot = new Int32Array(length);
    this.generation = new Int32Array(length);
    this.order = new Float64Array(length);
  }

  copyFrom(rows: readonly PendingEvent[]): void {
    const { length } = this.target;
    for (let k = 0; k < length; k++) {
      const row = rows[k];
      this.target[k] = row.target;
      this.slot[k] = row.slot;
      this.generation[k] = row.generation;
      this.order[k] = row.order;
    }
  }

  copyTo(rows: readonly PendingEvent[]): void {
    const { length } = this.target;
    for (let k = 0; k < length; k++) {
      const row = rows[k];
      row.target = this.target[k];
      row.slot = this.slot[k];
      row.generation = this.generation[k];
      row.order = this.order[k];
    }
  }
}

interface SavedEvents {
  readonly size: number;
  readonly hole: number;
  readonly serial: number;
  readonly time: Float64Array;
  readonly entry: Int32Array;
  readonly columns: EventColumns;
}

export class EventQueue implements Saves {
  size = 0;
  /** 1 while the root has been popped and not been filled yet. */
  hole = 0;
  serial = 0;
  /** Time of the event being pushed. */
  private pushedS = UNSET_S;
  /** By place in the heap. */
  time = new Float64Array(FIRST_CAPACITY);
  /** By place in the heap; the places beyond `size` hold the free entries. */
  entry = Int32Array.from({ length: FIRST_CAPACITY }, (_, k) => k);
  /** By entry. */
  readonly pendingEvents = Array.from({ length: FIRST_CAPACITY }, () => new PendingEvent());

  /** Events waiting. */
  get pending(): number {
    return this.size - this.hole;
  }

  /**
   * @param timeS when, seconds; not before the current event
   * @param target receiver and event code, packed by the kernel
   */
  push(timeS: number, target: number, slot: number, generation: number): void {
    this.pushedS = timeS;
    this.insert(target, slot, generation, AFTERWARDS);
  }

  /** Sets the time of the event that `pushDue` pushes, seconds. */
  dueAt(timeS: number): void {
    this.pushedS = timeS;
  }

  /** A push in two steps, for callers in which the compiler has no room for `push`. */
  pushDue(target: number, slot: number, generation: number): void {
    this.insert(target, slot, generation, AFTERWARDS);
  }

  /** Like `push`, for what precedes the other events of its instant. */
  pushFirst(timeS: number, target: number, slot: number, generation: number): void {
    this.pushedS = timeS;
    this.insert(target, slot, generation, 0);
  }

  private insert(target: number, slot: number, generation: number, priority: number): void {
    let place = 0;
    if (this.hole === 0) {
      place = this.size;
      if (place === this.time.length) this.grow();
      this.size = place + 1;
    }
    this.time[place] = this.pushedS;
    const event = this.pendingEvents[this.entry[place]];
    event.order = priority + this.serial++;
    event.target = target;
    event.slot = slot;
    event.generation = generation;
    if (place > 0) this.siftUp(place);
    else {
      this.hole = 0;
      this.siftDown();
    }
  }

  /** Is there an event before `untilS`, seconds? Asked before every event, so it hands no number over. */
  hasBefore(untilS: number): boolean {
    if (this.hole === 1) this.close();
    return this.size > 0 && this.time[0] < untilS;
  }

  /** Time of the next event, seconds; Infinity when there is none. */
  nextTime(): number {
    if (this.hole === 1) this.close();
    return this.size === 0 ? Infinity : this.time[0];
  }

  /** The next event. Only after it was told that there is one. */
  next(): Readonly<PendingEvent> {
    return this.pendingEvents[this.entry[0]];
  }

  /**
   * Removes the next event. Its time stays readable at place 0, and its fields, until the next
   * call. Only after it was told that there is one.
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
    const { time, entry: entries, pendingEvents: events, size } = this;
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
          (rightS === childS && events[entries[right]].order < events[entries[child]].order)
        ) {
          child = right;
          childS = rightS;
        }
      }
      if (
        timeS < childS ||
        (timeS === childS && events[entry].order < events[entries[child]].order)
      ) {
        break;
      }
      time[place] = childS;
      entries[place] = entries[child];
      place = child;
    }
    time[place] = timeS;
    entries[place] = entry;
  }

  /** Moves the event at `place`, the last one, up to its place. */
  private siftUp(place: number): void {
    const { time, entry: entries, pendingEvents: events } = this;
    const timeS = time[place];
    const entry = entries[place];
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const parentS = time[parent];
      if (
        parentS < timeS ||
        (parentS === timeS && events[entries[parent]].order < events[entry].order)
      ) {
        break;
      }
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
    this.time = extended(this.time, new Float64Array(capacity));
    this.entry = extended(this.entry, new Int32Array(capacity));
    for (let k = old; k < capacity; k++) this.entry[k] = k;
    this.pendFor(capacity);
  }

  private pendFor(capacity: number): void {
    const { pendingEvents } = this;
    while (pendingEvents.length < capacity) pendingEvents.push(new PendingEvent());
  }

  save(): SavedEvents {
    const { size, hole, serial, time, entry, pendingEvents } = this;
    const columns = new EventColumns(pendingEvents.length);
    columns.copyFrom(pendingEvents);
    return { size, hole, serial, time: time.slice(), entry: entry.slice(), columns };
  }

  restore(saved: object): void {
    const { size, hole, serial, time, entry, columns } = saved as SavedEvents;
    this.size = size;
    this.hole = hole;
    this.serial = serial;
    this.time = time.slice();
    this.entry = entry.slice();
    this.pendingEvents.length = Math.min(this.pendingEvents.length, entry.length);
    this.pendFor(entry.length);
    Object.assign(new EventColumns(0), columns).copyTo(this.pendingEvents);
  }
}
