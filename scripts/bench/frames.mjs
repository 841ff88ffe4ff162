// The built page in headless Chromium: what its main thread spends on script per frame, how many frames
// a slow processor shows, and how long going back in time takes.
import { build, preview } from 'vite';
import { chromium } from '@playwright/test';
import { join } from 'node:path';
import { chromiumFlags, findBrowser } from '../findBrowser.mjs';
import { root } from '../install.mjs';
import { median, percentile } from './statistics.mjs';

/** @typedef {import('@playwright/test').Browser} Browser */
/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {{ name: string, ph: string, ts: number, dur?: number, tdur?: number, tid: number, pid: number, args?: any }} TraceEvent */

const SETTLE_MS = 6000;
const TRACE_MS = 10_000;
const BUSY = 'load=1000&speed=10&autoplay=1&motion=auto';
/** All pools, workers and limits × 30: nothing is rejected, so there is the most to do and to draw. */
const TIMES_30 =
  'api.threads=600&payment.threads=480&email.threads=360&api.queue=720&queue.limit=30000';

/** @typedef {{ url: string, close: () => Promise<void> }} Served */

/** Builds the page afresh and serves it. @returns {Promise<Served>} */
export function servePage() {
  return serveBuilt(root, 'bench-page');
}

/** @param {string} source the folder of the page @param {string} name @returns {Promise<Served>} */
export async function serveBuilt(source, name) {
  const configFile = join(root, 'vite.config.ts');
  const outDir = join(root, '.cache', name);
  const shared = /** @type {const} */ ({ root: source, configFile, logLevel: 'error' });
  await build({ ...shared, build: { outDir, emptyOutDir: true } });
  const server = await preview({
    ...shared,
    build: { outDir },
    preview: { port: 0, host: '127.0.0.1', strictPort: false },
  });
  const address = server.httpServer.address();
  if (typeof address !== 'object' || address === null) throw new Error('the page is not served');
  return { url: `http://127.0.0.1:${address.port}/`, close: () => server.close() };
}

/** @returns {Promise<Browser>} */
export async function openBrowser() {
  const executablePath = findBrowser();
  return chromium.launch({ args: chromiumFlags, ...(executablePath ? { executablePath } : {}) });
}

/**
 * @param {Browser} browser @param {string} url
 * With default pools, and with all of them × 30. Script is the processor time of the main thread in
 * callbacks of any kind and in garbage collection, between one frame's start and the next's; style,
 * layout and painting by the browser are not in it, unless script forces them.
 */
export async function measureFrames(browser, url) {
  const results = [];
  for (const [name, pools] of [
    ['default pools', ''],
    ['pools × 30', `&${TIMES_30}`],
  ]) {
    const page = await openPage(browser, `${url}?${BUSY}${pools}`, evenFrames);
    await page.waitForTimeout(SETTLE_MS);
    await browser.startTracing(page, { categories: ['devtools.timeline', 'v8'] });
    await page.waitForTimeout(TRACE_MS);
    const trace = JSON.parse((await browser.stopTracing()).toString());
    results.push({ name: name ?? '', ...framesOf(trace.traceEvents) });
    await page.context().close();
  }
  return results;
}

/** Frames a second at 200 req/s on a processor slowed down four times. @param {Browser} browser @param {string} url */
export async function measureSlowFrames(browser, url) {
  const page = await openPage(browser, `${url}?load=200&autoplay=1&motion=auto`);
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.waitForTimeout(SETTLE_MS);
  const framesPerS = await page.evaluate(
    (forMs) =>
      new Promise((resolve) => {
        let frames = 0;
        /** @type {number | undefined} */
        let startMs;
        /** @param {number} nowMs */
        const count = (nowMs) => {
          startMs ??= nowMs;
          if (nowMs - startMs >= forMs) return resolve((frames * 1000) / (nowMs - startMs));
          frames++;
          requestAnimationFrame(count);
        };
        requestAnimationFrame(count);
      }),
    TRACE_MS / 2,
  );
  await page.context().close();
  return /** @type {number} */ (framesPerS);
}

/**
 * From a press on a key of the playhead to the picture of that moment, at 100 req/s, over the last 60 s.
 * @param {Browser} browser @param {string} url @returns {Promise<number>} milliseconds, the median
 */
