// The engine's own figures, in Node: speed against a hand-written loop and a peer, checkpoints, rewinds,
// and how cost grows with work.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundleSource, loadSource } from '../loadSource.mjs';
import { median, percentile } from './statistics.mjs';
import { flowOf, workloads } from './workloads.mjs';

const CONTENDERS = /** @type {const} */ (['loop', 'none', 'metrics', 'simjs']);

/**
 * @typedef {object} EngineFigures
 * @property {string} title
 * @property {number} loopPerS customers per second of processor time; of the hand-written loop
 * @property {number} offPerS the engine, nothing recorded
 * @property {number} fullPerS the engine, full metrics
 * @property {number} simjsPerS
 * @property {number} ofLoop full metrics ÷ loop
 * @property {number} ofLoopMetricsOff
 * @property {number} ofSimjs full metrics ÷ simjs
 * @property {number} loopOfSimjs has to be 6 or more, so that a weak loop cannot flatter
 */

/**
 * Rounds in turn, each contender in a process of its own; ratios are made within a round.
 * @param {number} rounds
 * @returns {Promise<Record<'w1' | 'w2' | 'w3', EngineFigures>>}
 */
export async function measureSpeed(rounds) {
  const engine = await bundleSource('src/sim/kernel/simulation.ts');
  const random = await bundleSource('src/sim/kernel/random.ts');
  const contender = fileURLToPath(new URL('contender.mjs', import.meta.url));
  const results = /** @type {any} */ ({});
  for (const [id, workload] of Object.entries(workloads)) {
    /** @type {Record<string, number[]>} */
    const perS = { loop: [], none: [], metrics: [], simjs: [] };
    for (let round = 0; round < rounds; round++) {
      for (const name of CONTENDERS) {
        const output = execFileSync('node', [contender, name, id, engine, random], {
          encoding: 'utf8',
        });
        const { perS: speed, meanS } = JSON.parse(output);
        // All contenders must have simulated the same model; with metrics off there is nothing to check.
        if (meanS !== null && Math.abs(meanS / workload.exactS - 1) > workload.tolerance) {
          throw new Error(`${name} finds a mean response of ${meanS} s, not ${workload.exactS}`);
        }
        perS[name]?.push(speed);
      }
    }
    /** @param {string} above @param {string} below */
    const ratio = (above, below) =>
      median((perS[above] ?? []).map((speed, k) => speed / (perS[below]?.[k] ?? NaN)));
    results[id] = {
      title: workload.title,
      loopPerS: median(perS['loop'] ?? []),
      offPerS: median(perS['none'] ?? []),
      fullPerS: median(perS['metrics'] ?? []),
      simjsPerS: median(perS['simjs'] ?? []),
      ofLoop: ratio('metrics', 'loop'),
      ofLoopMetricsOff: ratio('none', 'loop'),
      ofSimjs: ratio('metrics', 'simjs'),
      loopOfSimjs: ratio('loop', 'simjs'),
    };
  }
  return results;
}

/** A checkout with 250 requests in flight in each lane and 5,000 messages queued in the second. */
export async function measureCheckpoint() {
  const { Simulation } = await loadSource('src/sim/kernel/simulation.ts');
  const { checkout } = await loadSource('src/scenarios/checkout.ts');
  const lanes = ['sync', 'async'].map((id) => {
    const simulation = new Simulation(checkout.lanes[id], { seed: 7, observe: 'live' });
    /** @param {string} path @param {number | null} value */
    const set = (path, value) => simulation.apply({ do: 'set', path, value });
    set('api.threads', 250);
    set('payment.threads', 250);
    set('emailQueue.limit', 5000);
    set('users.patienceS', null);
    set('users.ratePerS', 1000);
    set('email.workMs', 4000);
    simulation.advance(30);
    return simulation;
  });
  const view = lanes[1].createView();
  lanes[1].readView(view);
  const queue = view.nodes.find((/** @type {any} */ node) => node.id === 'emailQueue');
  const inFlight = lanes.map((lane) => {
    const own = lane.createView();
    lane.readView(own);
    const api = own.nodes.find((/** @type {any} */ node) => node.id === 'api');
    return api.runningCount + api.parkedCount;
  });
  /** @type {number[]} */
  const take = [];
  /** @type {number[]} */
  const restore = [];
  let bytes = 0;
  for (let k = 0; k < 60; k++) {
    const start = performance.now();
    const checkpoints = lanes.map((lane) => lane.checkpoint());
    const taken = performance.now();
    lanes.forEach((lane, at) => lane.restore(checkpoints[at]));
    restore.push(performance.now() - taken);
    take.push(taken - start);
    bytes = checkpoints.reduce((sum, checkpoint) => sum + checkpoint.bytes, 0);
  }
  return {
    takeMs: median(take.slice(20)),
    restoreMs: median(restore.slice(20)),
    inFlight: inFlight.reduce((sum, count) => sum + count, 0),
    queued: queue.ready,
    megabytes: bytes / 2 ** 20,
  };
}

/** Seeks within the last minute of a run at 100 req/s, with pools that serve them all. */
export async function measureRewind() {
  const { createPlayer } = await loadSource('src/playback/createPlayer.ts');
  const { checkout } = await loadSource('src/scenarios/checkout.ts');
  const player = createPlayer(checkout, {
    seed: 7,
    speed: 10,
    playing: true,
    values: { load: 100, 'api.threads': 200, 'payment.threads': 100, 'email.threads': 100 },
  });
  while (player.timeS < 90) player.tick(0.02);
  player.pause();
  const headS = player.timeS;
  /** @type {number[]} */
  const times = [];
  for (let k = 0; k < 60; k++) {
    // Spread over the minute without a pattern that could meet the checkpoints'.
    const timeS = headS - 60 * ((k * 0.618034) % 1);
    const startMs = performance.now();
    player.seek(timeS);
    while (player.status.seeking !== null) player.tick(0);
    for (const lane of ['sync', 'async']) player.view(lane);
    times.push(performance.now() - startMs);
  }
  const warm = times.slice(10);
  return { medianMs: median(warm), p95Ms: percentile(warm, 0.95) };
}

/**
 * How much longer twice the work takes: twice the events, and twice the pending events. Linear is 2;
 * n log n a little more.
 */
export async function measureGrowth() {
  const { Simulation } = await loadSource('src/sim/kernel/simulation.ts');
  /** @param {() => void} work */
  const secondsOf = (work) => {
    const start = process.cpuUsage();
    work();
    const used = process.cpuUsage(start);
    return (used.user + used.system) / 1e6;
  };
  /** @param {number} customers */
  const events = (customers) =>
    secondsOf(() => {
      const flow = flowOf(workloads.w2, customers);
      new Simulation(flow, { seed: 3, observe: 'metrics' }).advance(Infinity);
    });
  /** As many pending events as threads: a pool that serves everyone at once. @param {number} pending */
  const pendings = (pending) =>
    secondsOf(() => {
      const flow = flowOf(
        {
          ...workloads.w2,
          queue: { ratePerS: 1000, serviceS: pending / 1000, servers: 1000 },
        },
        200_000,
      );
      new Simulation(flow, { seed: 3, observe: 'none' }).advance(200);
    });
  events(200_000);
  pendings(100);
  return {
    twiceTheEvents: median([0, 1, 2].map(() => events(800_000) / events(400_000))),
    twiceThePending: median([0, 1, 2].map(() => pendings(800) / pendings(400))),
  };
}
