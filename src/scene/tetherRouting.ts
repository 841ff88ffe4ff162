/**
 * Routes the strands that tie every parked thread to the exact cell or accept-queue slot it waits
 * for, or to the mouth of the broker it publishes to. Strands leave through the aisle of their bay,
 * run bundled between the rooms, and are ordered so that they cross as little as possible.
 */
import { CellState, type LaneView, type PoolView } from '../sim/view.ts';
import type { CorridorGeometry, LaneGeometry, RoomGeometry, VesselGeometry } from './geometry.ts';
import { parkedLevel } from './parkedLevel.ts';
import { MAX_CELLS } from './roomLayout.ts';

export const TetherEnd = { Slot: 0, Cell: 1, Edge: 2 } as const;
export type TetherEnd = (typeof TetherEnd)[keyof typeof TetherEnd];

/** Strands of a lane, one array a coordinate; reused from frame to frame. */
export class TetherBuffer {
  count = 0;
  readonly capacity = MAX_CELLS;
  readonly level = new Uint8Array(MAX_CELLS);
  readonly end = new Uint8Array(MAX_CELLS);
  /** Request the parked thread works for. */
  readonly request = new Int32Array(MAX_CELLS);
  /** At the parked cell: middle, edge towards the aisle, 1 when it leaves downwards else −1. */
  readonly startX = new Float64Array(MAX_CELLS);
  readonly startY = new Float64Array(MAX_CELLS);
  readonly startTurn = new Int8Array(MAX_CELLS);
  /** Its track in the aisle, and the curve to the other room's door. */
  readonly trackY = new Float64Array(MAX_CELLS);
  readonly leaveX = new Float64Array(MAX_CELLS);
  readonly bendX1 = new Float64Array(MAX_CELLS);
  readonly bendX2 = new Float64Array(MAX_CELLS);
  readonly arriveX = new Float64Array(MAX_CELLS);
  readonly arriveY = new Float64Array(MAX_CELLS);
  /** Beyond the door (cells only): where the lobby begins and ends, and the track in the aisle. */
  readonly lobbyX1 = new Float64Array(MAX_CELLS);
  readonly lobbyX2 = new Float64Array(MAX_CELLS);
  readonly innerY = new Float64Array(MAX_CELLS);
  /** Where it ends, and the turn into it: 1 downwards, −1 upwards, 0 none. */
  readonly endX = new Float64Array(MAX_CELLS);
  readonly endY = new Float64Array(MAX_CELLS);
  readonly endTurn = new Int8Array(MAX_CELLS);
  /** Radius of the turns. */
  turn = 3;

  readonly target = new Int16Array(MAX_CELLS);
  readonly bay = new Int16Array(MAX_CELLS);
  readonly rank = new Float64Array(MAX_CELLS);
  readonly keys = new Float64Array(MAX_CELLS);
}

const KEY_BASE = 1024;
const TRACK_PITCH = 2;
const BUNDLE_PITCH = 2.2;

/** Fills `buffer` with the strands of this moment. Allocates next to nothing. */
export function routeTethers(geometry: LaneGeometry, view: LaneView, buffer: TetherBuffer): void {
  buffer.count = 0;
  const pool = view.nodes[geometry.entry.node] as PoolView;
  collect(geometry, geometry.entry, pool, view, buffer);
  if (buffer.count === 0) return;
  buffer.turn = Math.min(3, geometry.entry.cellSize * 0.2);
  assignTracks(geometry.entry, buffer);
  for (const room of geometry.rooms) {
    if (room.node !== geometry.entry.node) bundle(geometry, room.node, room, null, buffer);
  }
  for (const vessel of geometry.vessels) bundle(geometry, vessel.node, null, vessel, buffer);
}

function collect(
  geometry: LaneGeometry,
  room: RoomGeometry,
  pool: PoolView,
  view: LaneView,
  buffer: TetherBuffer,
): void {
  const cells = Math.min(pool.cellCount, pool.state.length);
  const perMark = room.threadsPerMark;
  let lastMark = -1;
  for (let cell = 0; cell < cells; cell++) {
    if (pool.state[cell] !== CellState.Parked) continue;
    const mark = perMark === 1 ? cell : Math.floor(cell / perMark);
    // Where a mark stands for several threads, so does its strand.
    if (mark === lastMark || mark >= room.markCount || buffer.count >= buffer.capacity) continue;
    const node = pool.targetNode[cell];
    if (!canReach(geometry, node)) continue;
    lastMark = mark;
    const k = buffer.count++;
    const row = Math.floor(mark / room.columns) % 2;
    buffer.bay[k] = Math.floor(mark / (2 * room.columns));
    buffer.level[k] = parkedLevel(view.timeS - pool.sinceS[cell]);
    buffer.request[k] = pool.request[cell]!;
    buffer.target[k] = node;
    buffer.startX[k] = room.cellX[mark] + room.cellSize / 2;
    buffer.startY[k] = room.cellY[mark] + (row === 0 ? room.cellSize : 0);
    buffer.startTurn[k] = row === 0 ? 1 : -1;
    buffer.leaveX[k] = room.box.x + room.box.width + 2;
    findEnd(geometry, view, k, pool.targetCell[cell], pool.targetSlot[cell], buffer);
  }
}

