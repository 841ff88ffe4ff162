/** Paints everything of a lane that changes from frame to frame, on one canvas. */
import {
  FAINT_ALPHA,
  FALL_HOPS,
  flightPaths,
  hopModelS,
  MAX_TOKEN_SPEED,
  pointOn,
  readFlights,
  TokenBuffer,
  TokenKind,
  type Curve,
  type FlightPaths,
} from '../scene/flights.ts';
import type { CorridorGeometry, LaneGeometry, RoomGeometry } from '../scene/geometry.ts';
import { parkedLevel } from '../scene/parkedLevel.ts';
import { placesOf, stepPlaces, type Place, type SteppedEvent } from '../scene/requestPlaces.ts';
import { requestsPerDot, ribbonPhase } from '../scene/ribbon.ts';
import { routeTethers, TetherBuffer } from '../scene/tetherRouting.ts';
import { stageMeasures } from '../scene/variant.ts';
import type { LaneReadouts } from '../sim/metrics/readouts.ts';
import type { Trace } from '../sim/trace.ts';
import {
  CellState,
  type BrokerView,
  type ClientsView,
  type LaneView,
  type PoolView,
} from '../sim/view.ts';
import {
  makeCellSprites,
  paintRunning,
  paintWasted,
  stamp,
  type CellSprites,
} from './cellGlyph.ts';
import { paintSmallCells } from './smallCells.ts';
import type { Crowding } from './crowding.ts';
import type { Palette } from './palette.ts';
import { paintOutlines, paintRing, type OutlineCanvas } from './outlineGlyph.ts';
import { makeQueueSprite, paintQueue, type QueueSprite } from './queueGlyph.ts';
import { makePicture, type Picture } from './sprite.ts';
import { paintShelf } from './shelfGlyph.ts';
import { makeSlotPictures, paintSlots, type PixelScale, type SlotPictures } from './slotGlyph.ts';
import { paintTethers, paintTracedTether, type TetherStyle } from './tetherGlyph.ts';
import { paintToken } from './tokenGlyph.ts';

export interface LaneMoment {
  readonly view: LaneView;
  readonly trace: Trace;
  readonly speed: number;
  /** Seconds, or null where users wait for ever. */
  readonly patienceS: number | null;
  readonly followed: number | null;
  readonly pointed: number | null;
  /** Model time of a single step while paused, else null. */
  readonly stepS: number | null;
  /** What that step stopped at, if it was in this lane. */
  readonly stepped: SteppedEvent | null;
  /** Rooms are re-laying: no strands, nothing in the air. */
  readonly isMoving: boolean;
  readonly reducedMotion: boolean;
  readonly readouts: LaneReadouts | null;
}

interface IdleGrid {
  readonly image: Picture;
  readonly left: number;
  readonly top: number;
}

/** From this many requests a second on tokens are smaller, down to the least share of their size. */
const SMALLER_ABOVE_PER_S = 15;
const SMALLER_BY_PER_S = 0.012;
const LEAST_SIZE = 0.72;

export class LanePainter {
  /** Requests a moving dot stands for now; 1 while every request is drawn. */
  requestsPerDot = 1;
  readonly tokens = new TokenBuffer();
  private readonly context: CanvasRenderingContext2D;
  private readonly canvas: HTMLCanvasElement;
  private readonly crowding: Crowding;
  readonly tethers = new TetherBuffer();
  private geometry: LaneGeometry | null = null;
  private paths: FlightPaths | null = null;
  private palette: Palette | null = null;
  private readonly cellSprites = new Map<number, CellSprites>();
  private queueSprites: QueueSprite[] = [];
  private slotPictures = new WeakMap<CorridorGeometry, SlotPictures>();
  private grids = new WeakMap<RoomGeometry, IdleGrid>();
  private pixels: PixelScale = { scale: 1, offsetX: 0, offsetY: 0 };
  private dpr = 1;

  constructor(canvas: HTMLCanvasElement, crowding: Crowding) {
    this.canvas = canvas;
    this.crowding = crowding;
    this.context = canvas.getContext('2d')!;
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.forgetSprites();
  }

