// What belongs together is shown together: numbers of one moment, and one request in every picture.
import { expect, test, type Page } from '@playwright/test';

test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem('flowscope.entranceSeen', 'yes'));
});

test('two lanes with the same program show the same numbers in every frame', async ({ page }) => {
  await page.goto('./?sync.email=queue&load=30');
  await expect(page.locator('[data-readout=p50] [data-part=value]').first()).toHaveText(/\d/);
  const { frames, differing, texts } = await page.evaluate(async () => {
    const words = (lane: string, selector: string) =>
      [...document.querySelectorAll(`[data-lane=${lane}] ${selector}`)]
        .map((element) => element.textContent)
        .join(' | ');
    const seen = { frames: 0, differing: [] as string[], texts: new Set<string>() };
    const start = performance.now();
    while (performance.now() - start < 4000) {
      await new Promise(requestAnimationFrame);
      seen.frames++;
      for (const selector of ['[data-label]', '.code-count', '.readout:not([hidden])']) {
        const upper = words('sync', selector);
        const lower = words('async', selector);
        seen.texts.add(upper);
        if (upper !== lower) seen.differing.push(`${upper} ≠ ${lower}`);
      }
    }
    return { ...seen, texts: seen.texts.size };
  });
  expect(frames).toBeGreaterThan(20);
  expect(texts).toBeGreaterThan(20);
  expect(differing).toEqual([]);
});

/** Pixels in the colour of the reader's hand on a lane's stage. */
const handPixels = (page: Page, lane: string) =>
  page.evaluate((id) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`[data-lane-stage=${id}] canvas`)!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      // #1b5db8, the light theme's.
      const distance =
        Math.abs(data[i] - 0x1b) + Math.abs(data[i + 1] - 0x5d) + Math.abs(data[i + 2] - 0xb8);
      if (data[i + 3] > 200 && distance < 24) count++;
    }
    return count;
  }, lane);

test('a request pointed at is shown in both lanes', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('./?theme=light&t=25&autoplay=0');
  await expect(page.locator('[data-readout=p50] [data-part=value]').first()).toHaveText(/\d/, {
    timeout: 15_000,
  });
  await expect(page.locator('.clock b')).toHaveText('25.0 s', { timeout: 15_000 });
  expect([await handPixels(page, 'sync'), await handPixels(page, 'async')]).toEqual([0, 0]);

  // Threads of the lower API room, until one at work lies under the pointer.
  const stage = page.locator('[data-lane-stage=async]');
  const box = (await stage.boundingBox())!;
  const unit = box.width / 740;
  for (let x = 158; x < 300; x += 10) {
    await page.mouse.move(box.x + x * unit, box.y + 58 * unit);
    if (await stage.evaluate((element) => element.classList.contains('is-pointing'))) break;
  }
  await expect(stage).toHaveClass(/is-pointing/);
  expect(await handPixels(page, 'async')).toBeGreaterThan(40);
  expect(await handPixels(page, 'sync')).toBeGreaterThan(40);

  await page.mouse.move(2, 2);
  expect([await handPixels(page, 'sync'), await handPixels(page, 'async')]).toEqual([0, 0]);
});
