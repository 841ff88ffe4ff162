/**
 * A circuit breaker with a count window: closed → open → half-open → closed or open again. As in
 * Resilience4j: judged once the minimum of calls is in the window; when half open, a number of
 * probes decide. A result counts only in the period in which its call began.
 */
import type { CircuitBreaker } from '../callPolicy.ts';

export const BreakerPhase = { Closed: 0, Open: 1, HalfOpen: 2 } as const;

export class BreakerState {
  phase: number = BreakerPhase.Closed;
  /** Counts the changes of phase. */
  period = 0;
  failureRate: number;
  minimumCalls: number;
  openS: number;
  probes: number;
  openUntilS = 0;
  /** Results in the present window (closed) or of the probes (half open). */
  seen = 0;
  failures = 0;
  /** Probes let through. */
  probing = 0;
  /** 1 where the call failed; a ring. */
  failed: Uint8Array;

  constructor(spec: CircuitBreaker) {
    this.failed = new Uint8Array(spec.window ?? 100);
    this.failureRate = spec.failureRate ?? 0.5;
    this.minimumCalls = Math.min(spec.minimumCalls ?? 100, this.failed.length);
    this.openS = spec.openS ?? 60;
    this.probes = spec.probes ?? 10;
  }

  /** May a call go out now? */
  permits(nowS: number): boolean {
    if (this.phase === BreakerPhase.Open) {
      if (nowS < this.openUntilS) return false;
      this.enter(BreakerPhase.HalfOpen);
    }
    if (this.phase === BreakerPhase.Closed) return true;
    if (this.probing >= this.probes) return false;
    this.probing++;
    return true;
  }

  /** A permitted call did not go out after all. */
  withdraw(period: number): void {
    if (period === this.period && this.phase === BreakerPhase.HalfOpen) this.probing--;
  }

  /** @returns true if it opens */
  note(nowS: number, period: number, failed: boolean): boolean {
    if (period !== this.period) return false;
    if (this.phase === BreakerPhase.HalfOpen) {
      this.seen++;
      if (failed) this.failures++;
      if (this.seen < this.probes) return false;
      const opens = this.failures >= this.failureRate * this.seen;
      if (opens) this.open(nowS);
      else this.enter(BreakerPhase.Closed);
      return opens;
    }
    const size = this.failed.length;
    const at = this.seen % size;
    if (this.seen >= size) this.failures -= this.failed[at];
    this.failed[at] = failed ? 1 : 0;
    if (failed) this.failures++;
    this.seen++;
    const counted = Math.min(this.seen, size);
    const opens = counted >= this.minimumCalls && this.failures >= this.failureRate * counted;
    if (opens) this.open(nowS);
    return opens;
  }

  private open(nowS: number): void {
    this.enter(BreakerPhase.Open);
    this.openUntilS = nowS + this.openS;
  }

  private enter(phase: number): void {
    this.phase = phase;
    this.period++;
    this.seen = 0;
    this.failures = 0;
    this.probing = 0;
  }
}
