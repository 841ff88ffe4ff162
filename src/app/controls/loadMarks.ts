/** The marks on the load slider, in words, and where their labels fit. */
import { groupDigits } from '../../scenarios/parameterValue.ts';
import { LANE_IDS } from '../../scenarios/scenario.ts';
import { programShortName } from '../lane/programWords.ts';
import { answerCeilingPerS, debtCeilingPerS, programOf, type Values } from './ceilings.ts';

/** One label, from wordy to terse. */
export type LabelForms = readonly [string, string, string];

export interface LoadMark {
  readonly key: string;
  readonly perS: number;
  readonly labels: LabelForms;
  /** What happens from that load on. */
  readonly help: string;
  /** Whether it lies beyond one of the slider's ends, where no line can stand for it. */
  readonly isBeyond: boolean;
}

const rounded = (perS: number) =>
  perS < 9.95 ? String(Number(perS.toFixed(1))) : groupDigits(Math.round(perS));

/**
 * One mark for each distinct program, one for each debt that can grow; by load. The label of what
 * happens beyond an end of the slider stands at that end and points outwards.
 *
 * @param range the slider's ends, req/s
 */
export function loadMarks(
  values: Values,
  range: { readonly min: number; readonly max: number },
): readonly LoadMark[] {
  const marks: Omit<LoadMark, 'isBeyond'>[] = [];
  const programs = LANE_IDS.map((lane) => programOf(values, lane));
  const names = programs.map(programShortName);
  const areSame = names[0] === names[1];
  programs.forEach((program, i) => {
    if (areSame && i > 0) return;
    const at = rounded(answerCeilingPerS(values, program));
    const name = areSame ? 'both' : (names[i] ?? '');
    const wordy = `${name} ${areSame ? 'fill' : 'fills'} at ${at}`;
    marks.push({
      key: `fill-${i}`,
      perS: answerCeilingPerS(values, program),
      // The first says what happens there; the second can be understood from it.
      labels: [wordy, i === 0 ? wordy : `${name} at ${at}`, `${name} ${at}`],
      help: `${areSame ? 'Both lanes' : `The ${name} lane`} can answer ${at} requests a second; above that users queue and are rejected`,
    });
  });
  for (const step of ['email', 'payment'] as const) {
    const debts = programs
      .map((program) => debtCeilingPerS(values, program, step))
      .filter((perS) => perS !== null);
    if (debts.length === 0) continue;
    const perS = Math.min(...debts);
    const terse = `${step} debt ${rounded(perS)}`;
    marks.push({
      key: `debt-${step}`,
      perS,
      labels: [`${step} debt at ${rounded(perS)}`, terse, terse],
      help: `Workers can handle ${rounded(perS)} ${step} messages a second; above that the queue grows without end`,
    });
  }
  return marks
    .filter(({ perS }) => Number.isFinite(perS))
    .sort((a, b) => a.perS - b.perS)
    .map((mark) => {
      if (mark.perS < range.min)
        return { ...mark, ...pointing((label) => `← ${label}`, mark.labels) };
      if (mark.perS > range.max)
        return { ...mark, ...pointing((label) => `${label} →`, mark.labels) };
      return { ...mark, isBeyond: false };
    });
}

function pointing(point: (label: string) => string, [wordy, shorter, terse]: LabelForms) {
  const labels: LabelForms = [point(wordy), point(shorter), point(terse)];
  return { labels, isBeyond: true };
}

export interface PlacedLabel {
  readonly text: string;
  /** Left edge and width, px. */
  readonly x: number;
  readonly width: number;
}

/** A label may stand this far from its mark before a terser set is tried, px. */
const FAR_PX = 60;

/**
 * Puts one label near each of `anchors` (px, ascending) without overlap and inside 0…width. Takes
 * the wordiest labels that fit near their marks; if not even the terse ones fit, those that come
 * first.
 *
 * @param measure width of a text, px
 */
export function placeLabels(
  anchors: readonly number[],
  labels: readonly LabelForms[],
  width: number,
  measure: (text: string) => number,
  gap = 10,
): readonly PlacedLabel[] {
  let placed: PlacedLabel[] = [];
  for (const form of [0, 1, 2] as const) {
    const sized = labels.map((label) => ({ text: label[form], width: measure(label[form]) }));
    if (form === 2) while (sized.length > 1 && totalWidth(sized, gap) > width) sized.pop();
    if (totalWidth(sized, gap) > width) continue;
    placed = spread(sized, anchors, width, gap);
    const far = placed.map((label, i) =>
      Math.max(0, label.x - (anchors[i] ?? 0), (anchors[i] ?? 0) - label.x - label.width),
    );
    if (Math.max(...far) <= FAR_PX) break;
  }
  return placed;
}

interface SizedLabel {
  readonly text: string;
  readonly width: number;
}

const totalWidth = (labels: readonly SizedLabel[], gap: number) =>
  labels.reduce((sum, label) => sum + label.width + gap, -gap);

function spread(
  labels: readonly SizedLabel[],
  anchors: readonly number[],
  width: number,
  gap: number,
): PlacedLabel[] {
  const x: number[] = [];
  let free = 0;
  labels.forEach((label, i) => {
    x[i] = Math.max(free, (anchors[i] ?? 0) - label.width / 2);
    free = x[i] + label.width + gap;
  });
  // From the right: back inside, pushing neighbours left.
  let end = width;
  for (let i = labels.length - 1; i >= 0; i--) {
    x[i] = Math.max(0, Math.min(x[i] ?? 0, end - (labels[i]?.width ?? 0)));
    end = x[i] - gap;
  }
  return labels.map((label, i) => ({ ...label, x: x[i] ?? 0 }));
}
