/**
 * A request in an accept queue: a ring, with a pie for the patience its user has used up. Rings stand
 * still: all of a queue's are pictures, of which the places that are taken are shown.
 */
import { SLOT_RADIUS } from '../scene/corridorLayout.ts';
import type { CorridorGeometry } from '../scene/geometry.ts';
import type { PoolView } from '../sim/view.ts';
import type { Palette } from './palette.ts';
import type { PixelScale } from './pixelScale.ts';
import { makePicture, type Picture, type PictureContext } from './sprite.ts';

const FULL_TURN = 2 * Math.PI;
/** From this share of its patience on a request waits in another colour. */
const LATE_SHARE = 0.4;

/** All rings of a queue, in both colours; its corner in device pixels. */
export interface SlotPictures {
  readonly left: number;
  readonly top: number;
  readonly usual: Picture;
  readonly late: Picture;
}

export function makeSlotPictures(
  corridor: CorridorGeometry,
  { scale, offsetX, offsetY }: PixelScale,
  palette: Palette,
): SlotPictures {
  const { box } = corridor;
  const left = Math.floor(box.x * scale + offsetX) - 2;
  const top = Math.floor(box.y * scale + offsetY) - 2;
  const picture = (colour: string): Picture =>
    makePicture(box.width * scale + 5, box.height * scale + 5, (context) => {
      context.setTransform(scale, 0, 0, scale, offsetX - left, offsetY - top);
      for (let i = 0; i < corridor.slotX.length; i++)
        paintSlot(context, corridor, i, colour, palette);
    });
  return { left, top, usual: picture(palette.ink), late: picture(palette.wait[2]) };
}

function paintSlot(
  context: PictureContext,
  { slotX, slotY, slotRadius }: CorridorGeometry,
  slot: number,
  colour: string,
  palette: Palette,
): void {
  context.beginPath();
  context.arc(slotX[slot], slotY[slot], slotRadius, 0, FULL_TURN);
  context.fillStyle = palette.sheet;
  context.fill();
  context.strokeStyle = colour;
  context.lineWidth = Math.min(1.2, slotRadius * 0.28);
  context.stroke();
}

/**
 * Paints in stage units, with the stage's transform set.
 * @param patienceS seconds, or null where patience has no limit here
 * @param pictures null while the rooms move
 */
export function paintSlots(
  context: CanvasRenderingContext2D,
  corridor: CorridorGeometry,
  pool: PoolView,
  timeS: number,
  patienceS: number | null,
  palette: Palette,
  pictures: SlotPictures | null,
  pixels: PixelScale,
): void {
  const filled = Math.min(pool.queueLength, corridor.slotX.length, pool.queueSinceS.length);
  if (filled === 0) return;
  const kindOf = (slot: number): SlotKind => {
    if (pool.queueWasted[slot] === 1) return SlotKind.Gone;
    const isLate = patienceS !== null && timeS - pool.queueSinceS[slot] > LATE_SHARE * patienceS;
    return isLate ? SlotKind.Late : SlotKind.Usual;
  };
  if (pictures === null) {
    for (let slot = 0; slot < filled; slot++) {
      const kind = kindOf(slot);
      if (kind === SlotKind.Gone) continue;
      paintSlot(context, corridor, slot, kind ? palette.wait[2] : palette.ink, palette);
    }
  } else {
    context.setTransform(1, 0, 0, 1, 0, 0);
    const { scale, offsetX, offsetY } = pixels;
    const half = corridor.slotRadius / SLOT_RADIUS / 2;
    // Neighbours in a column that look the same are one piece of the picture.
    for (let from = 0; from < filled;) {
      const kind = kindOf(from);
      const columnEnd = Math.min(filled, (Math.floor(from / corridor.rows) + 1) * corridor.rows);
      let to = from + 1;
      while (to < columnEnd && kindOf(to) === kind) to++;
      if (kind !== SlotKind.Gone) {
        const x = Math.round((corridor.slotX[from] - half) * scale + offsetX);
        const right = Math.round((corridor.slotX[from] + half) * scale + offsetX);
        const y = Math.round((corridor.slotY[from] - half) * scale + offsetY);
        const bottom = Math.round((corridor.slotY[to - 1] + half) * scale + offsetY);
        const picture = kind === SlotKind.Late ? pictures.late : pictures.usual;
        copy(context, picture, x, y, right - x, bottom - y, pictures.left, pictures.top);
      }
      from = to;
    }
    context.setTransform(scale, 0, 0, scale, offsetX, offsetY);
  }
  if (patienceS !== null) paintPies(context, corridor, pool, filled, timeS, patienceS, palette);
  paintGone(context, corridor, pool, filled, palette);
}

const SlotKind = { Usual: 0, Late: 1, Gone: 2 } as const;
type SlotKind = (typeof SlotKind)[keyof typeof SlotKind];

/** Copies what lies at a place of the canvas from a picture with its corner at (left, top). */
function copy(
  context: CanvasRenderingContext2D,
  picture: Picture,
  x: number,
  y: number,
  width: number,
  height: number,
  left: number,
  top: number,
): void {
  if (width <= 0 || height <= 0) return;
  context.drawImage(picture, x - left, y - top, width, height, x, y, width, height);
}

function paintPies(
  context: CanvasRenderingContext2D,
  corridor: CorridorGeometry,
  pool: PoolView,
  filled: number,
  timeS: number,
  patienceS: number,
  palette: Palette,
): void {
  const radius = corridor.slotRadius * 0.88;
  context.fillStyle = palette.wait[1];
  for (let i = 0; i < filled; i++) {
    const used = Math.min(0.999, (timeS - pool.queueSinceS[i]) / patienceS);
    if (used < 0.02 || pool.queueWasted[i] === 1) continue;
    const x = corridor.slotX[i];
    const y = corridor.slotY[i];
    // One path of all would take longer: a browser fills small shapes faster one by one.
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x, y - radius);
    context.arc(x, y, radius, -Math.PI / 2, used * FULL_TURN - Math.PI / 2);
    context.fill();
  }
}

/** Whose user has given up: an hourglass in place of the ring; the place stays taken. */
function paintGone(
  context: CanvasRenderingContext2D,
  corridor: CorridorGeometry,
  pool: PoolView,
  filled: number,
  palette: Palette,
): void {
  const half = corridor.slotRadius * 0.8;
  const height = corridor.slotRadius;
  context.lineWidth = Math.min(1.2, corridor.slotRadius * 0.28);
  context.beginPath();
  let any = false;
  for (let i = 0; i < filled; i++) {
    if (pool.queueWasted[i] !== 1) continue;
    any = true;
    const x = corridor.slotX[i];
    const y = corridor.slotY[i];
    context.moveTo(x - half, y - height);
    context.lineTo(x + half, y - height);
    context.lineTo(x - half, y + height);
    context.lineTo(x + half, y + height);
    context.closePath();
  }
  if (!any) return;
  context.fillStyle = palette.sheet;
  context.fill();
  context.strokeStyle = palette.fail;
  context.stroke();
}
