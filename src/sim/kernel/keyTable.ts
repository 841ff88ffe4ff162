/** Keys remembered until a moment: a hash table with open addressing that forgets as it grows. */
const EMPTY = -1;

export class KeyTable {
  used = 0;
  /** Whole numbers, 0 or more. */
  key = new Float64Array(64).fill(EMPTY);
  untilS = new Float64Array(64);

  has(key: number, nowS: number): boolean {
    const at = this.find(key);
    return this.key[at] === key && this.untilS[at] > nowS;
  }

  /** @param key 0 or more */
  put(key: number, untilS: number, nowS: number): void {
    if (this.used * 2 >= this.key.length) this.rebuild(nowS);
    const at = this.find(key);
    if (this.key[at] === EMPTY) this.used++;
    this.key[at] = key;
    this.untilS[at] = untilS;
  }

  /** Where the key is, or would be. */
  private find(key: number): number {
    const mask = this.key.length - 1;
    let at = (Math.imul(key, 0x9e3779b1) >>> 7) & mask;
    while (this.key[at] !== EMPTY && this.key[at] !== key) at = (at + 1) & mask;
    return at;
  }

  private rebuild(nowS: number): void {
    const { key, untilS } = this;
    let live = 0;
    for (let k = 0; k < key.length; k++) if (key[k] !== EMPTY && untilS[k] > nowS) live++;
    const capacity = live * 4 > key.length ? key.length * 2 : key.length;
    this.used = 0;
    this.key = new Float64Array(capacity).fill(EMPTY);
    this.untilS = new Float64Array(capacity);
    for (let k = 0; k < key.length; k++) {
      if (key[k] !== EMPTY && untilS[k] > nowS) this.put(key[k], untilS[k], nowS);
    }
  }
}
