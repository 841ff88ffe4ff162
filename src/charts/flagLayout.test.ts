import { expect, it } from 'vitest';
import fc from 'fast-check';
import { layoutFlags, PENNANT_WIDTH, type FlagSpace } from './flagLayout.ts';

/** Ten pixels a letter. */
const space: FlagSpace = { left: 0, right: 600, measure: (text) => text.length * 10, padding: 14 };

it('shows flags in full where there is room', () => {
  const placed = layoutFlags(
    [
      { x: 100, text: 'load 12 → 30' },
      { x: 300, text: 'slow email' },
    ],
    space,
  );
  expect(placed.map((flag) => [flag.x, flag.label, flag.left])).toEqual([
    [100, 'load 12 → 30', false],
    [300, 'slow email', false],
  ]);
});

it('shortens the older of two neighbours, then leaves it a pennant', () => {
  const two = (x: number) =>
    layoutFlags(
      [
        { x: 100, text: 'load 12 → 30' },
        { x, text: 'slow email' },
      ],
      space,
    ).map((flag) => flag.label);
  expect(two(200)).toEqual(['load 12…', 'slow email']);
  expect(two(130)).toEqual([null, 'slow email']);
});

it('merges what stands on the same spot under the newest, or under a count', () => {
  const placed = (next: number) =>
    layoutFlags(
      [
        { x: 100, text: 'load 12 → 30' },
        { x: 103, text: 'slow email' },
        { x: next, text: 'kill a worker' },
      ],
      space,
    )[0];
  expect(placed(400)).toMatchObject({
    label: 'slow email +1',
    texts: ['load 12 → 30', 'slow email'],
  });
  expect(placed(220)?.label).toBe('2 changes');
  expect(placed(120)?.label).toBeNull();
});

it('hangs pennants from their own poles, however dense', () => {
  const flags = [20, 34, 48, 62].map((x) => ({ x, text: 'spike' }));
  const placed = layoutFlags(flags, { ...space, measure: () => Infinity });
  expect(placed.map((flag) => [flag.x, flag.left])).toEqual(flags.map(({ x }) => [x, false]));
});

it('hangs the last flag to the left at the right end', () => {
  const [flag] = layoutFlags([{ x: 590, text: 'slow email' }], space);
  expect(flag).toMatchObject({ left: true, label: 'slow email', width: 114 });
});

it('never overlaps, never leaves the chart and never forgets a flag', () => {
  const flags = fc.array(
    fc.record({
      x: fc.double({ min: 0, max: 600, noNaN: true }),
      text: fc.string({ minLength: 1, maxLength: 30 }),
    }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(flags, (unsorted) => {
      const sorted = [...unsorted].sort((a, b) => a.x - b.x);
      const placed = layoutFlags(sorted, space);
      expect(placed.flatMap((flag) => flag.texts)).toEqual(sorted.map((flag) => flag.text));
      let occupied = -PENNANT_WIDTH;
      for (const flag of placed) {
        const start = flag.left ? flag.x - flag.width : flag.x;
        const end = start + flag.width;
        expect(start).toBeGreaterThanOrEqual(occupied);
        expect(end).toBeLessThanOrEqual(space.right);
        occupied = end;
      }
    }),
  );
});
