/** The marks on the load slider, in words, and where their labels fit. */
import { LANE_IDS } from '../../scenarios/scenario.ts';
import { programShortName } from '../lane/programWords.ts';
import { answerCeilingPerS, debtCeilingPerS, programOf, type Values } from './ceilings.ts';

export interface LoadMark {
  readonly key: string;
  readonly perS: number;
  /** From wordy to terse; the widest that fits is used. */
  readonly labels: readonly [string, string];
}

const rounded = (perS: number) =>
  perS < 9.95 ? String(Number(perS.toFixed(1))) : String(Math.round(perS));

/** One mark for each distinct program, one for each debt that can grow; by load. */
export function loadMarks(values: Values): readonly LoadMark[] {
  const marks: LoadMark[] = [];
  const programs = LANE_IDS.map((lane) => programOf(values, lane));
  const names = programs.map(programShortName);
  const areSame = names[0] === names[1];
  programs.forEach((program, i) => {
    if (areSame && i > 0) return;
    const perS = answerCeilingPerS(values, program);
    const name = areSame ? 'both' : (names[i] ?? '');
    marks.push({
      key: `fill-${i}`,
      perS,
      labels: [
        `${name} ${areSame ? 'fill' : 'fills'} at ${rounded(perS)}`,
        `${name} ${rounded(perS)}`,
      ],
    });
  });
  for (const step of ['email', 'payment'] as const) {
    const debts = programs
      .map((program) => debtCeilingPerS(values, program, step))
      .filter((perS) => perS !== null);
    if (debts.length === 0) continue;
    const perS = Math.min(...debts);
    marks.push({
      key: `debt-${step}`,
      perS,
      labels: [`${step} debt at ${rounded(perS)}`, `${step} debt ${rounded(perS)}`],
    });
  }
  return marks.sort((a, b) => a.perS - b.perS);
}

export interface PlacedLabel {
  readonly text: string;
  /** Left edge and width, px. */
  readonly x: number;
  readonly width: number;
}

/**
 * Puts one label near each of `anchors` (px, ascending) without overlap and inside 0…width. Takes
 * the wordy labels if they fit, else the terse ones; if even those do not, those that come first.
 *
 * @param measure width of a text, px
 */
export function placeLabels(
  anchors: readonly number[],
  labels: readonly (readonly [string, string])[],
  width: number,
  measure: (text: string) => number,
  gap = 10,
): readonly PlacedLabel[] {
  for (const form of [0, 1] as const) {
    const placed = labels.map((label) => ({ text: label[form], width: measure(label[form]) }));
    const total = placed.reduce((sum, one) => sum + one.width + gap, -gap);
    if (total > width && form === 0) continue;
    while (placed.length > 1 && placed.reduce((sum, one) => sum + one.width + gap, -gap) > width) {
      placed.pop();
    }
    return spread(placed, anchors, width, gap);
  }
  return [];
}

function spread(
  placed: readonly { readonly text: string; readonly width: number }[],
  anchors: readonly number[],
  width: number,
  gap: number,
): readonly PlacedLabel[] {
  const x: number[] = [];
  let free = 0;
  placed.forEach((label, i) => {
    x[i] = Math.max(free, (anchors[i] ?? 0) - label.width / 2);
    free = x[i] + label.width + gap;
  });
  // From the right: back inside, pushing neighbours left.
  let end = width;
  for (let i = placed.length - 1; i >= 0; i--) {
    const label = placed[i];
    if (!label) continue;
    x[i] = Math.max(0, Math.min(x[i] ?? 0, end - label.width));
    end = x[i] - gap;
  }
  return placed.map((label, i) => ({ ...label, x: x[i] ?? 0 }));
}
