/** What a lane looks like as shapes: where every room, cell, slot, vessel and label stands. */
import type { Variant } from './variant.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Door {
  /** Centre and height of the gap in the left wall. */
  readonly y: number;
  readonly height: number;
}

/** A service: threads as cells, in bays of two rows that face an aisle. */
export interface RoomGeometry {
  /** Node id and position in `LaneView.nodes`. */
  readonly id: string;
  readonly node: number;
  readonly box: Box;
  /** Where callers' strands come in: the accept queue's door, or the edge of a folded room. */
  readonly door: Door;
  /** A second door, to the broker queue, when the room has one besides the accept queue. */
  readonly queueDoor: Door | null;
  /** Gaps at both ends of the right wall, through which strands leave. */
  readonly openRight: boolean;
  /** Shut to a strip: no cells, strands still end on it. */
  readonly folded: boolean;
  /** Edge of a cell; 0 when folded. */
  readonly cellSize: number;
  /** Marks drawn; each stands for `threadsPerMark` threads. */
  readonly markCount: number;
  readonly threadsPerMark: number;
  readonly columns: number;
  readonly bays: number;
  readonly aisle: number;
  /** Top left corner of every mark. */
  readonly cellX: Float64Array;
  readonly cellY: Float64Array;
  /** Middle of each bay's aisle. */
  readonly aisleY: Float64Array;
}

/** An accept queue: a corridor before a room's door; slot 0 is next to the door. */
export interface CorridorGeometry {
  readonly id: string;
  readonly node: number;
  readonly box: Box;
  readonly doorX: number;
  readonly centreY: number;
  readonly slotRadius: number;
  readonly slotX: Float64Array;
  readonly slotY: Float64Array;
  readonly rows: number;
  /** Height of the free strip in the middle, where strands pass; 0 without one. */
  readonly aisle: number;
  /** The limit bar: at the mouth, dashed when the limit lies beyond the slots that fit, or absent. */
  readonly brim: 'solid' | 'dashed' | 'none';
}

/** A broker queue: a lying vessel, head at the right, tail growing left. */
export interface VesselGeometry {
  readonly id: string;
  readonly node: number;
  readonly box: Box;
  /** Height of the mouth (left) and the outlet (right), both at this centre. */
  readonly doorY: number;
  readonly doorHeight: number;
  readonly rows: number;
  readonly columns: number;
  readonly pitchX: number;
  readonly pitchY: number;
  /** Marks that fit up to the limit bar. */
  readonly capacity: number;
  /** Ready messages the broker holds at most. */
  readonly limit: number;
  /** Where the messages come from and go to. */
  readonly inletX: number;
  readonly inletY: number;
  readonly outletX: number;
}

/** Messages waiting for their next attempt, and those given up, beneath a vessel. */
export interface ShelfGeometry {
  readonly id: string;
  readonly node: number;
  /** Everything together, the words included. */
  readonly box: Box;
  /** Middle of the first ring; the others follow to the right. */
  readonly ringX: number;
  readonly ringY: number;
  readonly ringRadius: number;
  readonly ringPitch: number;
  /** Rings that fit; further messages are counted in words. */
  readonly ringCount: number;
  /** The board beneath the rings; of no width where there is none. */
  readonly boardWidth: number;
  /** The dead-letter tray. */
  readonly tray: Box;
  readonly letterWidth: number;
  readonly letterColumns: number;
  readonly letterRows: number;
}

export type LabelKind =
  | 'roomHeading'
  | 'foldedName'
  | 'marks'
  | 'acceptQueue'
  | 'more'
  | 'rejected'
  | 'queueHeading'
  | 'limit'
  | 'oldest'
  | 'shelf'
  | 'shelfMore'
  | 'tray'
  | 'trayMore'
  | 'victims'
  | 'cause'
  | 'dots';

/** A place for text; the words are chosen to fit its width. */
export interface LabelGeometry {
  readonly key: string;
  readonly kind: LabelKind;
  /** Node it speaks about. */
  readonly node: number;
  /** Baseline of the first line, at the anchor. */
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'end';
  readonly maxWidth: number;
  readonly lines: 1 | 2;
  readonly lineHeight: number;
  readonly size: number;
}

export interface LaneGeometry {
  readonly variant: Variant;
  readonly width: number;
  readonly height: number;
  /** The room users come to. */
  readonly entry: RoomGeometry;
  readonly rooms: readonly RoomGeometry[];
  readonly corridors: readonly CorridorGeometry[];
  readonly vessels: readonly VesselGeometry[];
  readonly shelves: readonly ShelfGeometry[];
  readonly labels: readonly LabelGeometry[];
  /** Where users' requests come in: the end of the shared stream. */
  readonly port: { readonly x: number; readonly y: number };
  /** The line on which answers go back. */
  readonly replyY: number;
  readonly replyX: number;
}

/** The box a label takes when its words fill its width. */
export function labelBox(label: LabelGeometry): Box {
  return {
    x: label.anchor === 'end' ? label.x - label.maxWidth : label.x,
    y: label.y - label.size * 0.8,
    width: label.maxWidth,
    height: (label.lines - 1) * label.lineHeight + label.size * 1.02,
  };
}
