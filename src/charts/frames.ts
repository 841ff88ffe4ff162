/** The two beats charts live on; the page's one animation loop gives them. */
export interface Frames {
  /** Each frame while playing, and when something changed. @returns how to stop listening */
  onFrame(paint: (nowMs: number) => void): () => void;
  /**
   * At most ten times a second of wall time; with a turn half as often while playing, the two turns
   * alternating. What it returns writes words, in one frame with the page's other numbers.
   * @returns how to stop listening
   */
  onReadout(update: () => (() => void) | void, turn?: 0 | 1): () => void;
  /** Asks for one more of both, when the moment shown has changed while paused. */
  invalidate(): void;
}
