/**
 * A state as a link: readable query keys for whatever differs from the defaults. Reading never
 * throws; every bad value becomes its default and leaves a note.
 */
import { clampValue, defaultValues, parseValue, valueToText } from '../scenarios/parameterValue.ts';
import type { ParameterValue, Scenario } from '../scenarios/scenario.ts';
import { SPEEDS, type Speed } from './player.ts';

export type ThemeChoice = 'auto' | 'light' | 'dark';
export type MotionChoice = 'auto' | 'reduced';

export const DEFAULT_SEED = 7;
/** Without a word about it the page is light, whatever the system prefers. */
const DEFAULT_THEME: ThemeChoice = 'light';
export const MAX_SEED = 2 ** 31 - 1;
/** Furthest moment a link may open at, seconds: later ones would take too long to reach. */
export const MAX_LINK_TIME_S = 3600;
const LINK_VERSION = 1;

/** What was wrong with one key of a link, for a dismissible note. */
export interface LinkNote {
  readonly key: string;
  readonly text: string;
}

/** Everything a link says, defaults filled in. */
export interface LinkState {
  readonly scenario: Scenario;
  /** 0 to 2³¹ − 1. */
  readonly seed: number;
  readonly speed: Speed;
  readonly theme: ThemeChoice;
  readonly motion: MotionChoice;
  readonly embed: boolean;
  /** null: not said, so the page decides. */
  readonly autoplay: boolean | null;
  /** Moment to open at, seconds from the start. */
  readonly timeS: number;
  /** Start value of every parameter of the scenario. */
  readonly values: Readonly<Record<string, ParameterValue>>;
}

export interface ParsedLink extends LinkState {
  readonly notes: readonly LinkNote[];
}

/** Keys that mean the same in every scenario; no parameter may be called so. */
export const RESERVED_KEYS = [
  'v',
  'scenario',
  'seed',
  'speed',
  'theme',
  'motion',
  'embed',
  'autoplay',
  't',
] as const;

const SEED_RULE = `Seed is a whole number from 0 to 2,147,483,647; set to `;

/** Reads a seed from a link or a field. @returns the value and, if it was bad, what was done about it */
export function parseSeed(
  text: string,
  fallback: number = DEFAULT_SEED,
): { readonly value: number; readonly message: string | null } {
  const trimmed = text.trim();
  const value = /^\d{1,10}$/.test(trimmed) ? Number(trimmed) : NaN;
  return value <= MAX_SEED
    ? { value, message: null }
    : { value: fallback, message: `${SEED_RULE}${fallback}` };
}

/**
 * Reads a query string.
 * @param query with or without the leading `?`
 * @param scenarios the first one is the default
 */
