/** Things that move: requests, messages and the ways a request can end. One shape each. */
import { TokenKind } from '../scene/flights.ts';
import type { Palette } from './palette.ts';

/** Paints a token centred at a point. @param size its height in the unit of the context */
export function paintToken(
  context: CanvasRenderingContext2D,
  kind: TokenKind,
  x: number,
  y: number,
  size: number,
  palette: Palette,
): void {
  const half = size / 2;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  switch (kind) {
    case TokenKind.Request:
      disc(context, x, y, size * 0.35);
      outline(context, palette.ink, palette.sheet, size * 0.08);
      return;
    case TokenKind.Answered:
      disc(context, x, y, size * 0.46);
      outline(context, palette.ink, palette.sheet, size * 0.08);
      tick(context, x, y, size, palette);
      return;
    case TokenKind.Declined:
      disc(context, x, y, size * 0.38);
      outline(context, palette.sheet, palette.ink, size * 0.1);
      cross(context, x, y, size * 0.15);
      context.stroke();
      return;
    case TokenKind.Rejected:
      disc(context, x, y, size * 0.38);
      outline(context, palette.sheet, palette.fail, size * 0.1);
      context.beginPath();
      context.moveTo(x - size * 0.22, y);
      context.lineTo(x + size * 0.22, y);
      context.lineWidth = size * 0.165;
      context.stroke();
      return;
    case TokenKind.TimedOut:
      context.beginPath();
      context.moveTo(x - size * 0.3, y - size * 0.39);
      context.lineTo(x + size * 0.3, y - size * 0.39);
      context.lineTo(x - size * 0.3, y + size * 0.39);
      context.lineTo(x + size * 0.3, y + size * 0.39);
      context.closePath();
      outline(context, palette.sheet, palette.fail, size * 0.1);
      context.beginPath();
      context.moveTo(x - size * 0.2, y + size * 0.39);
      context.lineTo(x, y + size * 0.13);
      context.lineTo(x + size * 0.2, y + size * 0.39);
      context.fillStyle = palette.fail;
      context.fill();
      return;
    case TokenKind.Failed:
      cross(context, x, y, half * 0.62);
      context.strokeStyle = palette.fail;
      context.lineWidth = size * 0.19;
      context.stroke();
      return;
    case TokenKind.Message:
      envelope(context, x, y, size);
      outline(context, palette.sheet, palette.ink, size * 0.085);
      context.beginPath();
      context.moveTo(x - size * 0.6, y - size * 0.36);
      context.lineTo(x, y + size * 0.09);
      context.lineTo(x + size * 0.6, y - size * 0.36);
      context.stroke();
      return;
    case TokenKind.Handled:
      envelope(context, x, y, size);
      context.fillStyle = palette.ink;
      context.fill();
      tick(context, x, y, size, palette);
      return;
    case TokenKind.DeadLetter:
      envelope(context, x, y, size);
      outline(context, palette.sheet, palette.dead, size * 0.17);
      cross(context, x, y, size * 0.18);
      context.lineWidth = size * 0.12;
      context.stroke();
      return;
    default:
      return;
  }
}

function disc(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

function envelope(context: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  context.beginPath();
  context.rect(x - size * 0.62, y - size * 0.4, size * 1.24, size * 0.8);
}

function outline(
  context: CanvasRenderingContext2D,
  fill: string,
  stroke: string,
  width: number,
): void {
  context.fillStyle = fill;
  context.fill();
  context.strokeStyle = stroke;
  context.lineWidth = width;
  context.stroke();
}

function cross(context: CanvasRenderingContext2D, x: number, y: number, reach: number): void {
  context.beginPath();
  context.moveTo(x - reach, y - reach);
  context.lineTo(x + reach, y + reach);
  context.moveTo(x + reach, y - reach);
  context.lineTo(x - reach, y + reach);
}

function tick(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  size: number,
  palette: Palette,
): void {
  context.beginPath();
  context.moveTo(x - size * 0.2, y + size * 0.02);
  context.lineTo(x - size * 0.06, y + size * 0.16);
  context.lineTo(x + size * 0.2, y - size * 0.14);
  context.strokeStyle = palette.paper;
  context.lineWidth = size * 0.11;
  context.stroke();
}
