/** The words on the stage: exact numbers, the field's terms first, as many as fit their place. */
import type { LaneReadouts } from '../sim/metrics/readouts.ts';
import { CellState, type BrokerView, type LaneView, type PoolView } from '../sim/view.ts';
import type { LabelGeometry, LaneGeometry } from './geometry.ts';
import type { LaneStructure } from './laneStructure.ts';
import { textWidth } from './textWidth.ts';
import { stageMeasures } from './variant.ts';
import { messagesPerMark } from './vesselLayout.ts';

export type Tone = 'name' | 'plain' | 'strong' | 'wait' | 'fail' | 'hand' | 'dead' | 'note';

export interface Run {
  readonly text: string;
  readonly tone: Tone;
}

export type Line = readonly Run[];

export interface LabelContext {
  readonly structure: LaneStructure;
  readonly geometry: LaneGeometry;
  readonly view: LaneView;
  readonly readouts: LaneReadouts;
  /** Whether a person changed a node's parameter (`latency`, `threads`) since the start. */
  readonly isChanged: (nodeId: string, parameter: string) => boolean;
  /** Requests a moving dot stands for; 1 while every request is drawn. */
  readonly requestsPerDot: number;
  /** Text is drawn this much larger than its size, to stay readable on a small stage. */
  readonly textScale: number;
}

/** Thousands with commas, as the rest of the page writes them. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** @param ms milliseconds, 0 or more */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

function formatRate(perS: number): string {
  return perS >= 9.95 ? formatCount(perS) : perS.toFixed(1);
}

const run = (text: string, tone: Tone = 'plain'): Run => ({ text, tone });

/** The lines of a label now; empty when it has nothing to say. */
export function labelLines(label: LabelGeometry, context: LabelContext): readonly Line[] {
  switch (label.kind) {
    case 'roomHeading':
    case 'foldedName':
      return [pick(roomHeadings(label, context), label, context)];
    case 'acceptQueue':
      return acceptQueue(label, context);
    case 'more':
      return more(label, context);
    case 'rejected':
      return rejected(context);
    case 'queueHeading':
      return [pick(queueHeadings(label, context), label, context)];
    case 'limit':
      return limit(label, context);
    case 'oldest':
      return oldest(label, context);
    case 'marks': {
      const room = context.geometry.rooms.find((r) => r.node === label.node);
      return [[run(`1 mark = ${room?.threadsPerMark ?? 1} threads`)]];
    }
    case 'shelf':
      return [shelf(label, context)];
    case 'shelfMore':
      return shelfMore(label, context);
    case 'tray':
      return [pick(trays(label, context), roomBesideShelf(label, context), context)];
    case 'trayMore':
      return trayMore(label, context);
    case 'victims':
      return holdingNode(context) < 0 ? [] : note(['the victims:', 'held, doing nothing'], label);
    case 'cause':
      return holdingNode(context) === label.node ? cause(label, context) : [];
    case 'dots':
      return dots(label, context);
    default:
      return [];
  }
}

/** Italics run narrower than the upright face. */
const ITALIC_WIDTH = 0.88;

function dots(label: LabelGeometry, context: LabelContext): readonly Line[] {
  if (context.requestsPerDot <= 1) return [];
  const scale = `1 dot = ${formatCount(context.requestsPerDot)}`;
  return [pick([[run(`${scale} requests`)], [run(scale)]], label, context)];
}

/** Width of a line as drawn, in stage units. */
export function lineWidth(line: Line, label: LabelGeometry, context: LabelContext): number {
  const nameSize = stageMeasures[context.geometry.variant].nameSize;
  let width = 0;
  for (const { text, tone } of line) {
    if (tone === 'note') {
      width += textWidth(text, label.size, 'serif') * ITALIC_WIDTH;
      continue;
    }
    width +=
      tone === 'name'
        ? textWidth(text, nameSize, 'serif')
        : textWidth(text, label.size) * (tone === 'plain' ? 1 : 1.04);
  }
  if (line.length > 1 && line[0].tone === 'name') width += 6;
  return width * context.textScale;
}

/** The first, fullest wording that fits. */
function pick(wordings: readonly Line[], label: LabelGeometry, context: LabelContext): Line {
  for (const line of wordings) {
    if (lineWidth(line, label, context) <= label.maxWidth) return line;
  }
  return wordings[wordings.length - 1];
}

function poolOf(label: LabelGeometry, context: LabelContext): PoolView {
  return context.view.nodes[label.node] as PoolView;
}

function brokerOf(label: LabelGeometry, context: LabelContext): BrokerView {
  return context.view.nodes[label.node] as BrokerView;
}

