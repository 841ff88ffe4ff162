/** Geometry between two layouts, while rooms re-lay after a switch. */
import type {
  Box,
  CorridorGeometry,
  LaneGeometry,
  RoomGeometry,
  ShelfGeometry,
  VesselGeometry,
} from './geometry.ts';

/** @param progress 0 (from) to 1 (to) */
export function betweenLayouts(
  from: LaneGeometry,
  to: LaneGeometry,
  progress: number,
): LaneGeometry {
  const p = Math.max(0, Math.min(1, progress));
  const rooms = to.rooms.map((room) => roomBetween(find(from.rooms, room.id), room, p));
  return {
    ...to,
    rooms,
    entry: rooms.find((room) => room.id === to.entry.id) ?? to.entry,
    corridors: to.corridors.map((c) => corridorBetween(find(from.corridors, c.id), c, p)),
    vessels: to.vessels.map((v) => vesselBetween(find(from.vessels, v.id), v, p)),
    shelves: to.shelves.map((s) => shelfBetween(find(from.shelves, s.id), s, p)),
  };
}

function find<T extends { readonly id: string }>(items: readonly T[], id: string): T | null {
  return items.find((item) => item.id === id) ?? null;
}

const mix = (a: number, b: number, p: number): number => a + (b - a) * p;

function mixBox(a: Box, b: Box, p: number): Box {
  return {
    x: mix(a.x, b.x, p),
    y: mix(a.y, b.y, p),
    width: mix(a.width, b.width, p),
    height: mix(a.height, b.height, p),
  };
}

function mixArray(a: Float64Array, b: Float64Array, p: number): Float64Array {
  return b.map((value, i) => (i < a.length ? mix(a[i], value, p) : value));
}

function roomBetween(from: RoomGeometry | null, to: RoomGeometry, p: number): RoomGeometry {
  if (!from) return to;
  const box = mixBox(from.box, to.box, p);
  const sameCells = from.markCount === to.markCount;
  const offsetX = box.x - to.box.x;
  const offsetY = box.y - to.box.y;
  return {
    ...to,
    box,
    door: { y: mix(from.door.y, to.door.y, p), height: mix(from.door.height, to.door.height, p) },
    cellSize: sameCells ? mix(from.cellSize, to.cellSize, p) : to.cellSize,
    cellX: sameCells ? mixArray(from.cellX, to.cellX, p) : to.cellX.map((x) => x + offsetX),
    cellY: sameCells ? mixArray(from.cellY, to.cellY, p) : to.cellY.map((y) => y + offsetY),
  };
}

function corridorBetween(
  from: CorridorGeometry | null,
  to: CorridorGeometry,
  p: number,
): CorridorGeometry {
  const start = from?.box ?? { ...to.box, x: to.doorX, width: 0 };
  return {
    ...to,
    box: mixBox(start, to.box, p),
    slotX: from ? mixArray(from.slotX, to.slotX, p) : to.slotX.map((x) => mix(to.doorX, x, p)),
    slotY: from ? mixArray(from.slotY, to.slotY, p) : to.slotY,
  };
}

function vesselBetween(from: VesselGeometry | null, to: VesselGeometry, p: number): VesselGeometry {
  const right = to.box.x + to.box.width;
  const start = from?.box ?? { ...to.box, x: right, width: 0 };
  return {
    ...to,
    box: mixBox(start, to.box, p),
    doorY: from ? mix(from.doorY, to.doorY, p) : to.doorY,
  };
}

function shelfBetween(from: ShelfGeometry | null, to: ShelfGeometry, p: number): ShelfGeometry {
  if (!from) return { ...to, boardWidth: to.boardWidth * p };
  return {
    ...to,
    box: mixBox(from.box, to.box, p),
    ringX: mix(from.ringX, to.ringX, p),
    ringY: mix(from.ringY, to.ringY, p),
    tray: mixBox(from.tray, to.tray, p),
  };
}
