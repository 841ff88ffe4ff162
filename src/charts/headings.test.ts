import { expect, it } from 'vitest';
import { Outcome } from '../sim/outcome.ts';
import { placeHeadings } from './headings.ts';
import type { BarPart, JourneyBar } from './journeyBar.ts';

function part(kind: BarPart['kind'], node: string, startS: number, endS: number): BarPart {
  return { kind, node, startS, endS, level: 1, first: true };
}

function bar(parts: readonly BarPart[]): JourneyBar {
  const workEndS = parts.at(-1)?.endS ?? 0;
  return {
    request: 0,
    outcome: Outcome.Served,
    endS: workEndS,
    parts,
    workEndS,
    working: false,
    messages: [],
  };
}

/** 300 pixels a second, seven a letter. */
const space = { x: (s: number) => s * 300, measure: (t: string) => t.length * 7, right: 260 };
const nameOf = (kind: string, node: string) => (kind === 'acceptQueue' ? 'accept queue' : node);

it('stands over the mean start of each part', () => {
  const headings = placeHeadings(
    [
      bar([part('running', 'API', 0, 0.1), part('parked', 'Payment', 0.1, 0.4)]),
      bar([part('running', 'API', 0, 0.3), part('parked', 'Payment', 0.3, 0.6)]),
    ],
    nameOf,
    space,
  );
  expect(headings).toEqual([
    { text: 'API', x: 0 },
    { text: 'Payment', x: 60 },
  ]);
});

it('makes way a little for its neighbour', () => {
  const bars = [bar([part('running', 'API', 0, 0.05), part('parked', 'Payment', 0.05, 0.4)])];
  expect(placeHeadings(bars, nameOf, space)).toEqual([
    { text: 'API', x: 0 },
    { text: 'Payment', x: 29 },
  ]);
});

it('leaves out what is narrow, rare or would overlap a wider one', () => {
  const headings = placeHeadings(
    [
      bar([
        part('acceptQueue', 'api', 0, 0.6),
        part('running', 'API', 0.6, 0.61),
        part('parked', 'Payment', 0.61, 0.64),
        part('parked', 'Email', 0.64, 0.9),
      ]),
    ],
    nameOf,
    space,
  );
  expect(headings.map((h) => h.text)).toEqual(['accept queue', 'Email']);
});

it('never runs into what stands at the right', () => {
  expect(placeHeadings([bar([part('parked', 'Email', 0.8, 2)])], nameOf, space)).toEqual([]);
});
