/** What people did, in the words of the timeline's flags. */
import { formatParts } from '../scenarios/parameterValue.ts';
import type { Parameter, ParameterValue } from '../scenarios/scenario.ts';

/** A parameter's name as short as a flag needs it, for example `email` for `Latency of Email`. */
export function flagName(parameter: Parameter): string {
  const [name = '', where] = parameter.label.split(', ');
  const short = name
    .replace(/^Latency of /, '')
    .replace(/^Failure rate of (.*)$/, '$1 failures')
    .replace(/ threads or workers$/, ' threads')
    .replace(/^When a queue is full$/, 'full queue')
    .replace(/^When patience ends$/, 'impatient request');
  const lowered = /^[A-Z]{2}/.test(short) ? short : short.charAt(0).toLowerCase() + short.slice(1);
  return where === undefined ? lowered : `${lowered} (${where})`;
}

/** For example `load 12 → 30`, `email 200 ms → 4.0 s`, `patience of users 15 s → no limit`. */
export function flagText(parameter: Parameter, from: ParameterValue, to: ParameterValue): string {
  const name = flagName(parameter);
  const before = formatParts(parameter, from);
  const after = formatParts(parameter, to);
  const full = (parts: { number: string; unit: string }): string =>
    `${parts.number} ${parts.unit}`.trim();
  if (from === to) return `${name} back to ${full(after)}`;
  // Units that the name implies would only make the flag longer.
  const plain = /^(req\/s|threads?|places?|messages?)$/;
  if (plain.test(before.unit) && plain.test(after.unit)) {
    return `${name} ${before.number} → ${after.number}`;
  }
  return before.unit === after.unit
    ? `${name} ${before.number} → ${full(after)}`
    : `${name} ${full(before)} → ${full(after)}`;
}
