/** Starts a worker from the page's own text: no further file, also from disk and in a sandboxed frame. */
import CurveWorker from './curveWorker.ts?worker&inline';

export function startCurveWorker(): Worker {
  return new CurveWorker();
}
