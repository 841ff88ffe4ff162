import { expect, it } from 'vitest';
import { EventQueue } from './eventQueue.ts';
import { JobTable } from './jobs.ts';
import { RequestTable } from './requests.ts';

/** Gives every field but its place a value of its own: whole numbers where it has one, else fractions. */
function fill(row: object, salt: number): void {
  const fields = row as Record<string, number>;
  Object.keys(fields).forEach((key, k) => {
    if (key === 'index') return;
    fields[key] = Number.isInteger(fields[key]) ? 100 * salt + k : salt + k / 64;
  });
}

it('restores every field of every row, and forgets rows that were not used yet', () => {
  for (const table of [new JobTable(), new RequestTable()]) {
    table.allocate();
    table.allocate();
    table.rows.forEach(fill);
    const before = structuredClone(table.rows);
    const saved = table.save();
    table.allocate();
    table.rows.forEach((row, k) => fill(row, k + 7));
    table.restore(saved);
    expect(structuredClone(table.rows)).toEqual(before);
    expect([table.used, table.live]).toEqual([2, 2]);
  }
});

it('restores pending events with all that they carry', () => {
  const events = new EventQueue();
  const timesS = [5, 1, 3, 1];
  timesS.forEach((timeS, k) => events.push(timeS, 16 + k, k, 100 + k));
  const saved = events.save();
  const drain = (): number[][] => {
    const seen: number[][] = [];
    while (events.nextTime() < Infinity) {
      const { target, slot, generation } = events.next();
      seen.push([events.nextTime(), target, slot, generation]);
      events.pop();
    }
    return seen;
  };
  const first = drain();
  for (let k = 0; k < 200; k++) events.push(k, 1, 1, 1);
  events.restore(saved);
  expect(drain()).toEqual(first);
  expect(first.map(([timeS, target]) => [timeS, target])).toEqual([
    [1, 17],
    [1, 19],
    [3, 18],
    [5, 16],
  ]);
});
