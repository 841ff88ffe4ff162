/** Outcome glyphs at the ends of the bars: a pool of uses of the page's glyph definitions. */
import { Outcome } from '../sim/outcome.ts';
import type { JourneyBar, MessageBar } from './journeyBar.ts';
import { outcomeSize, timeToBarX, type LifetimesLayout } from './lifetimesLayout.ts';
import { goesOn } from './lifetimesPainter.ts';
import { write } from './write.ts';

interface GlyphShape {
  /** Id of the definition. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

const outcomeGlyphs: Readonly<Record<Outcome, string | null>> = {
  [Outcome.Open]: null,
  [Outcome.Served]: 'g-answered',
  [Outcome.Declined]: 'g-declined',
  [Outcome.Rejected]: 'g-rejected',
  [Outcome.TimedOut]: 'g-timedOut',
  [Outcome.Failed]: 'g-failed',
};

const messageGlyphs: Readonly<Record<MessageBar['end'], GlyphShape | null>> = {
  open: null,
  acknowledged: { id: 'g-handled', width: 12, height: 8 },
  declined: { id: 'g-declined', width: 9, height: 9 },
  deadLettered: { id: 'g-deadLetter', width: 12, height: 8 },
  dropped: { id: 'g-failed', width: 8, height: 8 },
  refused: { id: 'g-failed', width: 8, height: 8 },
};

const SVG = 'http://www.w3.org/2000/svg';

export class LifetimeGlyphs {
  readonly #messages: GlyphPool;
  readonly #outcomes: GlyphPool;

  constructor(group: SVGGElement) {
    // A remount finds the elements of the mount before.
    group.replaceChildren();
    this.#messages = new GlyphPool(group);
    this.#outcomes = new GlyphPool(group);
  }

  show(layout: LifetimesLayout, axisS: number, bars: readonly (JourneyBar | null)[]): void {
    this.#messages.begin();
    this.#outcomes.begin();
    bars.forEach((bar, row) => {
      if (bar) this.#bar(layout, axisS, bar, layout.barTop(row));
    });
    this.#messages.hideRest();
    this.#outcomes.hideRest();
  }

  #bar(layout: LifetimesLayout, axisS: number, bar: JourneyBar, top: number): void {
    const middle = top + layout.barHeight / 2;
    bar.messages.forEach((message, i) => {
      const y = layout.messageY(top, i, bar.messages.length);
      const shape = messageGlyphs[message.end];
      for (const part of message.parts) {
        if (part.kind !== 'backingOff' || part.startS > axisS) continue;
        const x = timeToBarX(layout, axisS, part.startS);
        this.#messages.use({ id: 'g-backingOff', width: 8, height: 8 }, x + 4, y);
      }
      if (shape && message.endS !== null && !goesOn(message, axisS)) {
        const x = timeToBarX(layout, axisS, message.endS);
        this.#messages.use(shape, x + shape.width / 2, y);
      }
    });
    const id = outcomeGlyphs[bar.outcome];
    if (id === null || bar.endS === null || bar.endS > axisS) return;
    const size = outcomeSize(layout);
    const x = timeToBarX(layout, axisS, bar.endS);
    // A tick stands after its bar, unless something of the same request goes on from there.
    const after = bar.messages.length === 0 && bar.outcome !== Outcome.TimedOut;
    this.#outcomes.use({ id, width: size, height: size }, after ? x + size / 2 + 1 : x, middle);
  }
}

/** Elements to use again, by the id they show: one that is to show another is built anew. */
class GlyphPool {
  readonly #group: SVGGElement;
  readonly #glyphs = new Map<string, SVGUseElement[]>();
  readonly #used = new Map<string, number>();

  constructor(parent: SVGGElement) {
    this.#group = document.createElementNS(SVG, 'g');
    parent.append(this.#group);
  }

  begin(): void {
    this.#used.clear();
  }

  hideRest(): void {
    for (const [id, glyphs] of this.#glyphs) {
      for (const glyph of glyphs.slice(this.#used.get(id))) write(glyph, 'visibility', 'hidden');
    }
  }

  use(shape: GlyphShape, x: number, y: number): void {
    const glyph = this.#next(shape.id);
    write(glyph, 'width', shape.width.toString());
    write(glyph, 'height', shape.height.toFixed(1));
    write(glyph, 'x', (x - shape.width / 2).toFixed(1));
    write(glyph, 'y', (y - shape.height / 2).toFixed(1));
    write(glyph, 'visibility', 'visible');
  }

  #next(id: string): SVGUseElement {
    const used = this.#used.get(id) ?? 0;
    this.#used.set(id, used + 1);
    const glyphs = this.#glyphs.get(id) ?? [];
    this.#glyphs.set(id, glyphs);
    const ready = glyphs[used];
    if (ready) return ready;
    const glyph = document.createElementNS(SVG, 'use');
    glyph.setAttribute('href', `#${id}`);
    this.#group.append(glyph);
    glyphs.push(glyph);
    return glyph;
  }
}
