import { useEffect, useEffectEvent } from 'react';
import { useSession } from './session.ts';

/** Calls `write` now and at most ten times a second while time moves, and after seeks, steps and resets. */
export function useReadout(write: () => void): void {
  const { frames } = useSession();
  const latest = useEffectEvent(write);
  useEffect(() => {
    latest();
    return frames.onReadout(() => latest());
  }, [frames]);
}

/** Writes a text straight to an element, and only if it is another one. */
export function setText(element: Element | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}
