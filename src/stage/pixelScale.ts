/** Where the stage lies on its canvas: device pixels a stage unit, and the stage's corner. */
export interface PixelScale {
  readonly scale: number;
  readonly offsetX: number;
  readonly offsetY: number;
}
