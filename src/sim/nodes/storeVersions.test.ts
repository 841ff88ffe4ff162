import { expect, it } from 'vitest';
import { Dice } from '../testing/dice.ts';
import { StoreVersions } from './storeVersions.ts';

/** The same, remembering every write for ever. */
class EveryWrite {
  readonly replicas: number;
  private readonly writes: { slot: number; writtenS: number; visibleS: number[] }[] = [];

  constructor(replicas: number) {
    this.replicas = replicas;
  }

  clear(slot: number): void {
    for (const write of this.writes) if (write.slot === slot) write.slot = -1;
  }

  write(slot: number, writtenS: number, visibleS: Float64Array): void {
    this.writes.push({ slot, writtenS, visibleS: [...visibleS] });
  }

  missed(slot: number, replica: number, nowS: number) {
    const own = this.writes.filter((write) => write.slot === slot);
    const hidden = own.filter(({ visibleS }) => visibleS[replica] > nowS);
    return {
      missedS: hidden[0]?.writtenS ?? -1,
      version: own.length - hidden.length,
      showsAllS: hidden.at(-1)?.visibleS[replica] ?? -Infinity,
    };
  }
}

it('knows what a memory of every write knows, whatever is written, read and used anew', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const dice = new Dice(seed);
    const replicas = 1 + dice.below(4);
    const versions = new StoreVersions(replicas, 2);
    const every = new EveryWrite(replicas);
    const lastS = new Float64Array(replicas);
    let nowS = 0;
    for (let k = 0; k < 300; k++) {
      nowS += dice.below(3);
      const slot = dice.below(5);
      versions.reach(slot);
      if (dice.chance(0.05)) {
        versions.clear(slot);
        every.clear(slot);
      } else if (dice.chance(0.5)) {
        const visibleS = lastS.map((last) => Math.max(last, nowS + dice.below(20) - 4));
        lastS.set(visibleS);
        versions.write(slot, nowS, visibleS);
        every.write(slot, nowS, visibleS);
      } else {
        const replica = dice.below(replicas);
        const expected = every.missed(slot, replica, nowS);
        const row = versions.missedBy(slot, replica, nowS);
        const { writtenS, version } = versions.writes;
        expect(row < 0 ? -1 : writtenS[row], `seed ${seed}`).toBe(expected.missedS);
        expect(row < 0 ? versions.written[slot] : version[row] - 1).toBe(expected.version);
        expect(versions.showsAllS(slot, replica, nowS)).toBe(expected.showsAllS);
      }
    }
    for (let slot = 0; slot < 5; slot++) {
      versions.reach(slot);
      versions.clear(slot);
    }
    expect(versions.writes.live).toBe(0);
  }
});

it('tells a read that is shown less than an earlier one', () => {
  const versions = new StoreVersions(1);
  expect([2, 2, 1, 3, 2].map((version) => versions.show(0, version))).toEqual([
    false,
    false,
    true,
    false,
    true,
  ]);
});
