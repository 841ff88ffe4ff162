/** A lane's standing parts as SVG: floors, walls, limit bars, flow lines, and places for words. */
import { useMemo } from 'react';
import type { LaneGeometry } from '../scene/geometry.ts';
import { planPaths } from '../scene/planPaths.ts';
import { stageMeasures } from '../scene/variant.ts';

/** Rendered when the layout changes; words and the state of limit bars are written by `PlanWriter`. */
export function LanePlan({ geometry, textScale }: { geometry: LaneGeometry; textScale: number }) {
  const measures = stageMeasures[geometry.variant];
  const paths = useMemo(() => planPaths(geometry, measures.brimReach), [geometry, measures]);
  const isFull = geometry.variant === 'full';
  return (
    <>
      <path className="stage-floor" data-part="floors" d={paths.floors} />
      <path className="stage-floor corridor" data-part="corridorFloors" d={paths.corridorFloors} />
      <path
        className="stage-slot"
        data-part="slots"
        d={paths.slots}
        strokeWidth={isFull ? 2 : 1.6}
      />
      <path
        className="stage-thin"
        data-part="thin"
        d={paths.thin}
        strokeWidth={measures.thinWidth}
      />
      <path className="stage-flow" data-part="flows" d={paths.flows} strokeWidth={1.2} />
      <path className="stage-arrow" data-part="arrows" d={paths.arrows} />
      <path
        className="stage-tray"
        data-part="trays"
        d={paths.trays}
        strokeWidth={measures.wallWidth * 0.9}
      />
      <path
        className="stage-wall"
        data-part="walls"
        d={paths.walls}
        strokeWidth={measures.wallWidth}
      />
      <path
        className="stage-wall vessel"
        data-part="vesselWalls"
        d={paths.vesselWalls}
        strokeWidth={measures.wallWidth}
      />
      {paths.brims.map((brim) => (
        <path
          key={brim.node}
          className="stage-brim"
          data-brim={brim.node}
          d={brim.path}
          strokeWidth={brim.dashed ? measures.brimWidth * 0.67 : measures.brimWidth}
          strokeDasharray={brim.dashed ? '5 3' : undefined}
        />
      ))}
      {isFull && <path className="stage-bounce" data-bounce="" d={paths.bounce} />}
      <g className="stage-labels">
        {geometry.labels.map((label) => (
          <text
            key={label.key}
            data-label={label.key}
            className="stage-text"
            textAnchor={label.anchor}
            fontSize={label.size * textScale}
          />
        ))}
      </g>
    </>
  );
}
