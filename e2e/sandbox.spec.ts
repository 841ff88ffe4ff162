import { expect, test } from '@playwright/test';

for (const [width, height] of [
  [720, 440],
  [360, 520],
] as const) {
  test(`a sandboxed ${width} × ${height} frame that may not open windows shows the link instead`, async ({
    page,
    baseURL,
  }) => {
    await page.setContent(
      `<iframe sandbox="allow-scripts" width="${width}" height="${height}" title="Flowscope"
        src="${baseURL}flowscope.html?embed=1&load=30"></iframe>`,
    );
    const frame = page.frameLocator('iframe');
    await frame.getByRole('link', { name: 'Open in Flowscope' }).click();
    const field = frame.getByRole('textbox', { name: 'Copy this link' });
    await expect(field).toBeInViewport();
    await expect(field).toHaveValue(/flowscope\.html\?.*load=30/);
    await expect(field).not.toHaveValue(/embed/);
  });
}
