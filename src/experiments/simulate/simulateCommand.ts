/** `npm run simulate`: from the words on the command line to what is printed, without touching the machine. */
import { clampValue, findParameter, toEngineValue } from '../../scenarios/parameterValue.ts';
import { LANE_IDS, type Scenario } from '../../scenarios/scenario.ts';
import type { Fault } from '../../sim/format/field.ts';
import { parseFlow } from '../../sim/format/parseFlow.ts';
import { setPath } from '../../sim/format/setPath.ts';
import type { Flow } from '../../sim/flow.ts';
import { DEFAULT_MAX_EVENTS, LimitError } from '../../sim/kernel/limits.ts';
import { runHeadless, type HeadlessRun } from '../../sim/runHeadless.ts';
import { builtInScenarios } from '../../scenarios/builtInScenarios.ts';
import { repeatedNames } from './repeatedNames.ts';
import { reportTable } from './reportTable.ts';

/** What the command needs of the machine it runs on. */
export interface Surroundings {
  /** The text of a file, null if it cannot be read. */
  readFile(path: string): string | null;
  /** Milliseconds, for progress and speed. */
  now(): number;
  print(text: string): void;
  printProgress(text: string): void;
}

export const usage = `npm run --silent simulate -- FLOW_OR_SCENARIO [options]

FLOW_OR_SCENARIO   a flow file (see docs/flow-format.md), or the name of a built-in scenario
--set path=value   changes a value: api.threads=30, email.workMs=4000; repeat for more.
                   Of a scenario also its parameters (load=30) and one lane only (sync:api.threads=30)
--seed N           0 to 2147483647; default 1
--duration S       seconds of model time that are measured; default 600
--warmup S         seconds before that, not reported; default 0
--max-events N     stops the run after that many events a lane; default ${DEFAULT_MAX_EVENTS}
--json             prints JSON instead of a table`;

interface Options {
  readonly source: string;
  readonly sets: readonly { readonly path: string; readonly value: unknown }[];
  readonly seed: number;
  readonly durationS: number;
  readonly warmupS: number;
  readonly maxEvents: number;
  readonly json: boolean;
}

/** Bad input, with a message for the person who gave it. */
class InputError extends Error {}

/** Model time a run may cover, seconds; the event budget is met long before. */
const MAX_SECONDS = 1e9;
/** Wall time before the first progress line and between two, milliseconds. */
const PROGRESS_MS = 1000;

/** @returns the exit code: 0, or 2 for bad input */
export function simulateCommand(words: readonly string[], machine: Surroundings): number {
  if (words.includes('--help') || words.includes('-h') || words.length === 0) {
    if (words.length > 0) machine.print(usage);
    else machine.printProgress(usage);
    return words.length > 0 ? 0 : 2;
  }
  try {
    run(readOptions(words), machine);
    return 0;
  } catch (error) {
    if (!(error instanceof InputError) && !(error instanceof LimitError)) throw error;
    machine.printProgress(error.message);
    return 2;
  }
}

function run(options: Options, machine: Surroundings): void {
  const lanes = readLanes(options, machine);
  const startMs = machine.now();
  const runs: Record<string, HeadlessRun> = {};
  for (const [lane, flow] of Object.entries(lanes)) {
    let saidMs = machine.now();
    runs[lane] = runHeadless(flow, {
      ...options,
      onProgress: (share, events) => {
        if (machine.now() - saidMs < PROGRESS_MS) return;
        saidMs = machine.now();
        const percent = Math.floor(100 * share);
        machine.printProgress(`${lane}: ${percent} %, ${(events / 1e6).toFixed(1)} M events`);
      },
    });
    if (runs[lane].endedBy === 'events') {
      const { fromS, toS } = runs[lane].report;
      const nothing = toS > fromS ? '' : ', in the warm-up: nothing was measured';
      machine.printProgress(
        `${lane}: stopped at ${toS.toFixed(1)} s after ${options.maxEvents} events (--max-events)${nothing}`,
      );
    }
  }
  const wallMs = machine.now() - startMs;
  machine.print(options.json ? asJson(runs, wallMs) : reportTable(runs, wallMs));
}

function asJson(runs: Readonly<Record<string, HeadlessRun>>, wallMs: number): string {
  const lanes = Object.fromEntries(
    Object.entries(runs).map(([lane, { report, endedBy }]) => [lane, { endedBy, ...report }]),
  );
  const events = Object.values(runs).reduce((sum, { report }) => sum + report.events, 0);
  return JSON.stringify(
    { version: 1, events, wallMs: Math.round(wallMs * 10) / 10, lanes },
    null,
    2,
  );
}

/** The flows to run, by lane; a file is one lane named `flow`. */
function readLanes(options: Options, machine: Surroundings): Record<string, Flow> {
  const scenario = builtInScenarios.find(({ id }) => id === options.source);
  if (scenario !== undefined) {
    return Object.fromEntries(
      LANE_IDS.map((lane) => {
        let json: unknown = scenario.lanes[lane];
        for (const { path, value } of options.sets)
          json = setInLane(scenario, lane, json, path, value);
        return [lane, parsed(json, lane, inputsOf(scenario.lanes[lane]))];
      }),
    );
  }
  const text = machine.readFile(options.source);
  if (text === null) {
    const names = builtInScenarios.map(({ id }) => id).join(', ');
    throw new InputError(
      `there is no file ${options.source} that can be read, and no such scenario (${names})`,
    );
  }
  let json: unknown;
  // Some editors put a byte order mark before it.
  const plain = text.replace(/^\uFEFF/, '');
  try {
    json = JSON.parse(plain);
  } catch (error) {
    throw new InputError(`${options.source} is not JSON: ${(error as Error).message}`);
  }
  const repeated = repeatedNames(plain).map(sayFault);
  if (repeated.length > 0) {
    throw new InputError([`${options.source} is not a flow:`, ...repeated].join('\n'));
  }
  const inputs = inputsOf(json);
  for (const { path, value } of options.sets) json = setPath(json, path, value);
  return { flow: parsed(json, options.source, inputs) };
}

