/** The hatch of parked threads, the same on canvas and in SVG: thicker lines the longer they wait. */

/** Lines and outline of each level, in units of the picture; lines are `HATCH_PITCH` apart. */
export const HATCH = [
  { line: 1.5, outline: 1.1 },
  { line: 2.3, outline: 1.4 },
  { line: 3.1, outline: 1.9 },
] as const;

/** From one line to the next, across them. */
export const HATCH_PITCH = 5;
