/** What the marks mean, in a line under each program; the full legend is in Help. */
import type { LaneId } from '../../scenarios/scenario.ts';
import { Glyph, type GlyphName } from '../../stage/glyphs.tsx';
import { programOf } from '../controls/ceilings.ts';
import { useStatus } from '../state/session.ts';

const CELLS: readonly (readonly [GlyphName, string])[] = [
  ['idle', 'idle'],
  ['running', 'running'],
  ['parked-2', 'parked, waiting'],
];
const THINGS: readonly (readonly [GlyphName, string])[] = [
  ['request', 'request'],
  ['message', 'message'],
  ['answered', 'answered'],
  ['handled', 'delivered'],
];

/** A lane that queues something is about messages; the other about threads. */
export function Legend({ lane, size = 14 }: { readonly lane: LaneId; readonly size?: number }) {
  const isQueued = useStatus((status) => {
    const program = programOf(status.values, lane);
    return program.email === 'queue' || program.payment === 'queue';
  });
  return (
    <ul className="legend" aria-label="Legend">
      {(isQueued ? THINGS : CELLS).map(([name, label]) => (
        <li key={name}>
          <Glyph name={name} size={size} />
          {label}
        </li>
      ))}
    </ul>
  );
}
