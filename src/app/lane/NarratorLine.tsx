/** What is going on in a lane and why, in a sentence; changes of cause are also spoken. */
import { useRef, useState } from 'react';
import { narratorInput } from '../../narrator/narratorInput.ts';
import { narrateAll } from '../../narrator/narrate.ts';
import { NarratorVoice } from '../../narrator/narratorVoice.ts';
import type {
  Sentence,
  SentenceGlyph,
  SentenceLength,
  SentencePart,
} from '../../narrator/sentence.ts';
import type { LaneId } from '../../scenarios/scenario.ts';
import { Glyph } from '../../stage/glyphs.tsx';
import { programOf } from '../controls/ceilings.ts';
import { useSession } from '../state/session.ts';
import { useReadout } from '../state/useReadout.ts';
import { programWords } from './programWords.ts';

/** The share of declined cards that the narrator's button sets, per cent. */
const DECLINES = 5;

interface NarratorLineProps {
  readonly lane: LaneId;
  readonly length: SentenceLength;
}

export function NarratorLine({ lane, length }: NarratorLineProps) {
  const { player } = useSession();
  const voice = useRef<NarratorVoice>(null);
  const [sentence, setSentence] = useState<Sentence | null>(null);
  const [spoken, setSpoken] = useState('');

  useReadout(() => {
    // On the way to the moment that a link opens at there is nothing to tell yet.
    if (player.status.seeking !== null) return;
    voice.current ??= new NarratorVoice();
    const latest = narrateAll(narratorInput(player, lane), length);
    const { timeS, status } = player;
    const said = voice.current.say(latest, performance.now(), timeS, !status.playing);
    return () => {
      setSentence(said.sentence);
      if (said.announcement === null) return;
      const { title } = programWords(programOf(status.values, lane));
      setSpoken(`${title}: ${said.announcement}`);
    };
  });

  return (
    <div className="narrator">
      <p title={length === 'full' ? undefined : sentence?.text}>
        {sentence && bindGlyphs(sentence.parts).map((part, i) => <Part key={i} part={part} />)}
      </p>
      <p className="visually-hidden" role="status">
        {spoken}
      </p>
    </div>
  );
}

/** A glyph and the word after it, between which no line may end. */
interface BoundGlyph {
  readonly kind: 'bound';
  readonly name: SentenceGlyph;
  readonly word: string;
  readonly isStrong: boolean;
}

function bindGlyphs(parts: readonly SentencePart[]): readonly (SentencePart | BoundGlyph)[] {
  const bound: (SentencePart | BoundGlyph)[] = [];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    let next = parts[i + 1];
    if (next?.kind === 'text' && next.text === ' ') next = parts[i + 2];
    if (part.kind !== 'glyph' || (next?.kind !== 'text' && next?.kind !== 'strong')) {
      bound.push(part);
      continue;
    }
    const word = /^ ?\S+/.exec(next.text)?.[0] ?? '';
    bound.push({
      kind: 'bound',
      name: part.name,
      word: word.trim(),
      isStrong: next.kind === 'strong',
    });
    bound.push({ ...next, text: next.text.slice(word.length) });
    i = parts.indexOf(next);
  }
  return bound;
}

const SentenceMark = ({ name }: { readonly name: SentenceGlyph }) => (
  <Glyph name={name} size={/message|dead/.test(name) ? 18 : 15} />
);

function Part({ part }: { readonly part: SentencePart | BoundGlyph }) {
  const { player } = useSession();
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'strong':
      return <b>{part.text}</b>;
    case 'glyph':
      return <SentenceMark name={part.name} />;
    case 'bound':
      return (
        <span className="narrator-bound">
          <SentenceMark name={part.name} /> {part.isStrong ? <b>{part.word}</b> : part.word}
        </span>
      );
    case 'action':
      return (
        <button
          type="button"
          className="link-button"
          onClick={() => player.setParameter('payment.failure', DECLINES)}
        >
          {part.label}
        </button>
      );
  }
}
