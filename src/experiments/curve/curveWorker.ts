/** A worker that does the runs of a load curve it is given, one at a time. */
import type { FromWorker, ToWorker } from './curveMessages.ts';
import { curvePoint, type CurveRequest } from './loadCurve.ts';

let request: CurveRequest | null = null;
let job = -1;

const tell = (message: FromWorker): void => {
  postMessage(message);
};

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.do === 'request') {
    ({ job, request } = data);
    return;
  }
  if (request === null || data.job !== job) return;
  try {
    tell({ did: 'task', job, point: curvePoint(request, data.task) });
  } catch (error) {
    tell({ did: 'fail', job, message: error instanceof Error ? error.message : String(error) });
  }
});

// Where a page may not start workers this never arrives, and nothing else tells.
tell({ did: 'start' });
