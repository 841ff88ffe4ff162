/** Small pictures drawn once and stamped many times; sized in device pixels. */

/** A finished picture: a canvas would be asked for its present state at each stamp. */
export type Picture = ImageBitmap | HTMLCanvasElement;

export interface Sprite {
  readonly image: Picture;
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
  draw: (context: PictureContext) => void,
): Sprite {
  const image = makePicture(width + 2 * margin, height + 2 * margin, (context) => {
    context.translate(margin, margin);
    draw(context);
  });
  return { image, width: image.width, height: image.height, margin };
}

/** What paints a picture; the same on a canvas of the page and beside it. */
export type PictureContext = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** @param width and @param height device pixels; parts of a pixel count as one */
export function makePicture(
  width: number,
  height: number,
  draw: (context: PictureContext) => void,
): Picture {
  const wide = Math.max(1, Math.ceil(width));
  const high = Math.max(1, Math.ceil(height));
  if (typeof OffscreenCanvas === 'function') {
    const canvas = new OffscreenCanvas(wide, high);
    const context = canvas.getContext('2d');
    if (context) {
      draw(context);
      return canvas.transferToImageBitmap();
    }
  }
  const canvas = document.createElement('canvas');
  canvas.width = wide;
  canvas.height = high;
  draw(canvas.getContext('2d')!);
  return canvas;
}
