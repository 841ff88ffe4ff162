import { createPlayer } from '../../playback/createPlayer.ts';
import { FrameLoop } from '../../playback/frameLoop.ts';
import { parseLink } from '../../playback/link.ts';
import { checkout } from '../../scenarios/checkout.ts';
import { runAhead } from './runAhead.ts';
import { createStatusStore, type Session } from './session.ts';
import { createUiStore } from './uiStore.ts';

/** @param query the address's query; bad values become defaults, with a note each */
export function createSession(query: string): Session {
  const link = parseLink(query, [checkout]);
  const isMotionReduced =
    link.motion === 'reduced' || matchMedia('(prefers-reduced-motion: reduce)').matches;
  const player = createPlayer(link.scenario, {
    seed: link.seed,
    values: link.values,
    speed: link.speed,
    playing: link.autoplay ?? !isMotionReduced,
  });
  const notes = link.notes.map((note) => `${note.text}.`);
  if (link.timeS > 0 && !runAhead(player, link.timeS)) {
    notes.push(
      `This run is too long to open at ${link.timeS} s; it goes on from ${player.timeS.toFixed(1)} s.`,
    );
  }
  // Without a word about it the page is light, whatever the system prefers.
  const theme = new URLSearchParams(query).has('theme') ? link.theme : 'light';
  return {
    scenario: link.scenario,
    player,
    frames: new FrameLoop(player),
    status: createStatusStore(player),
    ui: createUiStore(theme, notes),
    isEmbed: link.embed,
  };
}
