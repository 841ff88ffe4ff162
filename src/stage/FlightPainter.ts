/** Paints what is in the air: single tokens, or ribbons where those would be too many. */
import {
  flightPaths,
  hopModelS,
  MAX_TOKEN_SPEED,
  readFlights,
  TokenBuffer,
  type FlightPaths,
  type TokenKind,
} from '../scene/flights.ts';
import type { LaneGeometry } from '../scene/geometry.ts';
import { requestsPerDot } from '../scene/ribbon.ts';
import { stageMeasures } from '../scene/variant.ts';
import type { ClientsView } from '../sim/view.ts';
import type { Crowding } from './crowding.ts';
import type { LaneMoment } from './laneMoment.ts';
import { paintRing } from './outlineGlyph.ts';
import type { Palette } from './palette.ts';
import { paintRibbons } from './ribbonGlyph.ts';
import { paintToken } from './tokenGlyph.ts';

/** From this many requests a second on tokens are smaller, down to the least share of their size. */
const SMALLER_ABOVE_PER_S = 15;
const SMALLER_BY_PER_S = 0.012;
const LEAST_SIZE = 0.72;

export class FlightPainter {
  /** Requests a moving dot stands for now; 1 while every request is drawn. */
  requestsPerDot = 1;
  readonly tokens = new TokenBuffer();
  private readonly context: CanvasRenderingContext2D;
  private readonly crowding: Crowding;
  private paths: FlightPaths | null = null;

  constructor(context: CanvasRenderingContext2D, crowding: Crowding) {
    this.context = context;
    this.crowding = crowding;
  }

  setGeometry(geometry: LaneGeometry): void {
    this.paths = flightPaths(geometry);
  }

  /** Paints in stage units. @param geometry the one that was set last */
  paint(moment: LaneMoment, nowMs: number, geometry: LaneGeometry, palette: Palette): void {
    const { paths, tokens } = this;
    tokens.count = 0;
    this.requestsPerDot = 1;
    if (!paths || moment.isMoving) return;
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

  isInTheAir(request: number): boolean {
    const { tokens } = this;
    for (let i = 0; i < tokens.count; i++) if (tokens.request[i] === request) return true;
    return false;
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
    { speed, readouts, view }: LaneMoment,
    geometry: LaneGeometry,
    paths: FlightPaths,
    palette: Palette,
    firstTriesPerS: number,
  ): void {
    if (!readouts) return;
    const hopS = hopModelS(speed);
    const perDot = requestsPerDot(firstTriesPerS, hopS);
    this.requestsPerDot = perDot;
    const traffic = { view, readouts, firstTriesPerS, perDot, hopS };
    paintRibbons(this.context, geometry, paths, traffic, palette);
  }
}
