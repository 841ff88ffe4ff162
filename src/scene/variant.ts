/** The three sizes a lane's stage is drawn in, and the measures that differ between them. */

export type Variant = 'full' | 'mid' | 'narrow';

/** All lengths are stage units; one unit is one CSS pixel when the stage is shown at its own size. */
export interface StageMeasures {
  readonly width: number;
  readonly height: number;
  /** Largest edge of a cell, and the space around it at that size. */
  readonly cell: number;
  readonly cellGap: number;
  readonly padX: number;
  readonly padY: number;
  readonly aisle: number;
  readonly bayGap: number;
  readonly wallWidth: number;
  readonly thinWidth: number;
  readonly brimWidth: number;
  readonly tetherWidth: number;
  readonly knotRadius: number;
  /** Text sizes: room names, labels, ticks. */
  readonly nameSize: number;
  readonly labelSize: number;
  readonly tickSize: number;
  /** From a room's top to the baseline of its heading. */
  readonly headingGap: number;
  /** How far the limit bar stands out beyond the walls. */
  readonly brimReach: number;
  /** Height of what moves, and how much of it is shown one by one. */
  readonly tokenSize: number;
  readonly maxTokens: number;
}

/** On small stages what is drawn has the same size, whatever the stage's. */
const smallMeasures = {
  cell: 15,
  cellGap: 3,
  padX: 6,
  padY: 5,
  aisle: 15,
  bayGap: 4,
  wallWidth: 1.8,
  thinWidth: 1,
  brimWidth: 2.4,
  tetherWidth: 0.62,
  knotRadius: 1.2,
  nameSize: 12.5,
  labelSize: 11.5,
  tickSize: 11,
  headingGap: 6,
  brimReach: 3,
  tokenSize: 8.6,
  maxTokens: 30,
};

export const stageMeasures: Readonly<Record<Variant, StageMeasures>> = {
  full: {
    width: 740,
    height: 252,
    cell: 26,
    cellGap: 4,
    padX: 9,
    padY: 9,
    aisle: 20,
    bayGap: 7,
    wallWidth: 2.4,
    thinWidth: 1.1,
    brimWidth: 3,
    tetherWidth: 1,
    knotRadius: 1.7,
    nameSize: 15.5,
    labelSize: 12.5,
    tickSize: 11.5,
    headingGap: 10,
    brimReach: 5,
    tokenSize: 13,
    maxTokens: 60,
  },
  mid: {
    width: 396,
    height: 146,
    ...smallMeasures,
  },
  narrow: {
    width: 345,
    height: 138,
    ...smallMeasures,
  },
};
