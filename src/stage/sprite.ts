/** Small pictures drawn once and stamped many times; sized in device pixels. */

export interface Sprite {
  readonly image: HTMLCanvasElement;
  /** Edge to edge, device pixels, margin included. */
  readonly width: number;
  readonly height: number;
  /** Margin around the shape for strokes, device pixels. */
  readonly margin: number;
}

/** @param draw paints with the origin at the shape's corner, in device pixels */
export function makeSprite(
  width: number,
  height: number,
  margin: number,
  draw: (context: CanvasRenderingContext2D) => void,
): Sprite {
  const image = document.createElement('canvas');
  image.width = Math.max(1, Math.ceil(width + 2 * margin));
  image.height = Math.max(1, Math.ceil(height + 2 * margin));
  const context = image.getContext('2d')!;
  context.translate(margin, margin);
  draw(context);
  return { image, width: image.width, height: image.height, margin };
}
