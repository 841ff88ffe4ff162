/** Where the bars of the lifetimes are, in pixels of their box. */

export interface LifetimesLayout {
  readonly width: number;
  readonly height: number;
  /** Time 0 and the end of the axis. */
  readonly left: number;
  readonly right: number;
  /** Room right of the axis for glyphs and arrows. */
  readonly overflow: number;
  /** First and last pixel row of the bars. */
  readonly top: number;
  readonly bottom: number;
  readonly rows: number;
  readonly pitch: number;
  readonly barHeight: number;
  barTop(row: number): number;
  /** The middle of the line of the i-th of n messages of the bar with that top. */
  messageY(barTop: number, message: number, messages: number): number;
  /** @returns row at a height, held within the rows */
  rowAt(y: number): number;
}

const HEADINGS_HEIGHT = 16;
const AXIS_HEIGHT = 16;
const GLYPH_ROOM = 18;
const ARROW_ROOM = 8;
const TALLEST_BAR = 8;
/** Thinner rows could not be told apart: there are fewer instead. */
const LEAST_PITCH = 7;
const FEWEST_ROWS = 3;

/** @param most rows to have where there is room for them */
export function layoutLifetimes(width: number, height: number, most: number): LifetimesLayout {
  const top = HEADINGS_HEIGHT;
  const bottom = Math.max(top + FEWEST_ROWS * LEAST_PITCH, height - AXIS_HEIGHT);
  const rows = Math.min(most, Math.max(FEWEST_ROWS, Math.floor((bottom - top) / LEAST_PITCH)));
  const pitch = (bottom - top) / rows;
  const barHeight = Math.min(TALLEST_BAR, pitch - 1.8);
  return {
    width,
    height,
    left: 1,
    right: width - GLYPH_ROOM,
    overflow: GLYPH_ROOM - ARROW_ROOM,
    top,
    bottom,
    rows,
    pitch,
    barHeight,
    barTop: (row) => top + row * pitch + (pitch - barHeight) / 2,
    messageY: (barTop, message, messages) =>
      barTop + barHeight / 2 + (message - (messages - 1) / 2) * Math.min(4, barHeight / 2),
    rowAt: (y) => Math.min(Math.max(Math.floor((y - top) / pitch), 0), rows - 1),
  };
}

/** @returns pixels; times beyond the axis stay in the margin right of it */
export function timeToBarX(layout: LifetimesLayout, axisS: number, timeS: number): number {
  return layout.left + (layout.right - layout.left) * Math.min(timeS / axisS, 1.02);
}

/** @returns width and height of the glyph at the end of a bar, pixels */
export function outcomeSize(layout: LifetimesLayout): number {
  return Math.min(11, layout.barHeight + 3.5);
}
