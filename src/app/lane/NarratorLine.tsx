/** What is going on in a lane and why, in a sentence; changes of cause are also spoken. */
import { useRef, useState } from 'react';
import { narratorInput } from '../../narrator/laneFacts.ts';
import { narrateAll } from '../../narrator/narrate.ts';
import { NarratorVoice } from '../../narrator/narratorVoice.ts';
import type { Sentence, SentenceLength, SentencePart } from '../../narrator/sentence.ts';
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
        {sentence?.parts.map((part, i) => (
          <Part key={i} part={part} />
        ))}
      </p>
      <p className="visually-hidden" role="status">
        {spoken}
      </p>
    </div>
  );
}

function Part({ part }: { readonly part: SentencePart }) {
  const { player } = useSession();
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'strong':
      return <b>{part.text}</b>;
    case 'glyph':
      return <Glyph name={part.name} size={/message|dead/.test(part.name) ? 18 : 15} />;
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
