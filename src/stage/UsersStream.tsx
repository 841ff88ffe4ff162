/**
 * The users' stream on the line between the lanes: the next arrivals on their way, splitting into
 * mirrored twins, so that both lanes are seen to get the same users at the same moments.
 */
import { isMotionReduced } from '../playback/reducedMotion.ts';
import { useLayoutEffect, useRef } from 'react';
import type { Player } from '../playback/player.ts';
import type { PointedRequest } from '../playback/pointedRequest.ts';
import { hopModelS } from '../scene/flights.ts';
import { requestsPerDot, ribbonPhase } from '../scene/ribbon.ts';
import { formatCount } from '../scene/stageLabels.ts';
import { UpcomingArrivals } from '../scene/upcomingArrivals.ts';
import type { Variant } from '../scene/variant.ts';
import { stageMeasures } from '../scene/variant.ts';
import type { ClientsView } from '../sim/view.ts';
import { crowdingOf, type Crowding } from './crowding.ts';
import type { Frames } from './frames.ts';
import { watchPalette, type Palette } from './palette.ts';
import './stage.css';

export interface UsersStreamProps {
  readonly player: Player;
  readonly frames: Frames;
  readonly pointed: PointedRequest;
  readonly variant: Variant;
}

/** Distance a dot travels in a second of model time, stage units. */
const UNITS_PER_S = 170;
/** More arrivals a second than this, and dots stand for several. */
const MAX_SINGLE_PER_S = 60;
const CAPACITY = 256;
/** From the end of the stream to the vertical part, and from the label to the line, stage units. */
const INSET = 26;

export function UsersStream({ player, frames, pointed, variant }: UsersStreamProps) {
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const stream = new StreamRun(root.current!, canvas.current!, player, frames, pointed, variant);
    return () => stream.stop();
  }, [player, frames, pointed, variant]);
  return (
    <div ref={root} className={`users-stream ${variant}`} aria-hidden="true">
      <div className="users-rule" />
      <canvas ref={canvas} />
      <div className="users-words">
        <span className="users-name">Users</span>
        <span className="users-rate" />
        <span className="users-scale" />
      </div>
    </div>
  );
}

/** The way of a dot in CSS pixels of the canvas: along the middle line, then up and down. */
interface Way {
  /** Where dots come into view, where they split, where they end. */
  startX: number;
  splitX: number;
  endX: number;
  middleY: number;
  upperY: number;
  lowerY: number;
  /** CSS pixels a stage unit. */
  unit: number;
}

class StreamRun {
  private readonly root: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private readonly player: Player;
  private readonly pointed: PointedRequest;
  private readonly variant: Variant;
  private readonly crowding: Crowding;
  private readonly arrivals = new UpcomingArrivals(CAPACITY);
  private readonly stops: (() => void)[] = [];
  private palette: Palette | null = null;
  private way: Way | null = null;
  private dpr = 1;
  private perDot = 1;
  private words = '';

  constructor(
    root: HTMLElement,
    canvas: HTMLCanvasElement,
    player: Player,
    frames: Frames,
    pointed: PointedRequest,
    variant: Variant,
  ) {
    this.root = root;
    this.canvas = canvas;
    this.context = canvas.getContext('2d')!;
    this.player = player;
    this.pointed = pointed;
    this.crowding = crowdingOf(player);
    this.variant = variant;
    const observer = new ResizeObserver(() => this.resize());
    observer.observe(root);
    for (const lane of ['sync', 'async']) {
      const stage = stageElement(lane);
      if (stage) observer.observe(stage);
    }
    this.stops.push(
      () => observer.disconnect(),
      watchPalette(root, (palette) => {
        this.palette = palette;
        this.paint(performance.now());
      }),
      frames.onFrame((nowMs) => this.paint(nowMs)),
      frames.onReadout(() => this.readout()),
      pointed.subscribe(() => this.paint(performance.now())),
    );
    this.resize();
    this.readout();
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }

  private clients(): ClientsView | null {
    const { nodes } = this.player.view('sync');
    return nodes.find((node): node is ClientsView => node.kind === 'clients') ?? null;
  }

