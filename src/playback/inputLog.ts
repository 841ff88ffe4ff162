/**
 * What was done to the run, in order: the truth from which any moment can be computed again.
 */
import { toEngineValue } from '../scenarios/parameterValue.ts';
import {
  LANE_IDS,
  type LaneId,
  type Parameter,
  type ParameterValue,
} from '../scenarios/scenario.ts';
import type { InputAction } from '../sim/flow.ts';

export interface RecordedInput {
  readonly timeS: number;
  readonly lanes: readonly LaneId[];
  readonly action: InputAction;
  /** The parameter change it is part of, if it is one. */
  readonly change: { readonly key: string; readonly value: ParameterValue } | null;
}

/** The first 2⁻ᵏ above a number that is 0 or more: the next double. */
export function nextDouble(value: number): number {
  float[0] = value;
  bits[0] = (bits[0] ?? 0n) + 1n;
  return float[0];
}
const float = new Float64Array(1);
const bits = new BigUint64Array(float.buffer);

export class InputLog {
  readonly inputs: RecordedInput[] = [];
  /** Inputs already applied at the playhead. */
  applied = 0;
  private readonly defaults: Readonly<Record<string, ParameterValue>>;
  /** Parameter values at the playhead. */
  values: Record<string, ParameterValue>;
  /** End of the latest surge at the playhead, seconds; 0 without one. */
  surgeEndS = 0;

  constructor(defaults: Readonly<Record<string, ParameterValue>>) {
    this.defaults = defaults;
    this.values = { ...defaults };
  }

  /** Time of the next input not yet applied, Infinity if there is none. */
  get nextS(): number {
    return this.inputs[this.applied]?.timeS ?? Infinity;
  }

  /** Adds something done to both lanes. */
  addPoke(timeS: number, action: InputAction): void {
    this.inputs.push({ timeS, lanes: LANE_IDS, action, change: null });
  }

  /** Adds a parameter's new value, one input for each place it has in the flows. */
  addChange(timeS: number, parameter: Parameter, value: ParameterValue): void {
    for (const path of parameter.paths) {
      this.inputs.push({
        timeS,
        lanes: parameter.lanes ?? LANE_IDS,
        action: { do: 'set', path, value: toEngineValue(parameter, value) },
        change: { key: parameter.key, value },
      });
    }
  }

  /** Marks the next input as applied. */
  takeNext(): RecordedInput | undefined {
    const input = this.inputs[this.applied];
    if (input === undefined) return undefined;
    this.applied++;
    this.fold(input);
    return input;
  }

  /** Goes back to the moment when `count` inputs had been applied. */
  rewind(count: number): void {
    this.applied = count;
    this.values = { ...this.defaults };
    this.surgeEndS = 0;
    for (let i = 0; i < count; i++) {
      const input = this.inputs[i];
      if (input) this.fold(input);
    }
  }

  /** Forgets every input that is not yet applied. */
  dropFuture(): void {
    this.inputs.length = this.applied;
  }

  clear(): void {
    this.inputs.length = 0;
    this.rewind(0);
  }

  /** The latest value of a parameter, up to the playhead, that is not `value`. */
  lastOther(key: string, value: ParameterValue): ParameterValue | undefined {
    for (let i = this.applied - 1; i >= 0; i--) {
      const change = this.inputs[i]?.change;
      if (change?.key === key && change.value !== value) return change.value;
    }
    return this.defaults[key] === value ? undefined : this.defaults[key];
  }

  private fold({ timeS, action, change }: RecordedInput): void {
    if (change) this.values[change.key] = change.value;
    if (action.do === 'surge') this.surgeEndS = action.factor === 1 ? 0 : timeS + action.durationS;
  }
}