function setInLane(
  scenario: Scenario,
  lane: (typeof LANE_IDS)[number],
  json: unknown,
  path: string,
  value: unknown,
): unknown {
  const colon = path.indexOf(':');
  const only = colon < 0 ? null : path.slice(0, colon);
  if (only !== null && !LANE_IDS.some((id) => id === only)) {
    throw new InputError(`there is no lane "${only}"; right would be ${LANE_IDS.join(' or ')}`);
  }
  if (only !== null && only !== lane) return json;
  const key = path.slice(colon + 1);
  const parameter = findParameter(scenario, key);
  if (parameter === undefined) return setPath(json, key, value);
  if (parameter.lanes !== undefined && !parameter.lanes.includes(lane)) return json;
  const { value: fitting, message } = clampValue(parameter, value);
  if (message !== null) throw new InputError(`--set ${key}: ${message.split(';')[0]}`);
  const engineValue = toEngineValue(parameter, fitting);
  return parameter.paths.reduce((flow, each) => setPath(flow, each, engineValue), json);
}

/** @param inputs of the file itself: those that follow come from `--set` */
function parsed(json: unknown, name: string, inputs: number): Flow {
  const { flow, faults } = parseFlow(json);
  if (flow !== undefined) return flow;
  const all = faults.map((fault) => {
    const [, input] = /^schedule\[(\d+)\]/.exec(fault.path) ?? [];
    if (input === undefined || Number(input) < inputs) return sayFault(fault);
    const { schedule } = json as { readonly schedule: Flow['schedule'] };
    const { action } = schedule![Number(input)];
    return sayFault({ ...fault, path: action.do === 'set' ? `--set ${action.path}` : fault.path });
  });
  throw new InputError([`${name} is not a flow:`, ...all].join('\n'));
}

/** How many inputs the schedule of a file has. */
function inputsOf(json: unknown): number {
  const { schedule } = (json ?? {}) as { readonly schedule?: unknown };
  return Array.isArray(schedule) ? schedule.length : 0;
}

function sayFault({ path, message, right }: Fault): string {
  return `  ${path === '' ? '' : `${path}: `}${message}; right would be ${right}`;
}

function readOptions(words: readonly string[]): Options {
  const sets: { path: string; value: unknown }[] = [];
  const numbers: Record<string, number> = {
    '--seed': 1,
    '--duration': 600,
    '--warmup': 0,
    '--max-events': DEFAULT_MAX_EVENTS,
  };
  let source: string | null = null;
  let json = false;
  for (let k = 0; k < words.length; k++) {
    // `--seed=3` is `--seed 3`.
    const [word, inline] = splitOnce(words[k], words[k].startsWith('--') ? '=' : null);
    const next = (): string => {
      const given = inline ?? words[++k];
      if (given === undefined) throw new InputError(`${word} needs a value\n\n${usage}`);
      return given;
    };
    if (word === '--json') {
      if (inline !== undefined) throw new InputError(`--json takes no value, not ${inline}`);
      json = true;
    } else if (word === '--set') {
      const [path, text] = splitOnce(next(), '=');
      if (text === undefined || path === '') {
        throw new InputError(
          `--set takes path=value, not ${text === undefined ? path : `=${text}`}`,
        );
      }
      sets.push({ path, value: readValue(text) });
    } else if (Object.hasOwn(numbers, word)) numbers[word] = readNumber(word, next());
    else if (word.startsWith('-')) throw new InputError(`there is no option ${word}\n\n${usage}`);
    else if (source === null) source = word;
    else throw new InputError(`one flow at a time, not ${source} and ${word}`);
  }
  if (source === null) throw new InputError(`which flow?\n\n${usage}`);
  return {
    source,
    sets,
    json,
    seed: numbers['--seed'],
    durationS: numbers['--duration'],
    warmupS: numbers['--warmup'],
    maxEvents: numbers['--max-events'],
  };
}

function readNumber(option: string, text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  const whole = option === '--seed' || option === '--max-events';
  const min = option === '--seed' || option === '--warmup' ? 0 : option === '--duration' ? 1e-9 : 1;
  const max = option === '--seed' ? 2 ** 31 - 1 : option === '--max-events' ? 1e12 : MAX_SECONDS;
  if (!(value >= min && value <= max) || (whole && !Number.isInteger(value))) {
    const kind = whole ? 'a whole number' : 'a number of seconds';
    const from = option === '--duration' ? 'above 0 and' : `from ${min}`;
    throw new InputError(`${option} takes ${kind} ${from} up to ${max}, not ${text}`);
  }
  return value;
}

/** JSON where it is JSON (30, null, {"kind": "exponential"}), else the text itself. */
function readValue(text: string): unknown {
  if (text === 'none') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function splitOnce(text: string, separator: string | null): [string, string | undefined] {
  const at = separator === null ? -1 : text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
