/** Round numbers for axes: 1, 2, 5, 10, 20, 50, … so that a scale changes seldom and by a clear step. */

/** @returns the smallest 1-2-5 number that is at least `value`, and at least `least` (a 1-2-5 number itself) */
export function stepUp(value: number, least: number): number {
  if (!(value > least)) return least;
  const exponent = Math.floor(Math.log10(value) + 1e-9);
  for (const digit of [1, 2, 5]) {
    const step = scaled(digit, exponent);
    if (step >= value * (1 - 1e-9)) return step;
  }
  return scaled(1, exponent + 1);
}

/** digit · 10^exponent without the dust that 2 · 10^-1 leaves in binary. */
function scaled(digit: number, exponent: number): number {
  return Number(`${digit}e${exponent}`);
}

/** The timeline shows the whole run: 60 s, then 120, 300, 600, 1200, 3000 s, … */
export function timeAxisEndS(runS: number): number {
  return 60 * stepUp(runS / 60, 1);
}

const TICK_STEPS_S = [
  1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18_000, 36_000,
];

/** @returns seconds between the ticks of a time axis, at most `most` intervals */
export function timeTickStepS(endS: number, most: number): number {
  return TICK_STEPS_S.find((step) => endS / step <= most) ?? stepUp(endS / 3600 / most, 1) * 3600;
}

/** @returns for example `20 s`; whole minutes where the step is one minute or more */
export function timeTickLabel(timeS: number, stepS: number): string {
  if (stepS < 60 || timeS === 0) return `${timeS} s`;
  return `${timeS / 60} min`;
}

/** @returns 0 and round values up to `max` (a 1-2-5 number), four or five intervals */
export function valueTicks(max: number): number[] {
  const first = Number(max.toExponential()[0]);
  const intervals = first === 2 ? 4 : 5;
  return Array.from({ length: intervals + 1 }, (_, i) => (max * i) / intervals);
}
