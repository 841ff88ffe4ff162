// `npm run generate`: writes the files that are made from the sources. Tests hold them up to date.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { root } from './install.mjs';
import { loadSource } from './loadSource.mjs';

const { generatedFiles } = await loadSource('src/sim/format/generatedFiles.ts');
const { runValidation } = await loadSource('src/experiments/validation/runValidation.ts');
/** @type {Record<string, string>} */
const files = { ...generatedFiles(), 'docs/validation.md': runValidation() };
for (const [path, text] of Object.entries(files)) {
  const filepath = join(root, path);
  writeFileSync(filepath, await format(text, { ...(await resolveConfig(filepath)), filepath }));
  console.log(path);
}
