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
  if (element && element.textContent !== text) element.textContent = text;
}
