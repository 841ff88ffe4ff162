/** What lies under a point of the stage, as a request number. */
import type { BrokerView, LaneView, PoolView } from '../sim/view.ts';
import type { TokenBuffer } from './flights.ts';
import type { LaneGeometry, ShelfGeometry } from './geometry.ts';
import { letterPitchX } from './shelfLayout.ts';
import { messagesPerMark } from './vesselLayout.ts';

/** @returns the request at the point, or null */
export function requestAt(
  geometry: LaneGeometry,
  view: LaneView,
  tokens: TokenBuffer,
  x: number,
  y: number,
): number | null {
  return (
    tokenAt(tokens, x, y, geometry.variant === 'full' ? 11 : 9) ??
    cellAt(geometry, view, x, y) ??
    slotAt(geometry, view, x, y) ??
    messageAt(geometry, view, x, y) ??
    shelfAt(geometry, view, x, y)
  );
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
