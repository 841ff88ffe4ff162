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
const MERGE_WITHIN = PENNANT_WIDTH + 2;
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
    const words = texts.length === 1 ? (texts[0] ?? '') : `${texts.length} changes`;
    const width = space.measure(words) + space.padding;
    const previous = groups[i - 1];
    const leftEdge = previous ? previous.x + PENNANT_WIDTH + GAP : space.left;
    const isLast = i === groups.length - 1;

    if (x + width <= limit) {
      placed.push({ x, width, left: false, label: words, texts });
      limit = x - GAP;
    } else if (isLast && x - width >= leftEdge) {
      placed.push({ x, width, left: true, label: words, texts });
      limit = x - width - GAP;
    } else {
      const left = x + PENNANT_WIDTH > limit;
      const label = left ? null : shorten(words, limit - x - space.padding, space.measure);
      const used = label === null ? PENNANT_WIDTH : space.measure(label) + space.padding;
      placed.push({ x, width: used, left, label, texts });
      limit = (left ? x - used : x) - GAP;
    }
  }
  return placed.reverse();
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
