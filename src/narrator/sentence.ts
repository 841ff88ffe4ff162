/** What the narrator says: parts for the page, plain text for the live region. */

/** Marks of the picture that may stand in a sentence. */
export type SentenceGlyph =
  | 'running'
  | 'parked-1'
  | 'parked-2'
  | 'parked-3'
  | 'down'
  | 'queued'
  | 'message'
  | 'declined'
  | 'rejected'
  | 'timedOut'
  | 'failed'
  | 'backingOff'
  | 'deadLetter';

export type SentencePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'strong'; readonly text: string }
  /** Decorative: the words beside it say the same. */
  | { readonly kind: 'glyph'; readonly name: SentenceGlyph }
  /** A button in the sentence. */
  | { readonly kind: 'action'; readonly action: 'setDeclines'; readonly label: string };

/** How much room there is: a line, a short one, a few words. */
export type SentenceLength = 'full' | 'short' | 'tiny';
export const SENTENCE_LENGTHS: readonly SentenceLength[] = ['full', 'short', 'tiny'];

/** Characters each length may have at most: a line of the figure, a line of the small embed or two of a phone, half of that. */
export const MAX_CHARACTERS: Readonly<Record<SentenceLength, number>> = {
  full: 120,
  short: 88,
  tiny: 44,
};

export interface Sentence {
  /** Changes when something else is the matter, never with the numbers. */
  readonly cause: string;
  readonly parts: readonly SentencePart[];
  /** Without marks, for the live region. */
  readonly text: string;
  /** From this moment on, model seconds, what it predicts is past; absent: it predicts nothing. */
  readonly untilS?: number | undefined;
}

/**
 * Writes a sentence from clauses in which `**…**` is strong, `{name}` a glyph and `[label]` the
 * action. The first clause is always said, the others as long as there is room.
 */
export function writeSentence(
  cause: string,
  clauses: readonly (string | null)[],
  maxCharacters: number,
  untilS?: number,
): Sentence {
  const said: string[] = [];
  let length = -1;
  for (const clause of clauses) {
    if (clause === null) continue;
    const more = plainText(clause).length + 1;
    if (said.length > 0 && length + more > maxCharacters) continue;
    said.push(clause);
    length += more;
  }
  const markup = said.join(' ');
  const sentence = { cause, parts: parseMarkup(markup), text: plainText(markup) };
  return untilS === undefined ? sentence : { ...sentence, untilS };
}

function plainText(markup: string): string {
  return markup
    .replace(/\{[\w-]+\} ?/g, '')
    .replace(/\*\*/g, '')
    .replace(/ ?\[[^\]]*\]/g, '');
}

function parseMarkup(markup: string): readonly SentencePart[] {
  const parts: SentencePart[] = [];
  let strong = false;
  for (const token of markup.split(/(\*\*|\{[\w-]+\}|\[[^\]]*\])/)) {
    if (token === '') continue;
    if (token === '**') strong = !strong;
    else if (token.startsWith('{')) {
      parts.push({ kind: 'glyph', name: token.slice(1, -1) as SentenceGlyph });
    } else if (token.startsWith('[')) {
      parts.push({ kind: 'action', action: 'setDeclines', label: token.slice(1, -1) });
    } else parts.push({ kind: strong ? 'strong' : 'text', text: token });
  }
  return parts;
}
