/** Puts a service's threads into a room: bays of two rows facing an aisle, cells as large as fit. */
import type { Box } from './geometry.ts';
import type { StageMeasures } from './variant.ts';

/** Up to this many threads each has its own cell; beyond, a mark stands for several. */
export const MAX_CELLS = 200;

export interface CellGrid {
  readonly cellSize: number;
  readonly columns: number;
  readonly bays: number;
  readonly aisle: number;
  readonly cellX: Float64Array;
  readonly cellY: Float64Array;
  readonly aisleY: Float64Array;
}

/** Threads each mark stands for: 1 up to 200 threads, then as few as keep the marks within 200. */
export function threadsPerMark(threads: number): number {
  return Math.max(1, Math.ceil(threads / MAX_CELLS));
}

/** @param marks cells to place, 1 or more */
export function layoutCells(marks: number, box: Box, measures: StageMeasures): CellGrid {
  let best = { size: 0, bays: 1, columns: Math.ceil(marks / 2) };
  for (let bays = 1; bays <= 10; bays++) {
    const columns = Math.ceil(marks / (2 * bays));
    const size = Math.min(
      measures.cell,
      largestSize((s) => roomWidth(columns, s, measures) <= box.width + 1e-6),
      largestSize((s) => roomHeight(bays, s, measures) <= box.height + 1e-6),
    );
    // A tenth more is needed to pay for another bay.
    if (size > best.size * (best.size > 0 ? 1.02 : 1)) best = { size, bays, columns };
  }
  const { size, bays, columns } = best;
  const k = size / measures.cell;
  const pitch = size + gapAt(size, measures);
  const aisle = aisleAt(size, measures);
  const bayHeight = 2 * size + aisle;
  const usedHeight = bays * bayHeight + (bays - 1) * measures.bayGap * k;
  const startX = box.x + padAt(size, measures.padX, measures);
  const startY = box.y + (box.height - usedHeight) / 2;
  const cellX = new Float64Array(marks);
  const cellY = new Float64Array(marks);
  const aisleY = new Float64Array(bays);
  for (let bay = 0; bay < bays; bay++) {
    aisleY[bay] = startY + bay * (bayHeight + measures.bayGap * k) + size + aisle / 2;
  }
  for (let i = 0; i < marks; i++) {
    const bay = Math.floor(i / (2 * columns));
    const row = Math.floor(i / columns) % 2;
    cellX[i] = startX + (i % columns) * pitch;
    cellY[i] = startY + bay * (bayHeight + measures.bayGap * k) + row * (size + aisle);
  }
  return { cellSize: size, columns, bays, aisle, cellX, cellY, aisleY };
}

function gapAt(size: number, measures: StageMeasures): number {
  return Math.max(1, measures.cellGap * (size / measures.cell));
}

/** Aisles shrink more slowly than cells: strands still have to find room in them. */
function aisleAt(size: number, measures: StageMeasures): number {
  return Math.max(Math.min(6, measures.aisle), measures.aisle * (size / measures.cell));
}

function padAt(size: number, pad: number, measures: StageMeasures): number {
  return Math.max(pad * 0.6, pad * (size / measures.cell));
}

function roomWidth(columns: number, size: number, measures: StageMeasures): number {
  const gap = gapAt(size, measures);
  return 2 * padAt(size, measures.padX, measures) + columns * (size + gap) - gap;
}

function roomHeight(bays: number, size: number, measures: StageMeasures): number {
  const k = size / measures.cell;
  return (
    2 * padAt(size, measures.padY, measures) +
    bays * (2 * size + aisleAt(size, measures)) +
    (bays - 1) * measures.bayGap * k
  );
}

/** Largest size up to 40 units that passes, to a 50th of a unit. */
function largestSize(fits: (size: number) => boolean): number {
  let low = 0;
  let high = 40;
  while (high - low > 0.02) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return Math.round(low * 50) / 50;
}
