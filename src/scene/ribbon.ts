/** Where single tokens would be too many or too fast: evenly spaced dots, each for N of them. */

/** Dots on an edge at the busiest edge's rate. */
const DOTS_PER_EDGE = 7;

/** N of "1 dot = N requests", from 1-2-5 steps. @param busiestPerS rate on the busiest edge */
export function requestsPerDot(busiestPerS: number, hopS: number): number {
  const wanted = (busiestPerS * hopS) / DOTS_PER_EDGE;
  let scale = 1;
  for (let i = 0; scale < wanted; i++) scale = [2, 5, 10][i % 3] * 10 ** Math.floor(i / 3);
  return scale;
}

/**
 * Progress (0 to 1) of the first dot on an edge, and the distance between dots in the same measure.
 * @param perS items a second on this edge, above 0
 */
export function ribbonPhase(
  timeS: number,
  perS: number,
  perDot: number,
  hopS: number,
): { first: number; step: number } {
  const intervalS = perDot / perS;
  const step = intervalS / hopS;
  const sinceS = timeS - Math.floor(timeS / intervalS) * intervalS;
  return { first: sinceS / hopS, step };
}
