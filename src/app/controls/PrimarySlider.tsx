/** One of the three sliders that are always there: name, value, rail. */
import type { NumberParameter } from '../../scenarios/scenario.ts';
import { useSession, useStatus } from '../state/session.ts';
import { LoadMarks } from './LoadMarks.tsx';
import { NumberField } from './NumberField.tsx';
import { Slider } from './Slider.tsx';
import type { Primary } from './usePrimaries.ts';

/** `Latency of Email` → `Email`. */
const thingOf = (parameter: NumberParameter) => parameter.label.split(' of ').at(-1);

export function PrimarySlider({ primary }: { readonly primary: Primary }) {
  const { id, parameters, chosen, name, choose } = primary;
  const { player } = useSession();
  const value = Number(useStatus((status) => status.values[chosen.key]));
  const was = Number(useStatus((status) => status.startValues[chosen.key]));
  return (
    <div className="primary">
      <div className="primary-top">
        <span className="primary-name">
          <span className="primary-label">{name} </span>
          {parameters.length > 1 && (
            <span className="choose">
              <select
                aria-label={`${name} which service`}
                value={chosen.key}
                onChange={(event) => {
                  const next = parameters.find((one) => one.key === event.currentTarget.value);
                  if (next) choose(next);
                }}
              >
                {parameters.map((one) => (
                  <option key={one.key} value={one.key}>
                    {thingOf(one)}
                  </option>
                ))}
              </select>
            </span>
          )}
        </span>
        <NumberField
          key={chosen.key}
          parameter={chosen}
          value={value}
          isTouched={value !== was}
          onChange={(next) => player.setParameter(chosen.key, next)}
        />
      </div>
      <Slider
        parameter={chosen}
        value={value}
        was={was}
        onChange={(next) => player.setParameter(chosen.key, next)}
      >
        {id === 'load' && <LoadMarks parameter={chosen} />}
      </Slider>
    </div>
  );
}
