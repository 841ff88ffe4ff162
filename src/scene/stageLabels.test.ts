import { describe, expect, it } from 'vitest';
import { checkout } from '../scenarios/checkout.ts';
import { Simulation } from '../sim/kernel/simulation.ts';
import { layoutLane } from './laneLayout.ts';
import { readStructure, readTopology } from './laneStructure.ts';
import {
  formatCount,
  formatDuration,
  labelLines,
  lineWidth,
  type LabelContext,
} from './stageLabels.ts';
import type { Variant } from './variant.ts';

function contextAt(
  lane: 'sync' | 'async',
  variant: Variant,
  timeS: number,
  sets: Record<string, number | string>,
): LabelContext {
  const flow = checkout.lanes[lane];
  const simulation = new Simulation(flow, { seed: 7, observe: 'live' });
  for (const [path, value] of Object.entries(sets)) simulation.apply({ do: 'set', path, value });
  simulation.advance(timeS);
  const view = simulation.createView();
  simulation.readView(view);
  const mode = (step: string): 'wait' | 'queue' =>
    (sets[`api.mode.${step}`] ?? (lane === 'async' && step === 'email' ? 'queue' : 'wait')) as
      'wait' | 'queue';
  const structure = readStructure(readTopology(flow), view, mode, null);
  return {
    structure,
    geometry: layoutLane(structure, variant),
    view,
    readouts: simulation.readouts(),
    isChanged: (node, parameter) => node === 'email' && parameter === 'latency',
    requestsPerDot: 1,
    textScale: 1,
  };
}

function words(context: LabelContext): string[] {
  return context.geometry.labels
    .map((label) =>
      labelLines(label, context)
        .map((line) => line.map((r) => r.text).join(line[0]?.tone === 'name' ? ' ' : ''))
        .join(' / ')
        .replace(/ {2,}/g, ' '),
    )
    .filter((text) => text !== '');
}

const SLOW = { 'users.ratePerS': 30, 'email.workMs': 4000 };

describe('the words on the stage', () => {
  it('name the cause and the victims', () => {
    const text = words(contextAt('sync', 'full', 60, SLOW));
    expect(text).toContain('API 20 of 20 parked');
    expect(text).toContain('Email 12 of 12 busy · 4.0 s each');
    expect(text).toContain('24 of 24 / in the accept queue');
    expect(text.some((t) => /^2\d per second \/ rejected$/.test(t))).toBe(true);
  });

  it('note in the margin who is held and who holds them, only while it is so', () => {
    const slow = words(contextAt('sync', 'full', 60, SLOW));
    expect(slow).toContain('the victims: / held, doing nothing');
    expect(slow).toContain('the cause: busy, / 4 s on every email');
    const payment = words(
      contextAt('sync', 'full', 60, { 'users.ratePerS': 30, 'payment.workMs': 5000 }),
    );
    expect(payment).toContain('the cause: busy, 5 s on every payment');
    // The same cause holds nobody where messages wait in its place, and nobody is held at first.
    for (const calm of [
      contextAt('async', 'full', 60, SLOW),
      contextAt('sync', 'full', 60, {}),
      contextAt('sync', 'full', 0.5, SLOW),
      contextAt('sync', 'mid', 60, SLOW),
    ]) {
      expect(words(calm).filter((t) => /victims|cause/.test(t))).toEqual([]);
    }
  });

  it('say what backs off and what was given up, once something has failed', () => {
    const failing = { 'email.failureRate': 0.8 };
    const wide = contextAt('async', 'full', 40, failing);
    const broker = wide.view.nodes.find((node) => node.kind === 'broker' && node.backingOff > 0);
    if (broker?.kind !== 'broker') throw new Error('nothing backs off');
    expect(broker.deadLettered).toBeGreaterThan(0);
    for (const variant of ['full', 'mid', 'narrow'] as const) {
      const text = words(contextAt('async', variant, 40, failing));
      expect(text).toContain(`backing off ${broker.backingOff}`);
      expect(text.some((t) => t.startsWith('dead') && t.endsWith(` ${broker.deadLettered}`))).toBe(
        true,
      );
      expect(words(contextAt('async', variant, 40, {})).join()).not.toMatch(/backing|dead/);
    }
  });

  it('say how deep, how old and how large a queue is', () => {
    const text = words(contextAt('async', 'full', 24, SLOW));
    expect(text.some((t) => /^Queue \d{3} messages$/.test(t))).toBe(true);
    expect(text).toContain('limit / 1,000');
    expect(text.some((t) => /^oldest \/ \d+ s$/.test(t))).toBe(true);
    expect(text).toContain('Email workers 12 busy · 4.0 s');
  });

  it('fit their places in every variant and setting', () => {
    const settings: Record<string, number | string>[] = [
      {},
      SLOW,
      { ...SLOW, 'api.mode.payment': 'queue', 'payment.workMs': 9000 },
      { ...SLOW, 'api.threads': 600, 'payment.threads': 600, 'email.threads': 600 },
      {
        ...SLOW,
        'api.acceptQueue': 1000,
        'emailQueue.limit': 100_000,
        'api.mode.payment': 'queue',
      },
    ];
    for (const variant of ['full', 'mid', 'narrow'] as const) {
      for (const lane of ['sync', 'async'] as const) {
        for (const sets of settings) {
          const context = contextAt(lane, variant, 30, sets);
          for (const label of context.geometry.labels) {
            for (const line of labelLines(label, context)) {
              const text = `${variant} ${label.key}: ${line.map((r) => r.text).join('')}`;
              expect(lineWidth(line, label, context), text).toBeLessThanOrEqual(
                label.maxWidth + 0.5,
              );
            }
          }
        }
      }
    }
  });

  it('write numbers as the page does', () => {
    expect([formatCount(639), formatCount(1000), formatCount(1234567)]).toEqual([
      '639',
      '1,000',
      '1,234,567',
    ]);
    expect([300, 999.6, 4000, 9960].map(formatDuration)).toEqual([
      '300 ms',
      '1.0 s',
      '4.0 s',
      '10 s',
    ]);
  });
});
