/** The picture's marks as inline icons, for sentences, legends and tallies. */

const WIDE = 18 / 12;

/** Every glyph: its proportions and what it stands for, in the field's words. */
export const glyphMeanings = {
  idle: { ratio: 1, box: '0 0 14 14', meaning: 'idle thread' },
  running: { ratio: 1, box: '0 0 14 14', meaning: 'running; the fill is its progress' },
  'parked-1': { ratio: 1, box: '0 0 14 14', meaning: 'parked under 0.7 s' },
  'parked-2': { ratio: 1, box: '0 0 14 14', meaning: 'parked under 2.5 s' },
  'parked-3': { ratio: 1, box: '0 0 14 14', meaning: 'parked longer' },
  down: { ratio: 1, box: '0 0 14 14', meaning: 'down: the thread was killed' },
  request: { ratio: 1, box: '0 0 14 14', meaning: 'request' },
  queued: {
    ratio: 1,
    box: '0 0 14 14',
    meaning: 'in the accept queue; the pie is the patience used up',
  },
  message: { ratio: WIDE, box: '0 0 18 12', meaning: 'message' },
  handled: { ratio: WIDE, box: '0 0 18 12', meaning: 'message handled' },
  answered: { ratio: 1, box: '0 0 16 16', meaning: 'answered' },
  declined: { ratio: 1, box: '0 0 16 16', meaning: 'declined: an answer, not an error' },
  rejected: { ratio: 1, box: '0 0 16 16', meaning: 'rejected: the accept queue was full' },
  timedOut: { ratio: 1, box: '0 0 16 16', meaning: 'timed out: the user gave up' },
  failed: { ratio: 1, box: '0 0 16 16', meaning: 'failed' },
  deadLetter: { ratio: WIDE, box: '0 0 18 12', meaning: 'in the dead-letter queue' },
  backingOff: { ratio: 1, box: '0 0 16 16', meaning: 'backing off until the next attempt' },
} as const;

export type GlyphName = keyof typeof glyphMeanings;

/** Decorative: the words beside it carry the meaning. @param size width in CSS pixels */
export function Glyph({ name, size = 14 }: { name: GlyphName; size?: number }) {
  const { ratio, box } = glyphMeanings[name];
  return (
    <svg
      className="glyph"
      width={size}
      height={size / ratio}
      viewBox={box}
      aria-hidden="true"
      focusable="false"
    >
      <use href={`#g-${name}`} />
    </svg>
  );
}
