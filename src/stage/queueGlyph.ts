/** The messages in a broker queue: one mark each, the head at the right, filling leftwards. */
import type { VesselGeometry } from '../scene/geometry.ts';
import { messagesPerMark } from '../scene/vesselLayout.ts';
import type { Palette } from './palette.ts';
import { makeSprite, type PictureContext, type Sprite } from './sprite.ts';

export interface QueueSprite {
  readonly vessel: VesselGeometry;
  /** All columns, full; the right-hand part of it is what is ready. */
  readonly full: Sprite;
  readonly pitchX: number;
  readonly pitchY: number;
  readonly left: number;
  readonly top: number;
}

/** @param scale device pixels a stage unit; the origin offsets are device pixels */
export function makeQueueSprite(
  vessel: VesselGeometry,
  scale: number,
  offsetX: number,
  offsetY: number,
  palette: Palette,
): QueueSprite {
  const pitchX = vessel.pitchX * scale;
  const pitchY = vessel.pitchY * scale;
  const right = (vessel.box.x + vessel.box.width - 0.5) * scale + offsetX;
  const spareY = (vessel.box.height - vessel.rows * vessel.pitchY) / 2;
  const width = vessel.columns * pitchX;
  const full = makeSprite(width, vessel.rows * pitchY, 0, (context) => {
    for (let column = 0; column < vessel.columns; column++) {
      for (let row = 0; row < vessel.rows; row++) {
        paintMark(context, column * pitchX, row * pitchY, pitchX, pitchY, scale, palette);
      }
    }
  });
  return {
    vessel,
    full,
    pitchX,
    pitchY,
    left: Math.round(right - width),
    top: Math.round((vessel.box.y + spareY) * scale + offsetY),
  };
}

function paintMark(
  context: PictureContext,
  x: number,
  y: number,
  pitchX: number,
  pitchY: number,
  scale: number,
  palette: Palette,
): void {
  // Gaps of a fifth and a third, on whole pixels where the marks are large enough to have any.
  const left = snap(x, pitchX);
  const top = snap(y, pitchY);
  const width = snap(x + pitchX * 0.8, pitchX) - left;
  const height = snap(y + pitchY * 0.68, pitchY) - top;
  if (pitchX < 9 * scale) {
    context.fillStyle = palette.ink;
    context.fillRect(left, top, width, height);
    return;
  }
  const inset = 0.6 * scale;
  context.lineWidth = 1.1 * scale;
  context.strokeStyle = palette.ink;
  context.fillStyle = palette.sheet;
  context.beginPath();
  context.rect(left + inset, top + inset, width - 2 * inset, height - 2 * inset);
  context.fill();
  context.stroke();
  context.beginPath();
  context.moveTo(left + inset, top + inset);
  context.lineTo(left + width / 2, top + height * 0.6);
  context.lineTo(left + width - inset, top + inset);
  context.stroke();
}

function snap(value: number, pitch: number): number {
  return pitch >= 2 ? Math.round(value) : value;
}

/** Paints in device pixels. @param ready messages ready now */
export function paintQueue(
  context: CanvasRenderingContext2D,
  sprite: QueueSprite,
  ready: number,
): void {
  const { rows, columns } = sprite.vessel;
  const marks = Math.min(Math.ceil(ready / messagesPerMark(ready)), rows * columns);
  const fullColumns = Math.floor(marks / rows);
  const rest = marks - fullColumns * rows;
  const { image, width, height } = sprite.full;
  if (fullColumns > 0) {
    const from = Math.round((columns - fullColumns) * sprite.pitchX);
    const shown = width - from;
    context.drawImage(image, from, 0, shown, height, sprite.left + from, sprite.top, shown, height);
  }
  if (rest > 0) {
    const from = Math.round((columns - fullColumns - 1) * sprite.pitchX);
    const shown = Math.round((columns - fullColumns) * sprite.pitchX) - from;
    const tall = Math.max(1, Math.round(rest * sprite.pitchY));
    context.drawImage(image, from, 0, shown, tall, sprite.left + from, sprite.top, shown, tall);
  }
}

/** Corner of the mark of a ready message (0 is next), device pixels. */
export function markCorner(
  sprite: QueueSprite,
  position: number,
  ready: number,
): { x: number; y: number } | null {
  const mark = Math.floor(position / messagesPerMark(ready));
  const column = Math.floor(mark / sprite.vessel.rows);
  if (column >= sprite.vessel.columns) return null;
  return {
    x: sprite.left + (sprite.vessel.columns - column - 1) * sprite.pitchX,
    y: sprite.top + (mark % sprite.vessel.rows) * sprite.pitchY,
  };
}
