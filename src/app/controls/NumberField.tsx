/**
 * The exact value, to read and to type. While it has the focus it shows the plain number in the
 * parameter's own unit; otherwise the number a person would say (4,000 ms is 4.0 s).
 */
import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import {
  formatParts,
  parseValue,
  roundValue,
  valueToText,
} from '../../scenarios/parameterValue.ts';
import type { NumberParameter, ParameterValue } from '../../scenarios/scenario.ts';
import { useUi } from '../state/session.ts';

interface NumberFieldProps {
  readonly parameter: NumberParameter;
  readonly value: ParameterValue;
  readonly isTouched?: boolean;
  readonly onChange: (value: ParameterValue) => void;
}

/** `4 s` in a field of milliseconds, and the other way round. */
function convertTime(text: string, unit: string): string {
  const match = /^\s*([\d.,]+)\s*(m?s)\s*$/.exec(text);
  if (!match || match[2] === unit || (unit !== 'ms' && unit !== 's')) return text;
  const number = Number((match[1] ?? '').replaceAll(',', ''));
  return Number.isFinite(number) ? String(unit === 'ms' ? number * 1000 : number / 1000) : text;
}

export function NumberField({ parameter, value, isTouched, onChange }: NumberFieldProps) {
  const say = useUi((ui) => ui.say);
  const [draft, setDraft] = useState<string | null>(null);
  const isCancelled = useRef(false);
  const shown = formatParts(parameter, value);
  const text = draft ?? shown.number;

  const commit = () => {
    if (draft === null) return;
    setDraft(null);
    if (isCancelled.current || draft === valueToText(value)) return;
    const parsed = parseValue(parameter, convertTime(draft, parameter.unit), value);
    if (parsed.message !== null) say(`${parsed.message}.`);
    if (parsed.value !== value) onChange(parsed.value);
  };
  const nudge = (sign: number) => {
    const from = Number(draft ?? value);
    const next = roundValue(
      parameter,
      (Number.isFinite(from) ? from : parameter.min) + sign * parameter.step,
    );
    setDraft(valueToText(next));
    if (next !== value) onChange(next);
  };

  return (
    <span className={isTouched ? 'field is-touched' : 'field'}>
      <input
        className="field-input"
        type="text"
        inputMode="decimal"
        autoComplete="off"
        spellCheck={false}
        aria-label={`${parameter.label}, exact value${parameter.unit === '' ? '' : ` in ${parameter.unit}`}`}
        style={{ width: `calc(${Math.max(1, text.length)}ch + 0.2em)` }}
        value={text}
        onPointerDown={(event) => {
          // A click puts the caret somewhere after the focus has come.
          const input = event.currentTarget;
          if (document.activeElement !== input) requestAnimationFrame(() => input.select());
        }}
        onFocus={(event) => {
          isCancelled.current = false;
          const input = event.currentTarget;
          flushSync(() => setDraft(valueToText(value)));
          input.select();
        }}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur();
          if (event.key === 'Escape') {
            isCancelled.current = true;
            event.currentTarget.blur();
          }
          if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
            event.preventDefault();
            nudge(event.key === 'ArrowUp' ? 1 : -1);
          }
        }}
      />
      <small className="field-unit">{draft === null ? shown.unit : parameter.unit}</small>
    </span>
  );
}
