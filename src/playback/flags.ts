/** The flags on the timeline: what people did, one flag for a whole drag. */
import { LANE_IDS, type Parameter, type ParameterValue } from '../scenarios/scenario.ts';
import { flagText } from './interventions.ts';
import type { Intervention } from './player.ts';

/** Changes of one parameter closer than this in wall time are one flag, milliseconds. */
const DRAG_MS = 1000;

export interface Change {
  readonly parameter: Parameter;
  readonly from: ParameterValue;
  readonly to: ParameterValue;
}

/** With the inputs it stands for, by position in the log. */
interface Flag {
  readonly intervention: Intervention;
  readonly firstInput: number;
  readonly lastInput: number;
  /** null for pokes. */
  readonly change: Change | null;
}

export class Flags {
  private flags: Flag[] = [];
  private drag: { readonly key: string; readonly atMs: number } | null = null;

  get interventions(): readonly Intervention[] {
    return this.flags.map((flag) => flag.intervention);
  }

  clear(): void {
    this.flags = [];
    this.drag = null;
  }

  /** The next change has a flag of its own. */
  endDrag(): void {
    this.drag = null;
  }

  addPoke(timeS: number, key: string, text: string, input: number): void {
    const intervention = { timeS, text, lanes: LANE_IDS, key };
    this.flags.push({ intervention, firstInput: input, lastInput: input, change: null });
  }

  /** @param atMs wall time: a change soon after another of the same parameter continues its flag */
  addChange(
    change: Change,
    timeS: number,
    inputs: { readonly first: number; readonly last: number },
    atMs: number,
  ): void {
    const { parameter, to } = change;
    const last = this.flags.at(-1);
    const continues =
      last?.change?.parameter === parameter &&
      this.drag?.key === parameter.key &&
      atMs - this.drag.atMs <= DRAG_MS;
    this.drag = { key: parameter.key, atMs };
    const from = continues && last?.change ? last.change.from : change.from;
    const flag: Flag = {
      intervention: {
        timeS: continues && last ? last.intervention.timeS : timeS,
        text: flagText(parameter, from, to),
        lanes: parameter.lanes ?? LANE_IDS,
        key: parameter.key,
      },
      firstInput: continues && last ? last.firstInput : inputs.first,
      lastInput: inputs.last,
      change: { parameter, from, to },
    };
    if (continues) this.flags.pop();
    this.flags.push(flag);
  }

  /**
   * Keeps the flags of the first `applied` inputs. A drag that is cut in two ends where the playhead is.
   * @param values of the parameters there
   * @returns what belongs to the future that is left
   */
  fork(applied: number, values: Readonly<Record<string, ParameterValue>>): readonly Intervention[] {
    const left = this.flags
      .filter((flag) => flag.lastInput >= applied)
      .map((flag) => flag.intervention);
    this.flags = this.flags
      .filter((flag) => flag.firstInput < applied)
      .map((flag) => (flag.lastInput < applied ? flag : shorten(flag, applied, values)));
    return left;
  }
}

function shorten(
  flag: Flag,
  applied: number,
  values: Readonly<Record<string, ParameterValue>>,
): Flag {
  if (!flag.change) return flag;
  const { parameter, from } = flag.change;
  const to = values[parameter.key] ?? flag.change.to;
  return {
    ...flag,
    intervention: { ...flag.intervention, text: flagText(parameter, from, to) },
    lastInput: applied - 1,
    change: { parameter, from, to },
  };
}
