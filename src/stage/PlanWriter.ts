/** Writes what changes in a lane's SVG: words (at most ten times a second), limit bars, moving walls. */
import type { LabelGeometry, LaneGeometry } from '../scene/geometry.ts';
import { planPaths, type PlanPaths } from '../scene/planPaths.ts';
import { labelLines, type LabelContext, type Line } from '../scene/stageLabels.ts';
import { stageMeasures } from '../scene/variant.ts';
import type { BrokerView, PoolView } from '../sim/view.ts';

const SVG = 'http://www.w3.org/2000/svg';
const MOVING_PARTS = [
  'floors',
  'corridorFloors',
  'slots',
  'thin',
  'flows',
  'arrows',
  'trays',
  'walls',
  'vesselWalls',
] as const satisfies readonly (keyof PlanPaths)[];

export class PlanWriter {
  private readonly svg: SVGSVGElement;
  private readonly written = new Map<string, WrittenLabel>();
  private readonly marked = new Map<string, boolean>();

  constructor(svg: SVGSVGElement) {
    this.svg = svg;
  }

  /** After React has rendered other elements. */
  forget(): void {
    this.written.clear();
    this.marked.clear();
  }

  /** Reads the words of a moment. @returns what writes them; the view may have moved on by then */
  readLabels(context: LabelContext): () => void {
    const { labels } = context.geometry;
    const words = labels.map((label) => labelLines(label, context));
    const marks = readMarks(context);
    return () => {
      labels.forEach((label, i) => this.writeLabel(label, words[i], context));
      for (const { selector, className, isOn } of marks) this.mark(selector, className, isOn);
    };
  }

  private writeLabel(label: LabelGeometry, lines: readonly Line[], context: LabelContext): void {
    const shape = shapeOf(lines);
    const before = this.written.get(label.key);
    if (before?.shape === shape) {
      writeTexts(before, lines);
      return;
    }
    const frame = frameOf(lines);
    if (before?.frame === frame) {
      writeTexts(before, lines);
      writeTones(before, lines);
      this.written.set(label.key, { ...before, shape });
      return;
    }
    const element = this.svg.querySelector<SVGTextElement>(`[data-label="${label.key}"]`);
    if (!element) return;
    const texts = writeLines(element, lines, label.x, label.y, label.lineHeight, context);
    this.written.set(label.key, { shape, frame, texts });
  }

  private mark(selector: string, className: string, isOn: boolean): void {
    if (this.marked.get(selector) === isOn) return;
    this.marked.set(selector, isOn);
    this.svg.querySelector(selector)?.classList.toggle(className, isOn);
  }

  /** One frame of rooms re-laying. */
  writeWalls(geometry: LaneGeometry): void {
    const paths = planPaths(geometry, stageMeasures[geometry.variant].brimReach);
    for (const part of MOVING_PARTS) {
      this.svg.querySelector(`[data-part="${part}"]`)?.setAttribute('d', paths[part]);
    }
    for (const brim of paths.brims) {
      this.svg.querySelector(`[data-brim="${brim.node}"]`)?.setAttribute('d', brim.path);
    }
  }
}

/** Whether something standing looks different now. */
interface Mark {
  readonly selector: string;
  readonly className: string;
  readonly isOn: boolean;
}

function readMarks({ geometry, view, readouts }: LabelContext): readonly Mark[] {
  const brim = (node: number, isOn: boolean): Mark => ({
    selector: `[data-brim="${node}"]`,
    className: 'is-full',
    isOn,
  });
  const isTrayUsed = geometry.shelves.some(
    (shelf) => (view.nodes[shelf.node] as BrokerView).deadLettered > 0,
  );
  return [
    ...geometry.corridors.map(({ node }) => {
      const pool = view.nodes[node] as PoolView;
      return brim(node, pool.queueLength >= pool.queueLimit);
    }),
    ...geometry.vessels.map(({ node }) => {
      const broker = view.nodes[node] as BrokerView;
      return brim(node, broker.ready >= broker.limit);
    }),
    { selector: '[data-part="trays"]', className: 'is-used', isOn: isTrayUsed },
    { selector: '[data-bounce]', className: 'is-shown', isOn: readouts.rejectedPerS > 0.05 },
  ];
}

/** A label as it stands: its parts' kinds, and the text nodes that hold their words. */
interface WrittenLabel {
  readonly shape: string;
  readonly frame: string;
  readonly texts: readonly Text[];
}

/** Equal where only words differ. */
function shapeOf(lines: readonly Line[]): string {
  let shape = '';
  for (const line of lines) {
    shape += '/';
    for (const { tone } of line) shape += ` ${tone}`;
  }
  return shape;
}

/** Equal where only words and colours differ: names have a size of their own. */
function frameOf(lines: readonly Line[]): string {
  let frame = '';
  for (const line of lines) {
    frame += '/';
    for (const { tone } of line) frame += tone === 'name' ? 'n' : '.';
  }
  return frame;
}

function writeTones({ texts }: WrittenLabel, lines: readonly Line[]): void {
  let i = 0;
  for (const line of lines) {
    for (const { tone } of line) {
      const span = texts[i++].parentElement!;
      if (span.getAttribute('class') !== tone) span.setAttribute('class', tone);
    }
  }
}

function writeTexts({ texts }: WrittenLabel, lines: readonly Line[]): void {
  let i = 0;
  for (const line of lines) {
    for (const { text } of line) {
      const node = texts[i++];
      if (node.data !== text) node.data = text;
    }
  }
}

function writeLines(
  element: SVGTextElement,
  lines: readonly Line[],
  x: number,
  y: number,
  lineHeight: number,
  context: LabelContext,
): readonly Text[] {
  const spans: SVGTSpanElement[] = [];
  const texts: Text[] = [];
  const nameSize = stageMeasures[context.geometry.variant].nameSize * context.textScale;
  lines.forEach((line, row) => {
    line.forEach(({ text, tone }, i) => {
      const span = document.createElementNS(SVG, 'tspan');
      const words = document.createTextNode(text);
      span.append(words);
      texts.push(words);
      span.setAttribute('class', tone);
      span.setAttribute('xml:space', 'preserve');
      if (tone === 'name') span.setAttribute('font-size', String(nameSize));
      if (i === 0) {
        span.setAttribute('x', String(x));
        span.setAttribute('y', String(y + row * lineHeight));
      } else if (line[i - 1].tone === 'name') span.setAttribute('dx', '6');
      spans.push(span);
    });
  });
  element.replaceChildren(...spans);
  return texts;
}
