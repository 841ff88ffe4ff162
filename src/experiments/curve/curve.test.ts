import { describe, expect, it } from 'vitest';
import { checkout } from '../../scenarios/checkout.ts';
import { LANE_IDS } from '../../scenarios/scenario.ts';
import type { Flow } from '../../sim/flow.ts';
import { runHeadless } from '../../sim/runHeadless.ts';
import { endlessFlow } from '../../sim/testing/endlessFlow.ts';
import type { FromWorker, ToWorker } from './curveMessages.ts';
import { CurvePool, type CurveWorkerPort } from './curvePool.ts';
import {
  curvePoint,
  CurveRun,
  curveTasks,
  spreadLoads,
  type CurvePoint,
  type CurveRequest,
} from './loadCurve.ts';

const request = (loads: readonly number[], requests = 3000): CurveRequest => ({
  lanes: LANE_IDS.map((id) => ({ id, flow: checkout.lanes[id], settings: [] })),
  loadPath: 'users.ratePerS',
  loads,
  requests,
  seed: 7,
});

/** A worker in the same thread, one message behind. */
class FakeWorker implements CurveWorkerPort {
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  ended = false;
  tasks = 0;
  private request: CurveRequest | null = null;

  constructor() {
    this.say({ did: 'start' });
  }
  postMessage(message: ToWorker): void {
    if (message.do === 'request') this.request = message.request;
    else if (this.request) {
      this.tasks++;
      this.say({ did: 'task', job: message.job, point: curvePoint(this.request, message.task) });
    }
  }
  terminate(): void {
    this.ended = true;
  }
  private say(data: FromWorker): void {
    setTimeout(() => this.onmessage?.(new MessageEvent('message', { data })), 0);
  }
}

/** Node has no such event. */
class ErrorEventStub extends Event implements ErrorEvent {
  readonly message = '';
  readonly filename = '';
  readonly lineno = 0;
  readonly colno = 0;
  readonly error = null;
  constructor() {
    super('error');
  }
}

/** Resolves with all points of a curve. */
function collect(pool: CurvePool, wanted: CurveRequest): Promise<CurvePoint[]> {
  return new Promise((resolve, reject) => {
    const points: CurvePoint[] = [];
    pool.start(wanted, {
      onPoint: (point) => points.push(point),
      onDone: () => resolve(points),
      onError: (message) => reject(new Error(message)),
    });
  });
}

const sorted = (points: readonly CurvePoint[]): CurvePoint[] =>
  [...points].sort((a, b) => a.ratePerS - b.ratePerS || a.lane.localeCompare(b.lane));

describe('load curve', () => {
  it('is flat at low load; sync saturates at 36.4/s and async goes on to 53.3/s', () => {
    const curve = request([5, 30, 45, 100], 20_000);
    const at = (lane: string, load: number): CurvePoint =>
      curvePoint(curve, {
        lane: curve.lanes.findIndex(({ id }) => id === lane),
        load: curve.loads.indexOf(load),
      });
    expect(at('sync', 5).goodputPerS).toBeCloseTo(5, 0);
    expect(at('sync', 5).p50S).toBeGreaterThan(0.5);
    expect(at('async', 5).p50S).toBeLessThan(0.4);
    expect(at('sync', 45).rejectedShare).toBeGreaterThan(0.1);
    expect(at('async', 45).rejectedShare).toBeLessThan(0.01);
    expect(at('sync', 100).goodputPerS / 36.4).toBeCloseTo(1, 1);
    expect(at('async', 100).goodputPerS / 53.3).toBeCloseTo(1, 1);
  });

  it('is the same in slices of any size as in one go', () => {
    const curve = request([40]);
    const run = new CurveRun(curve, { lane: 1, load: 0 });
    let slices = 0;
    while (!run.advance(777)) slices++;
    expect(slices).toBeGreaterThan(10);
    expect(run.point).toEqual(curvePoint(curve, { lane: 1, load: 0 }));
  });

  it('gives the numbers of a headless run of the same flow, load and seed', () => {
    const curve = request([40]);
    const { users } = checkout.lanes.async.nodes;
    const flow = {
      ...checkout.lanes.async,
      nodes: { ...checkout.lanes.async.nodes, users: { ...users, ratePerS: 40 } },
    } as Flow;
    const { lane } = runHeadless(flow, { seed: 7, warmupS: 7.5, durationS: 67.5 }).report;
    const point = curvePoint(curve, { lane: 1, load: 0 });
    expect([point.goodputPerS, point.meanS, point.p99S]).toEqual([
      lane.goodputPerS,
      lane.response.meanS,
      lane.response.p99S,
    ]);
  });

  it('spreads loads by ratio and does the ends and the middle first', () => {
    const loads = spreadLoads(1, 256, 9);
    loads.forEach((load, k) => expect(load).toBeCloseTo(2 ** k, 9));
    const tasks = curveTasks(request(loads));
    expect(tasks.length).toBe(18);
    expect(tasks.slice(0, 6).map(({ load }) => load)).toEqual([0, 0, 8, 8, 4, 4]);
    expect(new Set(tasks.map(({ lane, load }) => `${lane} ${load}`)).size).toBe(18);
  });

  it('says which parameter a flow does not have', () => {
    const bad = { ...request([10]), loadPath: 'users.rate' };
    expect(() => new CurveRun(bad, { lane: 0, load: 0 })).toThrow('users.rate');
  });
});

