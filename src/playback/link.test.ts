import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkout } from '../scenarios/checkout.ts';
import { clampValue, defaultValues, largestValue } from '../scenarios/parameterValue.ts';
import type { Parameter, ParameterValue } from '../scenarios/scenario.ts';
import {
  buildLink,
  MAX_LINK_TIME_S,
  MAX_SEED,
  parseLink,
  RESERVED_KEYS,
  type LinkState,
} from './link.ts';
import { SPEEDS } from './player.ts';

const parse = (query: string) => parseLink(query, [checkout]);

/** Any value a parameter can have. */
function anyValue(parameter: Parameter): fc.Arbitrary<ParameterValue> {
  if (parameter.kind === 'choice') {
    return fc.constantFrom(...parameter.options.map((option) => option.value));
  }
  const number = fc
    .double({ min: parameter.min, max: largestValue(parameter), noNaN: true })
    .map((value) => clampValue(parameter, value).value);
  return parameter.unlimited ? fc.oneof(number, fc.constant(null)) : number;
}

const anyState: fc.Arbitrary<LinkState> = fc.record({
  scenario: fc.constant(checkout),
  seed: fc.integer({ min: 0, max: MAX_SEED }),
  speed: fc.constantFrom(...SPEEDS),
  theme: fc.constantFrom('auto' as const, 'light' as const, 'dark' as const),
  motion: fc.constantFrom('auto' as const, 'reduced' as const),
  embed: fc.boolean(),
  autoplay: fc.constantFrom(null, true, false),
  timeS: fc.integer({ min: 0, max: MAX_LINK_TIME_S * 8 }).map((eighths) => eighths / 8),
  values: fc.record(
    Object.fromEntries(checkout.parameters.map((each) => [each.key, anyValue(each)])),
  ),
});

describe('a link', () => {
  it('says nothing where everything has its default', () => {
    expect(buildLink(parse(''))).toBe('');
  });

  it('is readable', () => {
    const values = { ...defaultValues(checkout), load: 30, 'email.latency': 4000, patience: null };
    expect(buildLink({ scenario: checkout, values, seed: 8, embed: true })).toBe(
      '?load=30&email.latency=4000&patience=none&seed=8&embed=1',
    );
  });

  it('reads what it writes', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const { notes, ...read } = parse(buildLink(state));
        expect(notes).toEqual([]);
        expect(read).toEqual(state);
      }),
    );
  });

  it('replaces bad values by their defaults and says so', () => {
    const read = parse(
      '?load=99999&email.latency=soon&seed=-1&speed=7&theme=pink&embed=yes&sync.email=both&t=-5&v=9&scenario=nope',
    );
    expect(read.values['load']).toBe(2000);
    expect(read.values['email.latency']).toBe(200);
    expect(read).toMatchObject({ seed: 7, speed: 1, theme: 'light', embed: false, timeS: 0 });
    expect(read.notes.map((note) => note.key).sort()).toEqual(
      [
        'email.latency',
        'embed',
        'load',
        'scenario',
        'seed',
        'speed',
        'sync.email',
        't',
        'theme',
        'v',
      ].sort(),
    );
  });

  it('takes booleans as 1, 0, true and false, and ignores unknown keys', () => {
    expect(parse('embed=true&autoplay=0&utm_source=x')).toMatchObject({
      embed: true,
      autoplay: false,
      notes: [],
    });
    expect(parse('embed=FALSE&autoplay=1')).toMatchObject({ embed: false, autoplay: true });
    expect(parse('').autoplay).toBe(null);
  });

  it('never throws and always gives usable values', { timeout: 60_000 }, () => {
    const key = fc.constantFrom(...RESERVED_KEYS, ...checkout.parameters.map((each) => each.key));
    const pair = fc.tuple(key, fc.string({ unit: 'binary' })).map(([k, v]) => `${k}=${v}`);
    const query = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pair, { maxLength: 4 }).map((pairs) => `?${pairs.join('&')}`),
    );
    fc.assert(
      fc.property(query, (text) => {
        const read = parse(text);
        expect(read.seed >= 0 && read.seed <= MAX_SEED).toBe(true);
        expect(read.timeS >= 0 && read.timeS <= MAX_LINK_TIME_S).toBe(true);
        for (const parameter of checkout.parameters) {
          expect(clampValue(parameter, read.values[parameter.key]).message).toBe(null);
        }
      }),
      { numRuns: 10_000 },
    );
  });

  it('has no parameter under a reserved key', () => {
    const reserved: readonly string[] = RESERVED_KEYS;
    expect(checkout.parameters.filter((each) => reserved.includes(each.key))).toEqual([]);
  });
});
