/** One visit: the scenario, the player that owns its time, and the loop that paints it. */
import { createContext, useContext } from 'react';
import { createStore, useStore, type StoreApi } from 'zustand';
import type { FrameLoop } from '../../playback/frameLoop.ts';
import type { Player, PlayerStatus } from '../../playback/player.ts';
import type { PointedRequest } from '../../playback/pointedRequest.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { UiState } from './uiStore.ts';

export interface Session {
  readonly scenario: Scenario;
  readonly player: Player;
  readonly frames: FrameLoop;
  readonly pointed: PointedRequest;
  readonly status: StoreApi<PlayerStatus>;
  readonly ui: StoreApi<UiState>;
  readonly isEmbed: boolean;
}

export const SessionContext = createContext<Session | null>(null);

/** Mirrors the player's slow state, so that components commit only when their part of it changes. */
export function createStatusStore(player: Player): StoreApi<PlayerStatus> {
  const store = createStore<PlayerStatus>(() => player.status);
  player.subscribe(() => store.setState(player.status, true));
  return store;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('No session above this component.');
  return session;
}

export function useStatus<T>(select: (status: PlayerStatus) => T): T {
  return useStore(useSession().status, select);
}

export function useUi<T>(select: (ui: UiState) => T): T {
  return useStore(useSession().ui, select);
}
