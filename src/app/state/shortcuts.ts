/** Keys that work anywhere on the page. */
import { useEffect } from 'react';
import { useSession } from './session.ts';

export interface Shortcut {
  readonly keys: string;
  readonly does: string;
  /** A single printable character, which people may turn off. */
  readonly isCharacter: boolean;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: 'Space', does: 'play or pause', isCharacter: false },
  { keys: '→', does: 'step to the next event', isCharacter: false },
  { keys: 'Shift →', does: 'step to the next event of the followed request', isCharacter: false },
  { keys: '.', does: 'step to the next event', isCharacter: true },
  { keys: 'Alt R', does: "reset to the link's state", isCharacter: false },
  { keys: '?', does: 'this help', isCharacter: true },
  { keys: 'Esc', does: 'close what is open; stop following', isCharacter: false },
];

/** Whether the focused element has its own use for keys. */
function usesKeys(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input, select, textarea, [contenteditable], [role="slider"], dialog') !== null
  );
}

/** Space has no use of its own on a radio button that is checked, nor on a slider. */
function leavesSpace(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement &&
    target.closest('dialog') === null &&
    (target.type === 'range' || (target.type === 'radio' && target.checked))
  );
}

export function useShortcuts(): void {
  const { player, ui } = useSession();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey) return;
      if (event.altKey) {
        if (event.code !== 'KeyR') return;
        event.preventDefault();
        player.reset();
        return;
      }
      if (event.key === 'Escape') {
        if (ui.getState().panel !== null) ui.getState().open(null);
        else if (player.status.followed !== null) player.follow(null);
        return;
      }
      if (usesKeys(event.target) && !(event.key === ' ' && leavesSpace(event.target))) return;
      const isCharacterOn = ui.getState().characterKeys;
      const isOnButton =
        event.target instanceof Element && event.target.closest('button, a, summary');
      if (event.key === ' ') {
        if (isOnButton) return;
        event.preventDefault();
        if (player.status.playing) player.pause();
        else player.play();
      } else if (event.key === 'ArrowRight' || (event.key === '.' && isCharacterOn)) {
        event.preventDefault();
        player.step(event.shiftKey);
      } else if (event.key === '>' && isCharacterOn) {
        player.step(true);
      } else if (event.key === '?' && isCharacterOn) {
        ui.getState().open('help');
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [player, ui]);
}
