/** Flags on the timeline: what was done to the run, and what was done in the future that was left. */
import { PENNANT_WIDTH, type PlacedFlag } from './flagLayout.ts';
import { timeToX, type TimelineLayout, type TimelineVariant } from './timelineLayout.ts';

export const GHOST_WORDS = 'before the change';

export function FlagShape({
  flag,
  variant,
  timeS,
}: {
  readonly flag: PlacedFlag;
  readonly variant: TimelineVariant;
  readonly timeS: number;
}) {
  const { x, width, left, label, texts } = flag;
  const height = variant === 'phone' ? 8 : 16;
  const notch = label === null ? 3 : 5;
  const side = left ? -1 : 1;
  return (
    <g className="timeline-flag" data-pennant={label === null} data-time={timeS}>
      <title>{texts.join('\n')}</title>
      <path
        d={`M${x} ${variant === 'phone' ? 0 : 1}h${side * width}l${-side * notch} ${height / 2}l${side * notch} ${height / 2}h${-side * width}z`}
      />
      {label !== null && (
        <text x={left ? x - width + 9 : x + 6} y={13}>
          {label}
        </text>
      )}
    </g>
  );
}

export function GhostFlags({
  layout,
  axisEndS,
  interventions,
}: {
  readonly layout: TimelineLayout;
  readonly axisEndS: number;
  readonly interventions: readonly { readonly timeS: number; readonly text: string }[];
}) {
  return interventions.map(({ timeS, text }, i) => {
    const x = timeToX(layout, axisEndS, timeS);
    return (
      <g key={i} className="timeline-ghost-flag" data-time={timeS}>
        <title>{`${GHOST_WORDS}: ${text}`}</title>
        <path d={`M${x} ${layout.top}v-6h${PENNANT_WIDTH}l-3 3l3 3z`} />
      </g>
    );
  });
}
