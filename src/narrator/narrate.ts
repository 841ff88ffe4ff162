/**
 * One or two sentences on a lane, in plain words, computed from causes in the running state. The
 * causes are tried in the order of what matters most to the users.
 */
import { laneFacts } from './laneFacts.ts';
import type { NarratorInput } from './narratorInput.ts';
import { MAX_CHARACTERS, writeSentence, type Sentence, type SentenceLength } from './sentence.ts';
import type { Teller } from './telling.ts';
import { tellDebt, tellFailing, tellOverflow, tellRetries, tellWaiting } from './tellMessages.ts';
import { tellCalleeBusy, tellDown, tellFull, tellManyDown } from './tellThreads.ts';
import {
  tellConfirmedThenDeclined,
  tellDeclines,
  tellFailures,
  tellHealth,
  tellSurge,
  tellUnchecked,
  tellVictims,
} from './tellUsers.ts';

const TELLERS: readonly Teller[] = [
  tellManyDown,
  tellFull,
  tellOverflow,
  tellFailing,
  tellDebt,
  tellConfirmedThenDeclined,
  tellWaiting,
  tellCalleeBusy,
  tellDown,
  tellFailures,
  tellVictims,
  tellRetries,
  tellSurge,
  tellUnchecked,
  tellDeclines,
  tellHealth,
];

/**
 * Everything that is true of a lane at a moment, the most important first: a sentence shown stays
 * true, though no longer the most important, as long as its cause is among them.
 */
export function narrateAll(
  input: NarratorInput,
  length: SentenceLength = 'full',
): readonly [Sentence, ...Sentence[]] {
  const facts = laneFacts(input);
  const sentences = TELLERS.flatMap((tell) => {
    const telling = tell(facts, input);
    if (!telling) return [];
    const clauses = length === 'tiny' ? [telling.tiny] : telling[length];
    return [writeSentence(telling.cause, clauses, MAX_CHARACTERS[length], telling.untilS)];
  });
  const [first, ...others] = sentences;
  if (!first) throw new Error('Health always has something to say');
  return [first, ...others];
}

/** What there is to say about a lane at a moment. */
export function narrate(input: NarratorInput, length: SentenceLength = 'full'): Sentence {
  return narrateAll(input, length)[0];
}
