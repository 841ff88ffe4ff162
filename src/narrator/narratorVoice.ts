/**
 * Keeps the narrator calm without letting it say what is no longer so: numbers are renewed at most
 * twice a second, another cause is told only after the change has held, and the live region hears
 * only changes of cause.
 *
 * How long a change must hold: 1 s of the viewer's time or of model time, whichever is over first,
 * but at least 0.4 s of the viewer's, so that at 10× the line can still be read. Whatever competes
 * to follow shares that time. Meanwhile the sentence shown keeps renewing its numbers as long as it
 * is true, though no longer the most important. A prediction never outlives its moment, and one
 * whose ground is gone has no least time.
 */
import type { Sentence } from './sentence.ts';

/** Numbers are renewed this often, milliseconds of the viewer's time. */
export const RENEW_MS = 500;
const HOLD_MS = 1000;
const HOLD_S = 1;
const LEAST_HOLD_MS = 400;
const ANNOUNCE_MS = 5000;
/** No two readouts of a run that plays are further apart, model seconds: it was a seek. */
const JUMP_S = 6;

export interface Utterance {
  /** The same object until something changes. */
  readonly sentence: Sentence;
  /** For the polite live region; null: nothing new to speak. */
  readonly announcement: string | null;
}

export class NarratorVoice {
  private shown: Sentence | null = null;
  /** When what it predicts is past, model seconds. */
  private untilS: number | undefined;
  private renewedMs = -Infinity;
  private lastMs = 0;
  private lastS = 0;
  /** For how long something else has been on top; runs back while the shown cause is. */
  private awayMs = 0;
  private awayS = 0;
  private isAway = false;
  private announcedCause: string | null = null;
  private announcedMs = -Infinity;

  /**
   * @param latest what is true now, the most important first
   * @param nowMs wall clock
   * @param timeS model time
   * @param atOnce for another moment than before (paused, seek, step, reset): nothing is held back
   */
  say(
    latest: readonly [Sentence, ...Sentence[]],
    nowMs: number,
    timeS: number,
    atOnce = false,
  ): Utterance {
    const isFirst = this.shown === null;
    const jumped = timeS < this.lastS || timeS - this.lastS > JUMP_S;
    const sentence = this.choose(latest, nowMs, timeS, atOnce || jumped);
    this.lastMs = nowMs;
    this.lastS = timeS;
    // What is there when the page opens is read in its place.
    if (isFirst) this.announcedCause = sentence.cause;
    const isNews = sentence.cause !== this.announcedCause;
    if (!isNews || nowMs - this.announcedMs < ANNOUNCE_MS) return { sentence, announcement: null };
    this.announcedCause = sentence.cause;
    this.announcedMs = nowMs;
    return { sentence, announcement: sentence.text };
  }

  private choose(
    latest: readonly [Sentence, ...Sentence[]],
    nowMs: number,
    timeS: number,
    atOnce: boolean,
  ): Sentence {
    const { shown } = this;
    const [top] = latest;
    if (shown === null || atOnce || timeS > (this.untilS ?? Infinity)) {
      return this.show(top, nowMs);
    }
    const again = latest.find(({ cause }) => cause === shown.cause);
    this.measureAway(again !== top, nowMs - this.lastMs, timeS - this.lastS);
    if (again !== top && this.hasHeld(again === undefined && this.untilS !== undefined)) {
      return this.show(top, nowMs);
    }
    return again !== undefined && nowMs - this.renewedMs >= RENEW_MS
      ? this.show(again, nowMs)
      : shown;
  }

  private measureAway(isAway: boolean, elapsedMs: number, elapsedS: number): void {
    // It counts from the first readout that has something else on top.
    const sign = isAway ? (this.isAway ? 1 : 0) : -1;
    this.awayMs = Math.max(0, this.awayMs + sign * elapsedMs);
    this.awayS = Math.max(0, this.awayS + sign * elapsedS);
    this.isAway = isAway;
  }

  private hasHeld(isFalsePrediction: boolean): boolean {
    // Sums of frame times fall short of a second by rounding.
    if (this.awayMs >= HOLD_MS - 1e-6) return true;
    return this.awayS >= HOLD_S - 1e-9 && (isFalsePrediction || this.awayMs >= LEAST_HOLD_MS);
  }

  private show(sentence: Sentence, nowMs: number): Sentence {
    this.renewedMs = nowMs;
    if (this.shown?.cause !== sentence.cause) {
      this.awayMs = 0;
      this.awayS = 0;
      this.isAway = false;
    }
    this.untilS = sentence.untilS;
    // Equal text keeps its object, so that nothing is drawn again.
    if (this.shown?.text === sentence.text && this.shown.cause === sentence.cause) {
      return this.shown;
    }
    this.shown = sentence;
    return sentence;
  }
}
