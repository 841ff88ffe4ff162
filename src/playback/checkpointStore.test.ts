import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, copyPlain } from '../sim/kernel/plainState.ts';
import { CheckpointStore, type StoredCheckpoint } from './checkpointStore.ts';

const MB = 2 ** 20;

function checkpoint(timeS: number, bytes: number): StoredCheckpoint {
  const lane = { timeS, bytes: bytes / 2, state: {} };
  return { timeS, inputCount: 0, lanes: { sync: lane, async: lane } };
}

/** A store after a run of so long that stored whenever it was due. */
function afterRun(untilS: number, bytes: number, limitBytes?: number): CheckpointStore {
  const store = new CheckpointStore(limitBytes);
  store.add(checkpoint(0, bytes), 0);
  for (let dueS = 0; dueS <= untilS;) {
    if (dueS > 0) store.add(checkpoint(dueS, bytes), dueS);
    dueS += store.intervalS(dueS, dueS);
  }
  return store;
}

describe('checkpoints', () => {
  it('are found at or before a moment', () => {
    const store = afterRun(10, 1000);
    expect(store.before(0).timeS).toBe(0);
    expect(store.before(3).timeS).toBe(3);
    expect(store.before(3.99).timeS).toBe(3);
    expect(store.before(99).timeS).toBe(10);
  });

  it('never take more memory than they may, and the first and last stay', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 20, noNaN: true }),
        fc.integer({ min: 1, max: 2000 }),
        (megabytes, untilS) => {
          const store = afterRun(untilS, megabytes * MB);
          expect(store.bytes).toBeLessThanOrEqual(64 * MB);
          expect(store.before(0).timeS).toBe(0);
          // A last minute of 20 MB leaves 3 s between checkpoints for each megabyte of one.
          expect(untilS - store.before(untilS).timeS).toBeLessThanOrEqual(
            Math.max(1, 3 * megabytes + 1),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('stand close in the last minute and thin out with age', () => {
    const store = afterRun(1200, 0.6 * MB);
    const gapBefore = (timeS: number): number => {
      const later = store.before(timeS).timeS;
      return later - store.before(later - 0.001).timeS;
    };
    for (let age = 2; age < 55; age++) expect(gapBefore(1200 - age)).toBeLessThanOrEqual(4);
    expect(gapBefore(300)).toBeGreaterThan(gapBefore(1190));
    expect(gapBefore(300)).toBeLessThan(300);
  });

  it('after a moment are forgotten by a fork', () => {
    const store = afterRun(10, 1000);
    store.dropAfter(4.5);
    expect(store.before(99).timeS).toBe(4);
    expect(store.count).toBe(5);
    expect(store.bytes).toBe(5000);
  });

  it('count once what they have in common, in whatever order they come and go', () => {
    const store = new CheckpointStore();
    const queue = Int32Array.from({ length: MB / 4 }, (_, k) => 70_000 * k);
    let state: unknown;
    const at = (timeS: number): StoredCheckpoint => {
      // One page of 4 kB is another one each time.
      queue[1024 * timeS] = -1;
      state = copyPlain({ queue }, state);
      const lane = { timeS, bytes: bytesOf(state), state: state as object };
      return { timeS, inputCount: 0, lanes: { sync: lane, async: { timeS, bytes: 0, state: {} } } };
    };
    const [zero, one, two, three] = [at(0), at(1), at(2), at(3)] as const;
    for (const each of [zero, one, three]) store.add(each, 3);
    expect(store.bytes).toBe(MB + 3 * 4096);
    store.add(two, 3);
    expect(store.bytes).toBe(MB + 3 * 4096);
    store.dropAfter(1);
    expect(store.bytes).toBe(MB + 4096);
    store.dropAfter(0);
    expect(store.bytes).toBe(MB);
  });

  it('of a large queue that changes little stay many', () => {
    const store = new CheckpointStore();
    const queue = Float64Array.from({ length: 4 * MB }, (_, k) => k / 3);
    let state: unknown;
    for (let timeS = 0; timeS < 100; timeS += 10) {
      queue.fill(-timeS, 4096 * timeS, 4096 * timeS + 1000);
      state = copyPlain({ queue }, state);
      const lane = { timeS, bytes: bytesOf(state), state: state as object };
      store.add(
        { timeS, inputCount: 0, lanes: { sync: lane, async: { timeS, bytes: 0, state: {} } } },
        timeS,
      );
    }
    expect(store.count).toBe(10);
    expect(store.bytes).toBeLessThan(33 * MB);
    expect(store.intervalS(100, 100)).toBeLessThanOrEqual(11);
  });
});
