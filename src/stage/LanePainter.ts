/** Paints everything of a lane that changes from frame to frame, on one canvas. */
import type { CorridorGeometry, LaneGeometry } from '../scene/geometry.ts';
import { placesOf, stepPlaces, type Place } from '../scene/requestPlaces.ts';
import { routeTethers, TetherBuffer } from '../scene/tetherRouting.ts';
import { stageMeasures } from '../scene/variant.ts';
import type { BrokerView, LaneView, PoolView } from '../sim/view.ts';
import type { Crowding } from './crowding.ts';
import { FlightPainter } from './FlightPainter.ts';
import type { LaneMoment } from './laneMoment.ts';
import { paintOutlines, type OutlineCanvas } from './outlineGlyph.ts';
import type { Palette } from './palette.ts';
import type { PixelScale } from './pixelScale.ts';
import { makeQueueSprite, paintQueue, type QueueSprite } from './queueGlyph.ts';
import { RoomPainter } from './RoomPainter.ts';
import { paintShelf } from './shelfGlyph.ts';
import { makeSlotPictures, paintSlots, type SlotPictures } from './slotGlyph.ts';
import { paintTethers, paintTracedTether, type TetherStyle } from './tetherGlyph.ts';

export class LanePainter {
  readonly flights: FlightPainter;
  readonly tethers = new TetherBuffer();
  private readonly context: CanvasRenderingContext2D;
  private readonly canvas: HTMLCanvasElement;
  private readonly rooms: RoomPainter;
  private geometry: LaneGeometry | null = null;
  private palette: Palette | null = null;
  private queueSprites: QueueSprite[] = [];
  private slotPictures = new WeakMap<CorridorGeometry, SlotPictures>();
  private pixels: PixelScale = { scale: 1, offsetX: 0, offsetY: 0 };
  private dpr = 1;

