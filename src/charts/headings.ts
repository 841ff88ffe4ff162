/** Words over the parts of the bars, each where that part starts on the whole. */
import type { JourneyBar } from './journeyBar.ts';

export interface Heading {
  readonly text: string;
  /** Left end, pixels. */
  readonly x: number;
}

export interface HeadingSpace {
  readonly x: (timeS: number) => number;
  readonly measure: (text: string) => number;
  /** No heading goes beyond, pixels. */
  readonly right: number;
}

const GAP = 8;
/** Parts narrower than this on the mean get no heading, pixels. */
const NARROWEST = 9;
/** A heading may stand this much right of where its part starts, pixels. */
const FARTHEST_PUSH = 14;

interface Sum {
  readonly text: string;
  start: number;
  width: number;
  count: number;
}

/**
 * @param nameOf the words for a part; null for none
 * @returns from left to right, no two overlapping; where there is no room for all, the wider parts win
 */
export function placeHeadings(
  bars: readonly JourneyBar[],
  nameOf: (kind: 'acceptQueue' | 'running' | 'parked' | 'message', node: string) => string | null,
  space: HeadingSpace,
): Heading[] {
  const sums = new Map<string, Sum>();
  const add = (text: string | null, startS: number, endS: number) => {
    if (text === null) return;
    const sum = sums.get(text) ?? { text, start: 0, width: 0, count: 0 };
    sum.start += space.x(startS);
    sum.width += space.x(endS) - space.x(startS);
    sum.count++;
    sums.set(text, sum);
  };
  for (const bar of bars) {
    const seen = new Set<string>();
    bar.parts.forEach((part, i) => {
      const text = nameOf(part.kind, part.node);
      if (!part.first || text === null || seen.has(text)) return;
      seen.add(text);
      let last = part;
      for (const later of bar.parts.slice(i + 1)) {
        if (later.first) break;
        last = later;
      }
      add(text, part.startS, last.endS);
    });
    for (const message of bar.messages) {
      const from = bar.endS ?? message.parts[0]?.startS ?? 0;
      add(nameOf('message', message.queue), from, message.endS ?? Infinity);
    }
  }
  const candidates = [...sums.values()]
    .map(({ text, start, width, count }) => ({
      text,
      x: Math.round(start / count),
      partWidth: width / count,
      share: count / bars.length,
      width: space.measure(text),
    }))
    .filter(({ partWidth, share }) => partWidth >= NARROWEST && share >= 0.4)
    .sort((a, b) => b.partWidth - a.partWidth);
  let chosen: readonly Candidate[] = [];
  let placed: Heading[] = [];
  for (const candidate of candidates) {
    const more = [...chosen, candidate].sort((a, b) => a.x - b.x);
    const headings = lineUp(more, space.right);
    if (headings === null) continue;
    chosen = more;
    placed = headings;
  }
  return placed;
}

interface Candidate {
  readonly text: string;
  readonly x: number;
  readonly width: number;
}

/** @returns null when one would be pushed too far from its part or over the edge */
function lineUp(candidates: readonly Candidate[], right: number): Heading[] | null {
  const headings: Heading[] = [];
  let free = 0;
  for (const { text, x: wanted, width } of candidates) {
    const x = Math.max(wanted, free);
    if (x - wanted > FARTHEST_PUSH || x + width > right) return null;
    headings.push({ text, x });
    free = Math.round(x + width) + GAP;
  }
  return headings;
}
