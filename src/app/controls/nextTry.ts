/** What a visitor who has not tried it yet may try next: a line beside the controls, one step at a time. */
import { SLOW_KEY, SLOW_VALUE } from '../../playback/pokes.ts';
import type { PlayerStatus } from '../../playback/player.ts';
import type { Parameter } from '../../scenarios/scenario.ts';

/**
 * @param parameters those of the scenario: only a page at its defaults suggests where to start
 * @returns null once they find their own way
 */
export function nextTry(
  { values, ghost }: Pick<PlayerStatus, 'values' | 'ghost'>,
  parameters: readonly Parameter[],
): string | null {
  if (ghost !== null) return null;
  const isSlow = values[SLOW_KEY] === SLOW_VALUE;
  if (isSlow && values['sync.email'] === 'queue') {
    return 'Now drag the playhead back and try it otherwise.';
  }
  if (isSlow) return 'Now flip wait to queue on email.send(), above.';
  const isAtDefaults = parameters.every(({ key, defaultValue }) => values[key] === defaultValue);
  return isAtDefaults ? 'Start here: press “slow email”.' : null;
}
