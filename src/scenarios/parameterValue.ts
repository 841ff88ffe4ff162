/**
 * The rules for parameter values, in one place: sliders, number fields, links and the drawer all
 * parse, clamp, round, print and translate values here.
 */
import type { NumberParameter, Parameter, ParameterValue, Scenario } from './scenario.ts';

/** A value that is fit for use, and what had to be said about making it so. */
export interface ParsedValue {
  readonly value: ParameterValue;
  /** For people, for example `Load: 1 to 2,000 req/s; set to 2,000 req/s`; null when nothing was amiss. */
  readonly message: string | null;
}

/** A number and its unit apart. */
interface FormattedParts {
  readonly number: string;
  readonly unit: string;
}

/** How `null` ("no limit") is written in links and number fields. */
export const UNLIMITED_TEXT = 'none';

/** Largest number a field or a link may set. */
export function largestValue(parameter: NumberParameter): number {
  return parameter.fieldMax ?? parameter.max;
}

/** A number with thousands separators and no more decimals than it has, for example `2,000` or `0.35`. */
export function groupDigits(value: number): string {
  const [whole = '', fraction] = String(value).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function decimalsOf(step: number): number {
  const fraction = String(step).split('.')[1];
  return fraction === undefined ? 0 : fraction.length;
}

/** Rounds to a multiple of the parameter's step and clamps to min … largest. */
export function roundValue(parameter: NumberParameter, value: number): number {
  const rounded = Number(
    (Math.round(value / parameter.step) * parameter.step).toFixed(decimalsOf(parameter.step)),
  );
  // `+ 0` turns −0 into 0.
  return Math.min(largestValue(parameter), Math.max(parameter.min, rounded)) + 0;
}

function withUnit(text: string, unit: string): string {
  return unit === '' ? text : `${text} ${unit}`;
}

function sayRange(parameter: NumberParameter, value: number): string {
  const from = formatParts(parameter, parameter.min);
  const to = formatParts(parameter, largestValue(parameter));
  // "API threads: 1 to 1,000" needs no unit after the number; "1 thread" is a form of the unit.
  const isInLabel = parameter.label.includes(parameter.unit);
  const say = ({ number, unit }: FormattedParts) => withUnit(number, isInLabel ? '' : unit);
  const isOneUnit = singular(from.unit) === singular(to.unit);
  const range = `${isOneUnit ? from.number : say(from)} to ${say(to)}`;
  return `${parameter.label}: ${range}; set to ${say(formatParts(parameter, value))}`;
}

function sayStep(parameter: NumberParameter, value: number): string {
  const steps =
    parameter.step === 1
      ? 'whole numbers'
      : `steps of ${withUnit(groupDigits(parameter.step), parameter.unit)}`;
  return `${parameter.label}: ${steps}; set to ${formatValue(parameter, value)}`;
}

/** What a bad value becomes, with the reason. */
function replaced(parameter: Parameter, fallback: ParameterValue, given: string): ParsedValue {
  const shown = given.length > 24 ? `${given.slice(0, 24)}…` : given;
  const not = given === '' ? '' : `, not “${shown}”`;
  const wanted =
    parameter.kind === 'number'
      ? 'takes a number'
      : `is one of ${parameter.options.map((option) => option.value).join(', ')}`;
  return {
    value: fallback,
    message: `${parameter.label} ${wanted}${not}; kept at ${formatValue(parameter, fallback)}`,
  };
}

/** Makes any value fit the parameter: rounds, clamps, and replaces what makes no sense by `fallback`. */
export function clampValue(
  parameter: Parameter,
  value: unknown,
  fallback: ParameterValue = parameter.defaultValue,
): ParsedValue {
  if (parameter.kind === 'choice') {
    return parameter.options.some((option) => option.value === value)
      ? { value: value as string, message: null }
      : replaced(parameter, fallback, String(value));
  }
  if (value === null && parameter.unlimited) return { value: null, message: null };
  if (typeof value !== 'number' || Number.isNaN(value)) {
    return replaced(parameter, fallback, String(value));
  }
  const rounded = roundValue(parameter, value);
  const inRange = value >= parameter.min && value <= largestValue(parameter);
  if (!inRange) return { value: rounded, message: sayRange(parameter, rounded) };
  const isRounded = Math.abs(rounded - value) > 1e-9 * Math.max(1, Math.abs(value));
  return { value: rounded, message: isRounded ? sayStep(parameter, rounded) : null };
}

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i;

/**
 * Reads what someone typed or a link says: `30`, `2,000`, `none`, `30 req/s`, an option's value.
 * Never throws; a text that makes no sense becomes `fallback`, with a message.
 */
export function parseValue(
  parameter: Parameter,
  text: string,
  fallback: ParameterValue = parameter.defaultValue,
): ParsedValue {
  const trimmed = text.trim();
  if (parameter.kind === 'choice') {
    const said = trimmed.toLowerCase();
    const option = parameter.options.find(
      ({ value, label }) => value.toLowerCase() === said || label.toLowerCase() === said,
    );
    return clampValue(parameter, option?.value ?? trimmed, fallback);
  }
  if (
    parameter.unlimited &&
    (trimmed.toLowerCase() === UNLIMITED_TEXT ||
      trimmed.toLowerCase() === parameter.unlimited.label.toLowerCase())
  ) {
    return { value: null, message: null };
  }
  // Milliseconds print as seconds from 1,000 up, so "4 s" must read back too.
  const inSeconds = parameter.unit === 'ms' && /\d\s*s$/.test(trimmed);
  const printed = inSeconds ? 's' : parameter.unit;
  const unit = trimmed.endsWith(printed) ? printed : singular(printed);
  const bare = trimmed.endsWith(unit)
    ? trimmed.slice(0, trimmed.length - unit.length).trimEnd()
    : trimmed;
  const digits = bare.replace(/(?<=\d),(?=\d{3}(?!\d))/g, '').replace('−', '-');
  if (!NUMBER.test(digits)) return replaced(parameter, fallback, trimmed);
  return clampValue(parameter, Number(digits) * (inSeconds ? 1000 : 1), fallback);
}

/** The value as a link or a number field writes it: no unit, no separators; `none` for no limit. */
export function valueToText(value: ParameterValue): string {
  return value === null ? UNLIMITED_TEXT : String(value);
}

/** `thread` for `threads`; units that are symbols stay as they are. */
function singular(unit: string): string {
  return /^(threads|places|messages)$/.test(unit) ? unit.slice(0, -1) : unit;
}

/** Number and unit apart, for large type: milliseconds from 1,000 up read as seconds. */
export function formatParts(parameter: Parameter, value: ParameterValue): FormattedParts {
  if (parameter.kind === 'choice') {
    const option = parameter.options.find((candidate) => candidate.value === value);
    return { number: option?.label ?? String(value), unit: '' };
  }
  if (value === null) return { number: parameter.unlimited?.label ?? UNLIMITED_TEXT, unit: '' };
  if (typeof value === 'string') return { number: value, unit: parameter.unit };
  if (parameter.unit === 'ms' && value >= 1000) {
    const seconds = value / 1000;
    return {
      number: Number.isInteger(seconds * 10) ? seconds.toFixed(1) : String(seconds),
      unit: 's',
    };
  }
  if (value === 1) return { number: '1', unit: singular(parameter.unit) };
  return { number: groupDigits(value), unit: parameter.unit };
}

/** The value for people, with its unit, for example `30 req/s`, `4.0 s`, `no limit`. */
export function formatValue(parameter: Parameter, value: ParameterValue): string {
  const { number, unit } = formatParts(parameter, value);
  return withUnit(number, unit);
}

/** The value the engine's path takes: in the engine's unit, null for no limit. */
export function toEngineValue(parameter: Parameter, value: ParameterValue): ParameterValue {
  if (parameter.kind === 'number' && typeof value === 'number' && parameter.factor !== undefined) {
    return value * parameter.factor;
  }
  return value;
}

/** The parameter with that key. */
export function findParameter(scenario: Scenario, key: string): Parameter | undefined {
  return scenario.parameters.find((parameter) => parameter.key === key);
}

/** Every parameter's default. */
export function defaultValues(scenario: Scenario): Record<string, ParameterValue> {
  return Object.fromEntries(
    scenario.parameters.map(({ key, defaultValue }) => [key, defaultValue]),
  );
}
