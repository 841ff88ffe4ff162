/** Estimated widths of text in the page's faces, so that words can be chosen without a page. */

export type Face = 'sans' | 'serif';

/**
 * Width of a line of text, in the unit of `size`. Errs on the wide side by a few per cent, because
 * the fallback fonts run wider than ours.
 */
export function textWidth(text: string, size: number, face: Face = 'sans'): number {
  const wide = face === 'serif';
  let ems = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 32) ems += wide ? 0.24 : 0.21;
    else if (code >= 48 && code <= 57) ems += wide ? 0.55 : 0.51;
    else if (code >= 65 && code <= 90) ems += wide ? 0.7 : 0.6;
    else if (code === 44 || code === 46 || code === 183 || code === 47) ems += wide ? 0.28 : 0.27;
    else if (code === 105 || code === 108 || code === 106 || code === 116 || code === 102) {
      ems += wide ? 0.34 : 0.3;
    } else if (code === 109 || code === 119) ems += wide ? 0.86 : 0.78;
    else ems += wide ? 0.55 : 0.51;
  }
  return ems * size;
}
