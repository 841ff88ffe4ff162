/** Finds the emptiest place for a label among lines. */

export interface Band {
  readonly top: number;
  readonly bottom: number;
  /** Highest and lowest pixel of what is drawn under the label; null where nothing is. */
  readonly drawn: { readonly top: number; readonly bottom: number } | null;
}

/**
 * @param bands rows in which the label may stand
 * @param height of the label, pixels
 * @returns its middle, pixels; null when it would cover a line everywhere
 */
export function quietPlace(bands: readonly Band[], height: number): number | null {
  let best: number | null = null;
  let bestRoom = height;
  for (const { top, bottom, drawn } of bands) {
    const gaps: readonly [number, number][] = drawn
      ? [
          [top, drawn.top],
          [drawn.bottom, bottom],
        ]
      : [[top, bottom]];
    for (const [start, end] of gaps) {
      if (end - start >= bestRoom) {
        bestRoom = end - start + 1;
        best = (start + end) / 2;
      }
    }
  }
  return best;
}
