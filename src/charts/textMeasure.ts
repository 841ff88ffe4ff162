/** Measures words before they are set. */
let context: CanvasRenderingContext2D | null | undefined;

/**
 * @param style weight and size, for example `550 12px`; the page's sans family is added
 * @returns the width of a text, pixels; an estimate where there is no canvas
 */
export function textMeasure(style: string): (text: string) => number {
  context ??= document.createElement('canvas').getContext('2d');
  const measuring = context;
  if (!measuring) return (text) => text.length * 6.1;
  const family = getComputedStyle(document.documentElement).getPropertyValue('--sans').trim();
  const font = `${style} ${family || 'sans-serif'}`;
  return (text) => {
    measuring.font = font;
    return measuring.measureText(text).width;
  };
}
