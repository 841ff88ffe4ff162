/** wait | queue: how one step of a lane's program is done. */
import type { ChoiceParameter, LaneId } from '../../scenarios/scenario.ts';
import { useSession, useStatus } from '../state/session.ts';

interface StepSwitchProps {
  readonly parameter: ChoiceParameter;
  readonly lane: LaneId;
}

export function StepSwitch({ parameter, lane }: StepSwitchProps) {
  const { player } = useSession();
  const value = useStatus((status) => status.values[parameter.key]);
  return (
    <fieldset className="switch" data-mode={value} title={parameter.help}>
      <legend className="visually-hidden">{parameter.label}</legend>
      <span className="switch-knob" aria-hidden="true" />
      {parameter.options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={`${lane}:${parameter.key}`}
            value={option.value}
            checked={option.value === value}
            onChange={() => player.setParameter(parameter.key, option.value)}
          />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
