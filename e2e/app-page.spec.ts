import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';

/** Axe is typed against a copy of Playwright of its own. */
type AxePage = ConstructorParameters<typeof AxeBuilder>[0]['page'];

test.beforeEach(async ({ page }) => {
  // The first visit's entrance has a test of its own.
  await page.addInitScript(() => localStorage.setItem('flowscope.entranceSeen', 'yes'));
});

test('a number field takes what is typed, clamps it and says so; the address follows', async ({
  page,
}) => {
  await page.goto('./?load=30');
  const field = page.getByLabel('Load, exact value in req/s');
  await field.fill('99999');
  await field.press('Enter');
  await expect(field).toHaveValue('2,000');
  const note = page.locator('.note');
  await expect(note).toContainText('1 to 2,000 req/s');
  await note.getByRole('button', { name: 'Close' }).click();
  await expect(note).toHaveCount(0);
  await expect(page).toHaveURL(/[?&]load=2000/);

  await page.getByRole('button', { name: 'Reset' }).click();
  await expect(field).toHaveValue('30');
});

test('a link with bad values opens at the defaults, with a note for each', async ({ page }) => {
  await page.goto('./?load=many&seed=-1&nonsense=1');
  const note = page.locator('.note');
  await expect(note).toContainText('Load takes a number, not “many”');
  await expect(note).toContainText('and 1 more');
  await note.getByRole('button', { name: 'Close' }).click();
  await expect(note).toContainText('Seed is a whole number');
  await expect(note).not.toContainText('more');
  await expect(page.getByLabel('Load, exact value in req/s')).toHaveValue('12');
  await expect(page.locator('.clock')).toContainText('seed 7');
});

test('lanes are called after the program they run', async ({ page }) => {
  await page.goto('./');
  const titles = page.locator('.lane-title h2');
  await expect(titles).toHaveText(['Synchronous', 'Asynchronous']);
  const switches = page.getByRole('group', { name: /Email, upper lane/ });
  await switches.getByRole('radio', { name: 'queue' }).check();
  await expect(titles).toHaveText(['Asynchronous', 'Asynchronous']);
  await page
    .getByRole('group', { name: /Payment, lower lane/ })
    .getByRole('radio', { name: 'queue' })
    .check();
  await expect(titles).toHaveText(['Asynchronous', 'Fully asynchronous']);
});

test('time stands, steps and starts again by keys', async ({ page }) => {
  await page.goto('./?autoplay=0');
  const clock = page.locator('.clock b');
  await expect(clock).toHaveText('0.0 s');
  await page.keyboard.press('.');
  await expect(page.locator('.clock-step')).toContainText('Request');
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect(clock).not.toHaveText('0.0 s');
  await page.keyboard.press('Space');
  await page.keyboard.press('Alt+r');
  await expect(clock).toHaveText('0.0 s');
});

test('the first visit builds up, and any key shows everything at once', async ({
  browser,
  baseURL,
}) => {
  const page = await browser.newPage();
  await page.goto(baseURL ?? '');
  await expect(page.locator('.page')).toHaveAttribute('data-entrance', 'running');
  await page.keyboard.press('Shift');
  await expect(page.locator('.page')).not.toHaveAttribute('data-entrance');
  await page.reload();
  await expect(page.locator('.page')).not.toHaveAttribute('data-entrance');
  await page.close();
});

for (const [width, height] of [
  [1920, 1080],
  [1440, 900],
  [1280, 800],
  [1024, 768],
  [820, 1100],
  [390, 844],
  [360, 640],
] as const) {
  test(`nothing leaves the page sideways at ${width} × ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await page.goto('./?load=30&email.latency=4000&t=20&autoplay=0');
    await expect(page.locator('[data-readout=p50] [data-part=value]').first()).toHaveText(/\d/);
    const size = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      height: document.documentElement.scrollHeight,
    }));
    expect(size.width).toBe(width);
    // A projector shows everything without scrolling.
    if (width >= 1024) expect(size.height).toBe(height);
  });
}

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing on the page and its dialogs, ${theme}`, async ({ page }) => {
    // Four looks at everything there is take long on a busy machine.
    test.slow();
    await page.goto(`./?load=30&email.latency=4000&t=20&autoplay=0&theme=${theme}`);
    await expect(page.locator('[data-readout=p50] [data-part=value]').first()).toHaveText(/\d/);
    const check = async (where: string) => {
      const { violations } = await new AxeBuilder({ page: page as AxePage }).analyze();
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
      expect(found, where).toEqual([]);
    };
    await check('page');
    await page.getByRole('button', { name: /^more:/ }).click();
    await check('drawer');
    await page.keyboard.press('Escape');
    for (const name of ['Help', 'Table']) {
      await page.getByRole('button', { name, exact: true }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
      await check(name);
      await page.keyboard.press('Escape');
    }
  });
}

test('a panel that closes gives the focus back', async ({ page }) => {
  await page.goto('./?autoplay=0');
  for (const name of [/^Table$/, /^more:/, /^Help$/]) {
    const opener = page.getByRole('button', { name });
    await opener.focus();
    await page.keyboard.press('Enter');
    await expect(page.locator('dialog[open], .drawer')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.locator('dialog[open], .drawer')).toHaveCount(0);
    await expect(opener).toBeFocused();
  }
});

test('with less motion wanted, time stands still at first', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('./');
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
});
