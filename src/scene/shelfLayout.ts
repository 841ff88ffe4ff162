/** Beneath a vessel: messages that back off until their next attempt, and those given up. */
import type { Box, LabelKind, ShelfGeometry } from './geometry.ts';
import type { Variant } from './variant.ts';

export interface ShelfRequest {
  readonly id: string;
  readonly node: number;
  readonly variant: Variant;
  /** Free space. */
  readonly place: Box;
  /** Where a narrow stage has its dead letters instead. */
  readonly trayPlace: Box | null;
  readonly tickSize: number;
}

/** A place for words beside the rings or the tray. */
export interface ShelfLabel {
  readonly kind: LabelKind;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'end';
  readonly maxWidth: number;
}

export interface ShelfLayout {
  readonly shelf: ShelfGeometry;
  readonly labels: readonly ShelfLabel[];
}

/** What a "+99" takes, and the words above the rings. */
const MORE_WIDTH = 27;
const BACKING_OFF_WIDTH = 78;
/** Height of a row of a small stage. */
const ROW = 13;

/** From one dead letter to the next. */
export function letterPitchX(shelf: ShelfGeometry): number {
  return shelf.letterWidth + 1.8;
}

export function layoutShelf(request: ShelfRequest): ShelfLayout {
  return request.variant === 'full' ? largeShelf(request) : smallShelf(request);
}

/** Rings on a board, letters in a tray, a line of words above each. */
function largeShelf({ id, node, place, tickSize }: ShelfRequest): ShelfLayout {
  const { x, y, width, height } = place;
  const right = x + width;
  const ringRadius = 10.5;
  const ringPitch = 26;
  const boardWidth = 3 * ringPitch + MORE_WIDTH;
  const tray: Box = {
    x: x + boardWidth + 6,
    y: y + 13.5,
    width: width - boardWidth - 6,
    height: height - 13.5,
  };
  const letterWidth = 13;
  const letterColumns = Math.max(
    1,
    Math.floor((tray.width - 5 - MORE_WIDTH) / (letterWidth + 1.8)),
  );
  const wordsY = y + tickSize * 0.84;
  const moreY = y + height - 6;
  return {
    shelf: {
      id,
      node,
      box: place,
      ringX: x + ringRadius + 1,
      ringY: y + height - ringRadius - 1.5,
      ringRadius,
      ringPitch,
      ringCount: 3,
      boardWidth,
      tray,
      letterWidth,
      letterColumns,
      letterRows: 2,
    },
    labels: [
      { kind: 'shelf', x, y: wordsY, anchor: 'start', maxWidth: BACKING_OFF_WIDTH },
      {
        kind: 'shelfMore',
        x: x + boardWidth - 1,
        y: moreY,
        anchor: 'end',
        maxWidth: MORE_WIDTH - 2,
      },
      {
        kind: 'tray',
        x: right,
        y: wordsY,
        anchor: 'end',
        maxWidth: width - BACKING_OFF_WIDTH - 2,
      },
      { kind: 'trayMore', x: right - 4, y: moreY, anchor: 'end', maxWidth: MORE_WIDTH },
    ],
  };
}

/** Two lines of words, each with its mark before it. */
function smallShelf({ id, node, place, trayPlace, tickSize }: ShelfRequest): ShelfLayout {
  const second: Box = trayPlace ?? {
    x: place.x,
    y: place.y + ROW + 1,
    width: place.width,
    height: ROW,
  };
  const ringRadius = 5;
  const tray: Box = { x: second.x, y: second.y + 1.5, width: 14, height: 10 };
  return {
    shelf: {
      id,
      node,
      box: trayPlace ? place : { ...place, height: 2 * ROW + 1 },
      ringX: place.x + 7,
      ringY: place.y + ROW / 2,
      ringRadius,
      ringPitch: 2 * ringRadius,
      ringCount: 1,
      boardWidth: 0,
      tray,
      letterWidth: 10,
      letterColumns: 1,
      letterRows: 1,
    },
    labels: [
      {
        kind: 'shelf',
        x: place.x + 17,
        y: place.y + ROW / 2 + tickSize * 0.36,
        anchor: 'start',
        maxWidth: place.width - 17,
      },
      {
        kind: 'tray',
        x: second.x + 17,
        y: second.y + ROW / 2 + tickSize * 0.36,
        anchor: 'start',
        maxWidth: second.width - 17,
      },
    ],
  };
}
