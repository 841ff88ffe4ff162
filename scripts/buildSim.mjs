// Builds the package entry `flowscope/sim` into dist/sim/: one ES module and its type declarations.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { root } from './install.mjs';

/** @param {string} folder emptied first */
export async function buildSim(folder) {
  rmSync(folder, { recursive: true, force: true });
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: folder,
      copyPublicDir: false,
      minify: false,
      target: 'es2022',
      // As in vite.config.ts.
      rolldownOptions: { output: { topLevelVar: false } },
      lib: {
        entry: join(root, 'src/sim/packageEntry.ts'),
        formats: ['es'],
        fileName: () => 'flowscope-sim.js',
      },
    },
  });
  const { status, stdout } = spawnSync(
    'node',
    [
      join(root, 'node_modules/typescript/bin/tsc6'),
      '-p',
      join(root, 'tsconfig.declarations.json'),
      '--outDir',
      join(folder, 'types'),
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The declarations of flowscope/sim failed:\n${stdout}`);
  const types = join(folder, 'types');
  for (const path of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.d.ts')) continue;
    // Declarations keep the extension of the source; a package names what is there at run time.
    const file = join(types, path);
    const text = readFileSync(file, 'utf8').replace(/(['"]\.[^'"\n]*)\.ts(['"])/g, '$1.js$2');
    writeFileSync(file, text);
  }
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  await buildSim(join(root, 'dist/sim'));
}