  setGeometry(geometry: LaneGeometry): void {
    this.geometry = geometry;
    this.paths = flightPaths(geometry);
    this.queueSprites = [];
    if (this.cellSprites.size > 12) this.cellSprites.clear();
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
    this.forgetSprites();
  }

  private get scale(): number {
    return this.pixels.scale;
  }

  private get offsetX(): number {
    return this.pixels.offsetX;
  }

  private get offsetY(): number {
    return this.pixels.offsetY;
  }

  /** From CSS pixels inside the canvas to stage units. */
  toStage(x: number, y: number): { x: number; y: number } {
    return {
      x: (x * this.dpr - this.offsetX) / this.scale,
      y: (y * this.dpr - this.offsetY) / this.scale,
    };
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
    for (const room of geometry.rooms) this.paintRoom(room, view, palette, moment.isMoving);
    this.paintQueues(geometry, view, palette);
    this.useStage();
    this.paintFlights(moment, nowMs);
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
      const inTheAir = this.isInTheAir(stepped.request);
      outline(stepPlaces(geometry, view, moment.trace, stepped, inTheAir), 2.2);
    }
  }

  private outlineCanvas(): OutlineCanvas {
    const { context, queueSprites, scale, offsetX, offsetY } = this;
    return { context, queueSprites, scale, offsetX, offsetY };
  }

  /** Bundles of small stages are closer than pixels: there, lines stay where they are. */
  private tetherStyle({ variant, entry }: LaneGeometry): TetherStyle {
    const { scale, offsetX, offsetY } = this;
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
    this.context.setTransform(this.scale, 0, 0, this.scale, this.offsetX, this.offsetY);
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
    this.cellSprites.clear();
    this.queueSprites = [];
    this.grids = new WeakMap();
  }

  private spritesFor(cellSize: number, palette: Palette): CellSprites {
    const size = Math.max(2, Math.round(cellSize * this.scale));
    let sprites = this.cellSprites.get(size);
    if (!sprites) {
      sprites = makeCellSprites(size, this.scale, palette);
      this.cellSprites.set(size, sprites);
    }
    return sprites;
  }

  private paintRoom(room: RoomGeometry, view: LaneView, palette: Palette, isMoving: boolean): void {
    if (room.markCount === 0) return;
    const pool = view.nodes[room.node] as PoolView;
    const sprites = this.spritesFor(room.cellSize, palette);
    const cells = Math.min(pool.cellCount, pool.state.length);
    const marks = Math.min(room.markCount, Math.ceil(cells / room.threadsPerMark));
    // Idle cells stand still: all of a room's are one picture, on which the others are painted.
    const isWhole = marks === room.markCount && !isMoving;
    if (isWhole) {
      const grid = this.gridFor(room, sprites);
      this.context.drawImage(grid.image, grid.left, grid.top);
    }
    for (let mark = 0; mark < marks; mark++) {
      const x = room.cellX[mark] * this.scale + this.offsetX;
      const y = room.cellY[mark] * this.scale + this.offsetY;
      if (!isWhole) stamp(this.context, sprites.idle, x, y);
      if (room.threadsPerMark === 1 && !sprites.isTiny) {
        this.paintCell(pool, mark, x, y, sprites, palette, view.timeS);
      }
    }
    if (room.threadsPerMark > 1 || sprites.isTiny) {
      paintSmallCells(this.context, room, pool, marks, sprites, palette, view.timeS, this);
    }
  }

  /** Left edge of a mark, whole device pixels. */
  pixelX(room: RoomGeometry, mark: number): number {
    return Math.round(room.cellX[mark] * this.scale + this.offsetX);
  }

  pixelY(room: RoomGeometry, mark: number): number {
    return Math.round(room.cellY[mark] * this.scale + this.offsetY);
  }

  private gridFor(room: RoomGeometry, sprites: CellSprites): IdleGrid {
    let grid = this.grids.get(room);
    if (!grid) {
      grid = this.makeGrid(room, sprites);
      this.grids.set(room, grid);
    }
    return grid;
  }

  private makeGrid(room: RoomGeometry, sprites: CellSprites): IdleGrid {
    const { margin } = sprites.idle;
    const left = Math.floor(room.box.x * this.scale + this.offsetX) - margin;
    const top = Math.floor(room.box.y * this.scale + this.offsetY) - margin;
    const width = Math.ceil(room.box.width * this.scale) + 2 * margin;
    const height = Math.ceil(room.box.height * this.scale) + 2 * margin;
    const image = makePicture(width, height, (context) => {
      for (let mark = 0; mark < room.markCount; mark++) {
        stamp(context, sprites.idle, this.pixelX(room, mark) - left, this.pixelY(room, mark) - top);
      }
    });
    return { image, left, top };
  }

  private paintCell(
    pool: PoolView,
    cell: number,
    x: number,
    y: number,
    sprites: CellSprites,
    palette: Palette,
    timeS: number,
  ): void {
    switch (pool.state[cell] as CellState) {
      case CellState.Idle:
        return;
      case CellState.Running: {
        const sinceS = pool.sinceS[cell];
        const wholeS = pool.untilS[cell] - sinceS;
        paintRunning(this.context, sprites, x, y, wholeS > 0 ? (timeS - sinceS) / wholeS : 1);
        break;
      }
      case CellState.Parked:
        stamp(this.context, sprites.parked[parkedLevel(timeS - pool.sinceS[cell]) - 1], x, y);
        break;
      case CellState.Down:
        stamp(this.context, sprites.down, x, y);
        return;
    }
    if (pool.wasted[cell] === 1) paintWasted(this.context, x, y, sprites.size, this.scale, palette);
  }

  private paintQueues(geometry: LaneGeometry, view: LaneView, palette: Palette): void {
    if (this.queueSprites.length !== geometry.vessels.length) {
      this.queueSprites = geometry.vessels.map((vessel) =>
        makeQueueSprite(vessel, this.scale, this.offsetX, this.offsetY, palette),
      );
    }
    for (const sprite of this.queueSprites) {
      const broker = view.nodes[sprite.vessel.node] as BrokerView;
      if (broker.ready > 0) paintQueue(this.context, sprite, broker.ready);
    }
  }

  private paintFlights(moment: LaneMoment, nowMs: number): void {
    const { geometry, paths, palette, tokens } = this;
    tokens.count = 0;
    this.requestsPerDot = 1;
    if (!geometry || !paths || !palette || moment.isMoving) return;
    // After a single step tokens stand still, at any speed.
    const isStep = moment.stepS !== null;
    if (moment.reducedMotion && !isStep) return;
    if (isStep || moment.speed <= MAX_TOKEN_SPEED) {
      tokens.limit = stageMeasures[geometry.variant].maxTokens;
      const fits = readFlights(
        {
          geometry,
          paths,
          view: moment.view,
          trace: moment.trace,
          timeS: moment.view.timeS,
          speed: moment.speed,
          stepS: moment.stepS,
        },
        tokens,
      );
      if (!fits) this.crowding.report(nowMs);
    }
    const clients = moment.view.nodes.find((node): node is ClientsView => node.kind === 'clients');
    const ratePerS = clients?.ratePerS ?? moment.readouts?.firstTriesPerS ?? 0;
    if (!isStep && this.crowding.isCrowded(nowMs, moment.speed)) {
      tokens.count = 0;
      this.paintRibbons(moment, geometry, paths, palette, ratePerS);
    } else this.paintTokens(moment, geometry, palette, ratePerS);
  }

  private paintTokens(
    moment: LaneMoment,
    geometry: LaneGeometry,
    palette: Palette,
    ratePerS: number,
  ): void {
    const { tokens, context } = this;
    const smaller = 1 - (ratePerS - SMALLER_ABOVE_PER_S) * SMALLER_BY_PER_S;
    const size =
      stageMeasures[geometry.variant].tokenSize * Math.max(LEAST_SIZE, Math.min(1, smaller));
    for (let i = tokens.count - 1; i >= 0; i--) {
      const kind = tokens.kind[i] as TokenKind;
      context.globalAlpha = tokens.alpha[i];
      paintToken(context, kind, tokens.x[i], tokens.y[i], size * tokens.size[i], palette);
      const request = tokens.request[i];
      if (
        request === moment.followed ||
        request === moment.pointed ||
        request === moment.stepped?.request
      ) {
        context.globalAlpha = 1;
        paintRing(context, tokens.x[i], tokens.y[i], size * 0.68, palette.hand, 2);
      }
    }
    context.globalAlpha = 1;
  }

  private paintRibbons(
    moment: LaneMoment,
    geometry: LaneGeometry,
    paths: FlightPaths,
    palette: Palette,
    firstTriesPerS: number,
  ): void {
    const { readouts, view } = moment;
    if (!readouts) return;
    const hopS = hopModelS(moment.speed);
    const perDot = requestsPerDot(firstTriesPerS, hopS);
    this.requestsPerDot = perDot;
    const { tokenSize } = stageMeasures[geometry.variant];
    const isFull = geometry.variant === 'full';
    const ribbon = (
      path: Curve | undefined,
      perS: number,
      kind: TokenKind = TokenKind.Request,
      hops = 1,
    ): void => {
      // Among the rings of those who wait, as single requests in flight.
      const faintX = path === paths.arrive ? paths.brimX : Infinity;
      this.ribbon(path, perS, perDot, hopS * hops, view.timeS, kind, tokenSize, palette, faintX);
    };
    ribbon(paths.arrive, firstTriesPerS - readouts.rejectedPerS);
    ribbon(paths.reject, readouts.rejectedPerS, TokenKind.Rejected, isFull ? FALL_HOPS : 1.3);
    ribbon(paths.reply, readouts.servedPerS + readouts.declinedPerS);
    ribbon(paths.reply, readouts.failedPerS, TokenKind.Failed);
    ribbon(paths.reply, readouts.timedOutPerS, TokenKind.TimedOut);
    for (const { node } of geometry.vessels) {
      const { id } = view.nodes[node];
      ribbon(paths.publish.get(node), readouts.publishedPerS[id] ?? 0);
      ribbon(paths.deliver.get(node), readouts.deliveredPerS[id] ?? 0);
    }
  }

  private ribbon(
    path: Curve | undefined,
    perS: number,
    perDot: number,
    hopS: number,
    timeS: number,
    kind: TokenKind,
    tokenSize: number,
    palette: Palette,
    faintX: number,
  ): void {
    if (!path || perS < 0.05) return;
    // Two digits of the rate are enough, and keep the dots from jumping at each new measurement.
    const digit = 10 ** (Math.floor(Math.log10(perS)) - 1);
    const steady = Math.max(digit, Math.round(perS / digit) * digit);
    const { first, step } = ribbonPhase(timeS, steady, perDot, hopS);
    const { context } = this;
    if (kind !== TokenKind.Request) {
      for (let p = first; p < 1; p += step) {
        paintToken(
          context,
          kind,
          pointOn(path, 0, p),
          pointOn(path, 1, p),
          tokenSize * 0.7,
          palette,
        );
      }
      return;
    }
    const radius = tokenSize * 0.21;
    context.fillStyle = palette.ink;
    for (const isFaint of [false, true]) {
      context.beginPath();
      for (let p = first; p < 1; p += step) {
        const x = pointOn(path, 0, p);
        const y = pointOn(path, 1, p);
        if (x > faintX !== isFaint) continue;
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      }
      context.globalAlpha = isFaint ? FAINT_ALPHA : 1;
      context.fill();
      if (faintX === Infinity) break;
    }
    context.globalAlpha = 1;
  }

  private isInTheAir(request: number): boolean {
    const { tokens } = this;
    for (let i = 0; i < tokens.count; i++) if (tokens.request[i] === request) return true;
    return false;
  }
}
