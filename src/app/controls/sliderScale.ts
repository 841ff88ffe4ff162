/** Where a value stands on its slider, and what value a place or a key means. */
import { groupDigits, roundValue } from '../../scenarios/parameterValue.ts';
import type { NumberParameter } from '../../scenarios/scenario.ts';

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** @returns 0 to 1; values beyond the slider's end stand at its end. */
export function positionOf(parameter: NumberParameter, value: number): number {
  const { min, max, scale } = parameter;
  const inside = clamp(value, min, max);
  return scale === 'log'
    ? Math.log(inside / min) / Math.log(max / min)
    : (inside - min) / (max - min);
}

/** Steps of a drag or an arrow key near `value`: two significant digits on a log scale, a hundredth of a linear one. */
function handStep(parameter: NumberParameter, value: number): number {
  const wanted =
    parameter.scale === 'log'
      ? 10 ** (Math.floor(Math.log10(Math.max(value, parameter.min)) + 1e-9) - 1)
      : (parameter.max - parameter.min) / 100;
  return Math.max(parameter.step, wanted);
}

/** @param position 0 to 1 */
export function valueAt(parameter: NumberParameter, position: number): number {
  const { min, max, scale } = parameter;
  const place = clamp(position, 0, 1);
  if (place === 0) return min;
  if (place === 1) return max;
  const raw = scale === 'log' ? min * (max / min) ** place : min + (max - min) * place;
  const step = handStep(parameter, raw);
  return roundValue(parameter, Math.round(raw / step) * step);
}

export type SliderKey = 'up' | 'down' | 'pageUp' | 'pageDown' | 'home' | 'end';

/** What a key on the slider makes of a value; always another value unless it is at the end. */
export function valueAfterKey(parameter: NumberParameter, value: number, key: SliderKey): number {
  switch (key) {
    case 'home':
      return parameter.min;
    case 'end':
      return parameter.max;
    case 'up':
      return roundValue(parameter, value + handStep(parameter, value));
    case 'down':
      // Just under 100 the steps are those of the nineties.
      return roundValue(parameter, value - handStep(parameter, value - parameter.step / 2));
    case 'pageUp':
    case 'pageDown': {
      const sign = key === 'pageUp' ? 1 : -1;
      const next = valueAt(parameter, positionOf(parameter, value) + sign * 0.1);
      const moved = (next - value) * sign > 0;
      return moved ? next : roundValue(parameter, value + sign * handStep(parameter, value));
    }
  }
}

/** A tick's text; the unit is printed where it says something new. */
export function tickText({ unit }: NumberParameter, tick: number, isLast: boolean): string {
  if (unit === 'ms') return tick >= 1000 ? `${tick / 1000} s` : `${tick} ms`;
  const text = groupDigits(tick);
  return isLast && (unit === '%' || unit === 's') ? `${text} ${unit}` : text;
}
