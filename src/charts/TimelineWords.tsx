/** Words of the timeline: names and scales of the charts, times, values at the playhead. */
import type { Ref } from 'react';
import { formatCount } from '../scenarios/format.ts';
import { LANE_IDS } from '../scenarios/scenario.ts';
import { timeTickLabel, timeTickStepS } from './steps.ts';
import { GHOST_WORDS } from './TimelineFlags.tsx';
import { CHART_NAMES, timeToX, type TimelineLayout } from './timelineLayout.ts';
import type { TimelineScales } from './timelineModel.ts';
import { MOST_TICKS } from './timelinePainter.ts';

export function TimelineWords({
  layout,
  scales,
  ghostLabel,
  ticksRef,
  valuesRef,
}: {
  readonly layout: TimelineLayout;
  readonly scales: TimelineScales;
  /** Where the words at the ghost's lines stand; null: there is no ghost, or no room. */
  readonly ghostLabel: { readonly x: number; readonly y: number } | null;
  readonly ticksRef: Ref<SVGGElement>;
  /** Its texts are written in place. */
  readonly valuesRef: Ref<SVGGElement>;
}) {
  const { variant } = layout;
  const { axisEndS } = scales;
  const tickStepS = timeTickStepS(axisEndS, MOST_TICKS);
  return (
    <svg className="timeline-words" aria-hidden="true">
      {variant === 'full' && (
        <>
          {layout.rows.map((row) => (
            <ChartNames key={row.id} row={row} left={layout.left} max={scales.max[row.id]} />
          ))}
          <g ref={ticksRef}>
            {tickTimes(axisEndS, tickStepS).map((timeS) => (
              <text
                key={timeS}
                className="timeline-tick"
                x={timeToX(layout, axisEndS, timeS)}
                y={layout.height - 2}
                textAnchor="middle"
              >
                {timeTickLabel(timeS, tickStepS)}
              </text>
            ))}
          </g>
          <g ref={valuesRef}>
            {layout.rows.map((row) =>
              LANE_IDS.map((lane) => (
                <text
                  key={`${row.id} ${lane}`}
                  className="timeline-value"
                  data-chart={row.id}
                  data-lane={lane}
                  x={layout.right + 10}
                >
                  <tspan className="timeline-lane" />
                  <tspan dx="3" />
                </text>
              )),
            )}
          </g>
        </>
      )}
      {ghostLabel && (
        <text className="timeline-ghost" x={ghostLabel.x} y={ghostLabel.y + 4} textAnchor="end">
          {GHOST_WORDS}
        </text>
      )}
    </svg>
  );
}

function ChartNames({
  row,
  left,
  max,
}: {
  readonly row: TimelineLayout['rows'][number];
  readonly left: number;
  readonly max: number;
}) {
  const middle = (row.top + row.bottom) / 2;
  return (
    <>
      <text className="timeline-tick" x={left - 8} y={row.top + 9} textAnchor="end">
        {row.id === 'p99' ? `${formatCount(max)} s` : formatCount(max)}
      </text>
      <text className="timeline-tick" x={left - 8} y={row.bottom} textAnchor="end">
        0
      </text>
      <text className="timeline-name" x={left - 44} y={middle + 4} textAnchor="end">
        {CHART_NAMES[row.id]}
      </text>
    </>
  );
}

function tickTimes(axisEndS: number, stepS: number): number[] {
  return Array.from({ length: Math.floor(axisEndS / stepS) + 1 }, (_, i) => i * stepS);
}
