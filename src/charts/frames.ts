/** The two beats charts live on; the page's one animation loop gives them. */
export interface Frames {
  /** Each frame while playing, and when something changed. @returns how to stop listening */
  onFrame(paint: (nowMs: number) => void): () => void;
  /** At most ten times a second of wall time. @returns how to stop listening */
  onReadout(update: () => void): () => void;
  /** Asks for one more of both, when the moment shown has changed while paused. */
  invalidate(): void;
}
