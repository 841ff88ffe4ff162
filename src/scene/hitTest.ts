/** What lies under a point of the stage, as a request number. */
import type { BrokerView, LaneView, PoolView } from '../sim/view.ts';
import type { TokenBuffer } from './flights.ts';
import type { LaneGeometry, ShelfGeometry } from './geometry.ts';
import { letterPitchX } from './shelfLayout.ts';
import { TetherEnd, type TetherBuffer } from './tetherRouting.ts';
import { messagesPerMark } from './vesselLayout.ts';

/** @returns the request at the point, or null */
export function requestAt(
  geometry: LaneGeometry,
  view: LaneView,
  tokens: TokenBuffer,
  tethers: TetherBuffer,
  x: number,
  y: number,
): number | null {
  return (
    tokenAt(tokens, x, y, geometry.variant === 'full' ? 11 : 9) ??
    cellAt(geometry, view, x, y) ??
    slotAt(geometry, view, x, y) ??
    messageAt(geometry, view, x, y) ??
    shelfAt(geometry, view, x, y) ??
    tetherAt(tethers, x, y)
  );
}

/** A strand is thin: this near counts as on it, stage units. */
const TETHER_REACH = 2.5;
/** Pieces a strand's curve is taken apart into. */
const CURVE_PIECES = 12;

/** @returns the request of the strand nearest to the point, if one is near */
export function tetherAt(tethers: TetherBuffer, x: number, y: number): number | null {
  let nearest: number | null = null;
  let least = TETHER_REACH;
  for (let k = 0; k < tethers.count; k++) {
    const distance = distanceToTether(tethers, k, x, y);
    if (distance > least) continue;
    least = distance;
    nearest = tethers.request[k];
  }
  return nearest;
}

function distanceToTether(t: TetherBuffer, k: number, x: number, y: number): number {
  const left = Math.min(t.startX[k], t.leaveX[k]);
  const right = Math.max(t.endX[k], t.arriveX[k]);
  if (x < left - TETHER_REACH || x > right + TETHER_REACH) return Infinity;
  const trackY = t.trackY[k];
  const arriveY = t.arriveY[k];
  let least = toSegment(x, y, t.startX[k], trackY, t.leaveX[k], trackY);
  let fromX = t.leaveX[k];
  let fromY = trackY;
  for (let piece = 1; piece <= CURVE_PIECES; piece++) {
    const p = piece / CURVE_PIECES;
    const toX = bezier(t.leaveX[k], t.bendX1[k], t.bendX2[k], t.arriveX[k], p);
    const toY = bezier(trackY, trackY, arriveY, arriveY, p);
    least = Math.min(least, toSegment(x, y, fromX, fromY, toX, toY));
    fromX = toX;
    fromY = toY;
  }
  if (t.end[k] === TetherEnd.Edge) return least;
  if (t.end[k] === TetherEnd.Slot) {
    return Math.min(least, toSegment(x, y, fromX, arriveY, t.endX[k], arriveY));
  }
  const { innerY, lobbyX1, lobbyX2, endX } = t;
  return Math.min(
    least,
    toSegment(x, y, fromX, arriveY, lobbyX1[k], arriveY),
    toSegment(x, y, lobbyX1[k], arriveY, lobbyX2[k], innerY[k]),
    toSegment(x, y, lobbyX2[k], innerY[k], endX[k], innerY[k]),
  );
}

function bezier(a: number, b: number, c: number, d: number, p: number): number {
  const q = 1 - p;
  return q * q * q * a + 3 * q * q * p * b + 3 * q * p * p * c + p * p * p * d;
}

function toSegment(
  x: number,
  y: number,
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
): number {
  const dx = toX - fromX;
  const dy = toY - fromY;
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((x - fromX) * dx + (y - fromY) * dy) / squared;
  const p = Math.max(0, Math.min(1, along));
  return Math.hypot(x - fromX - p * dx, y - fromY - p * dy);
}