function roomHeadings(label: LabelGeometry, context: LabelContext): readonly Line[] {
  const { structure } = context;
  const pool = poolOf(label, context);
  const total = formatCount(pool.capacity);
  if (structure.entry.service === label.node) {
    const isFilled = pool.parkedCount > 0 && pool.parkedCount >= pool.capacity * 0.9;
    const tone: Tone = isFilled ? 'wait' : 'plain';
    const parked = formatCount(pool.parkedCount);
    const name = run(structure.entry.label, 'name');
    return [
      [name, run(`${parked} of ${total} parked`, tone)],
      [name, run(`${parked}/${total} parked`, tone)],
      [name, run(`${parked}/${total}`, tone)],
    ];
  }
  const step = structure.steps.find((s) => s.service === label.node);
  const isQueued = step !== undefined && step.access !== 'calls';
  const short = step?.label ?? pool.id;
  const busy = formatCount(pool.runningCount);
  const isFull = pool.runningCount >= pool.capacity;
  const busyTone: Tone = isFull ? 'strong' : 'plain';
  const time = run(
    formatDuration(pool.workMs),
    context.isChanged(pool.id, 'latency') ? 'hand' : 'plain',
  );
  const down = pool.downCount > 0 ? [run(' · '), run(`${pool.downCount} down`, 'fail')] : [];
  const names = isQueued
    ? [run(`${short} workers`, 'name'), run('Workers', 'name')]
    : [run(short, 'name')];
  if (label.kind === 'foldedName') {
    return [
      [names[0], run(`${busy} busy`, busyTone), ...down],
      [names[0], run(busy, busyTone)],
      [run(short, 'name'), run(`${busy} busy`, busyTone)],
      [run(short, 'name'), run(busy, busyTone)],
    ];
  }
  const each = isQueued ? [] : [run(' each')];
  return [
    ...names.flatMap((name): Line[] => [
      [name, run(`${busy} of ${total} busy`, busyTone), run(' · '), time, ...each, ...down],
      [name, run(`${busy} of ${total} busy`, busyTone), run(' · '), time, ...down],
      [name, run(`${busy} busy`, busyTone), run(' · '), time, ...down],
      [name, run(`${busy} busy`, busyTone), ...down],
    ]),
    [names[names.length - 1], run(busy, busyTone), ...down],
  ];
}

function acceptQueue(label: LabelGeometry, context: LabelContext): readonly Line[] {
  const pool = poolOf(label, context);
  const isFull = pool.queueLimit !== Infinity && pool.queueLength >= pool.queueLimit;
  const tone: Tone = isFull ? 'fail' : 'plain';
  const count =
    pool.queueLimit === Infinity
      ? formatCount(pool.queueLength)
      : `${formatCount(pool.queueLength)} of ${formatCount(pool.queueLimit)}`;
  if (label.lines === 2) return [[run(count, tone)], [run('in the accept queue')]];
  const wordings: Line[] = isFull
    ? [[run(`${count} · full`, tone)], [run('full', tone)]]
    : [[run(count, tone)], [run(formatCount(pool.queueLength), tone)]];
  return [pick(wordings, label, context)];
}

function more(label: LabelGeometry, context: LabelContext): readonly Line[] {
  const pool = poolOf(label, context);
  const corridor = context.geometry.corridors.find((c) => c.node === label.node);
  const hidden = pool.queueLength - (corridor?.slotX.length ?? 0);
  return hidden > 0 ? [[run(`+${formatCount(hidden)} more`, 'strong')]] : [];
}

function rejected({ readouts }: LabelContext): readonly Line[] {
  if (readouts.rejectedPerS < 0.05) return [];
  return [
    [run(`${formatRate(readouts.rejectedPerS)} per second`, 'fail')],
    [run('rejected', 'fail')],
  ];
}

function queueHeadings(label: LabelGeometry, context: LabelContext): readonly Line[] {
  const broker = brokerOf(label, context);
  const { structure } = context;
  const step = structure.steps.find((s) => s.broker === label.node);
  const visible = structure.steps.filter((s) => s.access !== 'calls');
  const plainName = step?.queueLabel ?? broker.id;
  // With two queues on stage each carries the name of what it is for.
  const full =
    visible.length > 1 && plainName === 'Queue' ? `${step?.label ?? ''} queue` : plainName;
  const isFull = broker.limit !== Infinity && broker.ready >= broker.limit;
  const tone: Tone = isFull ? 'fail' : broker.ready > 99 ? 'wait' : 'plain';
  const count = formatCount(broker.ready);
  const messages =
    broker.ready === 0 ? 'empty' : `${count} message${broker.ready === 1 ? '' : 's'}`;
  const scale = messagesPerMark(broker.ready);
  const perMark = scale > 1 ? [run(` · 1 mark = ${scale}`)] : [];
  const names = [run(full, 'name'), run('Queue', 'name')];
  return [
    ...names.flatMap((name): Line[] => [
      [name, run(messages, tone), ...perMark],
      [
        name,
        run(broker.ready === 0 ? 'empty' : count, tone),
        ...(scale > 1 ? [run(` · 1 = ${scale}`)] : []),
      ],
      [name, run(count, tone)],
    ]),
    [run(count, tone), ...(scale > 1 ? [run(` · 1=${scale}`)] : [])],
    [run(count, tone)],
  ];
}

