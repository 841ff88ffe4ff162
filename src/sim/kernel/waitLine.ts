/** Rows waiting in order of arrival; those whose row was freed meanwhile are skipped, never searched. */
import type { Generations } from './rowTable.ts';

export class WaitLine {
  head = 0;
  size = 0;
  slot = new Int32Array(16);
  generation = new Int32Array(16);

  push(slot: number, generation: number): void {
    if (this.size === this.slot.length) this.grow();
    const at = (this.head + this.size++) & (this.slot.length - 1);
    this.slot[at] = slot;
    this.generation[at] = generation;
  }

  /** Takes the first row that is still live. @returns −1 if there is none */
  shift(generations: Generations): number {
    const mask = this.slot.length - 1;
    while (this.size > 0) {
      const at = this.head;
      this.head = (at + 1) & mask;
      this.size--;
      const slot = this.slot[at];
      if (generations.isCurrent(slot, this.generation[at])) return slot;
    }
    return -1;
  }

  private grow(): void {
    const { size } = this;
    const mask = size - 1;
    const slot = new Int32Array(size * 2);
    const generation = new Int32Array(size * 2);
    for (let k = 0; k < size; k++) {
      slot[k] = this.slot[(this.head + k) & mask]!;
      generation[k] = this.generation[(this.head + k) & mask]!;
    }
    this.head = 0;
    this.slot = slot;
    this.generation = generation;
  }
}
