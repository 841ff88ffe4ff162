/** The moment that sentences are made from: state, measurements and what people set. */
import type { Player, History } from '../playback/player.ts';
import type { LaneId, ParameterValue, Scenario } from '../scenarios/scenario.ts';
import type { LaneReadouts } from '../sim/metrics/readouts.ts';
import type { LaneView } from '../sim/view.ts';
import { RENEW_MS } from './narratorVoice.ts';

/** Everything a sentence is made from. */
export interface NarratorInput {
  readonly lane: LaneId;
  readonly scenario: Scenario;
  /** Parameter values at the moment told of. */
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly view: LaneView;
  readonly readouts: LaneReadouts;
  readonly history: History;
  /** When something was last changed, seconds: growth is measured from there on. */
  readonly lastChangeS: number;
  /** Model time that a sentence stands before its numbers are renewed, seconds. */
  readonly renewS: number;
}

/** The moment the player shows. */
export function narratorInput(player: Player, lane: LaneId): NarratorInput {
  const { timeS, status } = player;
  let lastChangeS = 0;
  for (const { timeS: inputS, action } of player.inputs) {
    if (inputS > timeS) break;
    const endS = action.do === 'surge' ? inputS + action.durationS : inputS;
    lastChangeS = Math.max(lastChangeS, endS <= timeS ? endS : inputS);
  }
  return {
    lane,
    scenario: player.scenario,
    values: status.values,
    view: player.view(lane),
    readouts: player.readouts(lane),
    history: player.history,
    lastChangeS,
    renewS: status.playing ? (status.speed * RENEW_MS) / 1000 : 0,
  };
}
