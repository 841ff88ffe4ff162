/**
 * The page's one animation loop: moves the player on, then calls the painters, and at most ten
 * times a second those who show numbers; five times where frames are slow, which leaves more time to
 * what moves. It asks for no frame while there is nothing to do.
 */
import type { Player } from './player.ts';

/** Least wall time between two readouts, milliseconds. */
const READOUT_MS = 100;
/** The same where frames are slow. */
const SLOW_READOUT_MS = 200;
/** While playing, the readouts of one moment are made ready over this many frames, then written in one. */
const READOUT_FRAMES = 5;
/** Frames longer than this are slow, and too few to share the readouts among, seconds. */
const SLOW_FRAME_S = 0.025;
/** Share of the latest frame in the mean: a single long frame makes no slow page. */
const MEAN_SHARE = 0.1;
/** A readout that takes turns counts like so many others. */
const LONG_READOUT_WEIGHT = 4;
/** Writing all texts in the last of the frames is enough for it, if others have room. */
const WRITING_WEIGHT = 6;

/**
 * Makes ready what is to be shown. What it returns writes it: that is called in one frame with what the
 * others returned, so that all numbers of a moment appear at once.
 */
export type Readout = () => (() => void) | void;

/**
 * When, while playing, a readout is called. `first`: in the first of the frames a moment takes, for what
 * is read from the view and not from the readouts, which alone are held for the others. A turn: only
 * every other time, those of turn 0 and of turn 1 alternating, for what takes long to draw and can be
 * seen as well five times a second, so that no frame draws it all.
 */
export type ReadoutTime = 'first' | 0 | 1;

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
  private readonly readouts = new Map<Readout, ReadoutTime | undefined>();
  private turn: 0 | 1 = 0;
  /** Readouts still to be made ready, by frame. */
  private waiting: Readout[][] = [];
  /** What those before them wait to write. */
  private readonly unwritten = new Map<Readout, () => void>();
  private unsubscribe: (() => void) | null = null;
  private handle: number | null = null;
  private lastFrameMs: number | null = null;
  private lastReadoutMs = -Infinity;
  /** Mean length of the latest frames while playing, seconds. */
  private meanFrameS = 0;
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
   * @returns a function that removes it
   */
  onReadout(readout: Readout, time?: ReadoutTime): () => void {
    this.readouts.set(readout, time);
    this.invalidate();
    return () => this.readouts.delete(readout);
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
    if (player.status.playing) {
      this.paintDue = this.readoutDue = true;
      // A frame after a rest or behind a closed lid tells nothing of the machine.
      if (elapsedS < 0.5) this.meanFrameS += (elapsedS - this.meanFrameS) * MEAN_SHARE;
    }
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

  /** Where frames are many, readouts are made ready over a few of them, so that none does it all. */
  private showReadouts(nowMs: number, isShared: boolean): void {
    const { playing } = this.player.status;
    const leastMs = this.meanFrameS > SLOW_FRAME_S ? SLOW_READOUT_MS : READOUT_MS;
    const isDue = !playing || (this.waiting.length === 0 && nowMs - this.lastReadoutMs >= leastMs);
    if (this.readoutDue && isDue) {
      this.readoutDue = false;
      this.lastReadoutMs = nowMs;
      this.turn = this.turn === 0 ? 1 : 0;
      this.waiting = this.batches(playing);
      this.player.holdReadouts(isShared);
    }
    for (const batch of this.waiting.splice(0, isShared ? 1 : this.waiting.length)) {
      for (const readout of batch) {
        const write = this.readouts.has(readout) ? readout() : undefined;
        if (write) this.unwritten.set(readout, write);
      }
    }
    if (this.waiting.length > 0) return;
    for (const [readout, write] of this.unwritten) if (this.readouts.has(readout)) write();
    this.unwritten.clear();
    this.player.holdReadouts(false);
  }

  /** Those that are due, by frame: after the first, the long ones, then the others where least is to do. */
  private batches(playing: boolean): Readout[][] {
    const first: Readout[] = [];
    const later = Array.from({ length: READOUT_FRAMES - 1 }, (_, i) => ({
      weight: i === READOUT_FRAMES - 2 ? WRITING_WEIGHT : 0,
      readouts: [] as Readout[],
    }));
    const add = (readout: Readout, weight: number) => {
      const least = later.reduce((a, b) => (b.weight < a.weight ? b : a));
      least.weight += weight;
      least.readouts.push(readout);
    };
    for (const [readout, time] of this.readouts) {
      if (time === 'first') first.push(readout);
      else if (time === this.turn || (time !== undefined && !playing)) {
        add(readout, LONG_READOUT_WEIGHT);
      }
    }
    for (const [readout, time] of this.readouts) if (time === undefined) add(readout, 1);
    return [first, ...later.map(({ readouts }) => readouts)];
  }
}
