// `npm run bench`: the figures the engine and the page are held to, as a table; `-- --json FILE` writes
// the same. `-- --only engine|page` runs one part, `-- --rounds N` repeats the engine's comparison.
// Ratios count everywhere; milliseconds are limits on a machine whose hand-written W3 loop reaches
// 2.5 M requests a second, so they are also shown scaled to that.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureCheckpoint, measureGrowth, measureRewind, measureSpeed } from './bench/engine.mjs';
import { measureCurve } from './bench/curve.mjs';
import {
  measureFrames,
  measureRewindOnPage,
  measureSlowFrames,
  openBrowser,
  servePage,
} from './bench/frames.mjs';

const REFERENCE_W3_PER_S = 2.5e6;

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string' },
    rounds: { type: 'string', default: '9' },
  },
});

/** @typedef {{ name: string, measured: number, limit: number, atLeast: boolean, scaled: number | null, note: string }} Row */
/** @type {Row[]} */
const rows = [];
/** @type {Record<string, any>} */
const figures = {};
/** Milliseconds here × this = milliseconds on the reference machine. */
let machine = 1;

const speed = await measureSpeed(Number(options.rounds));
machine = speed.w3.loopPerS / REFERENCE_W3_PER_S;
figures['machine'] = { bareW3PerS: speed.w3.loopPerS, factor: machine };

console.log('Customers per second of processor time, millions');
console.log(line(['', 'by hand', 'metrics off', 'full metrics', 'simjs'], [32, 10, 13, 14, 8]));
for (const { title, loopPerS, offPerS, fullPerS, simjsPerS } of Object.values(speed)) {
  console.log(
    line(
      [title, ...[loopPerS, offPerS, fullPerS, simjsPerS].map((perS) => (perS / 1e6).toFixed(2))],
      [32, 10, 13, 14, 8],
    ),
  );
}
console.log('');

if (options.only !== 'page') {
  figures['engine'] = {};
  for (const [id, { ofLoop, ofLoopMetricsOff, ofSimjs, loopOfSimjs }] of Object.entries(speed)) {
    figures['engine'][id] = { ofLoop, ofLoopMetricsOff, ofSimjs, loopOfSimjs };
    atLeast(`engine.${id}.ofLoop`, ofLoop, 0.35, 'full metrics ÷ hand-written loop');
    atLeast(`engine.${id}.ofLoopMetricsOff`, ofLoopMetricsOff, 0.5, 'metrics off ÷ loop');
    atLeast(`engine.${id}.ofSimjs`, ofSimjs, id === 'w3' ? 4 : 3, 'full metrics ÷ simjs');
    atLeast(`engine.${id}.loopOfSimjs`, loopOfSimjs, 6, 'a weak loop cannot flatter');
  }
  const checkpoint = await measureCheckpoint();
  const size = `${checkpoint.inFlight} in flight, ${checkpoint.queued} queued, ${checkpoint.megabytes.toFixed(1)} MB`;
  figures['checkpoint'] = {
    ms: Math.max(checkpoint.takeMs, checkpoint.restoreMs),
    takeMs: checkpoint.takeMs,
    restoreMs: checkpoint.restoreMs,
  };
  atMostMs('checkpoint.takeMs', checkpoint.takeMs, 5, size);
  atMostMs('checkpoint.restoreMs', checkpoint.restoreMs, 5, size);
  const rewind = await measureRewind();
  figures['rewind'] = { engineMs: rewind.p95Ms, engineMedianMs: rewind.medianMs };
  atMostMs(
    'rewind.engineMs',
    rewind.p95Ms,
    50,
    `p95 within the last 60 s at 100 req/s; median ${rewind.medianMs.toFixed(1)}`,
  );
  const growth = await measureGrowth();
  figures['growth'] = growth;
  atMost('growth.twiceTheEvents', growth.twiceTheEvents, 2.3, 'time for 2 × the events');
  atMost('growth.twiceThePending', growth.twiceThePending, 1.4, 'same events, 2 × the pending');
}

if (options.only !== 'engine') {
  const page = await servePage();
  const browser = await openBrowser();
  try {
    const frames = await measureFrames(browser, page.url);
    const worst = Math.max(...frames.map(({ p95ScriptMs }) => p95ScriptMs));
    figures['frame'] = { p95ScriptMs: worst, runs: frames };
    for (const { name, p95ScriptMs, p95WallMs, perS } of frames) {
      atMostMs(
        'frame.p95ScriptMs',
        p95ScriptMs,
        4,
        `${name}: ${perS.toFixed(0)} frames/s, p95 on the wall ${p95WallMs.toFixed(1)} ms`,
      );
    }
    const fpsSlow = await measureSlowFrames(browser, page.url);
    figures['frame'].fpsSlow = fpsSlow;
    atLeast('frame.fpsSlow', fpsSlow, 30, 'frames/s at 200 req/s, processor slowed 4 times');
    const rewindMs = await measureRewindOnPage(browser, page.url);
    figures['rewind'] = { ...figures['rewind'], ms: rewindMs };
    atMostMs('rewind.ms', rewindMs, 100, 'key to picture, within the last 60 s at 100 req/s');
    const curve = await measureCurve(browser);
    figures['curve'] = curve;
    const cold = `for the very first ${curve.coldMs.toFixed(0)}`;
    atMostMs('curve.ms', curve.ms, 2000, `40 loads × 20,000 requests × 2 lanes; ${cold}`);
    atMostMs(
      'curve.firstPointMs',
      curve.firstPointMs,
      200,
      `${curve.replacedFirstPointMs.toFixed(0)} when it replaces one under way; ` +
        `for the very first ${curve.coldFirstPointMs.toFixed(0)}`,
    );
  } finally {
    await browser.close();
    await page.close();
  }
}

const widths = [30, 10, 10, 9, 7];
console.log(line(['', 'measured', 'scaled', 'limit', ''], widths));
for (const { name, measured, scaled, limit, atLeast: isFloor, note } of rows) {
  const counted = scaled ?? measured;
  const isMet = isFloor ? counted >= limit : counted <= limit;
  console.log(
    line(
      [
        name,
        measured.toFixed(2),
        scaled === null ? '' : scaled.toFixed(2),
        `${isFloor ? '≥' : '≤'} ${limit}`,
        isMet ? 'ok' : 'MISSED',
      ],
      widths,
    ) + `  ${note}`,
  );
}
console.log(
  `\nmilliseconds are scaled by ${machine.toFixed(2)}: the hand-written W3 loop reaches ` +
    `${(speed.w3.loopPerS / 1e6).toFixed(2)} M/s here, 2.5 M/s on the reference machine`,
);
if (options.json) {
  writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
}

/** @param {string} name @param {number} measured @param {number} limit @param {string} note */
function atLeast(name, measured, limit, note) {
  rows.push({ name, measured, limit, atLeast: true, scaled: null, note });
}

/** @param {string} name @param {number} measured @param {number} limit @param {string} note */
function atMost(name, measured, limit, note) {
  rows.push({ name, measured, limit, atLeast: false, scaled: null, note });
}

/** @param {string} name @param {number} measured @param {number} limit @param {string} note */
function atMostMs(name, measured, limit, note) {
  rows.push({ name, measured, limit, atLeast: false, scaled: measured * machine, note });
}

/** @param {readonly string[]} cells @param {readonly number[]} columns */
function line(cells, columns) {
  return cells
    .map((cell, k) => (k === 0 ? cell.padEnd(columns[k] ?? 0) : cell.padStart(columns[k] ?? 0)))
    .join('');
}
