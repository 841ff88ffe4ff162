/** The number that all chance comes from. Another seed starts another run. */
import { useState } from 'react';
import { MAX_SEED, parseSeed } from '../../playback/link.ts';
import { useSession, useStatus, useUi } from '../state/session.ts';

/** A seed a person can read out; chance outside the model may be the browser's. */
const randomSeed = () => Math.floor(Math.random() * 9999) + 1;

export function SeedRow() {
  const { player } = useSession();
  const seed = useStatus((status) => status.seed);
  const say = useUi((ui) => ui.say);
  const [draft, setDraft] = useState<string | null>(null);
  const commit = () => {
    if (draft === null) return;
    setDraft(null);
    const { value, message } = parseSeed(draft, seed);
    if (message !== null) say(`${message}.`);
    if (value !== seed) player.setSeed(value);
  };
  return (
    <div className="parameter">
      <label className="parameter-head">
        <span className="parameter-name">Seed</span>
        <input
          className="seed-input"
          inputMode="numeric"
          autoComplete="off"
          aria-description={`A whole number from 0 to ${MAX_SEED}. The same seed gives the same users and the same demands.`}
          value={draft ?? String(seed)}
          onChange={(event) => setDraft(event.currentTarget.value)}
          onBlur={commit}
          onKeyDown={(event) => {
            if (event.key === 'Enter') commit();
          }}
        />
      </label>
      <p className="parameter-help">
        The same seed gives the same users and the same demands. Another one starts again at 0 s.
      </p>
      <button type="button" className="button" onClick={() => player.setSeed(randomSeed())}>
        new seed
      </button>
    </div>
  );
}
