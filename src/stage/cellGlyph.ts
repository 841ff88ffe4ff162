/** A thread: hollow when idle, solid when running, hatched when parked, dashed and crossed when down. */
import { HATCH, HATCH_PITCH } from './hatch.ts';
import type { Palette } from './palette.ts';
import {
  makePicture,
  makeSprite,
  type Picture,
  type PictureContext,
  type Sprite,
} from './sprite.ts';

export interface CellSprites {
  /** Edge of a cell in device pixels. */
  readonly size: number;
  readonly idle: Sprite;
  /** Side by side, running cells filled by 0, 1, … `size` device pixels. */
  readonly running: Picture;
  readonly margin: number;
  readonly parked: readonly [Sprite, Sprite, Sprite];
  readonly down: Sprite;
  /** Hatches for cells too small for outlines, painted as plain rectangles. */
  readonly hatches: readonly [CanvasPattern, CanvasPattern, CanvasPattern];
  readonly isTiny: boolean;
}

/** Cells below this edge (stage units) are drawn without corners and outlines of their own. */
const TINY = 10;

/** @param size edge in device pixels @param scale device pixels a stage unit */
export function makeCellSprites(size: number, scale: number, palette: Palette): CellSprites {
  const margin = Math.ceil(scale) + 1;
  const isTiny = size < TINY * scale;
  const radius = Math.min(2.5 * scale, size * 0.18);
  const sprite = (draw: (context: PictureContext) => void): Sprite =>
    makeSprite(size, size, margin, draw);
  const box = (context: PictureContext): void => {
    context.beginPath();
    context.roundRect(0, 0, size, size, radius);
  };
  const thin = (isTiny ? 0.8 : 1.1) * scale;
  const parked = [0, 1, 2].map((level) => sprite((context) => paintHatch(context, level)));
  const base = sprite((context) => {
    box(context);
    context.fillStyle = palette.runBase;
    context.fill();
    context.strokeStyle = palette.run;
    context.lineWidth = thin;
    context.stroke();
  });
  const filled = sprite((context) => {
    box(context);
    context.fillStyle = palette.run;
    context.fill();
  });
  return {
    size,
    isTiny,
    hatches: parked.map((_, level) => makeHatchPattern(scale, palette, level)) as unknown as [
      CanvasPattern,
      CanvasPattern,
      CanvasPattern,
    ],
    parked: parked as unknown as [Sprite, Sprite, Sprite],
    idle: sprite((context) => {
      box(context);
      context.strokeStyle = palette.ink3;
      context.lineWidth = thin;
      context.stroke();
    }),
    margin,
    running: makePicture((size + 1) * (size + 2 * margin), size + 2 * margin, (context) => {
      for (let width = 0; width <= size; width++) {
        context.setTransform(1, 0, 0, 1, width * (size + 2 * margin) + margin, margin);
        context.drawImage(base.image, -margin, -margin);
        if (width === 0) continue;
        context.drawImage(filled.image, margin, margin, width, size, 0, 0, width, size);
      }
    }),
    down: sprite((context) => {
      context.fillStyle = palette.sheet;
      context.fillRect(-scale, -scale, size + 2 * scale, size + 2 * scale);
      box(context);
      context.strokeStyle = palette.fail;
      context.lineWidth = 1.2 * scale;
      context.setLineDash([3 * scale, 2 * scale]);
      context.stroke();
      context.setLineDash([]);
      const inset = size * 0.24;
      context.lineWidth = Math.min(2 * scale, size * 0.12);
      context.lineCap = 'round';
      context.beginPath();
      context.moveTo(inset, inset);
      context.lineTo(size - inset, size - inset);
      context.moveTo(size - inset, inset);
      context.lineTo(inset, size - inset);
      context.stroke();
    }),
  };
  function paintHatch(context: PictureContext, level: number): void {
    const hatch = HATCH[level];
    box(context);
    context.fillStyle = palette.waitGround[level];
    context.fill();
    context.save();
    context.clip();
    context.strokeStyle = palette.wait[level];
    const pitch = HATCH_PITCH * scale * Math.SQRT2;
    context.lineWidth = hatch.line * scale;
    context.beginPath();
    for (let x = -size + pitch * 0.2; x < size * 2; x += pitch) {
      context.moveTo(x, size + 2);
      context.lineTo(x + size + 4, -2);
    }
    context.stroke();
    context.restore();
    box(context);
    context.strokeStyle = palette.wait[level];
    context.lineWidth = hatch.outline * scale;
    context.stroke();
  }
}

/** A small hatch that repeats: one diagonal a tile. */
function makeHatchPattern(scale: number, palette: Palette, level: number): CanvasPattern {
  const size = Math.max(3, Math.round(4.4 * scale));
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const context = tile.getContext('2d')!;
  context.fillStyle = palette.waitGround[level];
  context.fillRect(0, 0, size, size);
  context.strokeStyle = palette.wait[level];
  context.lineWidth = HATCH[level].line * scale * 0.62;
  context.beginPath();
  for (const shift of [-size, 0, size]) {
    context.moveTo(shift - 1, size + 1);
    context.lineTo(shift + size + 1, -1);
  }
  context.stroke();
  return context.createPattern(tile, 'repeat')!;
}

/** Stamps a sprite with its shape's corner at a device pixel. */
export function stamp(context: PictureContext, sprite: Sprite, x: number, y: number): void {
  context.drawImage(sprite.image, Math.round(x) - sprite.margin, Math.round(y) - sprite.margin);
}

/** A running thread. @param progress 0 to 1 */
export function paintRunning(
  context: CanvasRenderingContext2D,
  sprites: CellSprites,
  x: number,
  y: number,
  progress: number,
): void {
  const { running, margin, size } = sprites;
  const edge = size + 2 * margin;
  const width = Math.round(Math.max(0.08, Math.min(1, progress)) * size);
  const left = Math.round(x) - margin;
  const top = Math.round(y) - margin;
  context.drawImage(running, width * edge, 0, edge, edge, left, top, edge, edge);
}

/** The user behind this work has gone: a corner torn off, with the edge of the tear in red. */
export function paintWasted(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  size: number,
  scale: number,
  palette: Palette,
): void {
  const notch = Math.max(3 * scale, size * 0.42);
  const left = Math.round(x);
  const top = Math.round(y);
  context.beginPath();
  context.moveTo(left + size - notch, top - scale);
  context.lineTo(left + size + scale, top - scale);
  context.lineTo(left + size + scale, top + notch);
  context.closePath();
  context.fillStyle = palette.sheet;
  context.fill();
  context.beginPath();
  context.moveTo(left + size - notch, top);
  context.lineTo(left + size, top + notch);
  context.strokeStyle = palette.fail;
  context.lineWidth = Math.max(1.6 * scale, size * 0.085);
  context.lineCap = 'round';
  context.stroke();
}
