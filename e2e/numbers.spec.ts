import { expect, test } from '@playwright/test';
import { readoutTexts, type ReadoutId } from '../src/app/lane/readoutTexts.ts';
import { checkout } from '../src/scenarios/checkout.ts';
import { LANE_IDS } from '../src/scenarios/scenario.ts';
import { Simulation } from '../src/sim/kernel/simulation.ts';

/** Where each lane stands on the page: sync above, async below. */
const CASES = [
  { seed: 7, load: 12, emailMs: 200, timeS: 30 },
  { seed: 11, load: 30, emailMs: 4000, timeS: 40 },
] as const;

for (const { seed, load, emailMs, timeS } of CASES) {
  test(`the page shows the numbers of the same run in Node: seed ${seed}, load ${load}`, async ({
    page,
  }) => {
    await page.goto(
      `./?seed=${seed}&load=${load}&email.latency=${emailMs}&t=${timeS}&autoplay=0&motion=reduced`,
    );
    await expect(page.locator('.clock').first()).toContainText(`${timeS}.0 s`, { timeout: 15_000 });
    for (const lane of LANE_IDS) {
      const simulation = new Simulation(checkout.lanes[lane], { seed, observe: 'live' });
      simulation.apply({ do: 'set', path: 'users.ratePerS', value: load });
      simulation.apply({ do: 'set', path: 'email.workMs', value: emailMs });
      simulation.advance(timeS);
      const expected = readoutTexts(simulation.readouts(), {
        payment: 'wait',
        email: lane === 'sync' ? 'wait' : 'queue',
      });
      const shown = page.locator(`[data-lane=${lane}] [data-readout]`);
      const compared: string[] = [];
      for (const readout of await shown.all()) {
        const id = (await readout.getAttribute('data-readout')) as ReadoutId;
        if (!expected[id].isShown) continue;
        await expect(readout.locator('[data-part=value]')).toHaveText(expected[id].value);
        compared.push(id);
      }
      expect(compared).toEqual(expect.arrayContaining(['p50', 'p99', 'served', 'rejected']));
    }
  });
}
