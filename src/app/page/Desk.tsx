/** What a hand can do to the run: sliders, pokes, time. */
import { useMemo } from 'react';
import { Timeline } from '../../charts/Timeline.tsx';
import { nextTry } from '../controls/nextTry.ts';
import { Pokes } from '../controls/Pokes.tsx';
import { PrimarySlider } from '../controls/PrimarySlider.tsx';
import { Clock, PlayButton, ResetButton, SpeedChoice, StepButton } from '../controls/Transport.tsx';
import { usePrimaries } from '../controls/usePrimaries.ts';
import { laneNames } from '../lane/programWords.ts';
import { useSession, useStatus, useUi } from '../state/session.ts';

export function Desk() {
  const { player, frames } = useSession();
  const primaries = usePrimaries();
  const values = useStatus((status) => status.values);
  const names = useMemo(() => laneNames(values), [values]);
  return (
    <section className="desk" aria-label="Controls">
      <div className="column desk-grid">
        {primaries.map((primary) => (
          <PrimarySlider key={primary.id} primary={primary} />
        ))}
        <div className="desk-pokes">
          <Pokes />
        </div>
        <div className="desk-time">
          <div className="desk-transport">
            <div className="transport">
              <PlayButton />
              <StepButton />
              <SpeedChoice />
            </div>
            <div className="clock-row">
              <Clock />
              <ResetButton />
            </div>
            <MoreButton />
            <NextTry />
          </div>
          <div className="desk-timeline">
            <Timeline player={player} frames={frames} variant="full" laneNames={names} />
          </div>
        </div>
      </div>
    </section>
  );
}

function NextTry() {
  const { scenario } = useSession();
  const text = useStatus((status) => nextTry(status, scenario.parameters));
  return text === null ? null : <p className="next-try">{text}</p>;
}

export function MoreButton() {
  const isOpen = useUi((ui) => ui.panel === 'parameters');
  const open = useUi((ui) => ui.open);
  return (
    <button
      type="button"
      className="link-button"
      aria-expanded={isOpen}
      onClick={() => open(isOpen ? null : 'parameters')}
    >
      more: threads, limits, patience, variability, seed
    </button>
  );
}
