/** The empty view of a pool, for kinds that have cells: all of them idle. */
import { MAX_VIEW_CELLS, MAX_VIEW_SLOTS, type PoolView } from '../view.ts';

export function emptyPoolView(id: string, index: number): PoolView {
  return {
    kind: 'pool',
    id,
    index,
    capacity: 0,
    cellCount: 0,
    runningCount: 0,
    parkedCount: 0,
    downCount: 0,
    state: new Uint8Array(MAX_VIEW_CELLS),
    sinceS: new Float64Array(MAX_VIEW_CELLS),
    untilS: new Float64Array(MAX_VIEW_CELLS),
    request: new Int32Array(MAX_VIEW_CELLS).fill(-1),
    wasted: new Uint8Array(MAX_VIEW_CELLS),
    step: new Int16Array(MAX_VIEW_CELLS).fill(-1),
    targetNode: new Int16Array(MAX_VIEW_CELLS).fill(-1),
    targetCell: new Int32Array(MAX_VIEW_CELLS).fill(-1),
    targetSlot: new Int32Array(MAX_VIEW_CELLS).fill(-1),
    queueLength: 0,
    waitingCount: 0,
    oldestAgeS: 0,
    queueLimit: 0,
    queueSinceS: new Float64Array(MAX_VIEW_SLOTS),
    queueRequest: new Int32Array(MAX_VIEW_SLOTS),
    queueWasted: new Uint8Array(MAX_VIEW_SLOTS),
    workMs: 0,
    failureRate: 0,
  };
}
