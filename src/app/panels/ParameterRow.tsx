/** One parameter of the drawer, made from its description. */
import { useId, useState } from 'react';
import type { ChoiceParameter, NumberParameter, Parameter } from '../../scenarios/scenario.ts';
import { NumberField } from '../controls/NumberField.tsx';
import { Slider } from '../controls/Slider.tsx';
import { useSession, useStatus } from '../state/session.ts';

export function ParameterRow({ parameter }: { readonly parameter: Parameter }) {
  const id = useId();
  const [isExplained, setIsExplained] = useState(false);
  return (
    <div className="parameter">
      <div className="parameter-head">
        <span className="parameter-name" id={`${id}-name`}>
          {parameter.label}
        </span>
        <button
          type="button"
          className="icon-button info"
          aria-label={`About: ${parameter.label}`}
          aria-expanded={isExplained}
          aria-controls={`${id}-help`}
          onClick={() => setIsExplained(!isExplained)}
        >
          i
        </button>
        {parameter.kind === 'number' && <NumberValue parameter={parameter} />}
      </div>
      {parameter.kind === 'number' ? (
        <NumberControl parameter={parameter} />
      ) : (
        <ChoiceControl parameter={parameter} labelledBy={`${id}-name`} />
      )}
      <p className="parameter-help" id={`${id}-help`} hidden={!isExplained}>
        {parameter.help} <em>Default: {parameter.source}.</em>
      </p>
    </div>
  );
}

function NumberValue({ parameter }: { readonly parameter: NumberParameter }) {
  const { player } = useSession();
  const value = useStatus((status) => status.values[parameter.key]) ?? null;
  const was = useStatus((status) => status.startValues[parameter.key]) ?? null;
  return (
    <NumberField
      parameter={parameter}
      value={value}
      isTouched={value !== was}
      onChange={(next) => player.setParameter(parameter.key, next)}
    />
  );
}

function NumberControl({ parameter }: { readonly parameter: NumberParameter }) {
  const { player } = useSession();
  const value = useStatus((status) => status.values[parameter.key]);
  const was = useStatus((status) => status.startValues[parameter.key]);
  const isUnlimited = value === null;
  return (
    <>
      <Slider
        parameter={parameter}
        value={isUnlimited ? parameter.max : Number(value)}
        was={typeof was === 'number' ? was : undefined}
        disabled={isUnlimited}
        onChange={(next) => player.setParameter(parameter.key, next)}
      />
      {parameter.unlimited && (
        <label className="check">
          <input
            type="checkbox"
            checked={isUnlimited}
            onChange={(event) =>
              player.setParameter(
                parameter.key,
                event.currentTarget.checked ? null : parameter.defaultValue,
              )
            }
          />
          {parameter.unlimited.label}
        </label>
      )}
      {parameter.group === 'variability' && (
        <button
          type="button"
          className="button"
          aria-pressed={value === 0}
          onClick={() =>
            player.setParameter(parameter.key, value === 0 ? parameter.defaultValue : 0)
          }
        >
          constant times
        </button>
      )}
    </>
  );
}

interface ChoiceControlProps {
  readonly parameter: ChoiceParameter;
  readonly labelledBy: string;
}

function ChoiceControl({ parameter, labelledBy }: ChoiceControlProps) {
  const { player } = useSession();
  const value = useStatus((status) => status.values[parameter.key]);
  return (
    <div className="choices" role="radiogroup" aria-labelledby={labelledBy}>
      {parameter.options.map((option) => (
        <label key={option.value} className="check">
          <input
            type="radio"
            name={`drawer:${parameter.key}`}
            checked={option.value === value}
            onChange={() => player.setParameter(parameter.key, option.value)}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}
