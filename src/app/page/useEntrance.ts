/** The first visit builds the figure up in a few seconds; any input ends that, and it is never seen again. */
import { useEffect, useState } from 'react';
import { readStored, store } from '../state/storage.ts';
import { isMotionReduced } from '../../playback/reducedMotion.ts';

const SEEN = 'flowscope.entranceSeen';
const LENGTH_MS = 3200;
const INPUTS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

/** Only where it can be remembered, and where motion is welcome. */
function isDue(): boolean {
  if (isMotionReduced()) return false;
  return readStored(SEEN) === null && store(SEEN, new Date().toISOString());
}

export function useEntrance(): 'running' | undefined {
  const [isRunning, setIsRunning] = useState(isDue);
  useEffect(() => {
    if (!isRunning) return;
    const end = () => setIsRunning(false);
    const timer = setTimeout(end, LENGTH_MS);
    for (const input of INPUTS) addEventListener(input, end, { passive: true });
    return () => {
      clearTimeout(timer);
      for (const input of INPUTS) removeEventListener(input, end);
    };
  }, [isRunning]);
  return isRunning ? 'running' : undefined;
}