  private resize(): void {
    const own = this.root.getBoundingClientRect();
    if (own.width === 0) return;
    this.dpr = devicePixelRatio;
    const box = this.variant === 'full' ? this.layoutFull(own) : this.layoutStrip(own);
    const { canvas } = this;
    canvas.style.left = `${box.x}px`;
    canvas.style.top = `${box.y}px`;
    canvas.style.width = `${box.width}px`;
    canvas.style.height = `${box.height}px`;
    canvas.width = Math.max(1, Math.round(box.width * this.dpr));
    canvas.height = Math.max(1, Math.round(box.height * this.dpr));
    this.paint(performance.now());
  }

  /** Between two full lanes: from the figure's left edge to both accept queues. */
  private layoutFull(own: DOMRect): { x: number; y: number; width: number; height: number } {
    const upper = stageElement('sync')?.getBoundingClientRect();
    const lower = stageElement('async')?.getBoundingClientRect();
    if (!upper || !lower) {
      this.way = null;
      return { x: 0, y: 0, width: 0, height: 0 };
    }
    const measures = stageMeasures.full;
    const unit = Math.min(upper.width / measures.width, upper.height / measures.height);
    const spareX = (upper.width - measures.width * unit) / 2;
    const spareY = (upper.height - measures.height * unit) / 2;
    const upperDoor = upper.top + spareY + 120 * unit - own.top;
    const lowerDoor = lower.top + spareY + 120 * unit - own.top;
    const middle = (sectionEdge('sync', 'bottom') + sectionEdge('async', 'top')) / 2 - own.top;
    const endX = upper.left + spareX + 27 * unit - own.left;
    const top = Math.floor(upperDoor - 8 * unit);
    const words = this.root.querySelector<HTMLElement>('.users-words')!;
    words.style.top = `${middle}px`;
    this.root.querySelector<HTMLElement>('.users-rule')!.style.top = `${middle}px`;
    this.way = {
      startX: words.offsetWidth + 12,
      splitX: endX - INSET * unit,
      endX,
      middleY: middle - top,
      upperY: upperDoor - top,
      lowerY: lowerDoor - top,
      unit,
    };
    return { x: 0, y: top, width: endX + 8, height: lowerDoor + 8 * unit - top };
  }

  /** A strip across a small page. */
  private layoutStrip(own: DOMRect): { x: number; y: number; width: number; height: number } {
    const middle =
      own.height < 60
        ? own.height / 2
        : (sectionEdge('sync', 'bottom') + sectionEdge('async', 'top')) / 2 - own.top;
    const words = this.root.querySelector<HTMLElement>('.users-words')!;
    words.style.top = `${middle}px`;
    this.root.querySelector<HTMLElement>('.users-rule')!.style.top = `${middle}px`;
    this.way = {
      startX: 0,
      splitX: own.width,
      endX: own.width,
      middleY: 8,
      upperY: 8,
      lowerY: 8,
      unit: 1,
    };
    return { x: 0, y: middle - 8, width: own.width, height: 16 };
  }

