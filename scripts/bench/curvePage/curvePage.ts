/** The page on which the bench computes load curves, with the workers the app would use. */
import { CurvePool } from '../../../src/experiments/curve/curvePool.ts';
import { spreadLoads, type CurveRequest } from '../../../src/experiments/curve/loadCurve.ts';
import { startCurveWorker } from '../../../src/experiments/curve/startCurveWorker.ts';
import { checkout } from '../../../src/scenarios/checkout.ts';
import { LANE_IDS } from '../../../src/scenarios/scenario.ts';

export interface CurveTimes {
  readonly firstPointMs: number;
  readonly ms: number;
  readonly points: number;
}

const request = (seed: number): CurveRequest => ({
  lanes: LANE_IDS.map((id) => ({ id, flow: checkout.lanes[id], settings: [] })),
  loadPath: 'users.ratePerS',
  loads: spreadLoads(1, 200, 40),
  requests: 20_000,
  seed,
});

const pool = new CurvePool({
  workers: navigator.hardwareConcurrency,
  startWorker: startCurveWorker,
});

/** @param replaceAfterMs starts another curve first, and replaces it after so long; null: does not */
function measureCurve(seed: number, replaceAfterMs: number | null): Promise<CurveTimes> {
  return new Promise((resolve, reject) => {
    const run = (): void => {
      const startMs = performance.now();
      let points = 0;
      let firstPointMs = 0;
      pool.start(request(seed), {
        onPoint: () => {
          if (points++ === 0) firstPointMs = performance.now() - startMs;
        },
        onDone: () => resolve({ firstPointMs, ms: performance.now() - startMs, points }),
        onError: (message) => reject(new Error(message)),
      });
    };
    if (replaceAfterMs === null) return run();
    pool.start(request(seed + 1), {
      onPoint: () => undefined,
      onDone: () => undefined,
      onError: (message) => reject(new Error(message)),
    });
    setTimeout(run, replaceAfterMs);
  });
}

Object.assign(window, { measureCurve });
