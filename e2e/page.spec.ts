import { pathToFileURL } from 'node:url';
import { expect, test, type Page } from '@playwright/test';

const singleFile = pathToFileURL('dist/flowscope.html').href;

/** Collects what should stay empty: errors, and requests to anywhere but where the page is from. */
function watch(page: Page, ownOrigin: string): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!/^(data|blob|about):/.test(url) && !url.startsWith(ownOrigin)) {
      complaints.push(`request: ${url}`);
    }
  });
  return complaints;
}

test('the page loads without an error and asks nobody else for anything', async ({
  page,
  baseURL,
}) => {
  const complaints = watch(page, baseURL ?? '');
  await page.goto('./', { waitUntil: 'networkidle' });
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page).toHaveTitle('Flowscope: wait, or queue?');
  expect(complaints).toEqual([]);
});

test('the single file opens from disk', async ({ page }) => {
  const complaints = watch(page, singleFile);
  await page.goto(singleFile);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(complaints).toEqual([]);
});

test('the single file runs in a sandboxed frame, where nothing further can be loaded', async ({
  page,
  baseURL,
}) => {
  const file = `${baseURL}flowscope.html`;
  const complaints = watch(page, file);
  await page.setContent(
    `<iframe sandbox="allow-scripts" src="${file}" title="Flowscope" width="800" height="600"></iframe>`,
  );
  const frame = page.frameLocator('iframe');
  await expect(frame.getByRole('heading', { level: 1 })).toBeVisible();
  expect(complaints).toEqual([]);
});

test('the fonts hold every character that the page may use', async ({ page }) => {
  await page.goto(singleFile);
  const missing = await page.evaluate(async () => {
    const fonts = ['16px "FS Serif"', 'italic 16px "FS Serif"', '16px "FS Sans"', '16px "FS Mono"'];
    await Promise.all(fonts.map((font) => document.fonts.load(font)));
    const context = document.createElement('canvas').getContext('2d');
    if (!context) throw new Error('no canvas');
    const width = (font: string, text: string) => {
      context.font = font;
      return context.measureText(text).width;
    };
    const characters = [...'aZ09·–—‘’“”…×≥≤→←▾µ½¼²ρλ∞✓\u00a0'];
    return fonts.flatMap((font) =>
      characters
        // Source Serif draws no small triangle; only controls, set in sans, need it.
        .filter((c) => c !== '▾' || !font.includes('Serif'))
        // A character that the font lacks is as wide as the fallback makes it.
        .filter((c) => width(`${font}, monospace`, c) !== width(`${font}, serif`, c))
        .map((c) => `${font}: ${c}`),
    );
  });
  expect(missing).toEqual([]);
});
