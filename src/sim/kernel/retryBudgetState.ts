/**
 * What a caller may spend on retries. The ratio is that of Google's SRE book (chapter "Handling
 * Overload": retries under a tenth of the requests); the token bucket is gRPC's retry throttling
 * (proposal A6), where a failure costs 1, a success earns `tokenRatio`, and there are no retries
 * while the bucket is at most half full.
 */
import type { RetryBudget } from '../callPolicy.ts';
import { SlidingCount } from './slidingCount.ts';

export class RetryBudgetState {
  readonly byTokens: boolean;
  ratio: number;
  maxTokens: number;
  tokenRatio: number;
  tokens: number;
  firstTries: SlidingCount;
  retries: SlidingCount;

  constructor(spec: RetryBudget) {
    this.byTokens = spec.kind === 'tokens';
    this.ratio = spec.kind === 'ratio' ? spec.ratio : 0;
    this.maxTokens = spec.kind === 'tokens' ? (spec.maxTokens ?? 10) : 0;
    this.tokenRatio = spec.kind === 'tokens' ? (spec.tokenRatio ?? 0.1) : 0;
    this.tokens = this.maxTokens;
    const windowS = spec.kind === 'ratio' ? (spec.windowS ?? 10) : 10;
    this.firstTries = new SlidingCount(windowS);
    this.retries = new SlidingCount(windowS);
  }

  firstTry(nowS: number): void {
    if (!this.byTokens) this.firstTries.add(nowS);
  }

  ended(failed: boolean): void {
    if (!this.byTokens) return;
    this.tokens = failed
      ? Math.max(0, this.tokens - 1)
      : Math.min(this.maxTokens, this.tokens + this.tokenRatio);
  }

  /** @returns true if the retry may be made; it is then spent */
  grants(nowS: number): boolean {
    if (this.byTokens) return this.tokens > this.maxTokens / 2;
    if (this.retries.read(nowS) + 1 > this.ratio * this.firstTries.read(nowS)) return false;
    this.retries.add(nowS);
    return true;
  }
}
