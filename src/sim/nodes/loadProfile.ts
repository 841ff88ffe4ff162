/**
 * A load that changes along a profile, as data: spikes, daily curves. Arrivals follow it exactly: a
 * process with a changing rate is one of rate 1 on a clock of mean gaps, and that clock runs at the
 * rate (the time change by which an inhomogeneous Poisson process is defined).
 */
import type { ClientsSpec, ProfilePoint } from '../flow.ts';

/**
 * The points in order of time; those of one instant in the order of the file. One that starts again ends
 * with a point of its own, at which the load is as at the start.
 */
export function inOrder(spec: ClientsSpec): readonly ProfilePoint[] {
  const { profile = [], repeatEveryS = null, ratePerS } = spec;
  const points = [...profile].sort((a, b) => a.atS - b.atS);
  if (repeatEveryS !== null && points.length > 0) points.push({ atS: repeatEveryS, ratePerS });
  return points;
}

/** The highest rate that the file asks for, bursts included; requests per second. */
export function peakRatePerS({ ratePerS, profile = [], bursts }: ClientsSpec): number {
  const peak = profile.reduce((most, point) => Math.max(most, point.ratePerS), ratePerS);
  return peak * Math.max(1, bursts?.factor ?? 1);
}

/**
 * Mean gaps that pass in `forS` seconds.
 * @param slope how the rate changes, requests per second and second
 */
export function unitsIn(ratePerS: number, slope: number, forS: number): number {
  if (slope === 0) return forS * ratePerS;
  return Math.max(0, (ratePerS + (slope * forS) / 2) * forS);
}

/** Seconds until so many mean gaps have passed, the inverse of `unitsIn`; Infinity if they never do. */
export function secondsFor(units: number, ratePerS: number, slope: number): number {
  if (slope === 0) return ratePerS === 0 ? Infinity : units / ratePerS;
  if (units === 0) return 0;
  // The root of slope·x²/2 + rate·x = units, in the form that does not cancel.
  const square = ratePerS * ratePerS + 2 * slope * units;
  if (square < 0) return Infinity;
  return (2 * units) / (ratePerS + Math.sqrt(square));
}
