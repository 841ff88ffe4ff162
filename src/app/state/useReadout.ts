import { useEffect, useEffectEvent } from 'react';
import type { Readout, ReadoutTime } from '../../playback/frameLoop.ts';
import { useSession } from './session.ts';

/**
 * Calls `readout`, and what it returns, now and at most ten times a second while time moves, and after
 * seeks, steps and resets.
 */
export function useReadout(readout: Readout, time?: ReadoutTime): void {
  const { frames } = useSession();
  const latest = useEffectEvent(readout);
  useEffect(() => {
    latest()?.();
    return frames.onReadout(() => latest(), time);
  }, [frames, time]);
}

/** Writes a text straight to an element, and only if it is another one. */
export function setText(element: Element | null, text: string): void {
  const node = element?.firstChild;
  // In place: a text node that goes and another that comes are laid out anew with all around them.
  if (node instanceof Text && node.nextSibling === null) {
    if (node.data !== text) node.data = text;
  } else if (element && element.textContent !== text) element.textContent = text;
}
