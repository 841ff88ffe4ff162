// Everything has a place of its own: notes cover nothing, and nothing is cut where it has to fit.
import { expect, test, type Page } from '@playwright/test';

test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem('flowscope.entranceSeen', 'yes'));
});

interface Edges {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const edgesOf = (page: Page, selector: string): Promise<Edges[]> =>
  page.locator(selector).evaluateAll((elements) =>
    elements.map((element) => {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      return { left, top, right, bottom };
    }),
  );

const overlap = (a: Edges, b: Edges) =>
  Math.min(a.right, b.right) > Math.max(a.left, b.left) &&
  Math.min(a.bottom, b.bottom) > Math.max(a.top, b.top);

for (const [width, height, isEmbed] of [
  [1440, 900, false],
  [1024, 768, false],
  [900, 700, false],
  [700, 900, false],
  [390, 844, false],
  [720, 440, true],
  [360, 520, true],
] as const) {
  const where = `${width} × ${height}${isEmbed ? ', embedded' : ''}`;
  test(`notes cover nothing and can be dismissed at ${where}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    const state = 'email.latency=soon&load=many&seed=-1&autoplay=0';
    await page.goto(`./?${isEmbed ? 'embed=1&' : ''}${state}`);
    const note = page.locator('.note');
    await expect(note).toBeInViewport({ ratio: 1 });
    await expect(note).toContainText('and 2 more');
    const [noteEdges] = await edgesOf(page, '.note');
    expect(noteEdges).toBeDefined();
    const others = await edgesOf(
      page,
      '.lane-title, .code-card, .lane-stage, .narrator, .readouts, .desk, .header-actions, .open-link',
    );
    expect(others.length).toBeGreaterThan(8);
    for (const edges of others) expect(overlap(noteEdges, edges)).toBe(false);
    if (isEmbed) {
      expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(height);
    }
    await note.getByRole('button', { name: 'Close' }).click();
    await expect(note).toContainText('and 1 more');
    await note.getByRole('button', { name: 'dismiss all' }).click();
    await expect(note).toHaveCount(0);
  });
}

/** Every count there can be: rejected, timed out, failed, declined, lost, owed, told too early. */
const EVERYTHING =
  'load=40&email.latency=4000&email.failure=60&async.payment=queue&payment.failure=20&t=70&autoplay=0';

test('the small embed shows every count with every kind of fault at once', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 520 });
  await page.goto(`./?embed=1&${EVERYTHING}`);
  const last = page.locator('[data-lane=async] [data-readout=confirmedThenDeclined]');
  await expect(last).toBeVisible({ timeout: 20_000 });
  for (const lane of ['sync', 'async']) {
    const [room] = await edgesOf(page, `[data-lane=${lane}] .readouts[data-size=rest]`);
    const shown = `[data-lane=${lane}] .readouts[data-size=rest] .readout:not([hidden]) .readout-number`;
    const numbers = (await edgesOf(page, shown)).filter(({ right, left }) => right > left);
    expect(numbers.length).toBeGreaterThan(5);
    for (const { right, bottom } of numbers) {
      expect(right).toBeLessThanOrEqual(room.right + 0.5);
      expect(bottom).toBeLessThanOrEqual(room.bottom + 0.5);
    }
  }
});

for (const [width, height] of [
  [900, 700],
  [390, 844],
] as const) {
  test(`nothing has to be scrolled for at ${width} × ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    for (const state of ['t=20&autoplay=0', 'load=30&email.latency=4000&t=35&autoplay=0']) {
      await page.goto(`./?${state}`);
      await expect(page.locator('[data-lane=async] [data-readout=served]')).toContainText(/[1-9]/, {
        timeout: 20_000,
      });
      expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(height);
      const [desk] = await edgesOf(page, '.desk');
      const readouts = await edgesOf(page, '[data-lane=async] .readout:not([hidden])');
      for (const { bottom } of readouts) expect(bottom).toBeLessThanOrEqual(desk.top);
    }
  });
}

test('a mark beyond the end of the load slider points there', async ({ page }) => {
  await page.goto('./?email.latency=50&autoplay=0');
  await expect(page.locator('.marks')).toContainText(/email debt (at )?240 →/);
});
