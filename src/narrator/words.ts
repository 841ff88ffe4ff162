/** Numbers as they are read in running text. */
import { formatCount } from '../scenarios/format.ts';

/** A duration in words: `355 ms`, `4.0 s`, `24 s`; from 2 min on in whole minutes. */
export function sayDuration(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.round(whole / 60)} min`;
  return `${Math.round(whole / 3600)} h`;
}

/** A time to come, in whole seconds: a prediction is not more exact than that. */
export function sayWhole(seconds: number): string {
  return sayDuration(Math.max(1, Math.round(seconds))).replace('.0 s', ' s');
}

/** A rate without its unit: whole from 10 up, one decimal below. */
export function sayRate(perS: number): string {
  return perS >= 9.95 ? formatCount(perS) : String(Number(perS.toFixed(1)));
}

/** `1 message`, `639 messages`. */
export function sayCount(count: number, singular: string): string {
  return `${formatCount(count)} ${singular}${count === 1 ? '' : 's'}`;
}

/** `27 of 30 users a second`, or for slow runs `40 % of users`. */
export function sayShare(partPerS: number, wholePerS: number): string {
  const part = sayRate(partPerS);
  const whole = sayRate(wholePerS);
  if (partPerS < 0.95 || wholePerS < 1.95) {
    const percent = wholePerS > 0 ? (100 * partPerS) / wholePerS : 0;
    return `${percent < 1 ? 'under 1' : Math.min(100, Math.round(percent))} % of users`;
  }
  return part === whole ? `all ${whole} users a second` : `${part} of ${whole} users a second`;
}
