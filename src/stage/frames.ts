/** The part of the page's animation loop that the stage needs. */
export interface Frames {
  /** Called each frame, and once when something changed while paused. @returns an unsubscribe function */
  onFrame(callback: (nowMs: number) => void): () => void;
  /**
   * Called at most ten times a second, with `first` in one frame for both lanes; what it returns writes,
   * in one frame with the page's other numbers. @returns an unsubscribe function
   */
  onReadout(readout: () => (() => void) | void, time?: 'first'): () => void;
}
