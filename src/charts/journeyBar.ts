/** From the life of a request to the parts of its bar, in seconds since it was submitted. */
import type { Journey, MessageJourney } from '../sim/journey.ts';
import type { Outcome } from '../sim/outcome.ts';

/** Parked threads are drawn darker from these ages on, seconds. */
const AGES_S: readonly number[] = [0.7, 2.5];

export type WaitLevel = 1 | 2 | 3;

export interface BarPart {
  readonly kind: 'acceptQueue' | 'running' | 'parked';
  readonly node: string;
  readonly startS: number;
  readonly endS: number;
  /** How long it had been parked: 1 under 0.7 s, 2 under 2.5 s, 3 longer; 1 for the other kinds. */
  readonly level: WaitLevel;
  /** False where an age step continues the same wait. */
  readonly first: boolean;
}

export interface MessagePart {
  readonly kind: 'queued' | 'inWork' | 'backingOff';
  readonly startS: number;
  readonly endS: number;
}

export interface MessageBar {
  readonly queue: string;
  readonly parts: readonly MessagePart[];
  readonly end: MessageJourney['end'];
  /** null while open. */
  readonly endS: number | null;
}

export interface JourneyBar {
  readonly request: number;
  readonly outcome: Outcome;
  /** When the user's part ended; null while open. */
  readonly endS: number | null;
  readonly parts: readonly BarPart[];
  /** End of the last part, which may lie after the user's end: wasted work. */
  readonly workEndS: number;
  /** A thread is still at it. */
  readonly working: boolean;
  readonly messages: readonly MessageBar[];
}

/** @param timeS the moment shown; what is still going on is drawn up to here */
export function journeyBar(journey: Journey, timeS: number): JourneyBar {
  const since = (at: number | null): number => (at ?? timeS) - journey.submittedS;
  const parts: BarPart[] = [];
  const messageKinds = new Set(['queued', 'inWork', 'backingOff']);
  for (const { kind, node, startS, endS } of journey.segments) {
    if (messageKinds.has(kind)) continue;
    const whole = { kind: kind as BarPart['kind'], node, startS: since(startS), endS: since(endS) };
    if (whole.kind === 'parked') parts.push(...agedParts(whole));
    else parts.push({ ...whole, level: 1, first: true });
  }
  return {
    request: journey.request,
    outcome: journey.outcome,
    endS: journey.endS === null ? null : since(journey.endS),
    parts,
    workEndS: parts.at(-1)?.endS ?? 0,
    working: journey.segments.some((segment) => segment.endS === null),
    messages: journey.messages.map((message) => ({
      queue: message.queue,
      end: message.end,
      endS: message.endS === null ? null : since(message.endS),
      parts: message.segments.map(({ kind, startS, endS }) => ({
        kind: kind as MessagePart['kind'],
        startS: since(startS),
        endS: since(endS),
      })),
    })),
  };
}

function agedParts(whole: Omit<BarPart, 'level' | 'first'>): BarPart[] {
  const cuts = AGES_S.map((age) => whole.startS + age).filter((cut) => cut < whole.endS);
  const edges = [whole.startS, ...cuts, whole.endS];
  return edges.slice(0, -1).map((startS, i) => ({
    ...whole,
    startS,
    endS: edges[i + 1] ?? whole.endS,
    level: (i + 1) as WaitLevel,
    first: i === 0,
  }));
}

/** Messages that take longer than this many answers run off the axis as arrows. */
const FARTHEST_MESSAGE = 2;

/** @returns what the time axis must show, seconds: all answers and work, and messages not far beyond */
export function requiredAxisS(bars: readonly JourneyBar[]): number {
  const answers = Math.max(0, ...bars.map((bar) => Math.max(bar.endS ?? 0, bar.workEndS)));
  const messages = bars
    .flatMap((bar) => bar.messages.map((message) => message.endS ?? 0))
    .filter((endS) => endS <= answers * FARTHEST_MESSAGE);
  return Math.max(answers, ...messages);
}
