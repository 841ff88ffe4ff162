/** What a cause has to say, and the clauses that many of them share. */
import { formatCount } from '../scenarios/format.ts';
import type { DebtFacts } from './debtFacts.ts';
import type { LaneFacts } from './laneFacts.ts';
import type { NarratorInput } from './narratorInput.ts';
import type { SentenceGlyph } from './sentence.ts';
import { sayCount, sayDuration, sayIn, sayShare } from './words.ts';

/** Clauses of a sentence in order; the first is always said, the others where there is room. */
export interface Telling {
  readonly cause: string;
  readonly full: readonly (string | null)[];
  readonly short: readonly (string | null)[];
  readonly tiny: string;
  /** When what it predicts is past, model seconds; absent: it predicts nothing. */
  readonly untilS?: number | undefined;
}

/** Says what is the matter, if it is: null where it is not. */
export type Teller = (facts: LaneFacts, input: NarratorInput) => Telling | null;

/** Outcomes slower than this are over, per second: the rates cover the last 5 s. */
export const NOTABLE_PER_S = 0.15;
/** Fewer ready messages than this are no debt. */
const DEBT_MESSAGES = 5;
/** With this share of messages given up, it is not sure that one arrives. */
const UNSURE_SHARE = 0.01;

export function parkedGlyph(longestS: number): SentenceGlyph {
  return longestS < 0.7 ? 'parked-1' : longestS < 2.5 ? 'parked-2' : 'parked-3';
}

export const isDebt = (debt: DebtFacts): boolean => debt.broker.ready >= DEBT_MESSAGES;

/** When a message published now takes effect: the median of what arrived cannot tell. */
export function sayArrival(facts: LaneFacts): string | null {
  const late = (debt: DebtFacts) => debt.arrivesS ?? Infinity;
  const debt = facts.debts.filter(isDebt).sort((a, b) => late(b) - late(a))[0];
  if (!debt) return null;
  const takes = sayTakes(debt);
  return takes === null
    ? `No ${debt.noun} is delivered.`
    : `${capitalise(articleOf(debt.noun))} ${debt.noun} now takes ${takes}.`;
}

export const articleOf = (noun: string): string => (/^[aeiou]/.test(noun) ? 'an' : 'a');

/** How long a message published now takes, as far as it is sure to arrive at all; null: it never does. */
export function sayTakes({ arrivesS, retryShare, broker, lostPerS, rejectsPublish }: DebtFacts) {
  if (arrivesS === null) return null;
  const isUnsure =
    Math.pow(retryShare, broker.maxAttempts) >= UNSURE_SHARE || (lostPerS > 0 && !rejectsPublish);
  return `${sayDuration(arrivesS)}${isUnsure ? ', if it comes' : ''}`;
}

/** What happens to those who do not get a thread. */
export function sayVictims(input: NarratorInput, facts: LaneFacts): readonly (string | null)[] {
  const { rejectedPerS, timedOutPerS, firstTriesPerS, acceptQueueWaitS } = input.readouts;
  const { queueLength, queueLimit } = facts.front;
  // What else must be said comes before how long those waited who got in.
  const also = [sayArrival(facts), sayRestOfSurge(input)].filter((clause) => clause !== null);
  const waited =
    acceptQueueWaitS !== null && acceptQueueWaitS >= 0.05
      ? `Those let in waited ${sayDuration(acceptQueueWaitS)}.`
      : null;
  const timedOut =
    timedOutPerS > NOTABLE_PER_S
      ? `{timedOut} ${capitalise(sayShare(timedOutPerS, firstTriesPerS))} time out.`
      : null;
  if (rejectedPerS > NOTABLE_PER_S) {
    const rejected = `{rejected} ${capitalise(sayShare(rejectedPerS, firstTriesPerS))} are rejected.`;
    return [rejected, ...also, waited, timedOut];
  }
  if (timedOut) return [timedOut, ...also, waited];
  if (queueLength === 0) return also;
  const places = Number.isFinite(queueLimit)
    ? `{queued} ${formatCount(queueLength)} of ${sayCount(queueLimit, 'place')} in the accept queue ${queueLength === 1 ? 'is' : 'are'} taken.`
    : `{queued} ${sayCount(queueLength, 'request')} ${queueLength === 1 ? 'waits' : 'wait'} in the accept queue.`;
  return [places, ...also, waited];
}

/** When the spike ends, model seconds; undefined without one. */
export function surgeEndS({ view }: NarratorInput): number | undefined {
  const clients = view.nodes.find((node) => node.kind === 'clients');
  return clients && clients.surgeUntilS > view.timeS ? clients.surgeUntilS : undefined;
}

export function sayRestOfSurge(input: NarratorInput): string | null {
  const endS = surgeEndS(input);
  return endS === undefined
    ? null
    : `The spike ends ${sayIn(endS - input.view.timeS, input.renewS)}.`;
}

/** A prediction that many seconds ahead holds until then, and at least until it is renewed. */
export function untilIn(seconds: number, { view, renewS }: NarratorInput): number {
  return view.timeS + Math.max(seconds, renewS);
}

export function capitalise(clause: string): string {
  return clause.replace(
    /^(\{[\w-]+\} )?([a-z])/,
    (_, glyph: string | undefined, letter: string) => `${glyph ?? ''}${letter.toUpperCase()}`,
  );
}
