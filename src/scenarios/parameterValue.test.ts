import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkout } from './checkout.ts';
import {
  clampValue,
  defaultValues,
  findParameter,
  formatValue,
  groupDigits,
  largestValue,
  parseValue,
  toEngineValue,
  valueToText,
} from './parameterValue.ts';
import type { Parameter } from './scenario.ts';

function parameter(key: string): Parameter {
  const found = findParameter(checkout, key);
  if (!found) throw new Error(`no parameter ${key}`);
  return found;
}

describe('reading a value', () => {
  it.each([
    ['load', '30', 30],
    ['load', ' 2,000 ', 2000],
    ['load', '30 req/s', 30],
    ['email.latency', '4 s', 4000],
    ['email.latency', '4,000 ms', 4000],
    ['email.failure', '2.6', 2.6],
    ['email.latency', '1.234 s', 1234],
    ['email.failure', '5 %', 5],
    ['patience', 'none', null],
    ['patience', 'No limit', null],
    ['patience', '0.3', 0.3],
    ['queue.overflow', 'rejectPublish', 'rejectPublish'],
  ])('%s: %s is %s, silently', (key, text, value) => {
    expect(parseValue(parameter(key), text)).toEqual({ value, message: null });
  });

  it('clamps to what the number field takes, and says so', () => {
    expect(parseValue(parameter('load'), '5000')).toEqual({
      value: 2000,
      message: 'Load: 1 to 2,000 req/s; set to 2,000 req/s',
    });
    expect(parseValue(parameter('load'), '-3')).toEqual({
      value: 1,
      message: 'Load: 1 to 2,000 req/s; set to 1 req/s',
    });
    expect(parseValue(parameter('load'), '1e99').value).toBe(2000);
  });

  it.each([
    ['api.threads', '0', 'API threads: 1 to 1,000; set to 1'],
    ['email.latency', '60 s', 'Latency of Email: 10 ms to 10.0 s; set to 10.0 s'],
    ['queue.limit', '0', 'Queue limit: 1 to 100,000 messages; set to 1 message'],
    ['email.failure', '101', 'Failure rate of Email: 0 to 100 %; set to 100 %'],
    ['variability', '2', 'Service-time variability: 0 to 1; set to 1'],
    ['load', '12.34567', 'Load: whole numbers; set to 12 req/s'],
    ['api.threads', '3.7', 'API threads: whole numbers; set to 4 threads'],
    ['email.failure', '2.57', 'Failure rate of Email: steps of 0.1 %; set to 2.6 %'],
    ['load', '', 'Load takes a number; kept at 12 req/s'],
  ])('%s “%s”: %s', (key, text, message) => {
    expect(parseValue(parameter(key), text).message).toBe(message);
  });

  it('falls back on nonsense, and says so', () => {
    expect(parseValue(parameter('load'), 'lots', 30)).toEqual({
      value: 30,
      message: 'Load takes a number, not “lots”; kept at 30 req/s',
    });
    expect(parseValue(parameter('load'), '').value).toBe(12);
    expect(parseValue(parameter('load'), 'none').value).toBe(12);
    expect(parseValue(parameter('sync.email'), 'maybe')).toEqual({
      value: 'wait',
      message: 'Email, upper lane is one of wait, queue, not “maybe”; kept at wait',
    });
  });

  it('makes any value fit', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...checkout.parameters),
        fc.oneof(fc.double(), fc.string(), fc.constant(null), fc.constant(undefined)),
        (candidate, given) => {
          const { value } = clampValue(candidate, given);
          if (candidate.kind === 'choice') {
            expect(candidate.options.map((option) => option.value)).toContain(value);
          } else if (value !== null) {
            expect(value).toBeGreaterThanOrEqual(candidate.min);
            expect(value).toBeLessThanOrEqual(largestValue(candidate));
          } else {
            expect(candidate.unlimited).toBeDefined();
          }
          expect(clampValue(candidate, value)).toEqual({ value, message: null });
          expect(parseValue(candidate, valueToText(value))).toEqual({ value, message: null });
          expect(parseValue(candidate, formatValue(candidate, value))).toEqual({
            value,
            message: null,
          });
        },
      ),
    );
  });
});

describe('printing a value', () => {
  it.each([
    ['load', 2000, '2,000 req/s'],
    ['email.latency', 200, '200 ms'],
    ['email.latency', 4000, '4.0 s'],
    ['email.latency', 1234, '1.234 s'],
    ['patience', null, 'no limit'],
    ['variability', 0.35, '0.35'],
    ['email.threads', 1, '1 thread'],
    ['queue.overflow', 'dropOldest', 'drop the oldest'],
  ])('%s %s is "%s"', (key, value, text) => {
    expect(formatValue(parameter(key), value)).toBe(text);
  });

  it('groups digits by three', () => {
    expect([0, 999, 1000, 1234567, 1234.5].map(groupDigits)).toEqual([
      '0',
      '999',
      '1,000',
      '1,234,567',
      '1,234.5',
    ]);
  });
});

it('translates per cent to a share for the engine, and leaves the rest', () => {
  expect(toEngineValue(parameter('email.failure'), 5)).toBeCloseTo(0.05);
  expect(toEngineValue(parameter('patience'), null)).toBe(null);
  expect(toEngineValue(parameter('email.latency'), 4000)).toBe(4000);
});

it('finds every default in range', () => {
  const values = defaultValues(checkout);
  for (const candidate of checkout.parameters) {
    expect(clampValue(candidate, values[candidate.key]).message).toBe(null);
  }
});
