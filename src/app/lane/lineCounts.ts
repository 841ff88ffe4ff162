/** How many threads stand on each step of a lane's handler. */
import type { LaneId, Scenario } from '../../scenarios/scenario.ts';
import { CellState, type LaneView, type PoolView } from '../../sim/view.ts';

/** Id of the service that the users of a lane call. */
export function entryService(scenario: Scenario, lane: LaneId): string {
  for (const node of Object.values(scenario.lanes[lane].nodes)) {
    if (node.kind === 'clients') return node.target;
  }
  throw new Error(`The ${lane} lane of ${scenario.id} has no clients.`);
}

export function findPool(view: LaneView, id: string): PoolView | undefined {
  return view.nodes.find((node): node is PoolView => node.kind === 'pool' && node.id === id);
}

/** Adds up into `counts` (one entry a step). */
export function countLines(pool: PoolView, counts: Int32Array): void {
  counts.fill(0);
  for (let cell = 0; cell < pool.cellCount; cell++) {
    const state = pool.state[cell];
    if (state !== CellState.Running && state !== CellState.Parked) continue;
    const step = pool.step[cell] ?? -1;
    if (step >= 0 && step < counts.length) counts[step] = (counts[step] ?? 0) + 1;
  }
}
