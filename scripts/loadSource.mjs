// Loads a TypeScript module of src/ into Node, for the scripts: bundled once into .cache/ and bundled
// again when a source has changed.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './install.mjs';

const layers = ['sim', 'scenarios', 'experiments', 'playback'];

/**
 * @param {string} entry relative to the project, for example `src/sim/format/parseFlow.ts`
 * @returns {Promise<string>} the path of the bundle, one ES module
 */
export async function bundleSource(entry) {
  const name = `${entry.replace(/[^a-z0-9]+/gi, '-')}-${fingerprint(entry)}`;
  const folder = join(root, '.cache/source');
  const file = join(folder, `${name}.mjs`);
  if (!existsSync(file)) {
    const { build } = await import('vite');
    await build({
      root,
      configFile: false,
      logLevel: 'error',
      build: {
        outDir: folder,
        emptyOutDir: false,
        copyPublicDir: false,
        minify: false,
        target: 'es2022',
        rolldownOptions: { output: { topLevelVar: false } },
        lib: { entry: join(root, entry), formats: ['es'], fileName: () => `${name}.mjs` },
      },
    });
  }
  return file;
}

/** @param {string} entry @returns {Promise<any>} the module's exports */
export async function loadSource(entry) {
  return import(pathToFileURL(await bundleSource(entry)).href);
}

/** Changes when a source that could be in the bundle has changed. @param {string} entry */
function fingerprint(entry) {
  const hash = createHash('sha1').update(entry);
  for (const layer of layers) {
    const folder = join(root, 'src', layer);
    if (!existsSync(folder)) continue;
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      if (!path.endsWith('.ts') || path.endsWith('.test.ts')) continue;
      const { mtimeMs, size } = statSync(join(folder, path));
      hash.update(`${path} ${mtimeMs} ${size}\n`);
    }
  }
  return hash.digest('hex').slice(0, 12);
}
