import { describe, expect, it } from 'vitest';
import type { Job } from './job.ts';
import { JobLine, JobLines } from './jobLine.ts';
import { JobTable } from './jobs.ts';
import { copyPlain, writePlain } from './plainState.ts';

function someJobs(count: number): { jobs: JobTable; rows: readonly Job[] } {
  const jobs = new JobTable();
  return {
    jobs,
    rows: Array.from({ length: count }, () => jobs.create(0, 0, -1, 0, 1, { clockS: 0 })),
  };
}

function drain(jobs: JobTable, lines: JobLines, line: number): number[] {
  const order: number[] = [];
  while (lines.head[line] >= 0) order.push(lines.shift(jobs, line).index);
  return order;
}

describe('lines of jobs', () => {
  it('give back first who came first, also after they were empty', () => {
    const { jobs, rows } = someJobs(3);
    const line = new JobLine();
    line.push(jobs, rows[2]);
    line.push(jobs, rows[0]);
    expect(line.shift(jobs)).toBe(rows[2]);
    expect(line.shift(jobs)).toBe(rows[0]);
    expect(line).toEqual({ head: -1, tail: -1 });
    line.push(jobs, rows[1]);
    expect(line.shift(jobs)).toBe(rows[1]);
  });

  it('lose one at either end or in the middle and stay in order', () => {
    for (const gone of [0, 1, 2]) {
      const { jobs, rows } = someJobs(4);
      const lines = new JobLines(1);
      for (const row of rows.slice(0, 3)) lines.push(jobs, 0, row);
      lines.remove(jobs, 0, rows[gone]);
      lines.push(jobs, 0, rows[3]);
      expect(drain(jobs, lines, 0)).toEqual([0, 1, 2, 3].filter((index) => index !== gone));
      expect(lines.tail[0]).toBe(-1);
    }
  });

  it('are apart, grow empty, and come back from a copy', () => {
    const { jobs, rows } = someJobs(3);
    const lines = new JobLines(1);
    lines.push(jobs, 0, rows[0]);
    lines.grow(2);
    lines.push(jobs, 1, rows[1]);
    lines.push(jobs, 1, rows[2]);
    const copy = copyPlain(lines) as object;
    const first = lines.clear(1);
    expect([first, rows[first].next, rows[2].next]).toEqual([1, 2, -1]);
    expect([...lines.head]).toEqual([0, -1]);
    writePlain(lines, copy);
    expect(drain(jobs, lines, 1)).toEqual([1, 2]);
    expect(drain(jobs, lines, 0)).toEqual([0]);
  });
});
