/**
 * Keeps the narrator calm: numbers are renewed at most twice a second, another cause is told only
 * after it has held for a second, and the live region hears only changes of cause.
 */
import type { Sentence } from './sentence.ts';

const RENEW_MS = 500;
const HOLD_MS = 1000;
const ANNOUNCE_MS = 5000;
/** If causes alternate so that none holds, the one told must not stay for ever after it is gone. */
const STALE_MS = 3000;

export interface Utterance {
  /** The same object until something changes. */
  readonly sentence: Sentence;
  /** For the polite live region; null: nothing new to speak. */
  readonly announcement: string | null;
}

export class NarratorVoice {
  private shown: Sentence | null = null;
  private renewedMs = -Infinity;
  /** When the shown cause was last the true one. */
  private confirmedMs = 0;
  private rival: { readonly cause: string; readonly sinceMs: number } | null = null;
  private announcedCause: string | null = null;
  private announcedMs = -Infinity;

  /**
   * @param latest what is true now
   * @param nowMs wall clock
   * @param atOnce for another moment than before (paused, seek, step, reset): nothing is held back
   */
  say(latest: Sentence, nowMs: number, atOnce = false): Utterance {
    const isFirst = this.shown === null;
    const { shown } = this;
    if (shown === null || atOnce) this.show(latest, nowMs);
    else if (latest.cause === shown.cause) {
      this.rival = null;
      this.confirmedMs = nowMs;
      if (nowMs - this.renewedMs >= RENEW_MS) this.show(latest, nowMs);
    } else {
      if (this.rival?.cause !== latest.cause) this.rival = { cause: latest.cause, sinceMs: nowMs };
      const held = nowMs - this.rival.sinceMs >= HOLD_MS;
      if (held || nowMs - this.confirmedMs >= STALE_MS) this.show(latest, nowMs);
    }
    const sentence = this.shown ?? latest;
    // What is there when the page opens is read in its place.
    if (isFirst) this.announcedCause = sentence.cause;
    const isNews = sentence.cause !== this.announcedCause;
    if (!isNews || nowMs - this.announcedMs < ANNOUNCE_MS) return { sentence, announcement: null };
    this.announcedCause = sentence.cause;
    this.announcedMs = nowMs;
    return { sentence, announcement: sentence.text };
  }

  private show(sentence: Sentence, nowMs: number): void {
    // Equal text keeps its object, so that nothing is drawn again.
    if (this.shown?.text !== sentence.text || this.shown.cause !== sentence.cause) {
      this.shown = sentence;
    }
    this.renewedMs = nowMs;
    this.confirmedMs = nowMs;
    this.rival = null;
  }
}
