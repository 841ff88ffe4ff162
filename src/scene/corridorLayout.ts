/** Puts an accept queue before a room's door, growing leftwards. */
import type { CorridorGeometry } from './geometry.ts';

/** Radius of the mark of a waiting request, of the distance from one place to the next. */
export const SLOT_RADIUS = 0.373;

export interface CorridorRequest {
  readonly id: string;
  readonly node: number;
  /** The door it leads to. */
  readonly doorX: number;
  readonly centreY: number;
  /** Slots wanted; Infinity or more than fit: as many as fit. */
  readonly slots: number;
  /** Places the queue has; Infinity without limit. */
  readonly limit: number;
  /** Free strip in the middle for strands, 0 for none. */
  readonly aisle: number;
  /** Slot pitch when there is room, and the least that is still one mark. */
  readonly pitch: number;
  readonly minPitch: number;
  readonly maxWidth: number;
  readonly maxHeight: number;
  /** Rows preferred at the full pitch. */
  readonly rows: number;
  /** Length it has at least, so that an empty accept queue is still seen as one. */
  readonly minColumns: number;
}

export function layoutCorridor(request: CorridorRequest): CorridorGeometry {
  const { aisle, doorX, centreY } = request;
  const wanted = Math.max(request.slots, request.limit === Infinity ? request.minColumns : 0);
  let pitch = request.pitch;
  let rows = request.rows;
  let columns = Math.max(
    Math.ceil(Math.min(wanted, 1e4) / rows),
    request.limit === Infinity ? request.minColumns : 0,
  );
  while (columns * pitch + 4 > request.maxWidth + 1e-6) {
    const next = Math.max(request.minPitch, pitch - 0.2);
    const halves = aisle > 0 ? 2 : 1;
    rows = Math.max(halves, Math.floor((request.maxHeight - aisle - 6) / next / halves) * halves);
    columns = Math.ceil(Math.min(wanted, 1e4) / rows);
    if (next === pitch) {
      columns = Math.min(columns, Math.floor((request.maxWidth - 4) / pitch));
      break;
    }
    pitch = next;
  }
  const places = Math.min(rows * columns, request.limit);
  const height = rows * pitch + aisle + 6;
  const width = columns > 0 ? columns * pitch + 4 : 0;
  const slotX = new Float64Array(places);
  const slotY = new Float64Array(places);
  for (let i = 0; i < places; i++) {
    const column = Math.floor(i / rows);
    const row = i % rows;
    slotX[i] = doorX - 4 - pitch / 2 - column * pitch;
    slotY[i] =
      centreY -
      height / 2 +
      3 +
      pitch / 2 +
      row * pitch +
      (aisle > 0 && row >= rows / 2 ? aisle : 0);
  }
  return {
    id: request.id,
    node: request.node,
    box: { x: doorX - width, y: centreY - height / 2, width, height },
    doorX,
    centreY,
    slotRadius: pitch * SLOT_RADIUS,
    slotX,
    slotY,
    rows,
    aisle,
    brim: request.limit === Infinity ? 'none' : places < request.limit ? 'dashed' : 'solid',
  };
}
