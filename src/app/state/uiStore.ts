/** What the page itself remembers: theme, what is open, what it has to say. Slow state only. */
import { createStore, type StoreApi } from 'zustand';
import type { ThemeChoice } from '../../playback/link.ts';
import type { LaneId } from '../../scenarios/scenario.ts';
import { readStored, store } from './storage.ts';

export type Panel = 'parameters' | 'help' | 'table' | 'menu' | null;

/** Something said to the reader, who can dismiss it. */
export interface Note {
  readonly id: number;
  readonly text: string;
}

export interface UiState {
  readonly theme: ThemeChoice;
  readonly panel: Panel;
  readonly notes: readonly Note[];
  /** Where the followed request was picked; its lane comes first in the inspector. */
  readonly pickedLane: LaneId;
  /** Services that the latency and failure sliders are about. */
  readonly latencyOf: string;
  readonly failureOf: string;
  /** Whether keys such as `.` and `?` do something without a modifier. */
  readonly characterKeys: boolean;
  readonly setTheme: (theme: ThemeChoice) => void;
  readonly open: (panel: Panel) => void;
  readonly say: (text: string) => void;
  readonly dismiss: (id: number) => void;
  readonly dismissAll: () => void;
  readonly setPickedLane: (lane: LaneId) => void;
  readonly setLatencyOf: (service: string) => void;
  readonly setFailureOf: (service: string) => void;
  readonly setCharacterKeys: (on: boolean) => void;
}

const CHARACTER_KEYS = 'flowscope.characterKeys';
/** Nobody reads more notes than this; the oldest go. */
const MOST_NOTES = 4;

interface UiStart extends Pick<UiState, 'theme' | 'latencyOf' | 'failureOf'> {
  /** What the link's parser had to say. */
  readonly notes: readonly string[];
}

export function createUiStore({ theme, notes, latencyOf, failureOf }: UiStart): StoreApi<UiState> {
  let lastId = 0;
  const makeNote = (text: string): Note => ({ id: ++lastId, text });
  return createStore<UiState>((set) => ({
    theme,
    panel: null,
    notes: notes.map(makeNote),
    pickedLane: 'sync',
    latencyOf,
    failureOf,
    characterKeys: readStored(CHARACTER_KEYS) !== 'off',
    setTheme: (next) => set({ theme: next }),
    open: (panel) => set({ panel }),
    say: (text) =>
      set((ui) => ({
        notes: [...ui.notes.filter((note) => note.text !== text), makeNote(text)].slice(
          -MOST_NOTES,
        ),
      })),
    dismiss: (id) => set((ui) => ({ notes: ui.notes.filter((note) => note.id !== id) })),
    dismissAll: () => set({ notes: [] }),
    setPickedLane: (pickedLane) => set({ pickedLane }),
    setLatencyOf: (latencyOf) => set({ latencyOf }),
    setFailureOf: (failureOf) => set({ failureOf }),
    setCharacterKeys: (characterKeys) => {
      store(CHARACTER_KEYS, characterKeys ? 'on' : 'off');
      set({ characterKeys });
    },
  }));
}
