/** Paints the threads of rooms: idle cells as one picture a room, the others on it. */
import type { RoomGeometry } from '../scene/geometry.ts';
import { parkedLevel } from '../scene/parkedLevel.ts';
import { CellState, type LaneView, type PoolView } from '../sim/view.ts';
import {
  makeCellSprites,
  paintRunning,
  paintWasted,
  stamp,
  type CellSprites,
} from './cellGlyph.ts';
import type { Palette } from './palette.ts';
import type { PixelScale } from './pixelScale.ts';
import { paintSmallCells, type PixelGrid } from './smallCells.ts';
import { makePicture, type Picture } from './sprite.ts';

interface IdleGrid {
  readonly image: Picture;
  readonly left: number;
  readonly top: number;
}

export class RoomPainter implements PixelGrid {
  private readonly context: CanvasRenderingContext2D;
  private readonly cellSprites = new Map<number, CellSprites>();
  private grids = new WeakMap<RoomGeometry, IdleGrid>();
  private pixels: PixelScale = { scale: 1, offsetX: 0, offsetY: 0 };

  constructor(context: CanvasRenderingContext2D) {
    this.context = context;
  }

  setPixels(pixels: PixelScale): void {
    this.pixels = pixels;
  }

  /** Colours or sizes are others now: pictures are made anew. */
  forgetSprites(): void {
    this.cellSprites.clear();
    this.grids = new WeakMap();
  }

  /** Rooms that move leave cells of many sizes behind. */
  dropOldSprites(): void {
    if (this.cellSprites.size > 12) this.cellSprites.clear();
  }

  /** Paints in device pixels. */
  paint(room: RoomGeometry, view: LaneView, palette: Palette, isMoving: boolean): void {
    if (room.markCount === 0) return;
    const pool = view.nodes[room.node] as PoolView;
    const sprites = this.spritesFor(room.cellSize, palette);
    const cells = Math.min(pool.cellCount, pool.state.length);
    const marks = Math.min(room.markCount, Math.ceil(cells / room.threadsPerMark));
    // Idle cells stand still: all of a room's are one picture, on which the others are painted.
    const isWhole = marks === room.markCount && !isMoving;
    if (isWhole) {
      const grid = this.gridFor(room, sprites);
      this.context.drawImage(grid.image, grid.left, grid.top);
    }
    const { scale, offsetX, offsetY } = this.pixels;
    for (let mark = 0; mark < marks; mark++) {
      const x = room.cellX[mark] * scale + offsetX;
      const y = room.cellY[mark] * scale + offsetY;
      if (!isWhole) stamp(this.context, sprites.idle, x, y);
      if (room.threadsPerMark === 1 && !sprites.isTiny) {
        this.paintCell(pool, mark, x, y, sprites, palette, view.timeS);
      }
    }
    if (room.threadsPerMark > 1 || sprites.isTiny) {
      paintSmallCells(this.context, room, pool, marks, sprites, palette, view.timeS, this);
    }
  }

  /** Left edge of a mark, whole device pixels. */
  pixelX(room: RoomGeometry, mark: number): number {
    const { scale, offsetX } = this.pixels;
    return Math.round(room.cellX[mark] * scale + offsetX);
  }

  pixelY(room: RoomGeometry, mark: number): number {
    const { scale, offsetY } = this.pixels;
    return Math.round(room.cellY[mark] * scale + offsetY);
  }

  private spritesFor(cellSize: number, palette: Palette): CellSprites {
    const { scale } = this.pixels;
    const size = Math.max(2, Math.round(cellSize * scale));
    let sprites = this.cellSprites.get(size);
    if (!sprites) {
      sprites = makeCellSprites(size, scale, palette);
      this.cellSprites.set(size, sprites);
    }
    return sprites;
  }

  private gridFor(room: RoomGeometry, sprites: CellSprites): IdleGrid {
    let grid = this.grids.get(room);
    if (!grid) {
      grid = this.makeGrid(room, sprites);
      this.grids.set(room, grid);
    }
    return grid;
  }

  private makeGrid(room: RoomGeometry, sprites: CellSprites): IdleGrid {
    const { margin } = sprites.idle;
    const { scale, offsetX, offsetY } = this.pixels;
    const left = Math.floor(room.box.x * scale + offsetX) - margin;
    const top = Math.floor(room.box.y * scale + offsetY) - margin;
    const width = Math.ceil(room.box.width * scale) + 2 * margin;
    const height = Math.ceil(room.box.height * scale) + 2 * margin;
    const image = makePicture(width, height, (context) => {
      for (let mark = 0; mark < room.markCount; mark++) {
        stamp(context, sprites.idle, this.pixelX(room, mark) - left, this.pixelY(room, mark) - top);
      }
    });
    return { image, left, top };
  }

  private paintCell(
    pool: PoolView,
    cell: number,
    x: number,
    y: number,
    sprites: CellSprites,
    palette: Palette,
    timeS: number,
  ): void {
    switch (pool.state[cell] as CellState) {
      case CellState.Idle:
        return;
      case CellState.Running: {
        const sinceS = pool.sinceS[cell];
        const wholeS = pool.untilS[cell] - sinceS;
        paintRunning(this.context, sprites, x, y, wholeS > 0 ? (timeS - sinceS) / wholeS : 1);
        break;
      }
      case CellState.Parked:
        stamp(this.context, sprites.parked[parkedLevel(timeS - pool.sinceS[cell]) - 1], x, y);
        break;
      case CellState.Down:
        stamp(this.context, sprites.down, x, y);
        return;
    }
    if (pool.wasted[cell] !== 1) return;
    paintWasted(this.context, x, y, sprites.size, this.pixels.scale, palette);
  }
}
