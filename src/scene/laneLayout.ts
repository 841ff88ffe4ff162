/**
 * Lays a lane out: the users' room at the left, the services it needs one above the other at the
 * right, broker queues between them. Fixed places, so that both lanes compare by looking down.
 */
import { layoutCorridor } from './corridorLayout.ts';
import type {
  Box,
  CorridorGeometry,
  Door,
  LabelGeometry,
  LabelKind,
  LaneGeometry,
  RoomGeometry,
  ShelfGeometry,
  VesselGeometry,
} from './geometry.ts';
import type { LaneStructure, StepStructure } from './laneStructure.ts';
import { layoutCells, threadsPerMark } from './roomLayout.ts';
import { layoutShelf } from './shelfLayout.ts';
import { box, stagePlans, type RowPlan } from './stagePlans.ts';
import { stageMeasures, type Variant } from './variant.ts';
import { layoutVessel } from './vesselLayout.ts';

/** Strands leave beneath this, so that a note fits above them. */
const NOTE_BOTTOM = 61;
/** From the entry room's bottom to the baseline of the scale of moving dots. */
const DOTS_BELOW: Readonly<Record<Variant, number>> = { full: 34, mid: 12.5, narrow: 11.4 };
/** Between a vessel and its shelf. */
const SHELF_GAP = 4;

