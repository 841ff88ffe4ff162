/**
 * What a scenario is: data for two lanes on the same arrivals, and the parameters people may touch.
 * A parameter is described once, here; sliders, number fields, URL keys, validation, help rows and
 * timeline flags are made from it.
 */
import type { Flow } from '../sim/flow.ts';

export type LaneId = 'sync' | 'async';
export const LANE_IDS: readonly LaneId[] = ['sync', 'async'];

interface ParameterBase {
  /** URL key and identity, for example `load` or `email.latency`. */
  readonly key: string;
  readonly label: string;
  /** One sentence; figures of speech live here, the label has the standard term. */
  readonly help: string;
  /** Where the default comes from, or "illustrative". */
  readonly source: string;
  readonly group:
    'primary' | 'capacity' | 'limits' | 'clients' | 'failures' | 'variability' | 'program';
  /** `node.parameter` paths it sets, in every lane of `lanes`. */
  readonly paths: readonly string[];
  /** Lanes it applies to; absent: both. */
  readonly lanes?: readonly LaneId[];
}

export interface NumberParameter extends ParameterBase {
  readonly kind: 'number';
  /** Printed after the number: `req/s`, `ms`, `s`, `%`, `threads`, … */
  readonly unit: string;
  readonly min: number;
  /** End of the slider. */
  readonly max: number;
  /** Largest value the number field takes; absent: `max`. */
  readonly fieldMax?: number;
  readonly scale: 'linear' | 'log';
  /** Values are rounded to a multiple of this. */
  readonly step: number;
  readonly defaultValue: number;
  /** The engine's value is this number times `factor` (absent: 1), for example 0.01 for per cent. */
  readonly factor?: number;
  /** A value that means "no limit", shown as words; the engine gets null. */
  readonly unlimited?: { readonly label: string };
  /** Labelled slider ticks. */
  readonly ticks?: readonly number[];
}

export interface ChoiceParameter extends ParameterBase {
  readonly kind: 'choice';
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly defaultValue: string;
}

export type Parameter = NumberParameter | ChoiceParameter;
/** Number, option, or null for "no limit". */
export type ParameterValue = number | string | null;

/** A line of a lane's code card. */
export interface CodeLine {
  /** Index of the handler step whose threads stand here; null for punctuation. */
  readonly step: number | null;
  /** Code when the step waits (or has no switch). Words in `keyword` marks are set bold. */
  readonly wait: string;
  /** Code when the step is queued; absent where there is no switch. */
  readonly queue?: string;
  /** Key of the choice parameter that switches the line in the lane of that id. */
  readonly switchKey?: Readonly<Record<LaneId, string>>;
}

export interface Scenario {
  readonly id: string;
  /** Place in the teaching order; the page opens with the lowest. */
  readonly order: number;
  readonly title: string;
  readonly caption: string;
  /** The question it answers, for the embed's title. */
  readonly question: string;
  /** Both lanes share node ids, so the same demands are drawn in both. */
  readonly lanes: Readonly<Record<LaneId, Flow>>;
  readonly parameters: readonly Parameter[];
  readonly code: readonly CodeLine[];
}
