/** What services and workers look like at an instant. */
import { isWasted } from '../kernel/endJob.ts';
import type { Job } from '../kernel/job.ts';
import { JobPhase } from '../kernel/jobs.ts';
import type { Kernel } from '../kernel/node.ts';
import { STRIDE, type Program } from '../kernel/program.ts';
import { CellState, MAX_VIEW_SLOTS, type NodeView, type PoolView } from '../view.ts';
import type { ServiceState } from './serviceState.ts';
import { DOWN, IDLE } from './threadPool.ts';

/** Fills what concerns the queue and marks its jobs with their slots, for `readCells` of others. */
export function readPool(kernel: Kernel, state: ServiceState, view: PoolView): void {
  const { jobs, requests } = kernel;
  view.capacity = state.pool.capacity;
  view.queueLength = state.queue.length;
  view.queueLimit = state.queue.limit;
  view.workMs = state.paces.workMs;
  view.waitingCount = state.waiting;
  view.failureRate = state.failureRate;
  let slot = 0;
  const { queue } = state;
  view.oldestAgeS = Math.max(0, kernel.clockS - queue.oldestSinceS(jobs));
  let job = queue.first();
  while (job >= 0 && slot < MAX_VIEW_SLOTS) {
    const request = jobs.rows[job].request;
    jobs.rows[job].viewSlot = slot;
    view.queueSinceS[slot] = jobs.rows[job].sinceS;
    view.queueRequest[slot] = requests.rows[request].number;
    view.queueWasted[slot] = isWasted(kernel, jobs.rows[job]) ? 1 : 0;
    slot++;
    job = queue.after(requests, jobs.rows[job]);
  }
}

/** Threads or workers: what is on each, and since and until when one is down. */
interface PoolCells {
  readonly capacity: number;
  /** By cell: its job, IDLE or DOWN. */
  readonly job: Int32Array;
  readonly downSinceS: Float64Array;
  readonly downUntilS: Float64Array;
}

/** Fills the cells; after `readPool` of every service, because tethers end on slots of others. */
export function readPoolCells(
  kernel: Kernel,
  state: { readonly pool: PoolCells },
  program: Program,
  view: PoolView,
  nodes: readonly NodeView[],
): void {
  const { pool } = state;
  const { rows: jobs } = kernel.jobs;
  const { rows: requests } = kernel.requests;
  let cellCount = pool.capacity;
  let running = 0;
  let parked = 0;
  let down = 0;
  for (let cell = 0; cell < pool.job.length; cell++) {
    const job = pool.job[cell];
    if (job >= 0 && cell >= cellCount) cellCount = cell + 1;
    if (job === IDLE) {
      // One that was idle before is clear.
      if (view.state[cell] !== CellState.Idle) clearCell(view, cell);
      continue;
    }
    clearCell(view, cell);
    if (job === DOWN) {
      view.state[cell] = CellState.Down;
      view.sinceS[cell] = pool.downSinceS[cell];
      view.untilS[cell] = pool.downUntilS[cell];
      if (cell < pool.capacity) down++;
      continue;
    }
    const row = jobs[job];
    view.request[cell] = requests[row.request].number;
    view.wasted[cell] = row.message < 0 && isWasted(kernel, row) ? 1 : 0;
    view.step[cell] = program.stepOf[row.position / STRIDE];
    view.sinceS[cell] = row.sinceS;
    if (row.phase === JobPhase.Running) {
      running++;
      view.state[cell] = CellState.Running;
      view.untilS[cell] = row.untilS;
      continue;
    }
    parked++;
    view.state[cell] = CellState.Parked;
    readTether(kernel, row, view, cell, nodes);
  }
  view.cellCount = cellCount;
  view.runningCount = running;
  view.parkedCount = parked;
  view.downCount = down;
}

/** As an idle cell is, also in a new view. */
function clearCell(view: PoolView, cell: number): void {
  view.state[cell] = CellState.Idle;
  view.request[cell] = -1;
  view.wasted[cell] = 0;
  view.step[cell] = -1;
  view.targetNode[cell] = -1;
  view.targetCell[cell] = -1;
  view.targetSlot[cell] = -1;
  view.sinceS[cell] = 0;
  view.untilS[cell] = 0;
}

/** From a parked job to what it waits for: a thread or a slot of another node, or a broker. */
function readTether(
  kernel: Kernel,
  { waitNode, callee }: Job,
  view: PoolView,
  cell: number,
  nodes: readonly NodeView[],
): void {
  view.targetNode[cell] = waitNode;
  if (callee >= 0) {
    const { thread, viewSlot } = kernel.jobs.rows[callee];
    view.targetCell[cell] = thread;
    view.targetSlot[cell] = thread >= 0 ? -1 : viewSlot;
    return;
  }
  const broker = nodes[waitNode];
  if (broker?.kind === 'broker') broker.publishing++;
}
