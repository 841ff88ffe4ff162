/** Paints the bars of the last requests. Words and outcome glyphs are elements above the canvas. */
import { Outcome } from '../sim/outcome.ts';
import { crisp, startPainting, strokeHatch } from './canvas.ts';
import type { ChartTheme } from './chartTheme.ts';
import type { JourneyBar, MessageBar, WaitLevel } from './journeyBar.ts';
import { outcomeSize, timeToBarX, type LifetimesLayout } from './lifetimesLayout.ts';

export interface LifetimesPicture {
  readonly layout: LifetimesLayout;
  readonly axisS: number;
  readonly ticksS: readonly number[];
  readonly theme: ChartTheme;
  /** One a row, null where the row is free. */
  readonly bars: readonly (JourneyBar | null)[];
  readonly followed: number | null;
  /** The request under the pointer or the keyboard, here or elsewhere on the page. */
  readonly pointed: number | null;
  /** Vertical marks, seconds: this lane's median and, dashed, the other's. */
  readonly p50S: number | null;
  readonly otherP50S: number | null;
}

/** Line widths and distances of the hatching by age, pixels. */
const HATCH: Readonly<Record<WaitLevel, number>> = { 1: 1.2, 2: 2, 3: 2.9 };
const HATCH_PITCH = 5;
const LEVELS: readonly WaitLevel[] = [1, 2, 3];

export function paintLifetimes(canvas: HTMLCanvasElement, picture: LifetimesPicture): void {
  const { layout } = picture;
  const context = startPainting(canvas, layout.width, layout.height);
  if (!context) return;
  paintTicks(context, picture);
  paintPointed(context, picture);
  paintMessages(context, picture);
  paintQueued(context, picture);
  paintRunning(context, picture);
  paintParked(context, picture);
  paintWasted(context, picture);
  paintMarks(context, picture);
  paintFollowed(context, picture);
}

function eachBar(
  { layout, bars }: LifetimesPicture,
  visit: (bar: JourneyBar, top: number, row: number) => void,
): void {
  bars.forEach((bar, row) => {
    if (bar) visit(bar, layout.barTop(row), row);
  });
}

function paintTicks(context: CanvasRenderingContext2D, picture: LifetimesPicture): void {
  const { layout, ticksS, theme, axisS } = picture;
  context.strokeStyle = theme.rule;
  context.lineWidth = 1;
  context.beginPath();
  for (const tickS of ticksS) {
    const x = crisp(timeToBarX(layout, axisS, tickS));
    context.moveTo(x, layout.top);
    context.lineTo(x, layout.bottom + 3);
  }
  context.stroke();
}

function paintPointed(context: CanvasRenderingContext2D, picture: LifetimesPicture): void {
  const { layout, theme, pointed } = picture;
  if (pointed === null) return;
  context.fillStyle = theme.hand;
  context.globalAlpha = 0.2;
  eachBar(picture, (bar, top) => {
    if (bar.request === pointed) {
      context.fillRect(0, top - 1, layout.width, layout.barHeight + 2);
    }
  });
  context.globalAlpha = 1;
}

function paintQueued(context: CanvasRenderingContext2D, picture: LifetimesPicture): void {
  const { layout, theme, axisS } = picture;
  context.beginPath();
  eachBar(picture, (bar, top) => {
    for (const part of bar.parts) {
      if (part.kind !== 'acceptQueue') continue;
      const x = timeToBarX(layout, axisS, part.startS);
      const width = timeToBarX(layout, axisS, part.endS) - x;
      if (width > 0.3) context.rect(x, top, Math.max(1, width), layout.barHeight);
    }
  });
  context.save();
  context.fillStyle = theme.sheet;
  context.fill();
  context.strokeStyle = theme.ink3;
  context.lineWidth = 1;
  context.stroke();
  context.clip();
  // Dots hang on the canvas: rows of short dashes are round enough at this size.
  context.setLineDash([1.6, 2.4]);
  context.lineWidth = 1.6;
  context.beginPath();
  for (let row = 0; row < picture.bars.length; row++) {
    const top = layout.barTop(row);
    for (const at of layout.barHeight >= 6 ? [0.3, 0.7] : [0.5]) {
      context.moveTo(layout.left, top + layout.barHeight * at);
      context.lineTo(layout.right, top + layout.barHeight * at);
    }
  }
  context.stroke();
  context.restore();
}

function paintRunning(context: CanvasRenderingContext2D, picture: LifetimesPicture): void {
  const { layout, theme, axisS } = picture;
  context.fillStyle = theme.run;
  eachBar(picture, (bar, top) => {
    for (const part of bar.parts) {
      if (part.kind !== 'running') continue;
      const x = timeToBarX(layout, axisS, part.startS);
      const width = timeToBarX(layout, axisS, part.endS) - x;
      if (width > 0.3) context.fillRect(x, top, Math.max(1, width), layout.barHeight);
    }
  });
}

