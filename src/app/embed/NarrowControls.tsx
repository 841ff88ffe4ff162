/** One slider at a time: load, or how long a service takes. */
import { useState } from 'react';
import { formatValue } from '../../scenarios/parameterValue.ts';
import { PrimarySlider } from '../controls/PrimarySlider.tsx';
import { usePrimaries, type Primary } from '../controls/usePrimaries.ts';
import { useSession, useStatus } from '../state/session.ts';
import { OpenLink } from './OpenLink.tsx';

export function NarrowControls() {
  const { player } = useSession();
  const primaries = usePrimaries().filter((one) => one.id !== 'failure');
  const [index, setIndex] = useState(0);
  const shown = primaries[index];
  const other = primaries[1 - index];
  if (!shown || !other) return null;
  return (
    <>
      <div className="embed-slider">
        <PrimarySlider
          key={shown.id}
          primary={{ ...shown, name: nameOf(shown), parameters: [shown.chosen] }}
        />
        <OtherButton primary={other} onClick={() => setIndex(1 - index)} />
      </div>
      <div className="embed-icons">
        <OpenLink isIcon />
        <button
          type="button"
          className="icon-button"
          aria-label="Reset"
          title="Reset"
          onClick={() => player.reset()}
        >
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
            <path
              d="M3.2 5.5A5.5 5.5 0 1 1 2.5 8M3 2v3.7h3.7"
              fill="none"
              stroke="currentColor"
              strokeWidth="1.5"
            />
          </svg>
        </button>
      </div>
    </>
  );
}

const nameOf = ({ id, chosen }: Primary) =>
  id === 'load' ? 'Load' : `${chosen.label.split(' of ').at(-1)} takes`;

interface OtherButtonProps {
  readonly primary: Primary;
  readonly onClick: () => void;
}

function OtherButton({ primary, onClick }: OtherButtonProps) {
  const value = useStatus((status) => status.values[primary.chosen.key]) ?? null;
  return (
    <button type="button" className="link-button" onClick={onClick}>
      {nameOf(primary)} {formatValue(primary.chosen, value)}
    </button>
  );
}
