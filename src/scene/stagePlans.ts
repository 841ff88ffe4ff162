/** Where rooms, corridors and vessels have their places on a stage, by its size. */
import type { Box, Door } from './geometry.ts';
import type { Variant } from './variant.ts';

/** Places of one of the two rooms at the right. */
export interface RowPlan {
  readonly callRoom: Box;
  readonly queueRoom: Box;
  readonly folded: boolean;
  readonly vesselY: number;
  readonly vesselHeight: number;
  readonly vesselRight: number;
  readonly vesselMaxWidth: number;
  readonly corridorAisle: number;
  readonly corridorPitch: number;
  /** Heights when calls and messages arrive at once: corridor above the vessel, or below. */
  readonly bothCorridorY: number;
  readonly bothVesselY: number;
  readonly bothVesselHeight: number;
  /** Free strip for the backoff shelf and the dead-letter tray; its height is 0 where none fits. */
  readonly shelf: Box;
  /** Where a narrow stage has the tray. */
  readonly tray: Box | null;
  /** Where messages leave the entry room. */
  readonly publishY: number;
}

export interface StagePlan {
  readonly entryRoom: Box;
  readonly entryDoor: Door;
  readonly entryPitch: number;
  readonly entryMinPitch: number;
  readonly entryRows: number;
  readonly entryMaxWidth: number;
  readonly entryMaxHeight: number;
  readonly replyX: number;
  readonly replyY: number;
  readonly port: { readonly x: number; readonly y: number };
  readonly upper: RowPlan;
  readonly lower: RowPlan;
}

export const box = (x: number, y: number, width: number, height: number): Box => ({
  x,
  y,
  width,
  height,
});

export const stagePlans: Readonly<Record<Variant, StagePlan>> = {
  full: {
    entryRoom: box(146, 36, 164, 169),
    entryDoor: { y: 120, height: 46 },
    entryPitch: 13.4,
    entryMinPitch: 6,
    entryRows: 3,
    entryMaxWidth: 111.4,
    entryMaxHeight: 62,
    replyX: 20,
    replyY: 178,
    port: { x: 27, y: 120 },
    upper: {
      callRoom: box(486, 26, 252, 90),
      queueRoom: box(546, 26, 192, 90),
      folded: false,
      vesselY: 22,
      vesselHeight: 97,
      vesselRight: 504,
      vesselMaxWidth: 162,
      corridorAisle: 20,
      corridorPitch: 13,
      bothCorridorY: 99,
      bothVesselY: 22,
      bothVesselHeight: 46,
      shelf: box(342, 83, 162, 36),
      tray: null,
      publishY: 62,
    },
    lower: {
      callRoom: box(546, 156, 192, 90),
      queueRoom: box(546, 156, 192, 90),
      folded: false,
      vesselY: 151,
      vesselHeight: 97,
      vesselRight: 504,
      vesselMaxWidth: 162,
      corridorAisle: 28,
      corridorPitch: 13,
      bothCorridorY: 174,
      bothVesselY: 203,
      bothVesselHeight: 45,
      shelf: box(322, 212, 182, 36),
      tray: null,
      publishY: 190,
    },
  },
  mid: {
    entryRoom: box(62, 24, 99, 104),
    entryDoor: { y: 76, height: 36 },
    entryPitch: 8.4,
    entryMinPitch: 4.4,
    entryRows: 4,
    entryMaxWidth: 55,
    entryMaxHeight: 42,
    replyX: 4,
    replyY: 112,
    port: { x: 0, y: 76 },
    upper: {
      callRoom: box(244, 16, 151, 55),
      queueRoom: box(280, 16, 115, 55),
      folded: false,
      vesselY: 16,
      vesselHeight: 55,
      vesselRight: 258,
      vesselMaxWidth: 76,
      corridorAisle: 12,
      corridorPitch: 8,
      bothCorridorY: 61,
      bothVesselY: 16,
      bothVesselHeight: 27,
      shelf: box(182, 43, 96, 27),
      tray: null,
      publishY: 42,
    },
    lower: {
      callRoom: box(280, 89, 115, 55),
      queueRoom: box(280, 89, 115, 55),
      folded: false,
      vesselY: 90,
      vesselHeight: 52,
      vesselRight: 258,
      vesselMaxWidth: 76,
      corridorAisle: 20,
      corridorPitch: 8,
      bothCorridorY: 100,
      bothVesselY: 118,
      bothVesselHeight: 24,
      shelf: box(168, 115, 110, 27),
      tray: null,
      publishY: 108,
    },
  },
  narrow: {
    entryRoom: box(58, 20.4, 99, 104),
    entryDoor: { y: 74, height: 36 },
    entryPitch: 8.4,
    entryMinPitch: 4.4,
    entryRows: 5,
    entryMaxWidth: 50,
    entryMaxHeight: 48,
    replyX: 3,
    replyY: 110,
    port: { x: 0, y: 74 },
    upper: {
      callRoom: box(226, 22, 118, 24),
      queueRoom: box(252, 22, 92, 24),
      folded: true,
      vesselY: 21,
      vesselHeight: 26,
      vesselRight: 236,
      vesselMaxWidth: 56,
      corridorAisle: 0,
      corridorPitch: 0,
      bothCorridorY: 42,
      bothVesselY: 20,
      bothVesselHeight: 17,
      shelf: box(0, 0, 0, 0),
      tray: null,
      publishY: 36,
    },
    lower: {
      callRoom: box(226, 72, 118, 55),
      queueRoom: box(252, 80, 92, 45),
      folded: false,
      vesselY: 81,
      vesselHeight: 40,
      vesselRight: 236,
      vesselMaxWidth: 58,
      corridorAisle: 20,
      corridorPitch: 8,
      bothCorridorY: 92,
      bothVesselY: 104,
      bothVesselHeight: 18,
      shelf: box(250, 50, 94, 13),
      tray: box(247, 125.8, 97, 12),
      publishY: 108,
    },
  },
};
