/** How often something happened in the last so many seconds: a ring of 20 slices of the window. */
const SLICES = 20;

export class SlidingCount {
  /** Slice that is being filled: floor(time ÷ length of a slice). */
  current = 0;
  sum = 0;
  windowS: number;
  counts = new Float64Array(SLICES);

  constructor(windowS: number) {
    this.windowS = windowS;
  }

  add(nowS: number): void {
    this.advance(nowS);
    this.counts[this.current % SLICES]++;
    this.sum++;
  }

  read(nowS: number): number {
    this.advance(nowS);
    return this.sum;
  }

  private advance(nowS: number): void {
    const now = Math.floor(nowS / (this.windowS / SLICES));
    if (now - this.current >= SLICES) {
      this.counts.fill(0);
      this.sum = 0;
      this.current = now;
    }
    while (this.current < now) {
      const slice = ++this.current % SLICES;
      this.sum -= this.counts[slice];
      this.counts[slice] = 0;
    }
  }
}
