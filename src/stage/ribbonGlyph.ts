/** Evenly spaced dots along every way of a lane, where single requests would be too many or too fast. */
import {
  FAINT_ALPHA,
  FALL_HOPS,
  pointOn,
  TokenKind,
  type Curve,
  type FlightPaths,
} from '../scene/flights.ts';
import type { LaneGeometry } from '../scene/geometry.ts';
import { ribbonPhase } from '../scene/ribbon.ts';
import { stageMeasures } from '../scene/variant.ts';
import type { LaneReadouts } from '../sim/metrics/readouts.ts';
import type { LaneView } from '../sim/view.ts';
import type { Palette } from './palette.ts';
import { paintToken } from './tokenGlyph.ts';

/** What ribbons tell of: the rates of a lane, and how dots stand for them. */
export interface RibbonTraffic {
  readonly view: LaneView;
  readonly readouts: LaneReadouts;
  readonly firstTriesPerS: number;
  /** Requests a dot stands for. */
  readonly perDot: number;
  /** Model time that a dot takes for its way, seconds. */
  readonly hopS: number;
}

/** How the dots of one ribbon look and move. */
interface RibbonStyle {
  readonly kind: TokenKind;
  readonly tokenSize: number;
  readonly palette: Palette;
  readonly perDot: number;
  readonly hopS: number;
  readonly timeS: number;
  /** Dots beyond it are faint, stage units. */
  readonly faintX: number;
}

/** Paints in stage units. */
export function paintRibbons(
  context: CanvasRenderingContext2D,
  geometry: LaneGeometry,
  paths: FlightPaths,
  { view, readouts, firstTriesPerS, perDot, hopS }: RibbonTraffic,
  palette: Palette,
): void {
  const { tokenSize } = stageMeasures[geometry.variant];
  const isFull = geometry.variant === 'full';
  const ribbon = (
    path: Curve | undefined,
    perS: number,
    kind: TokenKind = TokenKind.Request,
    hops = 1,
  ): void => {
    if (!path || perS < 0.05) return;
    paintRibbon(context, path, perS, {
      kind,
      tokenSize,
      palette,
      perDot,
      hopS: hopS * hops,
      timeS: view.timeS,
      // Among the rings of those who wait, as single requests in flight.
      faintX: path === paths.arrive ? paths.brimX : Infinity,
    });
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

function paintRibbon(
  context: CanvasRenderingContext2D,
  path: Curve,
  perS: number,
  style: RibbonStyle,
): void {
  const { kind, tokenSize, palette, faintX } = style;
  // Two digits of the rate are enough, and keep the dots from jumping at each new measurement.
  const digit = 10 ** (Math.floor(Math.log10(perS)) - 1);
  const steady = Math.max(digit, Math.round(perS / digit) * digit);
  const { first, step } = ribbonPhase(style.timeS, steady, style.perDot, style.hopS);
  if (kind !== TokenKind.Request) {
    for (let p = first; p < 1; p += step) {
      const x = pointOn(path, 0, p);
      paintToken(context, kind, x, pointOn(path, 1, p), tokenSize * 0.7, palette);
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
