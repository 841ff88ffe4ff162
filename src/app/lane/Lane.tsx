/** One lane: the program, the machine that runs it, and what its users felt. */
import { Lifetimes } from '../../charts/Lifetimes.tsx';
import type { SentenceLength } from '../../narrator/sentence.ts';
import type { LaneId } from '../../scenarios/scenario.ts';
import { LaneStage } from '../../stage/LaneStage.tsx';
import { useSession, useStatus } from '../state/session.ts';
import { CodeCard, type CodeLines } from './CodeCard.tsx';
import { LaneTitle } from './LaneTitle.tsx';
import { Legend } from './Legend.tsx';
import { NarratorLine } from './NarratorLine.tsx';
import { laneNames } from './programWords.ts';
import { Readouts } from './Readouts.tsx';

export interface LaneProps {
  readonly lane: LaneId;
  readonly stage: 'full' | 'mid' | 'narrow';
  readonly lines: CodeLines;
  /** Without: one number and the outcomes in a line, no lifetimes. */
  readonly hasExperience: boolean;
  readonly hasLegend: boolean;
  readonly sentence: SentenceLength;
}

export function Lane({ lane, stage, lines, hasExperience, hasLegend, sentence }: LaneProps) {
  const { player, frames, pointed, ui } = useSession();
  const otherName = useStatus(
    (status) => laneNames(status.values)[lane === 'sync' ? 'async' : 'sync'],
  );
  const isNarrow = stage === 'narrow';
  const pick = (request: number | null) => {
    if (request !== null) ui.getState().setPickedLane(lane);
    player.follow(request);
  };
  return (
    <section className="lane" data-lane={lane} aria-labelledby={`lane-${lane}`}>
      <div className="lane-program">
        {isNarrow && <Readouts lane={lane} size="headline" />}
        <LaneTitle lane={lane} hasSubtitle={lines !== 'last'} />
        <CodeCard lane={lane} lines={lines} />
        {hasLegend && <Legend lane={lane} />}
      </div>
      <div className="lane-stage-box">
        <LaneStage
          player={player}
          frames={frames}
          pointed={pointed}
          lane={lane}
          variant={stage}
          onPick={pick}
        />
      </div>
      <NarratorLine lane={lane} length={sentence} />
      <div className="lane-experience">
        <Readouts lane={lane} size={hasExperience ? 'large' : isNarrow ? 'rest' : 'brief'} />
        {hasExperience && (
          <div className="lane-lifetimes">
            <Lifetimes
              player={player}
              frames={frames}
              pointed={pointed}
              lane={lane}
              otherName={otherName}
              onPick={pick}
            />
          </div>
        )}
      </div>
    </section>
  );
}