export function parseLink(
  query: string,
  scenarios: readonly [Scenario, ...Scenario[]],
): ParsedLink {
  const keys = new URLSearchParams(query);
  const notes: LinkNote[] = [];
  const note = (key: string, text: string | null): void => {
    if (text !== null) notes.push({ key, text });
  };
  const oneOf = <T extends string>(
    key: string,
    name: string,
    options: readonly T[],
    fallback: T,
  ): T => {
    const text = keys.get(key);
    if (text === null) return fallback;
    const found = options.find((option) => option === text.trim().toLowerCase());
    if (found === undefined) {
      note(
        key,
        `${name} is one of ${options.join(', ')}, not “${shorten(text)}”; set to ${fallback}`,
      );
    }
    return found ?? fallback;
  };
  const flag = <T extends boolean | null>(key: string, name: string, fallback: T): boolean | T => {
    const text = keys.get(key)?.trim().toLowerCase();
    if (text === undefined) return fallback;
    if (text === '1' || text === 'true') return true;
    if (text === '0' || text === 'false') return false;
    note(key, `${name} is 1 or 0, not “${shorten(text)}”; left out`);
    return fallback;
  };

  const version = keys.get('v');
  if (version !== null && version.trim() !== String(LINK_VERSION)) {
    note(
      'v',
      `This link's format “${shorten(version)}” is not known here; read as well as possible`,
    );
  }

  const scenarioId = oneOf(
    'scenario',
    'Scenario',
    scenarios.map((candidate) => candidate.id),
    scenarios[0].id,
  );
  const scenario = scenarios.find((candidate) => candidate.id === scenarioId) ?? scenarios[0];

  const seedText = keys.get('seed');
  const seed = seedText === null ? { value: DEFAULT_SEED, message: null } : parseSeed(seedText);
  note('seed', seed.message);

  const speedText = oneOf('speed', 'Speed', SPEEDS.map(String), '1');
  const speed = SPEEDS.find((candidate) => String(candidate) === speedText) ?? 1;

  const values = defaultValues(scenario);
  for (const parameter of scenario.parameters) {
    const text = keys.get(parameter.key);
    if (text === null) continue;
    const parsed = parseValue(parameter, text);
    values[parameter.key] = parsed.value;
    note(parameter.key, parsed.message);
  }

  return {
    scenario,
    seed: seed.value,
    speed,
    theme: oneOf('theme', 'Theme', ['auto', 'light', 'dark'], DEFAULT_THEME),
    motion: oneOf('motion', 'Motion', ['auto', 'reduced'], 'auto'),
    embed: flag('embed', 'Embed', false),
    autoplay: flag('autoplay', 'Autoplay', null),
    timeS: parseTime(keys.get('t'), note),
    values,
    notes,
  };
}

function parseTime(text: string | null, note: (key: string, text: string) => void): number {
  if (text === null) return 0;
  const trimmed = text.trim();
  const timeS = /^\d{1,9}(\.\d{1,17})?$/.test(trimmed) ? Number(trimmed) : NaN;
  if (timeS <= MAX_LINK_TIME_S) return timeS;
  const fallback = timeS > MAX_LINK_TIME_S ? MAX_LINK_TIME_S : 0;
  note('t', `The moment is 0 to 3,600 s, not “${shorten(text)}”; set to ${fallback} s`);
  return fallback;
}

function shorten(text: string): string {
  return text.length > 24 ? `${text.slice(0, 24)}…` : text;
}

/**
 * The shortest query that `parseLink` turns back into the state.
 * @returns '' when everything has its default, else `?key=value&…`
 */
export function buildLink(
  state: { readonly scenario: Scenario } & Partial<LinkState>,
  defaultScenarioId: string = state.scenario.id,
): string {
  const keys = new URLSearchParams();
  const { scenario } = state;
  if (scenario.id !== defaultScenarioId) keys.set('scenario', scenario.id);
  for (const parameter of scenario.parameters) {
    const given = state.values?.[parameter.key];
    if (given === undefined) continue;
    const { value } = clampValue(parameter, given);
    if (value !== parameter.defaultValue) keys.set(parameter.key, valueToText(value));
  }
  if (state.seed !== undefined && state.seed !== DEFAULT_SEED) keys.set('seed', String(state.seed));
  if (state.speed !== undefined && state.speed !== 1) keys.set('speed', String(state.speed));
  // Three decimals, rounded down, so that the moment exists in the run that is shared.
  const timeS = Math.floor((state.timeS ?? 0) * 1000) / 1000;
  if (timeS > 0) keys.set('t', String(Math.min(timeS, MAX_LINK_TIME_S)));
  if (state.theme !== undefined && state.theme !== DEFAULT_THEME) keys.set('theme', state.theme);
  if (state.motion !== undefined && state.motion !== 'auto') keys.set('motion', state.motion);
  if (state.embed === true) keys.set('embed', '1');
  if (state.autoplay !== undefined && state.autoplay !== null) {
    keys.set('autoplay', state.autoplay ? '1' : '0');
  }
  const query = keys.toString();
  return query === '' ? '' : `?${query}`;
}