function canReach(geometry: LaneGeometry, node: number): boolean {
  for (const room of geometry.rooms) if (room.node === node) return true;
  for (const vessel of geometry.vessels) if (vessel.node === node) return true;
  return false;
}

function findEnd(
  geometry: LaneGeometry,
  view: LaneView,
  k: number,
  cell: number,
  slot: number,
  buffer: TetherBuffer,
): void {
  const node = buffer.target[k];
  const room = roomOf(geometry, node);
  buffer.rank[k] = 0;
  buffer.endTurn[k] = 0;
  buffer.end[k] = TetherEnd.Edge;
  if (!room || room.folded || view.nodes[node].kind !== 'pool') return;
  const corridor = corridorOf(geometry, node);
  if (cell >= 0) {
    const mark = room.threadsPerMark === 1 ? cell : Math.floor(cell / room.threadsPerMark);
    if (mark >= room.markCount) return;
    const column = mark % room.columns;
    const row = Math.floor(mark / room.columns) % 2;
    const bay = Math.floor(mark / (2 * room.columns));
    buffer.end[k] = TetherEnd.Cell;
    buffer.endX[k] = room.cellX[mark] + room.cellSize / 2;
    buffer.endY[k] = room.cellY[mark] + (row === 0 ? room.cellSize : 0);
    buffer.endTurn[k] = row === 0 ? -1 : 1;
    buffer.innerY[k] = bay;
    const side = row === 0 ? -150 + column : 150 - column;
    buffer.rank[k] = (bay - (room.bays - 1) / 2) * 400 + side;
    return;
  }
  if (slot < 0 || !corridor) return;
  if (slot >= corridor.slotX.length) {
    // Beyond the slots that fit: it ends at the corridor's mouth, where "+n more" stands.
    buffer.rank[k] = slot % 2 === 0 ? -19_000 : 19_000;
    return;
  }
  const column = Math.floor(slot / corridor.rows);
  const isUpper = slot % corridor.rows < corridor.rows / 2;
  buffer.end[k] = TetherEnd.Slot;
  buffer.endX[k] = corridor.slotX[slot]!;
  const turn = isUpper ? -1 : 1;
  buffer.endTurn[k] = turn;
  buffer.endY[k] = corridor.slotY[slot] - turn * corridor.slotRadius;
  buffer.rank[k] = isUpper ? -10_000 - column : 10_000 + column;
}

/** Spreads the strands of each bay over its aisle: upper row, right columns first. */
function assignTracks(room: RoomGeometry, buffer: TetherBuffer): void {
  for (let bay = 0; bay < room.bays; bay++) {
    let n = 0;
    for (let k = 0; k < buffer.count; k++) {
      if (buffer.bay[k] !== bay) continue;
      const order = buffer.startTurn[k] === 1 ? 4000 - buffer.startX[k] : 6000 + buffer.startX[k];
      buffer.keys[n++] = Math.round(order * 8) * KEY_BASE + k;
    }
    if (n === 0) continue;
    const sorted = buffer.keys.subarray(0, n).sort();
    const pitch = Math.min(TRACK_PITCH, Math.max(0, room.aisle - 5) / Math.max(1, n - 1));
    for (let i = 0; i < n; i++) {
      buffer.trackY[sorted[i] % KEY_BASE] = room.aisleY[bay] + (i - (n - 1) / 2) * pitch;
    }
  }
}

