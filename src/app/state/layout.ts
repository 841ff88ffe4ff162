/** Which of the page's arrangements fits the window. */
import { useEffect, useState } from 'react';

/**
 * `full`: the whole figure. `narrow`: the same with a smaller drawing of the machine. `compact`:
 * switchable lines only. `mid`: one code line a lane. `phone`: Payment folded, one slider behind
 * tabs.
 */
export type Layout = 'full' | 'narrow' | 'compact' | 'mid' | 'phone';

export interface Arrangement {
  readonly layout: Layout;
  /** How much larger than drawn; only the full figure grows. */
  readonly scale: number;
}

/** The figure is drawn for 1440 × 900 and grows to 1920 × 1200; under 1340 its labels would be too small. */
export function arrange(widthPx: number, heightPx: number): Arrangement {
  if (widthPx < 600) return { layout: 'phone', scale: 1 };
  if (widthPx < 900) return { layout: 'mid', scale: 1 };
  if (widthPx < 1200) return { layout: 'compact', scale: 1 };
  if (widthPx < 1340) return { layout: 'narrow', scale: 1 };
  const scale = Math.min(4 / 3, Math.max(1, Math.min(widthPx / 1440, heightPx / 900)));
  return { layout: 'full', scale };
}

export function useArrangement(): Arrangement {
  const [arrangement, setArrangement] = useState(() => arrange(innerWidth, innerHeight));
  useEffect(() => {
    const onResize = () =>
      setArrangement((before) => {
        const now = arrange(innerWidth, innerHeight);
        return now.layout === before.layout && now.scale === before.scale ? before : now;
      });
    addEventListener('resize', onResize);
    return () => removeEventListener('resize', onResize);
  }, []);
  return arrangement;
}
