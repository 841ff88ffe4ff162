/** A lane's numbers as texts: what each readout says, and in what tone. */
import { durationParts, formatCount, formatRate, UNKNOWN } from '../../scenarios/format.ts';
import {
  PERCENTILE_WINDOW_S,
  RATE_WINDOW_S,
  type LaneReadouts,
  type LatencyReadout,
} from '../../sim/metrics/readouts.ts';
import type { Program } from '../controls/ceilings.ts';

export type ReadoutId =
  | 'p50'
  | 'p99'
  | 'delivered'
  | 'served'
  | 'rejected'
  | 'timedOut'
  | 'failed'
  | 'declined'
  | 'owed'
  | 'lost'
  | 'deadLettered'
  | 'chargedButFailed'
  | 'confirmedThenDeclined'
  | 'confirmedButRefused';

/** `unknown`: too few samples. `quiet`: nothing to report. `wait` and `fail`: trouble. */
export type Tone = 'unknown' | 'quiet' | 'normal' | 'wait' | 'fail' | 'dead';

export interface ReadoutText {
  readonly value: string;
  readonly unit: string;
  readonly label: string;
  /** The label where there is little room; absent: the same. */
  readonly shortLabel?: string;
  /** The label where many counts share little room; absent: the short one. */
  readonly crowdedLabel?: string;
  readonly tone: Tone;
  /** Whom the number covers, for a tooltip. */
  readonly help: string;
  readonly isShown: boolean;
}

/** A delivery that takes this many times as long as the answer is a debt, not a delay. */
const LATE_FACTOR = 8;

function latency(readout: LatencyReadout, which: 'p50S' | 'p99S', what: string, tone: Tone) {
  const { value, unit } = durationParts(readout[which]);
  return {
    value,
    unit,
    tone: readout[which] === null ? ('unknown' as const) : tone,
    help:
      readout[which] === null
        ? `${UNKNOWN}: fewer than 5 ${what} in the last ${PERCENTILE_WINDOW_S} s`
        : `over ${formatCount(readout.count)} ${what} in the last ${PERCENTILE_WINDOW_S} s of model time`,
    isShown: true,
  };
}

function rate(perS: number, label: string, total: number, isShown = true): ReadoutText {
  return {
    value: formatRate(perS),
    unit: '/s',
    label,
    tone: perS > 0 ? 'fail' : 'quiet',
    help: `per second, over the last ${RATE_WINDOW_S} s; ${formatCount(total)} since the start`,
    isShown,
  };
}

function count(
  value: number,
  label: string,
  tone: Tone,
  help: string,
  isShown = true,
): ReadoutText {
  return {
    value: formatCount(value),
    unit: '',
    label,
    tone: value > 0 ? tone : 'quiet',
    help,
    isShown,
  };
}

/** @returns a text for every readout; those that do not concern the program are not shown */
export function readoutTexts(
  readouts: LaneReadouts,
  program: Program,
): Readonly<Record<ReadoutId, ReadoutText>> {
  const { response, totals } = readouts;
  const isTroubled = readouts.rejectedPerS > 0 || readouts.timedOutPerS > 0;
  const queuedStep = program.email === 'queue' ? 'email' : 'payment';
  const delivered = readouts.delivered[`${queuedStep}Queue`] ?? {
    count: 0,
    p50S: null,
    p99S: null,
    p99IsMax: false,
  };
  const isLate = (delivered.p50S ?? 0) > LATE_FACTOR * Math.max(response.p50S ?? 0, 0.3);
  const isAnyQueued = program.email === 'queue' || program.payment === 'queue';
  const hasMessages =
    isAnyQueued || totals.owed > 0 || totals.dropped > 0 || totals.deadLettered > 0;
  return {
    p50: {
      ...latency(response, 'p50S', 'answered requests', isTroubled ? 'fail' : 'normal'),
      label: isTroubled ? 'users let in wait · p50' : 'users wait · p50',
    },
    p99: {
      ...latency(response, 'p99S', 'answered requests', isTroubled ? 'fail' : 'normal'),
      label:
        response.p99S === null
          ? 'p99'
          : `${response.p99IsMax ? 'max' : 'p99'} of ${formatCount(response.count)}`,
    },
    delivered: {
      ...latency(delivered, 'p50S', `${queuedStep}s`, isLate ? 'wait' : 'normal'),
      label: queuedStep === 'email' ? 'email delivered · p50' : 'card charged · p50',
      shortLabel: `${queuedStep === 'email' ? 'delivered' : 'charged'} · p50`,
      isShown: isAnyQueued,
    },
    served: {
      value: formatRate(readouts.servedPerS),
      unit: `of ${formatRate(readouts.firstTriesPerS)} /s`,
      label: 'served in time',
      tone: 'normal',
      help:
        `answered without error and in time, of those submitted, per second over the last ${RATE_WINDOW_S} s; who is served now may have been submitted earlier, so it can be more` +
        (readouts.wastedShare >= 0.005
          ? `; ${Math.round(readouts.wastedShare * 100)} % of the requests run were for nobody`
          : ''),
      isShown: true,
    },
    rejected: rate(readouts.rejectedPerS, 'rejected', totals.rejected),
    timedOut: rate(readouts.timedOutPerS, 'timed out', totals.timedOut),
    failed: rate(readouts.failedPerS, 'failed', totals.failed),
    declined: rate(readouts.declinedPerS, 'declined', totals.declined, readouts.declinedPerS > 0),
    owed: {
      ...count(
        totals.owed,
        `${program.payment === 'queue' ? 'message' : 'email'}${totals.owed === 1 ? '' : 's'} owed`,
        'wait',
        'queued, in work and backing off, now',
        hasMessages,
      ),
      shortLabel: 'owed',
    },
    lost: count(
      totals.dropped,
      'lost',
      'fail',
      'dropped by a full queue since the start',
      hasMessages,
    ),
    deadLettered: count(
      totals.deadLettered,
      'dead-lettered',
      'dead',
      'given up after the last attempt, since the start',
      hasMessages,
    ),
    chargedButFailed: count(
      totals.chargedButFailed,
      'charged, not confirmed',
      'fail',
      'the card was charged, but its user got an error (failed) or gave up (timed out); since the start',
      totals.chargedButFailed > 0,
    ),
    confirmedThenDeclined: {
      ...count(
        totals.confirmedThenDeclined,
        'confirmed, then declined',
        'fail',
        'told "confirmed" before the card was declined; since the start',
        totals.confirmedThenDeclined > 0,
      ),
      crowdedLabel: 'then declined',
    },
    confirmedButRefused: {
      ...count(
        totals.confirmedButRefused,
        'confirmed, message refused',
        'fail',
        'told "confirmed" although the full queue refused the message; since the start',
        totals.confirmedButRefused > 0,
      ),
      crowdedLabel: 'then refused',
    },
  };
}