/** Brings the strands for one target together at its door, in the order of where they end. */
function bundle(
  geometry: LaneGeometry,
  node: number,
  room: RoomGeometry | null,
  vessel: VesselGeometry | null,
  buffer: TetherBuffer,
): void {
  let n = 0;
  for (let k = 0; k < buffer.count; k++) {
    if (buffer.target[k] !== node) continue;
    // Equal ranks (an edge, a mouth) keep the order of the tracks.
    const order = buffer.rank[k] + 20_000 + buffer.trackY[k] / 1000;
    buffer.keys[n++] = Math.round(order * 1000) * KEY_BASE + k;
  }
  if (n === 0) return;
  const sorted = buffer.keys.subarray(0, n).sort();
  const corridor = room ? corridorOf(geometry, node) : null;
  const space = vessel
    ? vessel.doorHeight - 4
    : room!.folded
      ? Math.min(room!.box.height - 6, (geometry.vessels.length > 0 ? 0.6 : 1) * room!.box.height)
      : (corridor ? corridor.aisle || 16 : room!.door.height) - 2;
  const pitch = Math.min(BUNDLE_PITCH, Math.max(0, space) / Math.max(1, n - 1));
  const doorY = vessel ? vessel.doorY : room!.door.y;
  const arriveX = vessel
    ? vessel.box.x - 2
    : corridor
      ? corridor.box.x
      : room!.folded
        ? room!.box.x
        : room!.box.x - 14;
  for (let i = 0; i < n; i++) {
    const k = sorted[i] % KEY_BASE;
    const leaveX = buffer.leaveX[k];
    buffer.arriveX[k] = arriveX;
    const bend = room ? callBend(geometry, room, buffer.trackY[k]) : 0.4;
    const offset = (i - (n - 1) / 2) * pitch;
    buffer.arriveY[k] = doorY + offset;
    // A steep bundle keeps its breadth: strands that fall bend the earlier the lower they lie.
    const breadth = bend < 0.2 ? 0.45 : 0;
    const shift = (buffer.trackY[k] < doorY ? -offset : offset) * breadth;
    const span = arriveX - leaveX;
    buffer.bendX1[k] = Math.max(leaveX, leaveX + span * bend + shift);
    buffer.bendX2[k] = Math.max(leaveX, leaveX + span * (bend + 0.08) + shift);
  }
  if (room && !room.folded) assignInnerTracks(room, sorted, n, buffer);
}

/**
 * How soon a strand turns towards another room, as a share of the way: at once where it would run
 * into a vessel (or its heading) that stands between the rooms.
 * @param y height at which it leaves
 */
export function callBend(geometry: LaneGeometry, room: RoomGeometry, y: number): number {
  const free = room.folded ? 0.4 : geometry.vessels.length > 0 ? 0.35 : 0.5;
  for (const { box, node } of geometry.vessels) {
    const isAbove = box.y < room.box.y - 8;
    const below = geometry.shelves.find((shelf) => shelf.node === node)?.box ?? box;
    if (isAbove && y < below.y + below.height + 12) return 0.04;
    if (!isAbove && y > box.y - 28) return geometry.variant === 'narrow' ? 0.03 : 0.12;
  }
  return free;
}

function assignInnerTracks(
  room: RoomGeometry,
  sorted: Float64Array,
  n: number,
  buffer: TetherBuffer,
): void {
  const firstX = room.cellX[0] ?? room.box.x;
  for (let bay = 0; bay < room.bays; bay++) {
    let members = 0;
    for (let i = 0; i < n; i++) {
      const k = sorted[i] % KEY_BASE;
      if (buffer.end[k] === TetherEnd.Cell && buffer.innerY[k] === bay) members++;
    }
    if (members === 0) continue;
    const pitch = Math.min(TRACK_PITCH, Math.max(0, room.aisle - 5) / Math.max(1, members - 1));
    let j = 0;
    for (let i = 0; i < n; i++) {
      const k = sorted[i] % KEY_BASE;
      if (buffer.end[k] !== TetherEnd.Cell || buffer.innerY[k] !== bay) continue;
      // Bay numbers are below any aisle's y; mark as done by storing the negative until all are set.
      buffer.innerY[k] = -(room.aisleY[bay] + (j++ - (members - 1) / 2) * pitch);
      buffer.lobbyX1[k] = room.box.x + 2;
      buffer.lobbyX2[k] = firstX - 2;
    }
  }
  for (let i = 0; i < n; i++) {
    const k = sorted[i] % KEY_BASE;
    if (buffer.end[k] === TetherEnd.Cell) buffer.innerY[k] = -buffer.innerY[k];
  }
}

function roomOf(geometry: LaneGeometry, node: number): RoomGeometry | null {
  for (const room of geometry.rooms) if (room.node === node) return room;
  return null;
}

function corridorOf(geometry: LaneGeometry, node: number): CorridorGeometry | null {
  for (const corridor of geometry.corridors) if (corridor.node === node) return corridor;
  return null;
}
