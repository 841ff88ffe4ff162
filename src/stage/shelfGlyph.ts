/** Messages backing off: dashed rings whose arc drains until the next attempt; and dead letters. */
import type { ShelfGeometry } from '../scene/geometry.ts';
import { TokenKind } from '../scene/flights.ts';
import { letterPitchX } from '../scene/shelfLayout.ts';
import type { BrokerView } from '../sim/view.ts';
import type { Palette } from './palette.ts';
import { paintToken } from './tokenGlyph.ts';

/** Paints in stage units. */
export function paintShelf(
  context: CanvasRenderingContext2D,
  shelf: ShelfGeometry,
  broker: BrokerView,
  timeS: number,
  palette: Palette,
  fontSize: number,
): void {
  const shown = Math.min(broker.backingOff, shelf.ringCount, broker.shelfRequest.length);
  const y = shelf.ringY;
  for (let i = 0; i < shown; i++) {
    const x = ringX(shelf, i);
    const wholeS = broker.shelfDueS[i] - broker.shelfSinceS[i];
    const left = wholeS > 0 ? (broker.shelfDueS[i] - timeS) / wholeS : 0;
    const isNumbered = shelf.ringRadius >= 9;
    // A numbered ring is thinner, so that it keeps off the number.
    paintRing(context, x, y, shelf.ringRadius, isNumbered ? 2 : 1.4, left, palette);
    if (isNumbered) {
      context.fillStyle = palette.ink;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.font = `600 ${fontSize * 0.9}px ${bodyFont()}`;
      context.fillText(`${broker.shelfAttempt[i]}/${broker.maxAttempts}`, x, y + 0.5);
    }
  }
  const letters = Math.min(broker.deadLettered, shelf.letterColumns * shelf.letterRows);
  const pitchY = (shelf.tray.height - 2) / shelf.letterRows;
  const size = Math.min(pitchY * 1.12, shelf.letterWidth / 1.24);
  for (let i = 0; i < letters; i++) {
    const column = Math.floor(i / shelf.letterRows);
    paintToken(
      context,
      TokenKind.DeadLetter,
      shelf.tray.x + 2.4 + letterPitchX(shelf) * (column + 0.5),
      shelf.tray.y + shelf.tray.height - 1.6 - pitchY * ((i % shelf.letterRows) + 0.5),
      size,
      palette,
    );
  }
}

/** Middle of the i-th ring; the soonest due comes first. */
export function ringX(shelf: ShelfGeometry, i: number): number {
  return shelf.ringX + i * shelf.ringPitch;
}

function paintRing(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  width: number,
  left: number,
  palette: Palette,
): void {
  context.beginPath();
  context.arc(x, y, radius - 1, 0, 2 * Math.PI);
  context.fillStyle = palette.sheet;
  context.fill();
  context.strokeStyle = palette.ink3;
  context.lineWidth = width / 2;
  context.setLineDash([radius * 0.25, radius * 0.25]);
  context.stroke();
  context.setLineDash([]);
  context.beginPath();
  const share = Math.max(0, Math.min(1, left));
  context.arc(x, y, radius - 1, -Math.PI / 2, -Math.PI / 2 + share * 2 * Math.PI);
  context.strokeStyle = palette.wait[1];
  context.lineWidth = width;
  context.lineCap = 'butt';
  context.stroke();
}

let font: string | null = null;

function bodyFont(): string {
  font ??=
    getComputedStyle(document.documentElement).getPropertyValue('--sans').trim() || 'sans-serif';
  return font;
}
