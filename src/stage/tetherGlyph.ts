/** A strand from a parked thread to what it waits for, with a knot at either end. */
import { TetherEnd, type TetherBuffer } from '../scene/tetherRouting.ts';
import type { Palette } from './palette.ts';

const WIDTH = [1, 1.1, 1.25] as const;

/** How strands are drawn; lengths in stage units. */
export interface TetherStyle {
  readonly width: number;
  /** No line is thinner, however many there are: a part of a pixel would be a blur. */
  readonly minWidth: number;
  readonly knotRadius: number;
  /** Puts the middle of a line on the middle of a pixel, so that neighbours stay apart. */
  readonly snapX: (x: number) => number;
  readonly snapY: (y: number) => number;
}

/** Paints in stage units. */
export function paintTethers(
  context: CanvasRenderingContext2D,
  tethers: TetherBuffer,
  palette: Palette,
  style: TetherStyle,
): void {
  const { knotRadius } = style;
  context.lineCap = 'butt';
  // Many strands share the same doors: thinner, they can still be told apart.
  const crowding = Math.max(0.5, Math.min(1, 36 / Math.max(1, tethers.count)));
  for (let level = 1; level <= 3; level++) {
    let any = false;
    context.beginPath();
    for (let k = 0; k < tethers.count; k++) {
      if (tethers.level[k] !== level) continue;
      any = true;
      traceTether(context, tethers, k, style);
    }
    if (!any) continue;
    context.strokeStyle = palette.wait[level - 1];
    context.lineWidth = Math.max(style.minWidth, style.width * WIDTH[level - 1] * crowding);
    context.stroke();
    context.beginPath();
    for (let k = 0; k < tethers.count; k++) {
      if (tethers.level[k] !== level) continue;
      knot(context, tethers.startX[k], tethers.startY[k], knotRadius);
      if (tethers.end[k] === TetherEnd.Cell) {
        knot(context, tethers.endX[k], tethers.endY[k], knotRadius);
      }
    }
    context.fillStyle = palette.wait[level - 1];
    context.fill();
  }
}

/** One strand on top of the others, in the reader's colour. */
export function paintTracedTether(
  context: CanvasRenderingContext2D,
  tethers: TetherBuffer,
  request: number,
  palette: Palette,
  width: number,
  style: TetherStyle,
): void {
  for (let k = 0; k < tethers.count; k++) {
    if (tethers.request[k] !== request) continue;
    context.beginPath();
    traceTether(context, tethers, k, style);
    context.strokeStyle = palette.hand;
    context.lineWidth = width;
    context.stroke();
  }
}

/** Below this radius a square is as round as a disc, and much cheaper. */
const SQUARE_BELOW = 1.1;

function knot(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  if (radius < SQUARE_BELOW) {
    context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
    return;
  }
  context.moveTo(x + radius, y);
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

function traceTether(
  context: CanvasRenderingContext2D,
  t: TetherBuffer,
  k: number,
  { snapX, snapY }: TetherStyle,
): void {
  const r = t.turn;
  const startX = snapX(t.startX[k]);
  const trackY = snapY(t.trackY[k]);
  const arriveX = t.arriveX[k];
  const arriveY = snapY(t.arriveY[k]);
  context.moveTo(startX, t.startY[k]);
  context.lineTo(startX, trackY - t.startTurn[k] * r);
  context.quadraticCurveTo(startX, trackY, startX + r, trackY);
  context.lineTo(t.leaveX[k], trackY);
  context.bezierCurveTo(t.bendX1[k], trackY, t.bendX2[k], arriveY, arriveX, arriveY);
  const end = t.end[k];
  if (end === TetherEnd.Edge) return;
  const endX = snapX(t.endX[k]);
  const turn = t.endTurn[k] * r;
  let y = arriveY;
  if (end === TetherEnd.Cell) {
    y = snapY(t.innerY[k]);
    if (Math.abs(y - arriveY) > 0.5) {
      const middle = (t.lobbyX1[k] + t.lobbyX2[k]) / 2;
      context.lineTo(t.lobbyX1[k], arriveY);
      context.bezierCurveTo(middle + 2, arriveY, middle - 2, y, t.lobbyX2[k], y);
    }
  }
  context.lineTo(endX - r, y);
  context.quadraticCurveTo(endX, y, endX, y + turn);
  context.lineTo(endX, t.endY[k]);
}
