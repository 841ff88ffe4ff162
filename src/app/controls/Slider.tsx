/** A native range input on the parameter's scale, with ticks, a ring where it was, and marks. */
import type { ReactNode } from 'react';
import { formatValue } from '../../scenarios/parameterValue.ts';
import type { NumberParameter } from '../../scenarios/scenario.ts';
import { positionOf, tickText, valueAfterKey, valueAt, type SliderKey } from './sliderScale.ts';

const KEYS: Readonly<Record<string, SliderKey>> = {
  ArrowUp: 'up',
  ArrowRight: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'down',
  PageUp: 'pageUp',
  PageDown: 'pageDown',
  Home: 'home',
  End: 'end',
};

interface SliderProps {
  readonly parameter: NumberParameter;
  readonly value: number;
  /** Where the run started. */
  readonly was?: number;
  readonly disabled?: boolean;
  readonly describedBy?: string;
  readonly children?: ReactNode;
  readonly onChange: (value: number) => void;
}

export function Slider({
  parameter,
  value,
  was,
  disabled,
  describedBy,
  children,
  onChange,
}: SliderProps) {
  const ticks = parameter.ticks ?? [];
  const place = positionOf(parameter, value);
  const change = (next: number) => {
    if (next !== value) onChange(next);
  };
  return (
    <div className="slider">
      {children}
      <div className="slider-rail" aria-hidden="true">
        <span className="slider-track" />
        <span className="slider-fill" style={{ width: `${place * 100}%` }} />
        {was !== undefined && was !== value && (
          <span className="slider-was" style={{ left: `${positionOf(parameter, was) * 100}%` }} />
        )}
      </div>
      <input
        className="slider-input"
        type="range"
        min={0}
        max={1}
        step="any"
        value={place}
        disabled={disabled}
        aria-label={parameter.label}
        aria-valuetext={formatValue(parameter, value)}
        aria-describedby={describedBy}
        onChange={(event) => change(valueAt(parameter, event.currentTarget.valueAsNumber))}
        onKeyDown={(event) => {
          const key = KEYS[event.key];
          if (!key || event.altKey || event.ctrlKey || event.metaKey) return;
          event.preventDefault();
          change(valueAfterKey(parameter, value, key));
        }}
      />
      <div className="slider-ticks" aria-hidden="true">
        {ticks.map((tick, i) => (
          <span
            key={tick}
            className={i === 0 ? 'is-first' : i === ticks.length - 1 ? 'is-last' : undefined}
            style={{ left: `${positionOf(parameter, tick) * 100}%` }}
          >
            {tickText(parameter, tick, i === ticks.length - 1)}
          </span>
        ))}
      </div>
    </div>
  );
}
