/** The parameters behind the three primary sliders, and which service each is about. */
import type { NumberParameter } from '../../scenarios/scenario.ts';
import { useSession, useUi } from '../state/session.ts';

export interface Primary {
  readonly id: 'load' | 'latency' | 'failure';
  /** Printed before the choice, for example `Latency of`. */
  readonly name: string;
  /** Parameters to choose from; one: no choice. */
  readonly parameters: readonly NumberParameter[];
  readonly chosen: NumberParameter;
  readonly choose: (parameter: NumberParameter) => void;
}

const serviceOf = (parameter: NumberParameter) => parameter.key.split('.')[0] ?? '';

/** @returns load, latency and failure rate, in this order */
export function usePrimaries(): readonly Primary[] {
  const { scenario } = useSession();
  const latencyOf = useUi((ui) => ui.latencyOf);
  const failureOf = useUi((ui) => ui.failureOf);
  const setLatencyOf = useUi((ui) => ui.setLatencyOf);
  const setFailureOf = useUi((ui) => ui.setFailureOf);
  const numbers = scenario.parameters.filter(
    (one): one is NumberParameter => one.kind === 'number' && one.group === 'primary',
  );
  const group = (
    id: Primary['id'],
    name: string,
    parameters: readonly NumberParameter[],
    service: string,
    choose: (service: string) => void,
  ): Primary[] => {
    const chosen = parameters.find((one) => serviceOf(one) === service) ?? parameters[0];
    if (!chosen) return [];
    return [{ id, name, parameters, chosen, choose: (one) => choose(serviceOf(one)) }];
  };
  return [
    ...group(
      'load',
      'Load',
      numbers.filter((one) => one.key === 'load'),
      'load',
      () => undefined,
    ),
    ...group(
      'latency',
      'Latency of',
      numbers.filter((one) => one.key.endsWith('.latency')),
      latencyOf,
      setLatencyOf,
    ),
    ...group(
      'failure',
      'Failure rate of',
      numbers.filter((one) => one.key.endsWith('.failure')),
      failureOf,
      setFailureOf,
    ),
  ];
}
