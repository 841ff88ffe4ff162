/** A set of small whole numbers (request numbers): one bit each. */
export class NumberSet {
  bits = new Uint8Array(64);

  has(number: number): boolean {
    const at = number >> 3;
    return at < this.bits.length && (this.bits[at] & (1 << (number & 7))) !== 0;
  }

  add(number: number): void {
    const at = number >> 3;
    if (at >= this.bits.length) {
      let capacity = this.bits.length * 2;
      while (capacity <= at) capacity *= 2;
      const bits = new Uint8Array(capacity);
      bits.set(this.bits);
      this.bits = bits;
    }
    this.bits[at] |= 1 << (number & 7);
  }
}
