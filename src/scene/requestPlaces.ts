/** Where on the stage a request is now: what gets a ring when it is followed, pointed at or stepped to. */
import { VisibleEvent, type Trace } from '../sim/trace.ts';
import { CellState, type BrokerView, type LaneView, type PoolView } from '../sim/view.ts';
import type {
  CorridorGeometry,
  LaneGeometry,
  RoomGeometry,
  ShelfGeometry,
  VesselGeometry,
} from './geometry.ts';

export type Place =
  | { readonly kind: 'cell'; readonly room: RoomGeometry; readonly mark: number }
  | { readonly kind: 'slot'; readonly corridor: CorridorGeometry; readonly slot: number }
  | { readonly kind: 'message'; readonly vessel: VesselGeometry; readonly position: number }
  | { readonly kind: 'ring'; readonly shelf: ShelfGeometry; readonly ring: number };

/** Every thread that works for it, its place in an accept queue, its messages. */
export function placesOf(geometry: LaneGeometry, view: LaneView, request: number): Place[] {
  const places: Place[] = [];
  for (const room of geometry.rooms) {
    const pool = view.nodes[room.node] as PoolView;
    for (let cell = 0; cell < pool.cellCount; cell++) {
      if (pool.request[cell] !== request || pool.state[cell] === CellState.Idle) continue;
      const mark = Math.floor(cell / room.threadsPerMark);
      if (mark < room.markCount) places.push({ kind: 'cell', room, mark });
    }
  }
  for (const corridor of geometry.corridors) {
    const pool = view.nodes[corridor.node] as PoolView;
    const filled = Math.min(pool.queueLength, corridor.slotX.length, pool.queueRequest.length);
    for (let slot = 0; slot < filled; slot++) {
      if (pool.queueRequest[slot] === request) places.push({ kind: 'slot', corridor, slot });
    }
  }
  for (const shelf of geometry.shelves) {
    const broker = view.nodes[shelf.node] as BrokerView;
    const shown = Math.min(broker.backingOff, shelf.ringCount);
    for (let ring = 0; ring < shown; ring++) {
      if (broker.shelfRequest[ring] === request) places.push({ kind: 'ring', shelf, ring });
    }
  }
  for (const vessel of geometry.vessels) {
    const broker = view.nodes[vessel.node] as BrokerView;
    const known = Math.min(broker.ready, broker.readyRequest.length);
    for (let position = 0; position < known; position++) {
      if (broker.readyRequest[position] === request) {
        places.push({ kind: 'message', vessel, position });
      }
    }
  }
  return places;
}

/** What a single step stopped at, as the trace names it; −1 where there is none. */
export interface SteppedEvent {
  readonly request: number;
  readonly node: number;
  readonly cell: number;
}

/**
 * Where a step's event is to be seen among the things that stand still. A request that has just left
 * (acknowledged, failed for good) has only the thread it left; nothing where a token in the air shows
 * it already or all of it lies beyond what is drawn.
 */
export function stepPlaces(
  geometry: LaneGeometry,
  view: LaneView,
  trace: Trace,
  step: SteppedEvent,
  isInTheAir: boolean,
): Place[] {
  const { request, node, cell } = step;
  const places = request < 0 ? [] : placesOf(geometry, view, request);
  // Without a node nothing has happened: there is nothing more to come of the request.
  if (places.length > 0 || isInTheAir || node < 0) return places;
  const own = cellPlace(geometry, node, cell);
  if (own) return [own];
  for (let entry = trace.count - 1; request >= 0 && entry >= trace.first; entry--) {
    const i = entry & trace.mask;
    if (trace.request[i] !== request) continue;
    const isDelivery = trace.kind[i] === VisibleEvent.Deliver;
    const left = isDelivery
      ? cellPlace(geometry, trace.otherNode[i], trace.otherCell[i])
      : cellPlace(geometry, trace.node[i], trace.cell[i]);
    if (left) return [left];
  }
  return [];
}

function cellPlace(geometry: LaneGeometry, node: number, cell: number): Place | null {
  const room = geometry.rooms.find((r) => r.node === node);
  if (!room || cell < 0) return null;
  const mark = Math.floor(cell / room.threadsPerMark);
  return mark < room.markCount ? { kind: 'cell', room, mark } : null;
}
