/** How long to wait before a retry. */
import type { RetryPolicy } from '../callPolicy.ts';
import type { KeyedRandom } from './random.ts';

/**
 * Seconds before retry number `retry` (1 is the first). The random stream must be selected.
 * Jitter: Amazon's "Exponential Backoff And Jitter".
 * @param previousS the backoff before, 0 for none
 */
export function backoffS(
  random: KeyedRandom,
  jitter: NonNullable<RetryPolicy['jitter']>,
  baseS: number,
  multiplier: number,
  capS: number,
  retry: number,
  previousS: number,
): number {
  if (jitter === 'decorrelated') {
    const topS = 3 * (previousS === 0 ? baseS : previousS);
    return Math.min(capS, baseS + random.uniform() * (topS - baseS));
  }
  let ceilingS = baseS;
  for (let k = 1; k < retry && ceilingS < capS && ceilingS > 0; k++) ceilingS *= multiplier;
  ceilingS = Math.min(capS, ceilingS);
  switch (jitter) {
    case 'none':
      return ceilingS;
    case 'full':
      return random.uniform() * ceilingS;
    case 'equal':
      return ceilingS / 2 + (random.uniform() * ceilingS) / 2;
  }
}
