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
    if (code === 32) ems += wide ? 0.24 : 0.2;
    else if (code >= 48 && code <= 57) ems += wide ? 0.54 : 0.5;
    else if (code === 73) ems += wide ? 0.36 : 0.28;
    else if (code >= 65 && code <= 90) ems += wide ? 0.66 : 0.58;
    else if (code === 44 || code === 46 || code === 183 || code === 47) ems += wide ? 0.27 : 0.26;
    else if (code === 105 || code === 108 || code === 106) ems += wide ? 0.31 : 0.26;
    else if (code === 116 || code === 102 || code === 114) ems += wide ? 0.39 : 0.34;
    else if (code === 109 || code === 119) ems += wide ? 0.86 : 0.79;
    else ems += wide ? 0.575 : 0.505;
  }
  return ems * size;
}
