/** The followed request: who it is, how it ended, where it is now and for whom it waits. */
import { useCallback, useRef, useState } from 'react';
import type { Player } from '../../playback/player.ts';
import type { LaneId } from '../../scenarios/scenario.ts';
import { programOf } from '../controls/ceilings.ts';
import { programWords } from '../lane/programWords.ts';
import { useSession, useStatus, useUi } from '../state/session.ts';
import { useReadout } from '../state/useReadout.ts';
import { CloseButton } from './Dialog.tsx';
import { describeForgotten, describeJourney, type JourneyText } from './journeyText.ts';
import { useReturnFocus } from './useReturnFocus.ts';
import { useSlideIn } from './useSlideIn.ts';

/** Wall time between two looks at the journeys, milliseconds. */
const REFRESH_MS = 250;

export function Inspector({ request }: { readonly request: number }) {
  const { player } = useSession();
  const first = useUi((ui) => ui.pickedLane);
  const lanes: readonly LaneId[] = first === 'sync' ? ['sync', 'async'] : ['async', 'sync'];
  const panel = useRef<HTMLElement>(null);
  useSlideIn(panel);
  useReturnFocus();
  return (
    <section className="drawer inspector" ref={panel} aria-label={`Request ${request}`}>
      <header className="dialog-head">
        <h2>Request {request}</h2>
        <CloseButton onClick={() => player.follow(null)} />
      </header>
      <div className="drawer-body">
        {lanes.map((lane) => (
          <JourneyOf key={`${lane}${request}`} lane={lane} request={request} />
        ))}
        <button
          type="button"
          className="button"
          aria-keyshortcuts="Shift+."
          onClick={() => player.step(true)}
        >
          step to its next event
        </button>
      </div>
    </section>
  );
}

function read(player: Player, lane: LaneId, request: number): JourneyText | string {
  const journey = player.journey(lane, request);
  if (journey) return describeJourney(journey, player.timeS, player.scenario.lanes[lane]);
  const isSubmitted = player
    .view(lane)
    .nodes.some((node) => node.kind === 'clients' && node.nextRequest > request);
  return isSubmitted ? describeForgotten(player.trace(lane), request) : 'Not submitted yet.';
}

function JourneyOf({ lane, request }: { readonly lane: LaneId; readonly request: number }) {
  const { player } = useSession();
  const title = useStatus((status) => programWords(programOf(status.values, lane)).title);
  const [text, setText] = useState<JourneyText | string>(() => read(player, lane, request));
  const lastMs = useRef(0);
  const refresh = useCallback(() => {
    const nowMs = performance.now();
    if (player.status.playing && nowMs - lastMs.current < REFRESH_MS) return;
    lastMs.current = nowMs;
    const next = read(player, lane, request);
    setText((before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next));
  }, [player, lane, request]);
  useReadout(refresh);
  return (
    <section className="journey">
      <h3>{title}</h3>
      {typeof text !== 'string' ? (
        <>
          <p className="journey-id">
            <code>{text.correlationId}</code> · submitted at {text.submitted}
          </p>
          <p className="journey-now">
            <b>{text.outcome}</b>. {text.now}
          </p>
          <ol className="journey-steps">
            {text.steps.map((step, i) => (
              <li key={i} data-kind={step.kind}>
                <span>{step.what}</span>
                <span className="journey-time">{step.duration}</span>
              </li>
            ))}
          </ol>
        </>
      ) : (
        <p>{text}</p>
      )}
    </section>
  );
}
