/**
 * Rooms with very many threads: cells as plain rectangles, one pass a colour, and marks that stand
 * for several threads divided into their shares (parked below, running above, the rest idle).
 */
import type { RoomGeometry } from '../scene/geometry.ts';
import { parkedLevel } from '../scene/parkedLevel.ts';
import { CellState, type PoolView } from '../sim/view.ts';
import { stamp, type CellSprites } from './cellGlyph.ts';
import type { Palette } from './palette.ts';

/** Gives the corner of a mark in whole device pixels. */
export interface PixelGrid {
  pixelX(room: RoomGeometry, mark: number): number;
  pixelY(room: RoomGeometry, mark: number): number;
}

const CAPACITY = 256;
/** Per mark: heights of the shares, progress of a single running thread, level of the oldest. */
const parkedHeight = new Uint16Array(CAPACITY);
const parkedAt = new Uint8Array(CAPACITY);
const runningHeight = new Uint16Array(CAPACITY);
const runningWidth = new Uint16Array(CAPACITY);
const wasted = new Uint8Array(CAPACITY);

/** Paints everything but idle cells, in device pixels. */
export function paintSmallCells(
  context: CanvasRenderingContext2D,
  room: RoomGeometry,
  pool: PoolView,
  marks: number,
  sprites: CellSprites,
  palette: Palette,
  timeS: number,
  grid: PixelGrid,
): void {
  const { size } = sprites;
  const shown = Math.min(marks, CAPACITY);
  for (let mark = 0; mark < shown; mark++) {
    if (readMark(room, pool, mark, size, timeS)) {
      stamp(context, sprites.down, grid.pixelX(room, mark), grid.pixelY(room, mark));
    }
  }
  // The outline of the idle cell beneath stays visible, so that neighbours do not run together.
  const inset = size >= 5 ? Math.max(1, Math.round(size * 0.1)) : 0;
  for (let level = 1; level <= 3; level++) {
    context.fillStyle = sprites.hatches[level - 1];
    for (let mark = 0; mark < shown; mark++) {
      if (parkedAt[mark] !== level) continue;
      const height = parkedHeight[mark];
      const left = grid.pixelX(room, mark) + inset;
      const bottom = grid.pixelY(room, mark) + size - inset;
      const tall = Math.max(1, Math.min(height, size - 2 * inset));
      context.fillRect(left, bottom - tall, size - 2 * inset, tall);
    }
  }
  if (room.threadsPerMark === 1) {
    context.fillStyle = palette.runBase;
    for (let mark = 0; mark < shown; mark++) {
      if (runningHeight[mark] === 0) continue;
      context.fillRect(grid.pixelX(room, mark), grid.pixelY(room, mark), size, size);
    }
  }
  context.fillStyle = palette.run;
  for (let mark = 0; mark < shown; mark++) {
    const height = runningHeight[mark];
    if (height === 0) continue;
    const bottom = grid.pixelY(room, mark) + size - parkedHeight[mark];
    context.fillRect(grid.pixelX(room, mark), bottom - height, runningWidth[mark], height);
  }
  paintWastedCorners(context, room, shown, size, palette, grid);
}

/** @returns whether a thread of the mark is down */
function readMark(
  room: RoomGeometry,
  pool: PoolView,
  mark: number,
  size: number,
  timeS: number,
): boolean {
  const first = mark * room.threadsPerMark;
  const end = Math.min(first + room.threadsPerMark, pool.cellCount);
  let parked = 0;
  let running = 0;
  let isDown = false;
  let longestS = 0;
  let progress = 1;
  wasted[mark] = 0;
  for (let cell = first; cell < end; cell++) {
    const state = pool.state[cell];
    if (state === CellState.Parked) {
      parked++;
      longestS = Math.max(longestS, timeS - pool.sinceS[cell]);
    } else if (state === CellState.Running) {
      running++;
      const wholeS = pool.untilS[cell] - pool.sinceS[cell];
      progress = wholeS > 0 ? (timeS - pool.sinceS[cell]) / wholeS : 1;
    } else if (state === CellState.Down) isDown = true;
    if (pool.wasted[cell] === 1) wasted[mark] = 1;
  }
  const all = Math.max(1, end - first);
  parkedHeight[mark] = Math.round((size * parked) / all);
  parkedAt[mark] = parked > 0 ? parkedLevel(longestS) : 0;
  runningHeight[mark] = Math.round((size * running) / all);
  const isSingle = room.threadsPerMark === 1;
  runningWidth[mark] = isSingle
    ? Math.max(1, Math.round(size * Math.max(0.08, Math.min(1, progress))))
    : size;
  return isDown;
}

function paintWastedCorners(
  context: CanvasRenderingContext2D,
  room: RoomGeometry,
  marks: number,
  size: number,
  palette: Palette,
  grid: PixelGrid,
): void {
  const corner = Math.max(2, Math.round(size * 0.4));
  context.fillStyle = palette.fail;
  for (let mark = 0; mark < marks; mark++) {
    if (wasted[mark] === 0) continue;
    const right = grid.pixelX(room, mark) + size;
    context.fillRect(right - corner, grid.pixelY(room, mark), corner, corner);
  }
}