  private paint(nowMs: number): void {
    const { context, palette, way, dpr } = this;
    if (!palette || !way) return;
    context.setTransform(dpr, 0, 0, dpr, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const isFull = this.variant === 'full';
    if (isFull) this.paintLine(way, palette);
    const clients = this.clients();
    if (!clients || clients.ratePerS <= 0) return;
    this.perDot = 1;
    const { speed, values, seed } = this.player.status;
    const radius = (isFull ? 3 : 2.7) * way.unit * (clients.ratePerS > 20 ? 0.9 : 1);
    const travelS = this.length(way) / (UNITS_PER_S * way.unit);
    context.fillStyle = palette.ink;
    context.beginPath();
    if (isMotionReduced()) {
      context.fill();
      return;
    }
    if (clients.ratePerS > MAX_SINGLE_PER_S || this.crowding.isCrowded(nowMs, speed)) {
      this.paintRibbon(way, clients.ratePerS, speed, radius);
      context.fill();
      return;
    }
    const load = values.load;
    const basePerS = typeof load === 'number' ? load : clients.ratePerS;
    const { timeS } = this.player;
    const spec = this.player.scenario.lanes.sync.nodes[clients.id];
    if (spec?.kind !== 'clients') return;
    this.arrivals.read(clients, spec, seed, basePerS, timeS + travelS);
    for (let i = 0; i < this.arrivals.count; i++) {
      const distance = (this.arrivals.timeS[i] - timeS) * UNITS_PER_S * way.unit;
      this.dot(way, distance, radius);
    }
    context.fill();
    const { followed } = this.player.status;
    this.outline(followed, way, timeS, radius, palette);
    if (this.pointed.current !== followed) {
      this.outline(this.pointed.current, way, timeS, radius, palette);
    }
  }

  private outline(
    request: number | null,
    way: Way,
    timeS: number,
    radius: number,
    palette: Palette,
  ): void {
    if (request === null) return;
    for (let i = 0; i < this.arrivals.count; i++) {
      if (this.arrivals.request[i] !== request) continue;
      const distance = (this.arrivals.timeS[i] - timeS) * UNITS_PER_S * way.unit;
      this.context.beginPath();
      this.dot(way, distance, radius + 3);
      this.context.strokeStyle = palette.hand;
      this.context.lineWidth = 2;
      this.context.stroke();
    }
  }

  private length(way: Way): number {
    return (
      way.endX -
      way.splitX +
      Math.abs(way.middleY - way.upperY) +
      Math.max(0, way.splitX - way.startX)
    );
  }

  private paintRibbon(way: Way, perS: number, speed: number, radius: number): void {
    // The lanes' dots, on a longer way.
    const hopS = hopModelS(speed) * 3;
    this.perDot = requestsPerDot(perS, hopModelS(speed));
    const { first, step } = ribbonPhase(this.player.timeS, perS, this.perDot, hopS);
    const length = this.length(way);
    for (let p = first; p < 1; p += step) this.dot(way, length * (1 - p), radius);
  }

  private paintLine(way: Way, palette: Palette): void {
    const { context } = this;
    context.strokeStyle = palette.rule;
    context.lineWidth = 1.4;
    context.beginPath();
    context.moveTo(way.startX - 4, way.middleY);
    context.lineTo(way.splitX, way.middleY);
    for (const y of [way.upperY, way.lowerY]) {
      context.moveTo(way.splitX, way.middleY);
      context.lineTo(way.splitX, y);
      context.lineTo(way.endX - 1, y);
    }
    context.stroke();
  }

  /** Adds a dot, or its twins, to the path. @param distance CSS pixels still to go */
  private dot(way: Way, distance: number, radius: number): void {
    const flat = way.endX - way.splitX;
    if (distance <= flat) {
      this.disc(way.endX - distance, way.upperY, radius);
      if (way.lowerY !== way.upperY) this.disc(way.endX - distance, way.lowerY, radius);
      return;
    }
    const climb = Math.abs(way.middleY - way.upperY);
    if (distance <= flat + climb) {
      const share = climb > 0 ? (distance - flat) / climb : 0;
      this.disc(way.splitX, way.upperY + (way.middleY - way.upperY) * share, radius);
      this.disc(way.splitX, way.lowerY + (way.middleY - way.lowerY) * share, radius);
      return;
    }
    const x = way.splitX - (distance - flat - climb);
    if (x >= way.startX) this.disc(x, way.middleY, radius);
  }

  private disc(x: number, y: number, radius: number): void {
    this.context.moveTo(x + radius, y);
    this.context.arc(x, y, radius, 0, 2 * Math.PI);
  }

  private readout(): void {
    const clients = this.clients();
    if (!clients) return;
    const rate = clients.ratePerS;
    const shown = rate >= 9.95 || Number.isInteger(rate) ? formatCount(rate) : rate.toFixed(1);
    const text = this.variant === 'full' ? `${shown} req/s` : `the same users, ${shown} a second`;
    const scale = this.perDot > 1 ? `1 dot = ${formatCount(this.perDot)} requests` : '';
    if (text + scale === this.words) return;
    this.words = text + scale;
    this.root.querySelector('.users-rate')!.textContent = text;
    this.root.querySelector('.users-scale')!.textContent = scale;
    this.resize();
  }
}

function stageElement(lane: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-lane-stage="${lane}"]`);
}

/** Edge of a lane as a whole, viewport coordinates. */
function sectionEdge(lane: string, edge: 'top' | 'bottom'): number {
  const stage = stageElement(lane);
  const section = stage?.closest('section') ?? stage;
  return section?.getBoundingClientRect()[edge] ?? 0;
}
