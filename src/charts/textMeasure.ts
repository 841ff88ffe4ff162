/** Measures words before they are set. */
let context: CanvasRenderingContext2D | null | undefined;

/**
 * @param style weight and size, for example `550 12px`
 * @param family the page's family that is added
 * @returns the width of a text, pixels; an estimate where there is no canvas
 */
export function textMeasure(
  style: string,
  family: 'sans' | 'serif' = 'sans',
): (text: string) => number {
  context ??= document.createElement('canvas').getContext('2d');
  const measuring = context;
  if (!measuring) return (text) => text.length * 6.1;
  const names = getComputedStyle(document.documentElement).getPropertyValue(`--${family}`).trim();
  const font = `${style} ${names || family}`;
  return (text) => {
    measuring.font = font;
    return measuring.measureText(text).width;
  };
}
