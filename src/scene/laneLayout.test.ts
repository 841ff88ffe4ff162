import { describe, expect, it } from 'vitest';
import { checkout } from '../scenarios/checkout.ts';
import { LANE_IDS } from '../scenarios/scenario.ts';
import { labelBox, type Box } from './geometry.ts';
import { layoutLane } from './laneLayout.ts';
import { readTopology, type Access, type LaneStructure } from './laneStructure.ts';
import type { Variant } from './variant.ts';

const POOLS = [1, 2, 16, 20, 60, 200, 600];
const VARIANTS: Variant[] = ['full', 'mid', 'narrow'];
const ACCESS: Access[] = ['calls', 'queue', 'both'];
const LIMITS = [1, 10, 1000, 100_000, Infinity];

function structureOf(
  lane: 'sync' | 'async',
  access: readonly [Access, Access],
  threads: number,
  limit: number,
  shelf: boolean,
): LaneStructure {
  const topology = readTopology(checkout.lanes[lane]);
  return {
    entry: { service: topology.entry, label: 'API', threads, acceptQueue: limit },
    steps: topology.steps.map((step, i) => ({
      step: step.name,
      service: step.service,
      broker: step.broker,
      label: step.name,
      queueLabel: 'Queue',
      access: access[i],
      threads,
      slots: limit === Infinity ? 1000 : limit,
      limit,
      shelf,
    })),
  };
}

function overlap(a: Box, b: Box): boolean {
  const e = 0.5;
  return (
    a.x < b.x + b.width - e &&
    b.x < a.x + a.width - e &&
    a.y < b.y + b.height - e &&
    b.y < a.y + a.height - e
  );
}

describe('the stage', () => {
  for (const variant of VARIANTS) {
    for (const lane of LANE_IDS) {
      it(`${variant} ${lane}: nothing overlaps or leaves the stage`, () => {
        const bad = new Set<string>();
        for (const first of ACCESS) {
          for (const second of ACCESS) {
            for (const threads of POOLS) {
              for (const limit of LIMITS) {
                for (const shelf of [false, true]) {
                  const structure = structureOf(lane, [first, second], threads, limit, shelf);
                  const g = layoutLane(structure, variant);
                  const boxes: [string, Box][] = [
                    ...g.rooms.map((r): [string, Box] => [`room ${r.id}`, r.box]),
                    ...g.corridors.map((c): [string, Box] => [`corridor ${c.id}`, c.box]),
                    ...g.vessels.map((v): [string, Box] => [`vessel ${v.id}`, v.box]),
                    ...g.shelves.map((s): [string, Box] => [`shelf ${s.id}`, s.box]),
                    ...g.shelves
                      .filter((s) => !overlap(s.tray, s.box))
                      .map((s): [string, Box] => [`tray ${s.id}`, s.tray]),
                    ...g.labels
                      .filter((l) => !/^(limit|foldedName|shelf|tray)/.test(l.kind))
                      .map((l): [string, Box] => [`label ${l.key}`, labelBox(l)]),
                  ];
                  for (const [i, [name, a]] of boxes.entries()) {
                    const setting = `${first}+${second}`;
                    if (
                      a.x < -0.5 ||
                      a.y < -1 ||
                      a.x + a.width > g.width + 0.5 ||
                      a.y + a.height > g.height + 1.5
                    ) {
                      bad.add(`${name} leaves the stage (${setting})`);
                    }
                    for (const [other, b] of boxes.slice(i + 1)) {
                      if (overlap(a, b)) bad.add(`${name} on ${other} (${setting})`);
                    }
                  }
                }
              }
            }
          }
        }
        expect([...bad].slice(0, 200)).toEqual([]);
      });
    }
  }

  it('keeps every cell in its room and off the others', () => {
    for (const variant of VARIANTS) {
      for (const threads of POOLS) {
        const g = layoutLane(structureOf('sync', ['calls', 'calls'], threads, 24, false), variant);
        for (const room of g.rooms.filter((r) => !r.folded)) {
          expect(room.markCount * room.threadsPerMark).toBeGreaterThanOrEqual(threads);
          expect(room.markCount).toBeLessThanOrEqual(200);
          const seen = new Set<string>();
          for (let i = 0; i < room.markCount; i++) {
            const x = room.cellX[i];
            const y = room.cellY[i];
            expect(x).toBeGreaterThan(room.box.x);
            expect(y).toBeGreaterThan(room.box.y);
            expect(x + room.cellSize).toBeLessThan(room.box.x + room.box.width);
            expect(y + room.cellSize).toBeLessThan(room.box.y + room.box.height);
            seen.add(`${x},${y}`);
          }
          expect(seen.size).toBe(room.markCount);
        }
      }
    }
  });

  it('draws the design at its defaults: 20 cells of 26 in two bays, 24 slots in three rows', () => {
    const g = layoutLane(structureOf('sync', ['calls', 'calls'], 20, 24, false), 'full');
    expect([g.entry.cellSize, g.entry.columns, g.entry.bays]).toEqual([26, 5, 2]);
    expect(g.corridors[0].slotX.length).toBe(24);
    expect(g.corridors[0].rows).toBe(3);
  });
});
