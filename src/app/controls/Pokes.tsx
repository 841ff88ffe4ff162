/** Four things that go wrong in real life, a click each; they act on both lanes. */
import { useRef } from 'react';
import { SLOW_KEY, SLOW_VALUE } from '../../playback/pokes.ts';
import { useSession, useStatus } from '../state/session.ts';
import { setText, useReadout } from '../state/useReadout.ts';
import { PokeIcon } from './PokeIcon.tsx';

export function Pokes() {
  const { player } = useSession();
  const surgeUntilS = useStatus((status) => status.surgeUntilS);
  const isSlow = useStatus((status) => status.values[SLOW_KEY] === SLOW_VALUE);
  const left = useRef<HTMLSpanElement>(null);
  const isSurging = surgeUntilS > 0;
  useReadout(() => {
    const remainingS = Math.max(0, player.status.surgeUntilS - player.timeS);
    setText(left.current, remainingS > 0 ? ` · ${Math.ceil(remainingS)} s` : '');
  });
  return (
    <div className="pokes" role="group" aria-label="Disturb both lanes">
      <button
        type="button"
        className="button"
        aria-pressed={isSurging}
        title="Ten times the load for 30 s; press again to end it"
        onClick={() => player.spike()}
      >
        <PokeIcon poke="spike" />
        <span>
          10× spike
          <span ref={left} />
        </span>
      </button>
      <button
        type="button"
        className="button"
        aria-pressed={isSlow}
        title="Email takes 4 s; press again for the time it took before"
        onClick={() => player.slowEmail()}
      >
        <PokeIcon poke="slow" />
        slow email
      </button>
      <button
        type="button"
        className="button"
        title="One email thread or worker dies in the middle of its work and is back after 10 s"
        onClick={() => player.kill()}
      >
        <PokeIcon poke="kill" />
        kill a worker
      </button>
      <button
        type="button"
        className="button"
        title="The next order's email fails on every attempt"
        onClick={() => player.poison()}
      >
        <PokeIcon poke="poison" />
        poison message
      </button>
    </div>
  );
}