function limit(label: LabelGeometry, context: LabelContext): readonly Line[] {
  const broker = brokerOf(label, context);
  const vessel = context.geometry.vessels.find((v) => v.node === label.node);
  if (!vessel || broker.limit === Infinity) return [];
  const columns = Math.ceil(broker.ready / messagesPerMark(broker.ready) / vessel.rows);
  const levelX = vessel.box.x + vessel.box.width - columns * vessel.pitchX;
  // The words give way to the messages once these reach them.
  if (levelX < label.x + label.maxWidth * context.textScale) return [];
  return [
    [run('limit')],
    [run(formatCount(broker.limit), context.isChanged('queue', 'limit') ? 'hand' : 'plain')],
  ];
}

function oldest(label: LabelGeometry, context: LabelContext): readonly Line[] {
  const broker = brokerOf(label, context);
  if (broker.oldestAgeS <= 1) return [];
  return [[run('oldest', 'wait')], [run(`${formatCount(broker.oldestAgeS)} s`, 'wait')]];
}

function shelf(label: LabelGeometry, context: LabelContext): Line {
  const { backingOff } = brokerOf(label, context);
  return [run('backing off '), run(formatCount(backingOff), backingOff > 0 ? 'wait' : 'plain')];
}

function shelfMore(label: LabelGeometry, context: LabelContext): readonly Line[] {
  const rings = context.geometry.shelves.find((s) => s.node === label.node)?.ringCount ?? 0;
  const hidden = brokerOf(label, context).backingOff - rings;
  return hidden > 0 ? [[run(`+${formatCount(hidden)}`, 'wait')]] : [];
}

function trays(label: LabelGeometry, context: LabelContext): readonly Line[] {
  const { deadLettered } = brokerOf(label, context);
  const count = run(formatCount(deadLettered), deadLettered > 0 ? 'dead' : 'plain');
  return ['dead-letter queue', 'dead letters', 'dead'].map((words) => [run(`${words} `), count]);
}

/** On a large stage both share a line: the tray's words get what the shelf's leave. */
function roomBesideShelf(label: LabelGeometry, context: LabelContext): LabelGeometry {
  const box = context.geometry.shelves.find((s) => s.node === label.node)?.box;
  if (label.anchor === 'start' || !box) return label;
  const gap = 8;
  return { ...label, maxWidth: box.width - gap - lineWidth(shelf(label, context), label, context) };
}

function trayMore(label: LabelGeometry, context: LabelContext): readonly Line[] {
  const tray = context.geometry.shelves.find((s) => s.node === label.node);
  const shown = tray ? tray.letterColumns * tray.letterRows : 0;
  const hidden = brokerOf(label, context).deadLettered - shown;
  return hidden > 0 ? [[run(`+${formatCount(hidden)}`, 'dead')]] : [];
}

/** Share of all threads that must be parked, and of all that must be so for a while on one service. */
const HELD_SHARE = 0.9;
const HELD_LONG_SHARE = 0.5;
const HELD_LONG_S = 1;

/** The service whose busy threads hold nearly all of the caller's, for a second or more; else −1. */
function holdingNode({ structure, view }: LabelContext): number {
  const pool = view.nodes[structure.entry.service] as PoolView;
  if (pool.parkedCount < Math.max(1, pool.capacity * HELD_SHARE)) return -1;
  const cells = Math.min(pool.cellCount, pool.state.length);
  for (const { service, access } of structure.steps) {
    const target = view.nodes[service] as PoolView;
    if (access !== 'calls' || target.runningCount < target.capacity) continue;
    let held = 0;
    for (let cell = 0; cell < cells; cell++) {
      const isHeld = pool.state[cell] === CellState.Parked && pool.targetNode[cell] === service;
      if (isHeld && view.timeS - pool.sinceS[cell] >= HELD_LONG_S) held++;
    }
    if (held > cells * HELD_LONG_SHARE) return service;
  }
  return -1;
}

function note(parts: readonly string[], label: LabelGeometry): readonly Line[] {
  return label.lines === 2
    ? parts.map((part) => [run(part, 'note')])
    : [[run(parts.join(' '), 'note')]];
}

function cause(label: LabelGeometry, context: LabelContext): readonly Line[] {
  const step = context.structure.steps.find((s) => s.service === label.node);
  const each = formatDuration(poolOf(label, context).workMs).replace('.0 ', ' ');
  return note(
    ['the cause: busy,', `${each} on every ${step?.label.toLowerCase() ?? 'call'}`],
    label,
  );
}
