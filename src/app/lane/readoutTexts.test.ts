import { describe, expect, it } from 'vitest';
import type { LaneReadouts, LaneTotals } from '../../sim/metrics/readouts.ts';
import { readoutTexts } from './readoutTexts.ts';

const totals: LaneTotals = {
  submitted: 500,
  served: 480,
  declined: 0,
  rejected: 0,
  timedOut: 0,
  failed: 0,
  open: 20,
  chargedButFailed: 0,
  confirmedThenDeclined: 0,
  confirmedButRefused: 0,
  dropped: 0,
  deadLettered: 0,
  redeliveries: 0,
  owed: 0,
};
const healthy: LaneReadouts = {
  timeS: 48,
  firstTriesPerS: 10.4,
  servedPerS: 10.4,
  declinedPerS: 0,
  rejectedPerS: 0,
  timedOutPerS: 0,
  failedPerS: 0,
  completedPerS: 10.4,
  wastedShare: 0,
  response: { count: 208, p50S: 0.53, p99S: 0.861, p99IsMax: false },
  acceptQueueWaitS: 0,
  delivered: { emailQueue: { count: 200, p50S: 0.533, p99S: 0.9, p99IsMax: false } },
  deliveredPerS: { emailQueue: 10 },
  publishedPerS: { emailQueue: 10 },
  lostPerS: { emailQueue: 0 },
  totals,
};
const sync = { payment: 'wait', email: 'wait' } as const;
const async = { payment: 'wait', email: 'queue' } as const;

describe('readout texts', () => {
  it('says what users of a healthy lane felt', () => {
    const texts = readoutTexts(healthy, sync);
    expect(texts.p50).toMatchObject({ value: '530', unit: 'ms', label: 'users wait · p50' });
    expect(texts.p99).toMatchObject({ value: '861', unit: 'ms', label: 'p99 of 208' });
    expect(texts.served).toMatchObject({ value: '10.4', unit: 'of 10.4 /s' });
    expect(texts.p50.help).toContain('208');
    expect(texts.delivered.isShown).toBe(false);
    expect(texts.owed.isShown).toBe(false);
    expect(texts.declined.isShown).toBe(false);
  });

  it('does not call a maximum a percentile, nor show anything under five', () => {
    const few = { ...healthy, response: { count: 42, p50S: 0.5, p99S: 0.7, p99IsMax: true } };
    expect(readoutTexts(few, sync).p99.label).toBe('max of 42');
    const none = { ...healthy, response: { count: 4, p50S: null, p99S: null, p99IsMax: true } };
    const texts = readoutTexts({ ...none, rejectedPerS: 3 }, sync);
    expect(texts.p50).toMatchObject({ value: '–', unit: '', tone: 'unknown' });
    expect(texts.p99).toMatchObject({ value: '–', label: 'p99', tone: 'unknown' });
  });

  it('says whom the percentiles leave out', () => {
    const full = { ...healthy, rejectedPerS: 24.4, response: { ...healthy.response, p50S: 14.7 } };
    const texts = readoutTexts(full, sync);
    expect(texts.p50.label).toBe('users let in wait · p50');
    expect(texts.p50.tone).toBe('fail');
    expect(texts.rejected).toMatchObject({ value: '24.4', tone: 'fail' });
  });

  it('keeps showing a debt after the switch is back on wait', () => {
    const owing = { ...healthy, totals: { ...totals, owed: 639 } };
    expect(readoutTexts(owing, async).owed).toMatchObject({ value: '639', tone: 'wait' });
    expect(readoutTexts(owing, sync).owed.isShown).toBe(true);
  });

  it('counts what was promised and not kept', () => {
    const broken = { ...healthy, totals: { ...totals, confirmedThenDeclined: 3 } };
    const texts = readoutTexts(broken, { payment: 'queue', email: 'queue' });
    expect(texts.confirmedThenDeclined).toMatchObject({ value: '3', isShown: true });
    expect(texts.confirmedButRefused.isShown).toBe(false);
  });
});
