/**
 * Numbers as people read them on the page. The same wording everywhere: readouts, charts, flags,
 * the narrator and accessible names.
 */

/** A number and its unit apart, for readouts that set them in two sizes. */
export interface NumberParts {
  readonly value: string;
  readonly unit: string;
}

/** What stands where a number is not known yet. */
export const UNKNOWN = '–';

/** @param value any finite number; decimals are rounded away @returns for example `1,000` */
export function formatCount(value: number): string {
  const rounded = Math.round(Math.abs(value)).toString();
  const grouped = rounded.replace(/\B(?=(\d{3})+$)/g, ',');
  return value < 0 && rounded !== '0' ? `−${grouped}` : grouped;
}

/**
 * Under 1 s in whole milliseconds, under 100 s in tenths of a second, above in whole seconds.
 *
 * @param seconds 0 or more; null or not a number: not known
 */
export function durationParts(seconds: number | null): NumberParts {
  if (seconds === null || Number.isNaN(seconds)) return { value: UNKNOWN, unit: '' };
  const ms = Math.round(seconds * 1000);
  if (ms < 1000) return { value: ms === 0 && seconds > 0 ? '<1' : ms.toString(), unit: 'ms' };
  const tenths = Math.round(seconds * 10);
  if (tenths < 1000) return { value: (tenths / 10).toFixed(1), unit: 's' };
  return { value: formatCount(seconds), unit: 's' };
}

/** @param seconds 0 or more; null: not known @returns for example `530 ms`, `14.7 s`, `120 s` or `–` */
export function formatDuration(seconds: number | null): string {
  const { value, unit } = durationParts(seconds);
  return unit === '' ? value : `${value} ${unit}`;
}

/**
 * A rate without its unit, so that a line can say `10.4 of 12.0 /s`.
 *
 * @param perS per second, 0 or more; null: not known @returns one decimal under 100, none above
 */
export function formatRate(perS: number | null): string {
  if (perS === null || Number.isNaN(perS)) return UNKNOWN;
  if (perS === 0) return '0';
  return Math.round(perS * 10) < 1000 ? perS.toFixed(1) : formatCount(perS);
}