function tokenAt(tokens: TokenBuffer, x: number, y: number, reach: number): number | null {
  for (let i = 0; i < tokens.count; i++) {
    if (Math.abs(tokens.x[i] - x) < reach && Math.abs(tokens.y[i] - y) < reach) {
      return tokens.request[i];
    }
  }
  return null;
}

function cellAt(geometry: LaneGeometry, view: LaneView, x: number, y: number): number | null {
  for (const room of geometry.rooms) {
    const pool = view.nodes[room.node] as PoolView;
    for (let mark = 0; mark < room.markCount; mark++) {
      const dx = x - room.cellX[mark];
      const dy = y - room.cellY[mark];
      if (dx < -1 || dy < -1 || dx > room.cellSize + 1 || dy > room.cellSize + 1) continue;
      const first = mark * room.threadsPerMark;
      const end = Math.min(first + room.threadsPerMark, pool.cellCount);
      for (let cell = first; cell < end; cell++) {
        if (pool.request[cell] >= 0) return pool.request[cell];
      }
      return null;
    }
  }
  return null;
}

function slotAt(geometry: LaneGeometry, view: LaneView, x: number, y: number): number | null {
  for (const corridor of geometry.corridors) {
    const pool = view.nodes[corridor.node] as PoolView;
    const filled = Math.min(pool.queueLength, corridor.slotX.length, pool.queueRequest.length);
    for (let i = 0; i < filled; i++) {
      const reach = corridor.slotRadius * 1.3;
      if (Math.hypot(x - corridor.slotX[i], y - corridor.slotY[i]) <= reach) {
        return pool.queueRequest[i];
      }
    }
  }
  return null;
}

function messageAt(geometry: LaneGeometry, view: LaneView, x: number, y: number): number | null {
  for (const vessel of geometry.vessels) {
    const { box, pitchX, pitchY, rows } = vessel;
    if (x < box.x || x > box.x + box.width || y < box.y || y > box.y + box.height) continue;
    const broker = view.nodes[vessel.node] as BrokerView;
    const top = box.y + (box.height - rows * pitchY) / 2;
    const row = Math.max(0, Math.min(rows - 1, Math.floor((y - top) / pitchY)));
    const column = Math.floor((box.x + box.width - 0.5 - x) / pitchX);
    const position = (column * rows + row) * messagesPerMark(broker.ready);
    if (position < 0 || position >= Math.min(broker.ready, broker.readyRequest.length)) return null;
    return broker.readyRequest[position];
  }
  return null;
}

function shelfAt(geometry: LaneGeometry, view: LaneView, x: number, y: number): number | null {
  for (const shelf of geometry.shelves) {
    const broker = view.nodes[shelf.node] as BrokerView;
    const { tray } = shelf;
    if (x >= tray.x && x <= tray.x + tray.width && y >= tray.y - 2 && y <= tray.y + tray.height) {
      return deadLetterAt(shelf, broker, x, y);
    }
    if (Math.abs(y - shelf.ringY) > shelf.ringRadius + 1) continue;
    const ring = Math.floor((x - shelf.ringX) / shelf.ringPitch + 0.5);
    if (ring >= 0 && ring < Math.min(broker.backingOff, shelf.ringCount)) {
      return broker.shelfRequest[ring];
    }
  }
  return null;
}

function deadLetterAt(
  shelf: ShelfGeometry,
  broker: BrokerView,
  x: number,
  y: number,
): number | null {
  const { tray, letterColumns, letterRows } = shelf;
  const column = Math.floor((x - tray.x - 2) / letterPitchX(shelf));
  const row = Math.floor((tray.y + tray.height - y) / (tray.height / letterRows));
  const letter = Math.max(0, column) * letterRows + Math.max(0, Math.min(letterRows - 1, row));
  const shown = Math.min(broker.deadLettered, letterColumns * letterRows);
  return letter < shown ? broker.deadRequest[letter] : null;
}
