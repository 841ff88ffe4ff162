/** Sizes a broker queue: one mark a message, the limit bar exactly where the last one fits. */
import type { VesselGeometry } from './geometry.ts';

/** Up to this many ready messages each has its own mark. */
export const MAX_MESSAGE_MARKS = 1000;

export interface VesselRequest {
  readonly id: string;
  readonly node: number;
  readonly rightX: number;
  readonly y: number;
  readonly height: number;
  readonly maxWidth: number;
  /** Ready messages the broker holds at most; Infinity without limit. */
  readonly limit: number;
  readonly doorHeight: number;
  readonly inletX: number;
  readonly inletY: number;
  readonly outletX: number;
}

/** Whole and half units, so that marks fall on pixels at the design's own size. */
const PITCHES: readonly (readonly [x: number, y: number])[] = [
  [20, 13.5],
  [15, 10],
  [12, 8],
  [10, 6],
  [8, 5],
  [7, 4],
  [6, 4],
  [6, 3],
  [5, 3],
  [4, 3],
  [4, 2],
  [3, 2],
  [3, 1.5],
  [2.5, 1.25],
  [2, 1.2],
  [2, 1],
  [1.5, 1],
  [1.5, 0.75],
  [1, 0.6],
  [0.75, 0.5],
  [0.5, 0.4],
];

export function layoutVessel(request: VesselRequest): VesselGeometry {
  const capacity = Math.min(MAX_MESSAGE_MARKS, request.limit);
  let rows = 1;
  let columns = 1;
  let pitchX = 1;
  let pitchY = 1;
  for (const [x, y] of PITCHES) {
    pitchX = x;
    pitchY = y;
    rows = Math.max(1, Math.floor((request.height - 1) / y));
    columns = Math.ceil(capacity / rows);
    if (columns * x <= request.maxWidth - 2) break;
  }
  const width = columns * pitchX + 2;
  return {
    id: request.id,
    node: request.node,
    box: { x: request.rightX - width, y: request.y, width, height: request.height },
    doorY: request.y + request.height / 2,
    doorHeight: request.doorHeight,
    rows,
    columns,
    pitchX,
    pitchY,
    capacity,
    limit: request.limit,
    inletX: request.inletX,
    inletY: request.inletY,
    outletX: request.outletX,
  };
}

/** Messages a mark stands for while so many are ready: 1, then 2, 5, 10, 20, 50, 100. */
export function messagesPerMark(ready: number): number {
  let scale = 1;
  for (let i = 0; ready > MAX_MESSAGE_MARKS * scale; i++) {
    scale = [2, 5, 10][i % 3] * 10 ** Math.floor(i / 3);
  }
  return scale;
}
