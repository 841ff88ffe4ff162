/** A request in an accept queue: a ring, with a pie for the patience its user has used up. */
import type { CorridorGeometry } from '../scene/geometry.ts';
import type { PoolView } from '../sim/view.ts';
import type { Palette } from './palette.ts';

const FULL_TURN = 2 * Math.PI;

/** Paints in stage units. @param patienceS seconds, or null where patience has no limit here */
export function paintSlots(
  context: CanvasRenderingContext2D,
  corridor: CorridorGeometry,
  pool: PoolView,
  timeS: number,
  patienceS: number | null,
  palette: Palette,
): void {
  const filled = Math.min(pool.queueLength, corridor.slotX.length, pool.queueSinceS.length);
  if (filled === 0) return;
  const radius = corridor.slotRadius;
  context.lineWidth = Math.min(1.2, radius * 0.28);
  context.fillStyle = palette.sheet;
  for (const isLate of [false, true]) {
    context.beginPath();
    for (let i = 0; i < filled; i++) {
      const used = patienceS === null ? 0 : (timeS - pool.queueSinceS[i]) / patienceS;
      if (used > 0.4 !== isLate || pool.queueWasted[i] === 1) continue;
      context.moveTo(corridor.slotX[i] + radius, corridor.slotY[i]);
      context.arc(corridor.slotX[i], corridor.slotY[i], radius, 0, FULL_TURN);
    }
    context.fill();
    context.strokeStyle = isLate ? palette.wait[2] : palette.ink;
    context.stroke();
  }
  if (patienceS !== null) paintPies(context, corridor, pool, filled, timeS, patienceS, palette);
  paintGone(context, corridor, pool, filled, palette);
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
  context.beginPath();
  for (let i = 0; i < filled; i++) {
    const used = Math.min(0.999, (timeS - pool.queueSinceS[i]) / patienceS);
    if (used < 0.02 || pool.queueWasted[i] === 1) continue;
    const x = corridor.slotX[i];
    const y = corridor.slotY[i];
    context.moveTo(x, y);
    context.lineTo(x, y - radius);
    context.arc(x, y, radius, -Math.PI / 2, used * FULL_TURN - Math.PI / 2);
    context.lineTo(x, y);
  }
  context.fill();
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
  context.beginPath();
  for (let i = 0; i < filled; i++) {
    if (pool.queueWasted[i] !== 1) continue;
    const x = corridor.slotX[i];
    const y = corridor.slotY[i];
    context.moveTo(x - half, y - height);
    context.lineTo(x + half, y - height);
    context.lineTo(x - half, y + height);
    context.lineTo(x + half, y + height);
    context.closePath();
  }
  context.fillStyle = palette.sheet;
  context.fill();
  context.strokeStyle = palette.fail;
  context.stroke();
}
