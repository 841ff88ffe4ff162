import { expect, it } from 'vitest';
import { arrange } from './layout.ts';

it('has an arrangement for every window', () => {
  const layouts = [360, 599, 600, 899, 900, 1199, 1200, 1339, 1340, 1440].map(
    (width) => `${width} ${arrange(width, 900).layout}`,
  );
  expect(layouts).toEqual([
    '360 phone',
    '599 phone',
    '600 mid',
    '899 mid',
    '900 compact',
    '1199 compact',
    '1200 narrow',
    '1339 narrow',
    '1340 full',
    '1440 full',
  ]);
});

it('grows as a whole, and only while both directions allow it', () => {
  expect(arrange(1440, 900).scale).toBe(1);
  expect(arrange(1920, 1080).scale).toBeCloseTo(1.2, 6);
  expect(arrange(1920, 1200).scale).toBeCloseTo(4 / 3, 6);
  expect(arrange(3840, 2160).scale).toBeCloseTo(4 / 3, 6);
  expect(arrange(1400, 700).scale).toBe(1);
});
