/** The standing parts of the picture (floors, walls, limit bars, flow lines) as SVG path data. */
import type {
  CorridorGeometry,
  Door,
  LaneGeometry,
  RoomGeometry,
  VesselGeometry,
} from './geometry.ts';

export interface PlanPaths {
  readonly floors: string;
  readonly corridorFloors: string;
  readonly walls: string;
  readonly vesselWalls: string;
  readonly thin: string;
  readonly slots: string;
  readonly flows: string;
  readonly arrows: string;
  readonly trays: string;
  /** Limit bars, each with the node it limits. */
  readonly brims: readonly {
    readonly node: number;
    readonly path: string;
    readonly dashed: boolean;
  }[];
  /** The way down of those who are rejected. */
  readonly bounce: string;
}

const r = (value: number): number => Math.round(value * 100) / 100;

export function planPaths(geometry: LaneGeometry, brimReach: number): PlanPaths {
  const isFull = geometry.variant === 'full';
  let floors = '';
  let corridorFloors = '';
  let walls = '';
  let vesselWalls = '';
  let thin = '';
  let slots = '';
  let flows = '';
  let arrows = '';
  let trays = '';
  const brims: { node: number; path: string; dashed: boolean }[] = [];
  for (const room of geometry.rooms) {
    floors += rectangle(room.box.x, room.box.y, room.box.width, room.box.height);
    walls += roomWalls(room);
  }
  for (const corridor of geometry.corridors) {
    const { x, y, width, height } = corridor.box;
    corridorFloors += rectangle(x, y, width, height);
    if (width > 0) {
      thin += `M${r(x)} ${r(y)}H${r(x + width)}M${r(x)} ${r(y + height)}H${r(x + width)}`;
    }
    slots += slotDots(corridor);
    if (corridor.brim !== 'none') {
      brims.push({
        node: corridor.node,
        dashed: corridor.brim === 'dashed',
        path: `M${r(x)} ${r(y - brimReach)}V${r(y + height + brimReach)}`,
      });
    }
  }
  for (const vessel of geometry.vessels) {
    const { x, y, width, height } = vessel.box;
    floors += rectangle(x, y, width, height);
    vesselWalls += vesselWall(vessel);
    const half = vessel.doorHeight / 2;
    if (vessel.limit !== Infinity) {
      brims.push({
        node: vessel.node,
        dashed: vessel.limit > vessel.capacity,
        path: `M${r(x)} ${r(y - brimReach)}V${r(vessel.doorY - half)}M${r(x)} ${r(vessel.doorY + half)}V${r(y + height + brimReach)}`,
      });
    }
    const flow = publishCurve(vessel);
    flows += `M${r(flow.x0)} ${r(flow.y0)}C${r(flow.x1)} ${r(flow.y0)} ${r(flow.x2)} ${r(flow.y3)} ${r(flow.x3)} ${r(flow.y3)}`;
    arrows += arrowRight(x - 3, vessel.doorY, isFull);
    flows += `M${r(x + width + 2)} ${r(vessel.doorY)}H${r(vessel.outletX)}`;
    arrows += arrowRight(vessel.outletX + 3, vessel.doorY, isFull);
  }
  for (const shelf of geometry.shelves) {
    const { tray } = shelf;
    if (shelf.boardWidth > 0) {
      thin += `M${r(shelf.box.x)} ${r(tray.y + tray.height)}h${r(shelf.boardWidth)}`;
    }
    trays += `M${r(tray.x)} ${r(tray.y)}V${r(tray.y + tray.height)}H${r(tray.x + tray.width)}V${r(tray.y)}`;
  }
  const entry = geometry.entry.box;
  flows += `M${r(entry.x - 1)} ${geometry.replyY}H${geometry.replyX + 6}`;
  const tip = isFull ? [7, 3.6] : [5, 2.8];
  arrows += `M${geometry.replyX} ${geometry.replyY}l${tip[0]} -${tip[1]}v${tip[1] * 2}z`;
  return {
    floors,
    corridorFloors,
    walls,
    vesselWalls,
    thin,
    slots,
    flows,
    arrows,
    trays,
    brims,
    bounce: isFull ? bouncePath(geometry) : '',
  };
}

/** The curve of messages from the entry room to a vessel's mouth. */
export function publishCurve(vessel: VesselGeometry): {
  x0: number;
  y0: number;
  x1: number;
  x2: number;
  x3: number;
  y3: number;
} {
  const x0 = vessel.inletX;
  const x3 = vessel.box.x - 9;
  const reach = Math.min(18, Math.max(4, (x3 - x0) * 0.6));
  return { x0, y0: vessel.inletY, x1: x0 + reach, x2: x3 - reach, x3, y3: vessel.doorY };
}

function bouncePath(geometry: LaneGeometry): string {
  const corridor = geometry.corridors[0];
  const x = corridor.box.x;
  const y = corridor.centreY;
  return `M${r(x - 2)} ${r(y - 4)}C${r(x - 9)} ${r(y)} ${r(x - 12)} ${r(y + 8)} ${r(x - 11.6)} ${r(y + 20)}V${r(y + 74)}`;
}

function rectangle(x: number, y: number, width: number, height: number): string {
  return width > 0 && height > 0 ? `M${r(x)} ${r(y)}h${r(width)}v${r(height)}h${r(-width)}z` : '';
}

function roomWalls(room: RoomGeometry): string {
  const { x, y, width, height } = room.box;
  const right = x + width;
  const bottom = y + height;
  const stub = 13;
  const rightWall = room.openRight
    ? `V${r(y + stub)}M${r(right)} ${r(bottom - stub)}V${r(bottom)}`
    : `V${r(bottom)}`;
  const doors = [room.door, room.queueDoor]
    .filter((door): door is Door => door !== null && door.height > 0)
    .sort((a, b) => b.y - a.y);
  let left = `H${r(x)}`;
  for (const door of doors) {
    left += `V${r(door.y + door.height / 2)}M${r(x)} ${r(door.y - door.height / 2)}`;
  }
  left += `V${r(y)}`;
  return `M${r(x)} ${r(y)}H${r(right)}${rightWall}${left}`;
}

function vesselWall(vessel: VesselGeometry): string {
  const { x, y, width, height } = vessel.box;
  const right = x + width + 1.5;
  const half = vessel.doorHeight / 2;
  return `M${r(x)} ${r(y - 1)}H${r(right)}V${r(vessel.doorY - half)}M${r(right)} ${r(vessel.doorY + half)}V${r(y + height + 1)}H${r(x)}`;
}

function slotDots(corridor: CorridorGeometry): string {
  let dots = '';
  for (let i = 0; i < corridor.slotX.length; i++) {
    dots += `M${r(corridor.slotX[i])} ${r(corridor.slotY[i])}h0`;
  }
  return dots;
}

function arrowRight(x: number, y: number, isFull: boolean): string {
  return isFull ? `M${r(x)} ${r(y)}l-7 -3.6v7.2z` : `M${r(x)} ${r(y)}l-5 -2.8v5.6z`;
}