describe('curve pool', () => {
  const loads = [10, 20, 30, 40, 50];
  const expected = sorted(
    curveTasks(request(loads)).map((task) => curvePoint(request(loads), task)),
  );

  it('shares the runs among its workers', async () => {
    const workers: FakeWorker[] = [];
    const pool = new CurvePool({
      workers: 2,
      startWorker: () => {
        workers.push(new FakeWorker());
        return workers[workers.length - 1];
      },
    });
    expect(sorted(await collect(pool, request(loads)))).toEqual(expected);
    expect(workers.map(({ tasks }) => tasks)).toEqual([5, 5]);
    pool.dispose();
    expect(workers.every(({ ended }) => ended)).toBe(true);
  });

  it('does them itself where workers are forbidden or never report', async () => {
    const forbidden = new CurvePool({
      workers: 2,
      startWorker: () => {
        throw new Error('forbidden');
      },
    });
    expect(sorted(await collect(forbidden, request(loads)))).toEqual(expected);
    const silent = new CurvePool({
      workers: 2,
      patienceMs: 5,
      startWorker: () => ({
        postMessage: () => undefined,
        onmessage: null,
        onerror: null,
        terminate: () => undefined,
      }),
    });
    expect(sorted(await collect(silent, request(loads)))).toEqual(expected);
  });

  it('tells nothing more of a curve that was replaced, and finishes the new one', async () => {
    const pool = new CurvePool({ workers: 2, startWorker: () => new FakeWorker() });
    const old: CurvePoint[] = [];
    await new Promise<void>((resolve) => {
      pool.start(request(loads), {
        onPoint: (point) => {
          old.push(point);
          if (old.length === 3) resolve();
        },
        onDone: () => undefined,
        onError: () => undefined,
      });
    });
    expect(sorted(await collect(pool, request(loads)))).toEqual(expected);
    expect(old.length).toBe(3);
  });

  it('reports a flow that cannot be run', async () => {
    const pool = new CurvePool({ workers: 0, startWorker: () => new FakeWorker() });
    await expect(collect(pool, { ...request(loads), loadPath: 'users.rate' })).rejects.toThrow(
      'users.rate',
    );
  });

  it('reports a flow that goes beyond a limit in the middle of a run', async () => {
    const bad = { ...request([10]), lanes: [{ id: 'loop', flow: endlessFlow, settings: [] }] };
    const pool = new CurvePool({ workers: 0, startWorker: () => new FakeWorker() });
    await expect(collect(pool, bad)).rejects.toThrow('no progress at node');
  });

  it('goes on without a worker that breaks at work, and alone when all have', async () => {
    for (const healthy of [1, 0]) {
      let started = 0;
      const broken: FakeWorker[] = [];
      const pool = new CurvePool({
        workers: 2,
        startWorker: () => {
          const worker = new FakeWorker();
          if (started++ < healthy) return worker;
          broken.push(worker);
          worker.postMessage = (message) => {
            if (message.do === 'task') setTimeout(() => worker.onerror?.(new ErrorEventStub()), 0);
          };
          return worker;
        },
      });
      const points = new Map<string, CurvePoint>();
      await new Promise<void>((resolve, reject) => {
        pool.start(request(loads), {
          onPoint: (point) => points.set(`${point.lane} ${point.ratePerS}`, point),
          onDone: resolve,
          onError: (message) => reject(new Error(message)),
        });
      });
      expect(sorted([...points.values()])).toEqual(expected);
      expect(broken.every(({ ended }) => ended)).toBe(true);
    }
  });

  it('starts a curve anew from within a point of the old one', async () => {
    const pool = new CurvePool({ workers: 2, startWorker: () => new FakeWorker() });
    const points = await new Promise<CurvePoint[]>((resolve, reject) => {
      const silent = { onDone: () => reject(new Error('the old curve is done')), onError: reject };
      pool.start(request([1, 2, 3]), {
        ...silent,
        onPoint: () => void collect(pool, request(loads)).then(resolve, reject),
      });
    });
    expect(sorted(points)).toEqual(expected);
  });
});
