import { animate } from 'framer-motion/dom/mini';
import { useLayoutEffect, type RefObject } from 'react';
import { isMotionReduced } from '../../playback/reducedMotion.ts';

/** Lets a panel come in from the left when it appears; at once where less motion is wanted. */
export function useSlideIn(panel: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    if (!panel.current || isMotionReduced()) return;
    const motion = animate(
      panel.current,
      { transform: ['translateX(-24px)', 'translateX(0)'], opacity: [0, 1] },
      { duration: 0.2, ease: [0.3, 0.1, 0.2, 1] },
    );
    return () => motion.stop();
  }, [panel]);
}
