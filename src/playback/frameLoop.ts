/**
 * The page's one animation loop: moves the player on, then calls the painters, and at most ten
 * times a second those who show numbers. It asks for no frame while there is nothing to do.
 */
import type { Player } from './player.ts';

/** Least wall time between two readouts, milliseconds. */
const READOUT_MS = 100;
/** While playing, the readouts of one moment are written over this many frames. */
const READOUT_FRAMES = 5;
/** Frames longer than this are too few to share the readouts among, seconds. */
const SLOW_FRAME_S = 0.025;
/** A readout that takes turns counts like so many others. */
const LONG_READOUT_WEIGHT = 4;

export interface FrameLoopOptions {
  /** For tests; absent: the window's. */
  readonly requestFrame?: (callback: (nowMs: number) => void) => number;
  readonly cancelFrame?: (handle: number) => void;
}

export class FrameLoop {
  private readonly player: Player;
  private readonly requestFrame: (callback: (nowMs: number) => void) => number;
  private readonly cancelFrame: (handle: number) => void;
  private readonly painters = new Set<(nowMs: number) => void>();
  private readonly readouts = new Map<() => void, 0 | 1 | undefined>();
  private turn: 0 | 1 = 0;
  /** Readouts still to be shown, by frame. */
  private waiting: (() => void)[][] = [];
  private unsubscribe: (() => void) | null = null;
  private handle: number | null = null;
  private lastFrameMs: number | null = null;
  private lastReadoutMs = -Infinity;
  private paintDue = true;
  private readoutDue = true;

  constructor(player: Player, options: FrameLoopOptions = {}) {
    this.player = player;
    this.requestFrame = options.requestFrame ?? ((callback) => requestAnimationFrame(callback));
    this.cancelFrame = options.cancelFrame ?? ((handle) => cancelAnimationFrame(handle));
  }

  get running(): boolean {
    return this.unsubscribe !== null;
  }

  /** Starts, or goes on without a jump in time. */
  start(): void {
    if (this.unsubscribe !== null) return;
    this.unsubscribe = this.player.subscribe(() => this.invalidate());
    this.lastFrameMs = null;
    this.invalidate();
  }

  /** Stops; nothing elapses until `start`. */
  stop(): void {
    this.unsubscribe?.();
    this.unsubscribe = null;
    if (this.handle !== null) this.cancelFrame(this.handle);
    this.handle = null;
    this.lastFrameMs = null;
    this.player.holdReadouts(false);
  }

  /** A painter, called after each step of time. @returns a function that removes it */
  onFrame(callback: (nowMs: number) => void): () => void {
    this.painters.add(callback);
    this.invalidate();
    return () => this.painters.delete(callback);
  }

  /**
   * Called at most ten times a second while playing, when there is something new; at once while paused.
   * @param turn while playing only every other time, those of turn 0 and of turn 1 alternating: for what
   *   takes long to draw and can be seen as well five times a second, so that no frame draws it all
   * @returns a function that removes it
   */
  onReadout(callback: () => void, turn?: 0 | 1): () => void {
    this.readouts.set(callback, turn);
    this.invalidate();
    return () => this.readouts.delete(callback);
  }

  /** Asks for one more frame, for instance because something changed while paused. */
  invalidate(): void {
    this.paintDue = true;
    this.readoutDue = true;
    this.schedule();
  }

  private schedule(): void {
    if (this.unsubscribe === null || this.handle !== null) return;
    this.handle = this.requestFrame(this.frame);
  }

  private readonly frame = (nowMs: number): void => {
    this.handle = null;
    const { player } = this;
    const elapsedS = this.lastFrameMs === null ? 0 : Math.max(0, nowMs - this.lastFrameMs) / 1000;
    this.lastFrameMs = nowMs;
    if (player.status.playing) this.paintDue = this.readoutDue = true;
    player.tick(elapsedS);
    // While a long seek runs the old picture stays.
    if (player.status.seeking === null) {
      if (this.paintDue) {
        this.paintDue = false;
        for (const paint of this.painters) paint(nowMs);
      }
      this.showReadouts(nowMs, player.status.playing && elapsedS < SLOW_FRAME_S);
    }
    const { playing, seeking } = player.status;
    const isUnfinished = this.paintDue || this.readoutDue || this.waiting.length > 0;
    if (playing || seeking !== null || isUnfinished) this.schedule();
    // Nothing elapses while there are no frames.
    else this.lastFrameMs = null;
  };

  /** Where frames are many, each readout takes one of a few in a row, so that none draws them all. */
  private showReadouts(nowMs: number, isShared: boolean): void {
    const { playing } = this.player.status;
    const isDue =
      !playing || (this.waiting.length === 0 && nowMs - this.lastReadoutMs >= READOUT_MS);
    if (this.readoutDue && isDue) {
      this.readoutDue = false;
      this.lastReadoutMs = nowMs;
      this.turn = this.turn === 0 ? 1 : 0;
      this.waiting = this.batches(playing);
      this.player.holdReadouts(isShared);
    }
    for (const batch of this.waiting.splice(0, isShared ? 1 : this.waiting.length)) {
      for (const show of batch) if (this.readouts.has(show)) show();
    }
    if (this.waiting.length === 0) this.player.holdReadouts(false);
  }

  /** Those that are due, for one frame each: first the long ones, then the others where least is to do. */
  private batches(playing: boolean): (() => void)[][] {
    const batches = Array.from({ length: READOUT_FRAMES }, () => ({
      weight: 0,
      shows: [] as (() => void)[],
    }));
    const add = (show: () => void, weight: number) => {
      const least = batches.reduce((a, b) => (b.weight < a.weight ? b : a));
      least.weight += weight;
      least.shows.push(show);
    };
    for (const [show, turn] of this.readouts) {
      if (turn !== undefined && (turn === this.turn || !playing)) add(show, LONG_READOUT_WEIGHT);
    }
    for (const [show, turn] of this.readouts) if (turn === undefined) add(show, 1);
    return batches.map(({ shows }) => shows);
  }
}
