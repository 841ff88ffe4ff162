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
    ui: createUiStore({
      theme: link.theme,
      notes: link.notes.map((note) => `${note.text}.`),
      latencyOf: serviceShown(link, 'latency'),
      failureOf: serviceShown(link, 'failure'),
    }),
    isEmbed: link.embed,
  };
}

/** The service that a slider is about at first: one that the link changes, else Email. */
function serviceShown({ scenario, values }: ReturnType<typeof parseLink>, what: string): string {
  const changed = scenario.parameters
    .filter(({ key, group }) => group === 'primary' && key.endsWith(`.${what}`))
    .filter(({ key, defaultValue }) => (values[key] ?? defaultValue) !== defaultValue)
    .map(({ key }) => key.slice(0, -what.length - 1));
  return changed.length === 0 || changed.includes('email') ? 'email' : (changed[0] ?? 'email');
}
