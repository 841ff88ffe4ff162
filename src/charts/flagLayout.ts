/** Places the flags of a timeline so that no two overlap: in full, shortened, as a pennant, or merged. */

export interface Flag {
  /** Pole, pixels. */
  readonly x: number;
  readonly text: string;
}

export interface PlacedFlag {
  readonly x: number;
  /** Cloth width, pixels; it hangs to the right of the pole, or to the left when `left`. */
  readonly width: number;
  readonly left: boolean;
  /** null: a pennant too small for words. */
  readonly label: string | null;
  /** Everything it stands for, oldest first. */
  readonly texts: readonly string[];
}

export interface FlagSpace {
  /** Nothing is drawn left or right of these, pixels. */
  readonly left: number;
  readonly right: number;
  /** Width of a text, pixels. */
  readonly measure: (text: string) => number;
  /** Cloth beyond the text, pixels. */
  readonly padding: number;
}

export const PENNANT_WIDTH = 9;
/** Between a cloth and the next pole. */
const GAP = 4;
/** Poles closer than this share a flag. */
const MERGE_WITHIN = PENNANT_WIDTH + GAP;
const SHORTEST_TEXT = 30;

/** @param flags sorted by x @returns sorted by x */
export function layoutFlags(flags: readonly Flag[], space: FlagSpace): PlacedFlag[] {
  const groups: { x: number; texts: string[] }[] = [];
  for (const flag of flags) {
    const last = groups.at(-1);
    if (last && flag.x - last.x < MERGE_WITHIN) last.texts.push(flag.text);
    else groups.push({ x: flag.x, texts: [flag.text] });
  }

  // From the newest to the oldest: what was done last is what people look for.
  const placed: PlacedFlag[] = [];
  let limit = space.right;
  for (let i = groups.length - 1; i >= 0; i--) {
    const group = groups[i];
    if (!group) continue;
    const { x, texts } = group;
    const previous = groups[i - 1];
    const leftEdge = previous ? previous.x + PENNANT_WIDTH + GAP : space.left;
    const isLast = i === groups.length - 1;
    const full = wordings(texts)
      .map((words) => ({ words, width: space.measure(words) + space.padding }))
      .find(({ width }) => x + width <= limit || (isLast && x - width >= leftEdge));

    if (full) {
      const left = x + full.width > limit;
      placed.push({ x, width: full.width, left, label: full.words, texts });
      limit = (left ? x - full.width : x) - GAP;
      continue;
    }
    const left = x + PENNANT_WIDTH > limit;
    const [words = ''] = wordings(texts).slice(-1);
    const label = left ? null : shorten(words, limit - x - space.padding, space.measure);
    const width = label === null ? PENNANT_WIDTH : space.measure(label) + space.padding;
    placed.push({ x, width, left, label, texts });
    limit = (left ? x - width : x) - GAP;
  }
  return placed.reverse();
}

/** What a flag may say, the most telling first. */
function wordings(texts: readonly string[]): string[] {
  const newest = texts.at(-1) ?? '';
  if (texts.length === 1) return [newest];
  return [`${newest} +${texts.length - 1}`, `${texts.length} changes`];
}

/** @returns the text cut to `room` pixels with an ellipsis; null where too little would be left */
function shorten(text: string, room: number, measure: (text: string) => number): string | null {
  if (room < SHORTEST_TEXT) return null;
  for (let length = text.length - 1; length > 2; length--) {
    const cut = `${text.slice(0, length).trimEnd()}…`;
    if (measure(cut) <= room) return cut;
  }
  return null;
}
