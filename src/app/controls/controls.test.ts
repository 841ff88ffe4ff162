import { describe, expect, it } from 'vitest';
import { checkout } from '../../scenarios/checkout.ts';
import type { NumberParameter, ParameterValue } from '../../scenarios/scenario.ts';
import { answerCeilingPerS, debtCeilingPerS, programOf } from './ceilings.ts';
import { loadMarks, placeLabels } from './loadMarks.ts';
import { positionOf, tickText, valueAfterKey, valueAt } from './sliderScale.ts';

const parameters = checkout.parameters;
const numbers = parameters.filter((one) => one.kind === 'number');
const parameter = (key: string) => numbers.find((one) => one.key === key) as NumberParameter;
const defaults = (changes: Record<string, ParameterValue> = {}) => ({
  ...Object.fromEntries(parameters.map((one) => [one.key, one.defaultValue])),
  ...changes,
});

describe('slider', () => {
  it('goes from a value to its place and back', () => {
    for (const one of numbers) {
      for (const value of [one.min, one.defaultValue, one.max]) {
        const back = valueAt(one, positionOf(one, value));
        // A drag rounds to steps a hand can aim at.
        expect(Math.abs(back - value)).toBeLessThanOrEqual(Math.max(one.step, 0.006 * one.max));
      }
    }
  });

  it('keeps a value beyond its end at its end', () => {
    expect(positionOf(parameter('load'), 1500)).toBe(1);
  });

  it('moves at every arrow key until the end', () => {
    for (const one of numbers) {
      let value = one.min;
      for (let i = 0; i < 2000 && value < one.max; i++) {
        const next = valueAfterKey(one, value, 'up');
        expect(next, `${one.key} up from ${value}`).toBeGreaterThan(value);
        value = next;
      }
      for (let i = 0; i < 4000 && value > one.min; i++) {
        const next = valueAfterKey(one, value, 'down');
        expect(next, `${one.key} down from ${value}`).toBeLessThan(value);
        value = next;
      }
      expect(value).toBe(one.min);
    }
  });

  it('moves further with the page keys', () => {
    const load = parameter('load');
    expect(valueAfterKey(load, 12, 'pageUp')).toBe(20);
    expect(valueAfterKey(load, 12, 'pageDown')).toBe(7);
    expect(valueAfterKey(load, 1, 'pageUp')).toBeGreaterThan(1);
  });

  it('prints its ticks with a unit where it says something', () => {
    expect(tickText(parameter('email.latency'), 100, false)).toBe('100 ms');
    expect(tickText(parameter('email.latency'), 10_000, true)).toBe('10 s');
    expect(tickText(parameter('email.failure'), 100, true)).toBe('100 %');
    expect(tickText(parameter('load'), 200, true)).toBe('200');
  });
});

describe('ceilings', () => {
  const sync = programOf(defaults(), 'sync');
  const async = programOf(defaults(), 'async');

  it('has the healthy figures', () => {
    expect(answerCeilingPerS(defaults(), sync)).toBeCloseTo(20 / 0.55, 6);
    expect(answerCeilingPerS(defaults(), async)).toBeCloseTo(16 / 0.3, 6);
    expect(debtCeilingPerS(defaults(), async, 'email')).toBeCloseTo(60, 6);
    expect(debtCeilingPerS(defaults(), sync, 'email')).toBeNull();
  });

  it('has those of a slow email', () => {
    const slow = defaults({ 'email.latency': 4000 });
    expect(answerCeilingPerS(slow, sync)).toBeCloseTo(3, 6);
    expect(answerCeilingPerS(slow, async)).toBeCloseTo(16 / 0.3, 6);
    expect(debtCeilingPerS(slow, async, 'email')).toBeCloseTo(3, 6);
  });

  it('counts retries as work, and declined cards as none', () => {
    expect(debtCeilingPerS(defaults({ 'email.failure': 50 }), async, 'email')).toBeCloseTo(
      60 / 1.9375,
      6,
    );
    expect(debtCeilingPerS(defaults({ 'email.failure': 100 }), async, 'email')).toBeCloseTo(12, 6);
    expect(answerCeilingPerS(defaults({ 'payment.failure': 100 }), sync)).toBeCloseTo(16 / 0.3, 6);
  });

  it('names the programs, not the places', () => {
    expect(loadMarks(defaults(), parameter('load')).map((mark) => mark.labels[0])).toEqual([
      'sync fills at 36',
      'async fills at 53',
      'email debt at 60',
    ]);
    const same = loadMarks(defaults({ 'async.email': 'wait' }), parameter('load'));
    expect(same.map((mark) => mark.labels[0])).toEqual(['both fill at 36']);
  });

  it('points beyond the ends of the slider', () => {
    const fast = defaults({ 'api.threads': 1000, 'payment.latency': 10, 'email.latency': 30_000 });
    const marks = loadMarks(fast, parameter('load'));
    expect(marks.map(({ labels, isBeyond }) => [labels[0], isBeyond])).toEqual([
      ['← sync fills at 0.4', true],
      ['← email debt at 0.4', true],
      ['async fills at 1,600 →', true],
    ]);
    const wide = loadMarks(fast, { min: 0.1, max: 5000 });
    expect(wide.map(({ labels, isBeyond }) => [labels[0], isBeyond])).toEqual([
      ['sync fills at 0.4', false],
      ['email debt at 0.4', false],
      ['async fills at 1,600', false],
    ]);
  });
});

describe('mark labels', () => {
  it('never overlap and never leave the slider', () => {
    const measure = (text: string) => text.length * 6;
    for (let a = 0; a <= 270; a += 15) {
      for (let b = a; b <= 270; b += 15) {
        for (let c = b; c <= 270; c += 15) {
          const placed = placeLabels(
            [a, b, c],
            [
              ['sync fills at 36', 'sync fills at 36', 'sync 36'],
              ['async fills at 53', 'async at 53', 'async 53'],
              ['email debt at 60', 'email debt 60', 'email debt 60'],
            ],
            270,
            measure,
          );
          expect(placed.length).toBeGreaterThan(0);
          placed.forEach((label, i) => {
            expect(label.x).toBeGreaterThanOrEqual(0);
            expect(label.x + label.width).toBeLessThanOrEqual(270);
            const next = placed[i + 1];
            if (next) expect(next.x - label.x - label.width).toBeGreaterThanOrEqual(9.99);
          });
        }
      }
    }
  });
});
