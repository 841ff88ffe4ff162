// Load curves in workers of headless Chromium: 40 loads × 20,000 requests for both lanes of checkout.
import { join } from 'node:path';
import { root } from '../install.mjs';
import { serveBuilt } from './frames.mjs';
import { median } from './statistics.mjs';

/** @typedef {{ firstPointMs: number, ms: number, points: number }} Times */

const RUNS = 5;
const POINTS = 80;

/** @param {import('@playwright/test').Browser} browser */
export async function measureCurve(browser) {
  const served = await serveBuilt(join(root, 'scripts/bench/curvePage'), 'bench-curve');
  const page = await browser.newPage();
  try {
    await page.goto(served.url);
    // As on a page that has been open for a moment: the workers have started, but have run nothing yet.
    await page.waitForTimeout(1000);
    /** @param {number} seed @param {number | null} replaceAfterMs @returns {Promise<Times>} */
    const run = async (seed, replaceAfterMs) => {
      const times = await page.evaluate(
        ([chosen, afterMs]) => /** @type {any} */ (window).measureCurve(chosen, afterMs),
        [seed, replaceAfterMs],
      );
      if (times.points !== POINTS) throw new Error(`${times.points} points, not ${POINTS}`);
      return times;
    };
    const cold = await run(1, null);
    /** @type {Times[]} */
    const warm = [];
    /** @type {Times[]} */
    const replaced = [];
    for (let k = 0; k < RUNS; k++) {
      warm.push(await run(10 + k, null));
      replaced.push(await run(20 + k, 300));
    }
    return {
      coldMs: cold.ms,
      coldFirstPointMs: cold.firstPointMs,
      ms: median(warm.map(({ ms }) => ms)),
      firstPointMs: median(warm.map(({ firstPointMs }) => firstPointMs)),
      replacedFirstPointMs: median(replaced.map(({ firstPointMs }) => firstPointMs)),
    };
  } finally {
    await page.close();
    await served.close();
  }
}