/** Deterministic and pure: the same structure always gives the same picture. */
export function layoutLane(structure: LaneStructure, variant: Variant): LaneGeometry {
  const measures = stageMeasures[variant];
  const plan = stagePlans[variant];
  const labels: LabelGeometry[] = [];
  const rooms: RoomGeometry[] = [];
  const corridors: CorridorGeometry[] = [];
  const vessels: VesselGeometry[] = [];
  const shelves: ShelfGeometry[] = [];
  const entry = layoutEntry();
  for (const [i, step] of structure.steps.slice(0, 2).entries()) {
    layoutStep(step, i === 0 ? plan.upper : plan.lower);
  }
  if (variant === 'full') addNotes();
  // On a small stage the scale of marks, where there is one, has the place beneath the room.
  const hasMarks = variant !== 'full' && entry.threadsPerMark > 1;
  addLabel('dots', entry.node, {
    x: hasMarks ? 1 : plan.entryRoom.x,
    y: plan.entryRoom.y + plan.entryRoom.height + DOTS_BELOW[variant],
    maxWidth: hasMarks ? plan.entryRoom.x - 2 : plan.entryRoom.width,
    size: measures.tickSize,
  });
  return {
    variant,
    width: measures.width,
    height: measures.height,
    entry,
    rooms,
    corridors,
    vessels,
    shelves,
    labels,
    port: plan.port,
    replyX: plan.replyX,
    replyY: plan.replyY,
  };

  function layoutEntry(): RoomGeometry {
    const { service, threads, acceptQueue } = structure.entry;
    const room = makeRoom({
      node: service,
      id: 'entry',
      box: plan.entryRoom,
      door: plan.entryDoor,
      threads,
      openRight: true,
    });
    const { x, y } = plan.entryRoom;
    const corridor = layoutCorridor({
      id: room.id,
      node: service,
      doorX: x,
      centreY: plan.entryDoor.y,
      slots: acceptQueue === Infinity ? 1e4 : acceptQueue,
      limit: acceptQueue,
      aisle: 0,
      pitch: plan.entryPitch,
      minPitch: plan.entryMinPitch,
      maxWidth: plan.entryMaxWidth,
      maxHeight: plan.entryMaxHeight,
      rows: plan.entryRows,
      minColumns: 0,
    });
    corridors.push(corridor);
    addLabel('roomHeading', service, {
      x,
      y: y - measures.headingGap,
      maxWidth: variant === 'full' ? 192 : 110,
      size: measures.labelSize,
    });
    const isFull = variant === 'full';
    const left = Math.min(corridor.box.x, x - (isFull ? 111.4 : 54));
    addLabel('acceptQueue', service, {
      x: left,
      y: corridor.box.y - (isFull ? 26 : 7),
      maxWidth: x - left - 4,
      lines: isFull ? 2 : 1,
      lineHeight: 15,
      size: measures.labelSize,
    });
    if (corridor.brim !== 'solid') {
      addLabel('more', service, {
        x: x - 4,
        y: corridor.box.y + corridor.box.height + (isFull ? 13 : 9.5),
        anchor: 'end',
        maxWidth: x - 4 - left,
        size: measures.tickSize,
      });
    }
    if (isFull) {
      addLabel('rejected', service, {
        x: 41,
        y: 224,
        maxWidth: 104,
        lines: 2,
        lineHeight: 15,
        size: measures.labelSize,
      });
    }
    return room;
  }

  /** Beside who is held and who holds them: words in the margin, only where nothing else passes. */
  function addNotes(): void {
    const { box: room, aisle, aisleY, threadsPerMark: perMark } = entry;
    const [upper, lower] = structure.steps;
    const size = measures.labelSize + 1;
    const isClear = aisleY[0] - aisle / 2 > NOTE_BOTTOM;
    if (upper?.access !== 'queue' && upper?.access !== 'both' && isClear) {
      addLabel('victims', entry.node, {
        x: room.x + room.width + 9,
        y: room.y + 6,
        maxWidth: 107,
        lines: 2,
        lineHeight: 15.5,
        size,
      });
    } else if (perMark === 1 && lower?.access === 'calls') {
      addLabel('victims', entry.node, {
        x: room.x,
        y: room.y + room.height + 19,
        maxWidth: 190,
        size,
      });
    }
    if (upper?.access === 'calls') {
      addLabel('cause', upper.service, { x: 516, y: 130, maxWidth: 222, size });
    }
    if (lower?.access === 'calls') {
      addLabel('cause', lower.service, {
        x: 478,
        y: 229,
        anchor: 'end',
        maxWidth: 130,
        lines: 2,
        lineHeight: 15.5,
        size,
      });
    }
  }

  function layoutStep(step: StepStructure, row: RowPlan): void {
    const isQueued = step.access !== 'calls';
    const isBoth = step.access === 'both';
    const perMark = row.folded ? 1 : threadsPerMark(step.threads);
    const marksLabelHeight = perMark > 1 ? measures.tickSize + 2 : 0;
    const place = isQueued ? row.queueRoom : row.callRoom;
    const roomBox = box(place.x, place.y, place.width, place.height - marksLabelHeight);
    const middle = roomBox.y + roomBox.height / 2;
    const shelfHeight = step.shelf && !isBoth ? row.shelf.height : 0;
    // A narrow stage has its shelf in the free strip above the vessel instead of beneath it.
    const shelfTakes = variant === 'narrow' ? 0 : shelfHeight > 0 ? shelfHeight + SHELF_GAP : 0;
    const vesselY = isBoth ? row.bothVesselY : row.vesselY;
    const vesselHeight = isBoth ? row.bothVesselHeight : row.vesselHeight - shelfTakes;
    const queueDoorY = isBoth || shelfTakes > 0 ? vesselY + vesselHeight / 2 : middle;
    const doorHeight = variant === 'full' ? 18 : 10;
    const callDoor: Door = {
      y: isBoth ? row.bothCorridorY : middle,
      height: row.folded
        ? 0
        : isBoth
          ? variant === 'full'
            ? 18
            : 10
          : Math.max(row.corridorAisle + 6, doorHeight),
    };
    const queueDoor: Door = { y: queueDoorY, height: variant === 'full' ? 22 : 12 };
    const room = makeRoom({
      node: step.service,
      id: step.step,
      box: roomBox,
      door: step.access === 'queue' ? queueDoor : callDoor,
      queueDoor: isBoth ? queueDoor : null,
      threads: step.threads,
      folded: row.folded,
    });
    addRoomLabels(step, row, roomBox, perMark);
    if (step.access !== 'queue' && !row.folded) {
      const pitch = isBoth ? row.corridorPitch * 0.7 : row.corridorPitch;
      const aisle = isBoth ? (variant === 'full' ? 12 : 6) : row.corridorAisle;
      corridors.push(
        layoutCorridor({
          id: step.step,
          node: step.service,
          doorX: roomBox.x,
          centreY: callDoor.y,
          slots: step.slots,
          limit: Infinity,
          aisle,
          pitch,
          minPitch: variant === 'full' ? 6 : 4.4,
          maxWidth: variant === 'full' ? 57 : 37,
          maxHeight: isBoth ? aisle + 6 + 2 * pitch : roomBox.height - 8,
          rows: 2,
          minColumns: 2,
        }),
      );
    }
    if (isQueued && step.broker >= 0) {
      const vessel = layoutVessel({
        id: `${step.step}Queue`,
        node: step.broker,
        rightX: row.vesselRight,
        y: vesselY,
        height: vesselHeight,
        maxWidth: row.vesselMaxWidth,
        limit: step.limit,
        doorHeight,
        inletX: plan.entryRoom.x + plan.entryRoom.width + 2,
        inletY: row.publishY,
        outletX: roomBox.x - 4,
      });
      vessels.push({ ...vessel, doorY: queueDoorY });
      addVesselLabels(step, row, vessel, queueDoorY, isBoth);
      if (shelfHeight > 0) addShelf(step, row, vessel, shelfHeight);
    }
    rooms.push(room);
  }

  function addRoomLabels(step: StepStructure, row: RowPlan, roomBox: Box, perMark: number): void {
    if (row.folded) {
      addLabel('foldedName', step.service, {
        x: roomBox.x + 7,
        y: roomBox.y + roomBox.height / 2 + 4.5,
        maxWidth: roomBox.width - 11,
        size: measures.labelSize,
      });
      return;
    }
    addLabel('roomHeading', step.service, {
      x: roomBox.x,
      y: roomBox.y - measures.headingGap,
      maxWidth: measures.width - roomBox.x,
      size: measures.labelSize,
    });
    if (perMark > 1) {
      addLabel('marks', step.service, {
        x: roomBox.x,
        y: roomBox.y + roomBox.height + measures.tickSize + 0.5,
        maxWidth: roomBox.width,
        size: measures.tickSize,
      });
    }
  }

  function addVesselLabels(
    step: StepStructure,
    row: RowPlan,
    vessel: VesselGeometry,
    doorY: number,
    isBoth: boolean,
  ): void {
    const isFull = variant === 'full';
    const gap = isFull ? 9 : 6.3;
    // With a corridor beside it the heading of the lower vessel ends before the corridor begins.
    const right =
      isBoth && row === plan.lower ? row.vesselRight - (isFull ? 16 : 24) : row.vesselRight + 1;
    const left = plan.entryRoom.x + plan.entryRoom.width + (isFull ? 30 : 10);
    if (variant === 'narrow' && row === plan.lower) {
      // Beneath the vessel: above it the strands to the folded room pass.
      addLabel('queueHeading', step.broker, {
        x: plan.entryRoom.x + plan.entryRoom.width + 8,
        y: measures.height - 4,
        maxWidth: 80,
        size: measures.labelSize,
      });
    } else {
      addLabel('queueHeading', step.broker, {
        x: right,
        y: vessel.box.y - gap,
        anchor: 'end',
        maxWidth: Math.min(right - left, isFull ? 166 : variant === 'mid' ? 84 : 62),
        size: measures.labelSize,
      });
    }
    if (isFull && vessel.box.width > 62) {
      addLabel('limit', step.broker, {
        x: vessel.box.x + 8,
        y: vessel.box.y + 17,
        maxWidth: 46,
        lines: 2,
        lineHeight: 14,
        size: measures.tickSize,
      });
    }
    if (isFull && !isBoth) {
      addLabel('oldest', step.broker, {
        x: row.vesselRight + 5,
        y: doorY - 27,
        maxWidth: 35,
        lines: 2,
        lineHeight: 14,
        size: measures.tickSize,
      });
    }
  }

  function addShelf(
    step: StepStructure,
    row: RowPlan,
    vessel: VesselGeometry,
    height: number,
  ): void {
    const place = row.shelf;
    const top = variant === 'narrow' ? place.y : vessel.box.y + vessel.box.height + SHELF_GAP;
    const { shelf, labels: words } = layoutShelf({
      id: `${step.step}Shelf`,
      node: step.broker,
      variant,
      place: box(place.x, top, place.width, height),
      trayPlace: row.tray,
      tickSize: measures.tickSize,
    });
    shelves.push(shelf);
    for (const { kind, ...at } of words) {
      addLabel(kind, step.broker, { ...at, size: measures.tickSize });
    }
  }

  function makeRoom(room: {
    node: number;
    id: string;
    box: Box;
    door: Door;
    queueDoor?: Door | null;
    threads: number;
    openRight?: boolean;
    folded?: boolean;
  }): RoomGeometry {
    const folded = room.folded === true;
    const perMark = threadsPerMark(room.threads);
    const marks = folded ? 0 : Math.ceil(Math.max(1, room.threads) / perMark);
    const grid = layoutCells(Math.max(1, marks), room.box, measures);
    const made: RoomGeometry = {
      id: room.id,
      node: room.node,
      box: room.box,
      door: room.door,
      queueDoor: room.queueDoor ?? null,
      openRight: room.openRight === true,
      folded,
      cellSize: folded ? 0 : grid.cellSize,
      markCount: marks,
      threadsPerMark: perMark,
      columns: grid.columns,
      bays: folded ? 0 : grid.bays,
      aisle: grid.aisle,
      cellX: folded ? new Float64Array(0) : grid.cellX,
      cellY: folded ? new Float64Array(0) : grid.cellY,
      aisleY: folded ? new Float64Array(0) : grid.aisleY,
    };
    if (room.openRight) {
      rooms.push(made);
      if (perMark > 1) {
        addLabel('marks', room.node, {
          x: room.box.x,
          y: room.box.y + room.box.height + measures.tickSize + (variant === 'full' ? 4 : 0),
          maxWidth: room.box.width,
          size: measures.tickSize,
        });
      }
    }
    return made;
  }

  function addLabel(
    kind: LabelKind,
    node: number,
    place: {
      x: number;
      y: number;
      anchor?: 'start' | 'end';
      maxWidth: number;
      lines?: 1 | 2;
      lineHeight?: number;
      size: number;
    },
  ): void {
    labels.push({
      key: `${kind}.${node}`,
      kind,
      node,
      x: place.x,
      y: place.y,
      anchor: place.anchor ?? 'start',
      maxWidth: place.maxWidth,
      lines: place.lines ?? 1,
      lineHeight: place.lineHeight ?? 0,
      size: place.size,
    });
  }
}
