import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, copyPlain, pageListsOf, sharedBytes, writePlain } from './plainState.ts';

/** The bits of every typed array in a state, and its other fields as they are. */
function bitsOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value;
    return `${value.constructor.name} ${Buffer.from(buffer, byteOffset, byteLength).toString('hex')}`;
  }
  if (Array.isArray(value)) return value.map(bitsOf);
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, bitsOf(field)]));
}

class Counter {
  count = 0;
  next(): number {
    return ++this.count;
  }
}

const strange = [NaN, -0, 0, Infinity, -Infinity, 2 ** -1074, 1 / 3, -1];
const whole = [0, 1, -1, 65_535, 65_536, 2 ** 31 - 1, -(2 ** 31)];

/** Long enough for several pages; sometimes all the same, sometimes close together, sometimes not. */
const anyArray = fc
  .record({
    kind: fc.constantFrom(
      Float64Array,
      Float32Array,
      Int32Array,
      Int16Array,
      Uint32Array,
      Uint8Array,
    ),
    length: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 900, max: 9001 })),
    base: fc.constantFrom(0, 7, -5, 1e6, -(2 ** 31)),
    spread: fc.constantFrom(0, 200, 60_000, 70_000),
    specials: fc.array(fc.tuple(fc.nat(9000), fc.constantFrom(...strange, ...whole)), {
      maxLength: 5,
    }),
  })
  .map(({ kind, length, base, spread, specials }) => {
    const array = new kind(length);
    for (let k = 0; k < length; k++) array[k] = base + ((k * 7919) % (spread + 1));
    for (const [at, value] of specials) if (at < length) array[at] = value;
    return array;
  });

describe('a copy of plain state', () => {
  it('written back gives the same bits, whatever happened in between', () => {
    fc.assert(
      fc.property(fc.array(anyArray, { maxLength: 3 }), anyArray, (list, array) => {
        const state = { list, array, deep: { counter: new Counter(), name: 'x', none: null } };
        const before = bitsOf(state);
        const copy = copyPlain(state) as object;
        state.array.fill(3);
        state.list.push(new Int32Array(2000).fill(9));
        state.deep.counter.next();
        writePlain(state, copy);
        expect(bitsOf(state)).toEqual(before);
        expect(state.deep.counter.next()).toBe(1);
      }),
      { numRuns: 200 },
    );
  });

  it('that shares pages with an earlier one gives the same bits too, and leaves the earlier alone', () => {
    const change = fc.tuple(fc.nat(9000), fc.constantFrom(...strange, ...whole));
    fc.assert(
      fc.property(anyArray, fc.array(change, { maxLength: 4 }), (array, changes) => {
        const first = bitsOf({ array });
        const earlier = copyPlain({ array }) as object;
        for (const [at, value] of changes) if (at < array.length) array[at] = value;
        const second = bitsOf({ array });
        const later = copyPlain({ array }, earlier) as object;
        const state = { array: new Uint8Array(3) };
        writePlain(state, later);
        expect(bitsOf(state)).toEqual(second);
        writePlain(state, earlier);
        expect(bitsOf(state)).toEqual(first);
      }),
      { numRuns: 300 },
    );
  });

  it('can be sent elsewhere', () => {
    const state = {
      rows: Int32Array.from({ length: 3000 }, (_, k) => k),
      times: new Float64Array(9),
    };
    const copy = structuredClone(copyPlain(state)) as object;
    const other = { rows: new Int32Array(3000), times: new Float64Array(9) };
    writePlain(other, copy);
    expect(bitsOf(other)).toEqual(bitsOf(state));
  });

  it('keeps the arrays that others hold, and their objects', () => {
    const rows = new Int32Array(3000).fill(5);
    const state = { table: { rows } };
    const { table } = state;
    const copy = copyPlain(state) as object;
    rows.fill(6);
    writePlain(state, copy);
    expect(state.table).toBe(table);
    expect(state.table.rows).toBe(rows);
    expect(rows[2999]).toBe(5);
  });

  it('takes an array of another length as it was', () => {
    const state = { rows: new Float64Array(64).fill(2) };
    const copy = copyPlain(state) as object;
    state.rows = new Float64Array(128);
    writePlain(state, copy);
    expect(state.rows).toEqual(new Float64Array(64).fill(2));
  });
});

describe('pages', () => {
  const lists = (copy: unknown) => pageListsOf(copy);

  it('that did not change are shared with the earlier copy', () => {
    const state = { rows: Int32Array.from({ length: 100_000 }, (_, k) => 1e6 * k), used: 5 };
    const earlier = copyPlain(state);
    state.rows[50_000]++;
    state.used++;
    const later = copyPlain(state, earlier);
    expect(bytesOf(later)).toBe(400_000 + 8);
    expect(400_000 - sharedBytes(lists(earlier), lists(later))).toBe(4096);
    expect(sharedBytes(lists(earlier), lists(copyPlain(state)))).toBe(0);
  });

  it('of room that nothing has used take no memory, also after the table has grown', () => {
    const state = { rows: new Float64Array(1 << 17), used: 0 };
    expect(bytesOf(copyPlain(state))).toBe(4096 + 8);
    for (let k = 0; k < 1000; k++) state.rows[k] = k + 0.5;
    const earlier = copyPlain(state);
    const bigger = new Float64Array(1 << 18);
    bigger.set(state.rows);
    state.rows = bigger;
    const later = copyPlain(state, earlier);
    expect(bytesOf(later) - sharedBytes(lists(earlier), lists(later))).toBeLessThanOrEqual(
      4096 + 8,
    );
  });

  it('of whole numbers close together take half the room', () => {
    const state = { next: Int32Array.from({ length: 1 << 16 }, (_, k) => k + 1) };
    expect(bytesOf(copyPlain(state))).toBe(2 << 16);
  });
});
