/** Whether a queue grows or drains, and how fast: what comes in against what its workers do. */
import { RATE_WINDOW_S } from '../sim/metrics/readouts.ts';
import type { BrokerView, PoolView } from '../sim/view.ts';
import type { NarratorInput } from './narratorInput.ts';

/** Growth is measured over at most this long. */
const GROWTH_WINDOW_S = 20;
/** A measurement this old weighs as much as what load and workers let expect. */
const GROWTH_TRUST_S = 60;
/** Changes in depth slower than this are noise, messages a second. */
const STEADY_PER_S = 0.3;
/** Standard deviations from which on a measured trend is believed. */
const SURE_SIGMAS = 2;
/** A queue this many times as deep as load and workers would keep it is being worked off. */
const DRAIN_FACTOR = 3;

/** Messages that come in, a second. */
export interface Inflow {
  readonly perS: number;
  /** It is the load itself, as set; else it was measured over the last seconds. */
  readonly isExact: boolean;
}

/** The load itself while every request is let in, else what was measured. */
export function inflowOf(
  { view, readouts }: NarratorInput,
  front: PoolView,
  publishedPerS: number,
): Inflow {
  const clients = view.nodes.find((node) => node.kind === 'clients');
  const unhindered =
    clients !== undefined &&
    front.queueLength === 0 &&
    readouts.rejectedPerS + readouts.timedOutPerS + readouts.failedPerS + readouts.declinedPerS ===
      0;
  return unhindered
    ? { perS: clients.ratePerS, isExact: true }
    : { perS: publishedPerS, isExact: false };
}

interface Growth {
  readonly perS: number;
  readonly isGrowing: boolean;
  readonly isDraining: boolean;
}

/**
 * Growth of the ready messages: what load and workers let expect, and where the load let in or the
 * attempts needed are not known, what was measured too. Poisson arrivals make a short measurement
 * unsure by several per cent, so it counts the more the longer it is. A queue
 * that swings about the depth its load keeps it at neither grows nor drains.
 */
export function growthOf(
  { view, history, lane, lastChangeS }: NarratorInput,
  broker: BrokerView,
  wantsMeasure: boolean,
  inflow: Inflow,
  handledPerS: number,
): Growth {
  const expectedPerS = inflow.perS - handledPerS;
  const fromS = Math.max(0, lastChangeS, view.timeS - GROWTH_WINDOW_S);
  const sample = Math.ceil(fromS / history.stepS);
  const elapsedS = view.timeS - sample * history.stepS;
  if (broker.ready === 0) return { perS: 0, isGrowing: false, isDraining: false };
  const isMeasured = wantsMeasure && sample < history.length && elapsedS >= 0.5;
  const trust = isMeasured ? elapsedS / (elapsedS + GROWTH_TRUST_S) : 0;
  const measuredPerS = isMeasured
    ? (broker.ready - (history.lanes[lane].queued[sample] ?? 0)) / elapsedS
    : 0;
  const perS = trust * measuredPerS + (1 - trust) * expectedPerS;
  // Poisson counts: arrivals and departures of the measured time, arrivals of the rates' window.
  const sigmaPerS =
    (isMeasured ? trust * Math.sqrt((inflow.perS + handledPerS) / elapsedS) : 0) +
    (inflow.isExact ? 0 : (1 - trust) * Math.sqrt(inflow.perS / RATE_WINDOW_S));
  const isSure = (sign: number) =>
    sign * perS > STEADY_PER_S &&
    ((inflow.isExact && sign * expectedPerS > STEADY_PER_S) ||
      sign * perS > SURE_SIGMAS * sigmaPerS);
  const use = inflow.perS / Math.max(0.001, handledPerS);
  const steadyDepth = use < 1 ? use / (1 - use) : Infinity;
  return {
    perS,
    isGrowing: isSure(1),
    isDraining: isSure(-1) && broker.ready > DRAIN_FACTOR * steadyDepth,
  };
}
