/**
 * A run as a list of strong hashes, one for so many events: of every event's time, of every visible
 * event with all its columns, and of the whole state at the end of the block. The same code runs in
 * Node, on a page and in a worker; where two of them differ, `linesOf` spells a block out.
 */
import type { Flow, TimedInput } from '../../src/sim/flow.ts';
import { LimitError } from '../../src/sim/kernel/limits.ts';
import { Simulation, type Observation } from '../../src/sim/kernel/simulation.ts';
import '../../src/sim/nodes/allKinds.ts';

export interface TraceRun {
  readonly name: string;
  readonly flow: Flow;
  readonly seed: number;
  readonly untilS: number;
  readonly maxEvents: number;
  /** Applied from outside, in order of time; besides the flow's own schedule. */
  readonly inputs: readonly TimedInput[];
}

export interface TraceDigest {
  readonly events: number;
  readonly visibleEvents: number;
  /** SHA-256 of each block. */
  readonly blocks: readonly string[];
  /** SHA-256 of the report of the same run, observed for metrics. */
  readonly report: string;
}

const EVENTS_PER_BLOCK = 8192;

export async function digestOf(run: TraceRun): Promise<TraceDigest> {
  const blocks: string[] = [];
  const block = new Block(false);
  let events = 0;
  let visibleEvents = 0;
  const playing = new Playing(run, 'live');
  for (let goesOn = true; goesOn;) {
    block.clear();
    goesOn = playing.playInto(block);
    blocks.push(await sha256(block.content()));
    events += block.events;
    visibleEvents += block.visibleEvents;
  }
  const report = await sha256(new TextEncoder().encode(reportOf(run)));
  return { events, visibleEvents, blocks, report };
}

/** Every event of a block and the state at its end, as text; the report for a block past the last. */
export function linesOf(run: TraceRun, blockAt: number): readonly string[] {
  const playing = new Playing(run, 'live');
  for (let at = 0; ; at++) {
    const block = new Block(at === blockAt);
    const goesOn = playing.playInto(block);
    if (at === blockAt) return block.lines ?? [];
    if (!goesOn) return reportOf(run).split('\n');
  }
}

/** The run's report as text. */
export function reportOf(run: TraceRun): string {
  const playing = new Playing(run, 'metrics');
  const block = new Block(false);
  while (playing.playInto(block)) block.clear();
  return JSON.stringify(playing.simulation.report(), null, 1);
}

/** A run under way. */
class Playing {
  readonly simulation: Simulation;
  private readonly run: TraceRun;
  private nextInput = 0;
  private readVisible = 0;

  constructor(run: TraceRun, observe: Observation) {
    this.run = run;
    this.simulation = new Simulation(run.flow, { seed: run.seed, observe });
  }

  /** @returns false if the run is over */
  playInto(block: Block): boolean {
    const { simulation, run } = this;
    let goesOn = true;
    try {
      while (goesOn && block.events < EVENTS_PER_BLOCK) goesOn = this.step(block);
    } catch (error) {
      // A flow may hand messages round at one instant for ever; the engine says so and stops.
      if (!(error instanceof LimitError)) throw error;
      block.text('stopped', error.message);
      goesOn = false;
    }
    if (simulation.eventCount >= run.maxEvents) goesOn = false;
    if (!goesOn || block.events === EVENTS_PER_BLOCK) {
      block.state('state', simulation.checkpoint().state);
    }
    return goesOn;
  }

  private step(block: Block): boolean {
    const { simulation, run } = this;
    const input = run.inputs[this.nextInput];
    const nextS = simulation.nextEventS();
    if (input !== undefined && input.timeS <= nextS && input.timeS < run.untilS) {
      this.nextInput++;
      simulation.advance(input.timeS);
      const applied = simulation.apply(input.action);
      block.text('input', `${JSON.stringify(input)} ${applied}`);
      this.readTrace(block);
      return true;
    }
    if (nextS >= run.untilS) {
      simulation.advance(run.untilS);
      return false;
    }
    simulation.runEvent();
    block.event(simulation.lastEventS);
    this.readTrace(block);
    return simulation.eventCount < run.maxEvents;
  }

  private readTrace(block: Block): void {
    const { trace } = this.simulation;
    for (; this.readVisible < trace.count; this.readVisible++) {
      const i = this.readVisible & trace.mask;
      block.visible(
        trace.timeS[i],
        trace.kind[i],
        trace.request[i],
        trace.node[i],
        trace.cell[i],
        trace.otherNode[i],
        trace.otherCell[i],
        trace.detail[i],
      );
    }
  }
}

const float = new Float64Array(1);
const halves = new Int32Array(float.buffer);

/** Gathers what is hashed: 32-bit words, and the same as text if asked for. */
class Block {
  readonly lines: string[] | null;
  events = 0;
  visibleEvents = 0;
  private words = new Int32Array(1 << 16);
  private length = 0;

  constructor(inWords: boolean) {
    this.lines = inWords ? [] : null;
  }

  clear(): void {
    this.events = 0;
    this.visibleEvents = 0;
    this.length = 0;
  }

  content(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.words.buffer.slice(0, 4 * this.length));
  }

  event(timeS: number): void {
    this.events++;
    this.number(timeS);
    this.lines?.push(`event at ${timeS} s`);
  }

  visible(timeS: number, ...columns: readonly number[]): void {
    this.visibleEvents++;
    this.number(timeS);
    for (const column of columns) this.word(column);
    this.lines?.push(`  visible at ${timeS} s: ${columns.join(' ')}`);
  }

  text(what: string, text: string): void {
    for (let k = 0; k < text.length; k++) this.word(text.charCodeAt(k));
    this.lines?.push(`${what}: ${text}`);
  }

  /** Everything in a value of plain state, depth first. */
  state(path: string, value: unknown): void {
    if (typeof value === 'number') {
      this.number(value);
      this.lines?.push(`${path} = ${Object.is(value, -0) ? '-0' : value}`);
    } else if (ArrayBuffer.isView(value)) {
      const values = value as unknown as ArrayLike<number>;
      this.word(values.length);
      for (let k = 0; k < values.length; k++) this.number(values[k]);
      this.lines?.push(`${path} = ${Array.from(values).join(' ')}`);
    } else if (typeof value === 'object' && value !== null) {
      // By name: in which order a class's fields come to be is the business of who compiled it.
      const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
      for (const [key, inner] of fields) this.state(`${path}.${key}`, inner);
    } else this.text(path, String(value));
  }

  private number(value: number): void {
    // The bits of "not a number" are nobody's promise.
    if (Number.isNaN(value)) return this.text('number', 'NaN');
    float[0] = value;
    this.word(halves[0]);
    this.word(halves[1]);
  }

  private word(word: number): void {
    if (this.length === this.words.length) {
      const bigger = new Int32Array(2 * this.length);
      bigger.set(this.words);
      this.words = bigger;
    }
    this.words[this.length++] = word;
  }
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
