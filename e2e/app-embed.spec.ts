import { expect, test } from '@playwright/test';

const STATE = 'embed=1&load=30&email.latency=4000';

for (const [width, height] of [
  [720, 440],
  [360, 520],
] as const) {
  test(`the embed fits ${width} × ${height} and leads to the full page with its state`, async ({
    page,
  }) => {
    await page.setViewportSize({ width, height });
    await page.goto(`./?${STATE}`);
    const before = page.url();
    const link = page.getByRole('link', { name: 'Open in Flowscope' });
    await expect(link).toHaveAttribute('target', '_blank');
    await page.getByLabel('Load, exact value in req/s').fill('50');
    await page.keyboard.press('Enter');
    await expect(link).toHaveAttribute('href', /[?&]load=50&email\.latency=4000$/);
    const size = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      height: document.documentElement.scrollHeight,
    }));
    expect(size).toEqual({ width, height });
    // Longer than the full page waits before it writes its address.
    await page.waitForTimeout(800);
    expect(page.url()).toBe(before);
  });
}

test('a sandboxed frame runs without storage, takes no focus and keeps its address', async ({
  page,
  baseURL,
}) => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.setContent(
    `<input autofocus aria-label="mine">
     <iframe sandbox="allow-scripts" src="${baseURL}flowscope.html?${STATE}" title="Flowscope"
       width="720" height="440"></iframe>`,
  );
  await page.getByLabel('mine').focus();
  const frame = page.frameLocator('iframe');
  await expect(frame.locator('[data-readout=p50] [data-part=value]').first()).toHaveText(/\d/, {
    timeout: 15_000,
  });
  await expect(page.getByLabel('mine')).toBeFocused();
  await frame
    .getByRole('group', { name: /Email, upper lane/ })
    .getByRole('radio', { name: 'queue' })
    .check();
  await expect(frame.locator('.lane-title h2').first()).toHaveText('Asynchronous');
  expect(errors).toEqual([]);
});

test('nothing elapses while the frame is off the screen', async ({ page, baseURL }) => {
  await page.setContent(
    `<div style="height:3000px"></div>
     <iframe src="${baseURL}?${STATE}" title="Flowscope" width="720" height="440"></iframe>`,
  );
  const frame = page.frameLocator('iframe');
  await expect(frame.getByRole('heading', { level: 1 })).toBeAttached();
  await page.waitForTimeout(1500);
  await expect(frame.locator('[data-readout=p50] [data-part=value]').first()).toHaveText('–');
  await page.locator('iframe').scrollIntoViewIfNeeded();
  await expect(frame.locator('[data-readout=p50] [data-part=value]').first()).toHaveText(/\d/, {
    timeout: 15_000,
  });
});
