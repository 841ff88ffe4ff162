/** The line and the grip of the timeline's playhead. */
import type { TimelineLayout } from './timelineLayout.ts';

export function PlayheadShape({ layout }: { readonly layout: TimelineLayout }) {
  const { variant, bottom } = layout;
  const top = variant === 'full' ? 18 : 0;
  const head = variant === 'full' ? 'l-7 8v7h14v-7z' : 'l-7 7v6h14v-6z';
  return (
    <svg aria-hidden="true">
      <path className="timeline-playhead-line" d={`M0 ${top}V${bottom + 4}`} />
      <path
        className="timeline-playhead-grip"
        d={`M0 ${bottom + (variant === 'full' ? 2 : -1)}${head}`}
      />
    </svg>
  );
}