  constructor(canvas: HTMLCanvasElement, crowding: Crowding) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d')!;
    this.rooms = new RoomPainter(this.context);
    this.flights = new FlightPainter(this.context, crowding);
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.forgetSprites();
  }

  setGeometry(geometry: LaneGeometry): void {
    this.geometry = geometry;
    this.flights.setGeometry(geometry);
    this.rooms.dropOldSprites();
    this.queueSprites = [];
  }

  /** @param width and @param height CSS pixels of the canvas */
  setSize(
    width: number,
    height: number,
    dpr: number,
    stageWidth: number,
    stageHeight: number,
  ): void {
    this.canvas.width = Math.max(1, Math.round(width * dpr));
    this.canvas.height = Math.max(1, Math.round(height * dpr));
    const fit = Math.min(width / stageWidth, height / stageHeight);
    this.dpr = dpr;
    this.pixels = {
      scale: fit * dpr,
      offsetX: ((width - stageWidth * fit) / 2) * dpr,
      offsetY: ((height - stageHeight * fit) / 2) * dpr,
    };
    this.rooms.setPixels(this.pixels);
    this.forgetSprites();
  }

  /** From CSS pixels inside the canvas to stage units. */
  toStage(x: number, y: number): { x: number; y: number } {
    const { scale, offsetX, offsetY } = this.pixels;
    return { x: (x * this.dpr - offsetX) / scale, y: (y * this.dpr - offsetY) / scale };
  }

  paint(moment: LaneMoment, nowMs: number): void {
    const { context, geometry, palette } = this;
    if (!geometry || !palette) return;
    const { view } = moment;
    const measures = stageMeasures[geometry.variant];
    this.usePixels();
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.useStage();
    for (const corridor of geometry.corridors) {
      const pool = view.nodes[corridor.node] as PoolView;
      const isEntry = corridor.node === geometry.entry.node;
      const patienceS = isEntry ? moment.patienceS : null;
      const pictures = moment.isMoving ? null : this.slotPicturesFor(corridor, palette);
      paintSlots(context, corridor, pool, view.timeS, patienceS, palette, pictures, this.pixels);
    }
    if (!moment.isMoving) {
      routeTethers(geometry, view, this.tethers);
      const style = this.tetherStyle(geometry);
      paintTethers(context, this.tethers, palette, style);
      if (moment.pointed !== null) {
        paintTracedTether(context, this.tethers, moment.pointed, palette, 1.6, style);
      }
      if (moment.followed !== null) {
        paintTracedTether(context, this.tethers, moment.followed, palette, 2, style);
      }
    }
    this.usePixels();
    for (const room of geometry.rooms) this.rooms.paint(room, view, palette, moment.isMoving);
    this.paintQueues(geometry, view, palette);
    this.useStage();
    this.flights.paint(moment, nowMs, geometry, palette);
    // Its words would lie on walls that still move.
    for (const shelf of moment.isMoving ? [] : geometry.shelves) {
      const broker = view.nodes[shelf.node] as BrokerView;
      paintShelf(context, shelf, broker, view.timeS, palette, measures.tickSize);
    }
    const { pointed, followed, stepped } = moment;
    const outline = (places: readonly Place[], width: number) =>
      paintOutlines(this.outlineCanvas(), places, view, palette.hand, width);
    if (pointed !== null) outline(placesOf(geometry, view, pointed), 1.6);
    if (followed !== null) outline(placesOf(geometry, view, followed), 2.2);
    if (stepped !== null) {
      const inTheAir = this.flights.isInTheAir(stepped.request);
      outline(stepPlaces(geometry, view, moment.trace, stepped, inTheAir), 2.2);
    }
  }

  private outlineCanvas(): OutlineCanvas {
    const { context, queueSprites, pixels } = this;
    return { context, queueSprites, ...pixels };
  }

  /** Bundles of small stages are closer than pixels: there, lines stay where they are. */
  private tetherStyle({ variant, entry }: LaneGeometry): TetherStyle {
    const { scale, offsetX, offsetY } = this.pixels;
    const { tetherWidth, knotRadius } = stageMeasures[variant];
    const isSnapped = variant === 'full';
    const snap = (at: number, offset: number) =>
      (Math.floor(at * scale + offset) + 0.5 - offset) / scale;
    return {
      width: tetherWidth,
      minWidth: 1 / scale,
      knotRadius: entry.cellSize < 10 ? 0.9 : knotRadius,
      snapX: isSnapped ? (x) => snap(x, offsetX) : (x) => x,
      snapY: isSnapped ? (y) => snap(y, offsetY) : (y) => y,
    };
  }

  private usePixels(): void {
    this.context.setTransform(1, 0, 0, 1, 0, 0);
  }

  private useStage(): void {
    const { scale, offsetX, offsetY } = this.pixels;
    this.context.setTransform(scale, 0, 0, scale, offsetX, offsetY);
  }

  private slotPicturesFor(corridor: CorridorGeometry, palette: Palette): SlotPictures {
    let pictures = this.slotPictures.get(corridor);
    if (!pictures) {
      pictures = makeSlotPictures(corridor, this.pixels, palette);
      this.slotPictures.set(corridor, pictures);
    }
    return pictures;
  }

  private forgetSprites(): void {
    this.slotPictures = new WeakMap();
    this.queueSprites = [];
    this.rooms.forgetSprites();
  }

  private paintQueues(geometry: LaneGeometry, view: LaneView, palette: Palette): void {
    if (this.queueSprites.length !== geometry.vessels.length) {
      const { scale, offsetX, offsetY } = this.pixels;
      this.queueSprites = geometry.vessels.map((vessel) =>
        makeQueueSprite(vessel, scale, offsetX, offsetY, palette),
      );
    }
    for (const sprite of this.queueSprites) {
      const broker = view.nodes[sprite.vessel.node] as BrokerView;
      if (broker.ready > 0) paintQueue(this.context, sprite, broker.ready);
    }
  }
}
