import { describe, expect, it } from 'vitest';
import { checkout } from '../scenarios/checkout.ts';
import { Simulation } from '../sim/kernel/simulation.ts';
import { CellState, type LaneView, type PoolView } from '../sim/view.ts';
import type { LaneGeometry } from './geometry.ts';
import { tetherAt } from './hitTest.ts';
import { layoutLane } from './laneLayout.ts';
import { readStructure, readTopology } from './laneStructure.ts';
import { routeTethers, TetherBuffer, TetherEnd } from './tetherRouting.ts';
import type { Variant } from './variant.ts';

/** The slow-email case at 60 s: everything parked, cells and slots of Email all taken. */
function slowEmail(variant: Variant): { geometry: LaneGeometry; view: LaneView } {
  const flow = checkout.lanes.sync;
  const simulation = new Simulation(flow, { seed: 7, observe: 'live' });
  simulation.apply({ do: 'set', path: 'users.ratePerS', value: 30 });
  simulation.apply({ do: 'set', path: 'email.workMs', value: 4000 });
  simulation.advance(60);
  const view = simulation.createView();
  simulation.readView(view);
  const structure = readStructure(readTopology(flow), view, () => 'wait', null);
  return { geometry: layoutLane(structure, variant), view };
}

describe('strands', () => {
  it('tie every parked thread to the cell or slot it waits for', () => {
    const { geometry, view } = slowEmail('full');
    const buffer = new TetherBuffer();
    routeTethers(geometry, view, buffer);
    const api = view.nodes[1] as PoolView;
    const parked = [...api.state.subarray(0, api.cellCount)].filter((s) => s === CellState.Parked);
    expect(parked.length).toBeGreaterThan(15);
    expect(buffer.count).toBe(parked.length);
    const email = geometry.rooms.find((room) => room.id === 'email')!;
    const corridor = geometry.corridors.find((c) => c.id === 'email')!;
    let slots = 0;
    for (let k = 0; k < buffer.count; k++) {
      if (buffer.target[k] !== email.node) continue;
      if (buffer.end[k] === TetherEnd.Cell) {
        const x = buffer.endX[k] - email.cellSize / 2;
        expect([...email.cellX]).toContain(x);
      } else {
        expect(buffer.end[k]).toBe(TetherEnd.Slot);
        expect([...corridor.slotX]).toContain(buffer.endX[k]);
        slots++;
      }
    }
    expect(slots).toBe((view.nodes[3] as PoolView).queueLength);
  });

  it('keep to the aisles and pass through the door in order, without sharing a track', () => {
    for (const variant of ['full', 'mid', 'narrow'] as const) {
      const { geometry, view } = slowEmail(variant);
      const buffer = new TetherBuffer();
      routeTethers(geometry, view, buffer);
      const arrivals = new Map<number, number[]>();
      const tracks = new Set<string>();
      for (let k = 0; k < buffer.count; k++) {
        const aisle = geometry.entry.aisleY[buffer.bay[k]];
        expect(Math.abs(buffer.trackY[k] - aisle)).toBeLessThan(geometry.entry.aisle / 2);
        tracks.add(buffer.trackY[k].toFixed(4));
        const list = arrivals.get(buffer.target[k]) ?? [];
        list.push(buffer.arriveY[k]);
        arrivals.set(buffer.target[k], list);
      }
      expect(tracks.size).toBe(buffer.count);
      for (const list of arrivals.values()) expect(new Set(list).size).toBe(list.length);
    }
  });

  it('can be pointed at anywhere along their way, and not beside it', () => {
    const { geometry, view } = slowEmail('full');
    const buffer = new TetherBuffer();
    routeTethers(geometry, view, buffer);
    for (let k = 0; k < buffer.count; k++) {
      const request = buffer.request[k];
      expect(tetherAt(buffer, (buffer.startX[k] + buffer.leaveX[k]) / 2, buffer.trackY[k])).toBe(
        request,
      );
      expect(tetherAt(buffer, buffer.arriveX[k], buffer.arriveY[k])).toBe(request);
    }
    expect(tetherAt(buffer, geometry.width / 2, geometry.height - 1)).toBeNull();
    expect(tetherAt(buffer, geometry.entry.box.x - 20, geometry.entry.aisleY[0])).toBeNull();
  });
});
