import { createPlayer } from '../../playback/createPlayer.ts';
import { FrameLoop } from '../../playback/frameLoop.ts';
import { PointedRequest } from '../../playback/pointedRequest.ts';
import { parseLink } from '../../playback/link.ts';
import { askForReducedMotion, isMotionReduced } from '../../playback/reducedMotion.ts';
import { builtInScenarios } from '../../scenarios/builtInScenarios.ts';
import { createStatusStore, type Session } from './session.ts';
import { createUiStore } from './uiStore.ts';

/** @param query the address's query; bad values become defaults, with a note each */
export function createSession(query: string): Session {
  const link = parseLink(query, builtInScenarios);
  if (link.motion === 'reduced') askForReducedMotion();
  const player = createPlayer(link.scenario, {
    seed: link.seed,
    values: link.values,
    speed: link.speed,
    playing: link.autoplay ?? !isMotionReduced(),
    timeS: link.timeS,
  });
  return {
    scenario: link.scenario,
    player,
    frames: new FrameLoop(player),
    pointed: new PointedRequest(),
    status: createStatusStore(player),
    ui: createUiStore(
      link.theme,
      link.notes.map((note) => `${note.text}.`),
    ),
    isEmbed: link.embed,
  };
}
