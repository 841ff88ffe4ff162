import { describe, expect, it } from 'vitest';
import { Crowding } from './crowding.ts';

describe('crowding', () => {
  it('holds on for three seconds after the last report, for everybody who asks', () => {
    const crowding = new Crowding();
    expect(crowding.isCrowded(0, 1)).toBe(false);
    crowding.report(100);
    crowding.report(600);
    expect(crowding.isCrowded(3599, 1)).toBe(true);
    expect(crowding.isCrowded(3600, 1)).toBe(false);
  });

  it('takes speeds too fast to follow as crowded', () => {
    expect([0.1, 1, 3, 10].map((speed) => new Crowding().isCrowded(0, speed))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });
});
