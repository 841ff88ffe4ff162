import type { LaneId } from '../../scenarios/scenario.ts';
import { programOf } from '../controls/ceilings.ts';
import { useStatus } from '../state/session.ts';
import { programWords } from './programWords.ts';

/** Names the program that the lane runs. */
export function LaneTitle({
  lane,
  hasSubtitle,
}: {
  readonly lane: LaneId;
  readonly hasSubtitle: boolean;
}) {
  const payment = useStatus((status) => programOf(status.values, lane).payment);
  const email = useStatus((status) => programOf(status.values, lane).email);
  const words = programWords({ payment, email });
  return (
    <div className="lane-title">
      <h2 id={`lane-${lane}`}>{words.title}</h2>
      {hasSubtitle && <p>{words.subtitle}</p>}
    </div>
  );
}
