/** The desk of a small screen: play, one chart, one slider behind three tabs. */
import { useMemo, useState } from 'react';
import { Timeline } from '../../charts/Timeline.tsx';
import { formatParts } from '../../scenarios/parameterValue.ts';
import { Pokes } from '../controls/Pokes.tsx';
import { PrimarySlider } from '../controls/PrimarySlider.tsx';
import { Clock, PlayButton, ResetButton, SpeedChoice, StepButton } from '../controls/Transport.tsx';
import { usePrimaries, type Primary } from '../controls/usePrimaries.ts';
import { laneNames } from '../lane/programWords.ts';
import { useSession, useStatus } from '../state/session.ts';
import { MoreButton } from './Desk.tsx';

const TAB_NAMES: Readonly<Record<Primary['id'], (thing: string) => string>> = {
  load: () => 'Load',
  latency: (thing) => `${thing} takes`,
  failure: () => 'Failures',
};

export function PhoneDesk() {
  const { player, frames } = useSession();
  const primaries = usePrimaries();
  const values = useStatus((status) => status.values);
  const names = useMemo(() => laneNames(values), [values]);
  const [tab, setTab] = useState<Primary['id']>('load');
  const primary = primaries.find((one) => one.id === tab);
  const [isMoreShown, setIsMoreShown] = useState(false);
  return (
    <section className="desk phone-desk" aria-label="Controls">
      <div className="phone-time">
        <PlayButton />
        <div className="desk-timeline">
          <Timeline player={player} frames={frames} variant="phone" laneNames={names} />
        </div>
        <button
          type="button"
          className="icon-button"
          aria-label="More controls"
          aria-expanded={isMoreShown}
          onClick={() => setIsMoreShown(!isMoreShown)}
        >
          <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
            <path
              d="M3 9h.01M9 9h.01M15 9h.01"
              stroke="currentColor"
              strokeWidth="3.4"
              strokeLinecap="round"
            />
          </svg>
        </button>
      </div>
      {isMoreShown && (
        <div className="phone-more">
          <div className="transport">
            <StepButton />
            <SpeedChoice />
            <ResetButton />
          </div>
          <Clock />
          <Pokes />
          <MoreButton />
        </div>
      )}
      <div className="tabs" role="tablist" aria-label="What the slider changes">
        {primaries.map((one, i) => (
          <Tab
            key={one.id}
            primary={one}
            isSelected={one.id === tab}
            onSelect={() => setTab(one.id)}
            onMove={(by) => {
              const next = primaries[(i + by + primaries.length) % primaries.length];
              if (!next) return;
              setTab(next.id);
              document.getElementById(`tab-${next.id}`)?.focus();
            }}
          />
        ))}
      </div>
      {primary && (
        <div
          className="tab-panel"
          role="tabpanel"
          id="tab-panel"
          aria-labelledby={`tab-${primary.id}`}
        >
          <PrimarySlider key={primary.id} primary={primary} />
        </div>
      )}
    </section>
  );
}

interface TabProps {
  readonly primary: Primary;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
  /** Arrow keys: to the tab so many places on. */
  readonly onMove: (by: number) => void;
}

function Tab({ primary, isSelected, onSelect, onMove }: TabProps) {
  const { chosen } = primary;
  const value = useStatus((status) => status.values[chosen.key]) ?? null;
  const isTouched = useStatus((status) => status.startValues[chosen.key] !== value);
  const { number, unit } = formatParts(chosen, value);
  return (
    <button
      type="button"
      role="tab"
      id={`tab-${primary.id}`}
      className={isTouched ? 'tab is-touched' : 'tab'}
      aria-selected={isSelected}
      aria-controls="tab-panel"
      tabIndex={isSelected ? 0 : -1}
      onClick={onSelect}
      onKeyDown={(event) => {
        const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
        if (by === 0) return;
        event.preventDefault();
        onMove(by);
      }}
    >
      {TAB_NAMES[primary.id](chosen.label.split(' of ').at(-1) ?? '')}
      <b>
        {number} {unit.replace('req/s', '/s')}
      </b>
    </button>
  );
}
