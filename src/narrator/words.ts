/** Numbers as they are read in running text. */
import { formatCount } from '../scenarios/format.ts';

/** A duration in words: `355 ms`, `4.0 s`, `24 s`; from 2 min on `2.6 min`, from 10 `12 min`. */
export function sayDuration(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${sayRate(whole / 60)} min`;
  return `${sayRate(whole / 3600)} h`;
}

/** A time to come, in whole seconds: a prediction is not more exact than that. */
export function sayWhole(seconds: number): string {
  return sayDuration(Math.max(1, Math.round(seconds))).replace('.0 s', ' s');
}

/**
 * When something will happen: `in 7 s`.
 *
 * @param renewS the words stand this long, seconds: what happens before is only `within 5 s`
 */
export function sayIn(seconds: number, renewS: number): string {
  return seconds < renewS ? `within ${sayWhole(renewS)}` : `in ${sayWhole(seconds)}`;
}

/** A rate without its unit: whole from 10 up, one decimal below. */
export function sayRate(perS: number): string {
  return perS >= 9.95 ? formatCount(perS) : String(Number(perS.toFixed(1)));
}

/** @param share 0 to 1 @returns for example `2.5 %` */
export function sayPercent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

/** `1 message`, `639 messages`. */
export function sayCount(count: number, singular: string): string {
  return `${formatCount(count)} ${singular}${count === 1 ? '' : 's'}`;
}

/** `All 20 API threads are`, `The only API thread is`. */
export function sayAll(count: number, singular: string): string {
  return count === 1 ? `The only ${singular} is` : `All ${sayCount(count, singular)} are`;
}

/** `3 of 20 API threads are taken`, `1 of 20 is taken`. */
export function sayTaken(taken: number, capacity: number, plural = ''): string {
  const of = `${formatCount(taken)} of ${formatCount(capacity)}`;
  return `${plural === '' ? of : `${of} ${plural}`} ${taken === 1 ? 'is' : 'are'} taken`;
}

/**
 * `27 of 30 users a second`, or for slow runs `40 % of users`. Users who end now were submitted
 * earlier, so the part can be more than the whole; then it stands alone.
 */
export function sayShare(partPerS: number, wholePerS: number): string {
  const part = sayRate(partPerS);
  const whole = sayRate(wholePerS);
  if (partPerS < 0.95 || wholePerS < 1.95) {
    const percent = wholePerS > 0 ? (100 * partPerS) / wholePerS : 0;
    return `${percent < 1 ? 'under 1' : Math.min(100, Math.round(percent))} % of users`;
  }
  return partPerS > wholePerS && part !== whole
    ? `${part} users a second`
    : `${part} of ${whole} users a second`;
}