function paintParked(context: CanvasRenderingContext2D, picture: LifetimesPicture): void {
  const { layout, theme, axisS } = picture;
  const grounds: Readonly<Record<WaitLevel, string>> = {
    1: theme.sheet,
    2: theme.waitWash,
    3: theme.sheet,
  };
  const lines: Readonly<Record<WaitLevel, string>> = {
    1: theme.wait1,
    2: theme.wait2,
    3: theme.wait3,
  };
  for (const level of LEVELS) {
    let any = false;
    context.beginPath();
    eachBar(picture, (bar, top) => {
      for (const part of bar.parts) {
        if (part.kind !== 'parked' || part.level !== level) continue;
        const x = timeToBarX(layout, axisS, part.startS);
        const width = timeToBarX(layout, axisS, part.endS) - x;
        if (width <= 0.3) continue;
        context.rect(x, top, Math.max(1, width), layout.barHeight);
        any = true;
      }
    });
    if (!any) continue;
    context.save();
    context.fillStyle = grounds[level];
    context.fill();
    context.clip();
    context.strokeStyle = lines[level];
    context.lineWidth = HATCH[level];
    strokeHatch(context, layout.left, layout.top, layout.right, layout.bottom, HATCH_PITCH);
    context.restore();
  }
  // One outline a wait, in the colour of the age it reached.
  context.lineWidth = 0.9;
  eachBar(picture, (bar, top) => {
    bar.parts.forEach((part, i) => {
      if (part.kind !== 'parked' || !part.first) return;
      let last = part;
      for (let k = i + 1; bar.parts[k]?.first === false; k++) last = bar.parts[k] ?? last;
      const x = timeToBarX(layout, axisS, part.startS);
      const width = timeToBarX(layout, axisS, last.endS) - x;
      context.strokeStyle = lines[last.level];
      context.strokeRect(x, top, Math.max(1, width), layout.barHeight);
    });
  });
}

/** Work after its user has gone is the same work, but pale; the hourglass between has a clear ground. */
function paintWasted(context: CanvasRenderingContext2D, picture: LifetimesPicture): void {
  const { layout, theme, axisS } = picture;
  context.fillStyle = theme.paper;
  context.globalAlpha = 0.62;
  eachBar(picture, (bar, top) => {
    if (bar.endS === null || bar.outcome !== Outcome.TimedOut || bar.workEndS <= bar.endS) return;
    const x = timeToBarX(layout, axisS, bar.endS);
    const width = timeToBarX(layout, axisS, bar.workEndS) - x;
    context.fillRect(x, top - 0.7, width + 1, layout.barHeight + 1.4);
  });
  context.globalAlpha = 1;
  eachBar(picture, (bar, top) => {
    if (bar.endS === null || bar.outcome !== Outcome.TimedOut || bar.endS > axisS) return;
    const half = outcomeSize(layout) / 2 + 0.5;
    const x = timeToBarX(layout, axisS, bar.endS);
    context.fillRect(x - half, top - 1, 2 * half, layout.barHeight + 2);
  });
}

function paintMessages(context: CanvasRenderingContext2D, picture: LifetimesPicture): void {
  const { layout, theme, axisS } = picture;
  eachBar(picture, (bar, top) => {
    bar.messages.forEach((message, i) => {
      const y = layout.messageY(top, i, bar.messages.length);
      for (const part of message.parts) {
        const left = timeToBarX(layout, axisS, part.startS);
        const right = Math.min(
          timeToBarX(layout, axisS, part.endS),
          layout.right + layout.overflow,
        );
        if (left >= right) continue;
        if (part.kind === 'inWork') {
          context.fillStyle = theme.ink;
          context.fillRect(left, y - 1.5, right - left, 3);
        } else {
          context.strokeStyle = theme.ink3;
          context.lineWidth = 1.2;
          context.setLineDash([1.5, 2.2]);
          context.beginPath();
          context.moveTo(left, y);
          context.lineTo(right, y);
          context.stroke();
          context.setLineDash([]);
        }
      }
      if (goesOn(message, axisS)) paintArrow(context, picture, message, y);
    });
  });
}

/** The message is not at its end within the axis. */
export function goesOn(message: MessageBar, axisS: number): boolean {
  return message.endS === null || message.endS > axisS;
}

/** Work under way ends in an arrow where it is now; what waits, or ends later, in one at the edge. */
function paintArrow(
  context: CanvasRenderingContext2D,
  { layout, theme, axisS }: LifetimesPicture,
  message: MessageBar,
  y: number,
): void {
  const edge = layout.right + layout.overflow;
  const last = message.parts.at(-1);
  const from = timeToBarX(layout, axisS, last?.endS ?? 0);
  const underWay = message.end === 'open' && last?.kind === 'inWork';
  const tip = underWay ? Math.min(from + 4, edge) : edge;
  context.strokeStyle = underWay ? theme.ink : theme.ink3;
  context.lineWidth = 1.2;
  if (!underWay && from < edge - 4) {
    context.setLineDash([1.5, 2.2]);
    context.beginPath();
    context.moveTo(from, y);
    context.lineTo(edge, y);
    context.stroke();
    context.setLineDash([]);
  }
  context.beginPath();
  context.moveTo(tip - 3.4, y - 2.6);
  context.lineTo(tip, y);
  context.lineTo(tip - 3.4, y + 2.6);
  context.stroke();
}

function paintMarks(context: CanvasRenderingContext2D, picture: LifetimesPicture): void {
  const { layout, theme, axisS } = picture;
  context.strokeStyle = theme.ink;
  const mark = (timeS: number | null, width: number, dash: number[]) => {
    if (timeS === null || timeS > axisS) return;
    const x = crisp(timeToBarX(layout, axisS, timeS));
    context.lineWidth = width;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x, layout.top - 2);
    context.lineTo(x, layout.bottom + 3);
    context.stroke();
  };
  mark(picture.otherP50S, 1.2, [3, 3]);
  mark(picture.p50S, 1.8, []);
  context.setLineDash([]);
}

function paintFollowed(context: CanvasRenderingContext2D, picture: LifetimesPicture): void {
  const { layout, theme, followed, pointed, axisS } = picture;
  context.strokeStyle = theme.hand;
  eachBar(picture, (bar, top) => {
    if (bar.request !== followed && bar.request !== pointed) return;
    const width = timeToBarX(layout, axisS, Math.max(bar.endS ?? 0, bar.workEndS)) - layout.left;
    context.lineWidth = bar.request === followed ? 1.8 : 1.4;
    context.strokeRect(layout.left, top - 1, Math.max(3, width), layout.barHeight + 2);
  });
}
