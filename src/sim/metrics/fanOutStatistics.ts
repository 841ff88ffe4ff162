/**
 * When the messages of one request have been worked off: the first of them, and all. A record of a log is
 * one for each consumer group. Kept only in runs where one publish makes several, so that the others pay
 * nothing. Plain data.
 */
import { extended } from '../kernel/extended.ts';
import type { Flow } from '../flow.ts';
import type { Broker, Kernel } from '../kernel/node.ts';
import { Series } from './series.ts';

export class FanOutStatistics {
  /** From the submit to the first message that was acknowledged, and to the last if all were. */
  readonly first = new Series();
  readonly all = new Series();
  /** By row of the request: its messages so far, those acknowledged, and when the last of these was. */
  published = new Int32Array(64);
  acknowledged = new Int32Array(64);
  lastS = new Float64Array(64);

  notePublished(request: number, { readers = 1 }: Broker): void {
    if (request >= this.published.length) this.grow(request);
    // What nobody reads is never done.
    this.published[request] += Math.max(1, readers);
  }

  noteAcknowledged(kernel: Kernel, request: number): void {
    if (this.acknowledged[request]++ === 0) {
      this.first.add(kernel.clockS - kernel.requests.rows[request].submittedS);
    }
    this.lastS[request] = kernel.clockS;
  }

  /** Nothing of the request is anywhere any more. */
  forget(kernel: Kernel, request: number): void {
    if (request >= this.published.length || this.published[request] === 0) return;
    // Of one that lost a message it can never be said that all is done.
    if (this.acknowledged[request] === this.published[request]) {
      this.all.add(this.lastS[request] - kernel.requests.rows[request].submittedS);
    }
    this.published[request] = 0;
    this.acknowledged[request] = 0;
  }

  clear(): void {
    this.first.clear();
    this.all.clear();
  }

  private grow(request: number): void {
    let length = this.published.length;
    while (length <= request) length *= 2;
    this.published = extended(this.published, new Int32Array(length));
    this.acknowledged = extended(this.acknowledged, new Int32Array(length));
    this.lastS = extended(this.lastS, new Float64Array(length));
  }
}

/** Whether one publish of the flow makes several messages: a topic, several groups, or a step with copies. */
export function fansOut(flow: Flow, brokers: readonly (Broker | null)[]): boolean {
  if (brokers.some((broker) => (broker?.readers ?? 1) > 1)) return true;
  return Object.values(flow.nodes).some((node) => node.kind === 'topic' || hasCopies(node));
}

function hasCopies(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false;
  if (Array.isArray(part)) return part.some(hasCopies);
  const { do: step, copies } = part as { readonly do?: unknown; readonly copies?: unknown };
  if (step === 'publish' && typeof copies === 'number' && copies > 1) return true;
  return Object.values(part).some(hasCopies);
}
