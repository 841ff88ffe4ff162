import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { generatedFiles } from './generatedFiles.ts';

it.each(Object.entries(generatedFiles()))(
  '%s is up to date (else: npm run generate)',
  async (path, text) => {
    const url = new URL(`../../../${path}`, import.meta.url);
    const config = await resolveConfig(url.pathname);
    expect(readFileSync(url, 'utf8')).toBe(
      await format(text, { ...config, filepath: url.pathname }),
    );
  },
);
