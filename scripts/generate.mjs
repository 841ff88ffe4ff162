// `npm run generate`: writes the files that are made from the sources. A test holds them up to date.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { root } from './install.mjs';
import { loadSource } from './loadSource.mjs';

const { generatedFiles } = await loadSource('src/sim/format/generatedFiles.ts');
/** @type {Record<string, string>} */
const files = generatedFiles();
for (const [path, text] of Object.entries(files)) {
  const filepath = join(root, path);
  writeFileSync(filepath, await format(text, { ...(await resolveConfig(filepath)), filepath }));
  console.log(path);
}
