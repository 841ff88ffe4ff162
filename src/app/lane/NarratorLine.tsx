/** What is going on in a lane, in one sentence. */
import { useRef } from 'react';
import type { LaneId } from '../../scenarios/scenario.ts';
import { useSession } from '../state/session.ts';
import { setText, useReadout } from '../state/useReadout.ts';
import { entryService, findPool } from './lineCounts.ts';

export function NarratorLine({ lane }: { readonly lane: LaneId }) {
  const { player, scenario } = useSession();
  const line = useRef<HTMLParagraphElement>(null);
  useReadout(() => {
    const pool = findPool(player.view(lane), entryService(scenario, lane));
    if (!pool) return;
    const name = scenario.lanes[lane].nodes[pool.id]?.label ?? pool.id;
    setText(
      line.current,
      `${pool.parkedCount} of ${pool.capacity} ${name} threads are parked, ${pool.queueLength} requests are in the accept queue.`,
    );
  });
  return <p className="narrator" ref={line} />;
}
