/** Small tools for painting crisply on a canvas. */

/**
 * Fits the canvas to its box at the screen's resolution and clears it.
 *
 * @returns a context in CSS pixels, null where there is no canvas support or no room
 */
export function startPainting(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | null {
  const context = canvas.getContext('2d');
  if (!context || width <= 0 || height <= 0) return null;
  const scale = window.devicePixelRatio || 1;
  const deviceWidth = Math.round(width * scale);
  const deviceHeight = Math.round(height * scale);
  if (canvas.width !== deviceWidth || canvas.height !== deviceHeight) {
    canvas.width = deviceWidth;
    canvas.height = deviceHeight;
  }
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** Centres a thin line on a device pixel. */
export function crisp(position: number): number {
  const scale = window.devicePixelRatio || 1;
  return (Math.floor(position * scale) + 0.5) / scale;
}

/**
 * Fills the current clip with diagonal lines that rise to the right. They hang on the canvas, not
 * on the shape, so that a growing shape does not make them crawl.
 *
 * @param pitch distance between lines, pixels across them
 */
export function strokeHatch(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  right: number,
  bottom: number,
  pitch: number,
): void {
  const step = pitch * Math.SQRT2;
  context.beginPath();
  const first = Math.floor((left + top) / step) * step;
  for (let sum = first; sum <= right + bottom + step; sum += step) {
    context.moveTo(sum - bottom, bottom);
    context.lineTo(sum - top, top);
  }
  context.stroke();
}
