/** The life of one request, hop by hop, as far as it has got. */
import type { Outcome } from './outcome.ts';

export type SegmentKind =
  /** In a service's accept queue, on behalf of the user. */
  | 'acceptQueue'
  /** A thread of `node` works on it. */
  | 'running'
  /** The handler's thread is parked on `node`. */
  | 'parked'
  /** Its message is ready in the queue `node`. */
  | 'queued'
  /** A worker of `node` works on its message. */
  | 'inWork'
  /** Its message waits for the next attempt. */
  | 'backingOff';

export interface Segment {
  readonly kind: SegmentKind;
  readonly node: string;
  readonly startS: number;
  /** null while it lasts. */
  readonly endS: number | null;
  /** Cell of `node` (or of the handler's service, for `parked`), −1 where none. */
  readonly cell: number;
  /** 1 for the first delivery; 0 where attempts mean nothing. */
  readonly attempt: number;
}

/** A message that a request left behind. */
export interface MessageJourney {
  readonly queue: string;
  readonly segments: readonly Segment[];
  readonly end: 'open' | 'acknowledged' | 'declined' | 'deadLettered' | 'dropped' | 'refused';
  readonly endS: number | null;
}

export interface Journey {
  /** Counts from 0 in order of arrival; the same number is the same user in both lanes. */
  readonly request: number;
  /** Shown to people, for example `a3f9-12bc`; the same in both lanes. */
  readonly correlationId: string;
  readonly submittedS: number;
  readonly outcome: Outcome;
  /** When the user was answered, turned away or gave up; null while open. */
  readonly endS: number | null;
  /** What the request and the thread that handles it went through; may go on after `endS` as wasted work. */
  readonly segments: readonly Segment[];
  readonly messages: readonly MessageJourney[];
}
