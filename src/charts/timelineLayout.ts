/** Where the parts of the timeline are, in pixels of its box. */

export type TimelineVariant = 'full' | 'phone';
export type ChartId = 'parked' | 'queued' | 'p99';

export interface ChartRow {
  readonly id: ChartId;
  readonly top: number;
  /** The baseline, value 0. */
  readonly bottom: number;
}

export interface TimelineLayout {
  readonly variant: TimelineVariant;
  readonly width: number;
  readonly height: number;
  /** The plot's ends: time 0 and the end of the axis. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly rows: readonly ChartRow[];
}

const FLAGS_HEIGHT = 24;
const AXIS_HEIGHT = 18;
const ROW_GAP = 9;
/** Chart names and value labels stand left of the plot, current values right of it. */
const NAMES_WIDTH = 150;
const VALUES_WIDTH = 112;
const HANDLE_HALF = 8;

export function layoutTimeline(
  variant: TimelineVariant,
  width: number,
  height: number,
): TimelineLayout {
  if (variant === 'phone') {
    const row: ChartRow = { id: 'parked', top: 4, bottom: height - 14 };
    return {
      variant,
      width,
      height,
      left: 1,
      right: width - 1,
      top: row.top,
      bottom: row.bottom,
      rows: [row],
    };
  }
  const ids: readonly ChartId[] = ['parked', 'queued', 'p99'];
  const bottom = height - AXIS_HEIGHT;
  const rowHeight = (bottom - FLAGS_HEIGHT - ROW_GAP * (ids.length - 1)) / ids.length;
  const rows = ids.map((id, i) => {
    const top = FLAGS_HEIGHT + i * (rowHeight + ROW_GAP);
    return { id, top, bottom: top + rowHeight };
  });
  return {
    variant,
    width,
    height,
    left: NAMES_WIDTH,
    right: Math.max(NAMES_WIDTH + 2 * HANDLE_HALF, width - VALUES_WIDTH),
    top: FLAGS_HEIGHT,
    bottom,
    rows,
  };
}

/** @returns pixels from the left edge of the box */
export function timeToX(layout: TimelineLayout, axisEndS: number, timeS: number): number {
  return layout.left + ((layout.right - layout.left) * timeS) / axisEndS;
}

/** @returns seconds, not clamped */
export function xToTime(layout: TimelineLayout, axisEndS: number, x: number): number {
  return ((x - layout.left) / (layout.right - layout.left)) * axisEndS;
}

/** What the charts are called on the page. */
export const CHART_NAMES: Readonly<Record<ChartId, string>> = {
  parked: 'API threads parked',
  queued: 'messages in queue',
  p99: 'p99 response time',
};