export async function measureRewindOnPage(browser, url) {
  const page = await openPage(
    browser,
    `${url}?load=100&t=65&autoplay=0&motion=auto&api.threads=200&payment.threads=100&email.threads=100`,
  );
  const playhead = page.getByRole('slider', { name: 'Time shown' });
  await playhead.waitFor();
  await page.waitForTimeout(SETTLE_MS);
  await playhead.focus();
  /** @type {number[]} */
  const times = [];
  // PageDown goes back by 10 s, an arrow by 1 s, End to the latest moment.
  for (const key of [
    'PageDown',
    'PageDown',
    'ArrowLeft',
    'PageDown',
    'PageUp',
    'PageDown',
    'End',
  ]) {
    times.push(
      await page.evaluate(
        (pressed) =>
          new Promise((resolve, reject) => {
            const clock = document.querySelector('.clock');
            const before = clock?.textContent;
            const startMs = performance.now();
            document.activeElement?.dispatchEvent(
              new KeyboardEvent('keydown', { key: pressed, bubbles: true, cancelable: true }),
            );
            // The frame after the clock has changed has also painted the stage.
            const look = () => {
              const passedMs = performance.now() - startMs;
              if (clock?.textContent !== before) {
                requestAnimationFrame(() => resolve(performance.now() - startMs));
              } else if (passedMs > 3000) reject(new Error(`no seek on ${pressed}`));
              else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
          }),
        key,
      ),
    );
  }
  await page.context().close();
  return median(times);
}

/**
 * Runs on the page: frames are told times a 60th of a second apart, so that a machine which is busy with
 * other things and drops frames does not give the next one more to simulate.
 */
function evenFrames() {
  const request = window.requestAnimationFrame.bind(window);
  let realMs = -1;
  let toldMs = performance.now();
  window.requestAnimationFrame = (callback) =>
    request((nowMs) => {
      if (nowMs !== realMs) toldMs += 1000 / 60;
      realMs = nowMs;
      callback(toldMs);
    });
}

/**
 * @param {Browser} browser @param {string} address
 * @param {() => void} [prepare] runs on the page before its own scripts
 * @returns {Promise<Page>}
 */
async function openPage(browser, address, prepare = () => {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(prepare);
  await page.goto(address);
  await page.locator('canvas').first().waitFor();
  return page;
}

/** What counts as script when it is the outermost of these on the stack; forced layout inside counts too. */
const SCRIPT = new Set([
  'FireAnimationFrame',
  'FunctionCall',
  'EvaluateScript',
  'TimerFire',
  'EventDispatch',
  'RunMicrotasks',
  'FireIdleCallback',
  'MinorGC',
  'MajorGC',
  'V8.GCIncrementalMarking',
]);

/** @param {TraceEvent[]} events */
export function framesOf(events) {
  const thread = threadOf(events);
  const own = events
    .filter((event) => event.tid === thread.tid && event.pid === thread.pid && event.ph === 'X')
    .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  /** @type {number[]} */
  const starts = own.filter(({ name }) => name === 'FireAnimationFrame').map(({ ts }) => ts);
  const firsts = starts.filter(
    (ts, k) => k === 0 || ts - /** @type {number} */ (starts[k - 1]) > 2000,
  );
  const script = new Array(firsts.length).fill(0);
  const wall = new Array(firsts.length).fill(0);
  /** @type {Map<string, number>} */
  const byName = new Map();
  let endOfOutermost = -Infinity;
  let frame = -1;
  for (const event of own) {
    while (frame + 1 < firsts.length && event.ts >= /** @type {number} */ (firsts[frame + 1]))
      frame++;
    if (!SCRIPT.has(event.name) || event.ts < endOfOutermost || frame < 0) continue;
    endOfOutermost = event.ts + (event.dur ?? 0);
    const spentMs = (event.tdur ?? event.dur ?? 0) / 1000;
    script[frame] += spentMs;
    wall[frame] += (event.dur ?? 0) / 1000;
    byName.set(event.name, (byName.get(event.name) ?? 0) + spentMs);
  }
  const complete = script.slice(0, -1);
  const spanS = ((firsts.at(-1) ?? 0) - (firsts[0] ?? 0)) / 1e6;
  return {
    p95ScriptMs: percentile(complete, 0.95),
    p95WallMs: percentile(wall.slice(0, -1), 0.95),
    medianScriptMs: median(complete),
    frames: complete.length,
    perS: complete.length / spanS,
    hot: [...byName].map(
      ([name, ms]) => /** @type {[string, number]} */ ([name, ms / complete.length]),
    ),
  };
}

/** The main thread that drew the frames. @param {TraceEvent[]} events */
function threadOf(events) {
  /** @type {Map<string, { pid: number, tid: number, count: number }>} */
  const threads = new Map();
  for (const { name, pid, tid } of events) {
    if (name !== 'FireAnimationFrame') continue;
    const key = `${pid} ${tid}`;
    const thread = threads.get(key) ?? { pid, tid, count: 0 };
    thread.count++;
    threads.set(key, thread);
  }
  const [busiest] = [...threads.values()].sort((a, b) => b.count - a.count);
  if (!busiest) throw new Error('the page drew no frame');
  return busiest;
}
