import { describe, expect, it } from 'vitest';
import { durationParts, formatCount, formatDuration, formatRate } from './format.ts';

describe('formatCount', () => {
  it('groups thousands', () => {
    expect([0, 999, 1000, 12_345, 1_234_567].map(formatCount)).toEqual([
      '0',
      '999',
      '1,000',
      '12,345',
      '1,234,567',
    ]);
  });

  it('rounds, and never writes a negative nought', () => {
    expect([999.5, -0.2, -1200].map(formatCount)).toEqual(['1,000', '0', '−1,200']);
  });
});

describe('formatDuration', () => {
  it('changes unit at a second and loses its decimal at a hundred', () => {
    expect([0, 0.005, 0.53, 0.9994, 1, 4, 14.66, 99.94, 99.96, 1200].map(formatDuration)).toEqual([
      '0 ms',
      '5 ms',
      '530 ms',
      '999 ms',
      '1.0 s',
      '4.0 s',
      '14.7 s',
      '99.9 s',
      '100 s',
      '1,200 s',
    ]);
  });

  it('never rounds up to 1000 ms and never shows something as nothing', () => {
    expect(formatDuration(0.9996)).toBe('1.0 s');
    expect(formatDuration(0.0001)).toBe('<1 ms');
  });

  it('says when a duration is not known', () => {
    expect(formatDuration(null)).toBe('–');
    expect(formatDuration(NaN)).toBe('–');
    expect(durationParts(null)).toEqual({ value: '–', unit: '' });
  });
});

describe('formatRate', () => {
  it('has one decimal under a hundred', () => {
    expect([0, 3, 26.64, 99.94, 99.96, 1234.5].map(formatRate)).toEqual([
      '0',
      '3.0',
      '26.6',
      '99.9',
      '100',
      '1,235',
    ]);
    expect(formatRate(null)).toBe('–');
  });
});
