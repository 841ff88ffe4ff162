/** For tests: a player without a wall clock, small scripts of what someone does, and all that is shown. */
import { checkout } from '../../scenarios/checkout.ts';
import { LANE_IDS } from '../../scenarios/scenario.ts';
import { Simulation } from '../../sim/kernel/simulation.ts';
import { createPlayer, type PlayerOptions } from '../createPlayer.ts';
import type { History, Player } from '../player.ts';

/** A player whose wall clock stands still: no work budget ends a frame early. */
export function playing(options: PlayerOptions = {}): Player {
  return createPlayer(checkout, { playing: true, now: () => 0, ...options });
}

/** Runs to a moment in frames of a length that doubles hold exactly. */
export function runTo(player: Player, timeS: number, frameS = 1 / 32): void {
  while (player.timeS < timeS) {
    player.tick(Math.min(frameS, (timeS - player.timeS) / player.status.speed));
  }
}

/** Everything that is shown of a moment. */
export function picture(player: Pick<Player, 'view' | 'readouts' | 'recentJourneys'>): unknown {
  return LANE_IDS.map((lane) =>
    structuredClone({
      readouts: player.readouts(lane),
      nodes: player.view(lane).nodes.map((node) => {
        if (node.kind === 'clients') return node;
        if (node.kind === 'broker') {
          const shelf = Math.min(node.backingOff, node.shelfDueS.length);
          const ready = Math.min(node.ready, node.readyRequest.length);
          return {
            counts: [node.ready, node.inFlight, node.backingOff, node.deadLettered, node.dropped],
            shelf: [...node.shelfRequest.slice(0, shelf), ...node.shelfDueS.slice(0, shelf)],
            ready: [...node.readyRequest.slice(0, ready), ...node.readySinceS.slice(0, ready)],
            oldestAgeS: node.oldestAgeS,
          };
        }
        const queued = Math.min(node.queueLength, node.queueRequest.length);
        return {
          cells: Array.from({ length: node.cellCount }, (_, cell) => [
            node.state[cell],
            node.sinceS[cell],
            node.untilS[cell],
            node.request[cell],
            node.step[cell],
            node.targetNode[cell],
            node.targetCell[cell],
          ]),
          queue: [...node.queueRequest.slice(0, queued), ...node.queueSinceS.slice(0, queued)],
        };
      }),
      journeys: player.recentJourneys(lane, 12),
    }),
  );
}

export function historyOf({ history }: { readonly history: History }): unknown {
  const { stepS, length, lanes } = history;
  return {
    stepS,
    length,
    series: LANE_IDS.map((lane) =>
      [lanes[lane].parked, lanes[lane].queued, lanes[lane].p99S].map((series) => [
        ...series.slice(0, length),
      ]),
    ),
  };
}

/** The picture of a moment as plain simulations give it that got the player's inputs and never went back. */
export function freshPicture({ inputs, timeS, status }: Player): unknown {
  const simulations = Object.fromEntries(
    LANE_IDS.map((id) => {
      const simulation = new Simulation(checkout.lanes[id], {
        seed: status.seed,
        observe: 'live',
      });
      for (const input of inputs) {
        if (input.timeS > timeS || !input.lanes.includes(id)) continue;
        simulation.advance(input.timeS);
        simulation.apply(input.action);
      }
      simulation.advance(timeS);
      return [id, simulation];
    }),
  );
  return picture({
    view: (lane) => {
      const view = simulations[lane].createView();
      simulations[lane].readView(view);
      return view;
    },
    readouts: (lane) => simulations[lane].readouts(),
    recentJourneys: (lane, count) => simulations[lane].recentJourneys(count),
  });
}

/** A small script of what someone may do, at the moments where frames of 1/8 s begin. */
export type Act = readonly [atEighth: number, what: number];

export function perform(player: Player, what: number): void {
  switch (what) {
    case 0:
      return player.setParameter('load', 60);
    case 1:
      return player.slowEmail();
    case 2:
      return player.spike();
    case 3:
      return player.kill();
    case 4:
      return player.poison();
    case 5:
      return player.setParameter('async.payment', 'queue');
    case 6:
      return player.setParameter('api.threads', 7);
    default:
      return player.setParameter('email.failure', 40);
  }
}

export function runScript(acts: readonly Act[], untilS: number, frameS: number): Player {
  const player = playing();
  for (const [eighth, what] of [...acts].sort((a, b) => a[0] - b[0])) {
    runTo(player, eighth / 8, frameS);
    perform(player, what);
  }
  runTo(player, untilS, frameS);
  return player;
}
