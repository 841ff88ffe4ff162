// The rules of the house, and the proof that each of them fires: a check that never fails is none.
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkArchitecture } from './architecture.mjs';
import { findImpurities } from './simPurity.mjs';

const root = join(import.meta.dirname, '..');

const sim = join(root, 'src/sim');

describe('src/sim', () => {
  test('is pure: no clock, no randomness of its own, no waiting, no page', async () => {
    const names = (await readdir(sim, { recursive: true })).filter(
      (name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name),
    );
    expect(names.length).toBeGreaterThan(0);
    const complaints: string[] = [];
    for (const name of names) {
      for (const { line, what, why } of findImpurities(await readFile(join(sim, name), 'utf8'))) {
        complaints.push(`src/sim/${name}:${line} ${what} ${why}`);
      }
    }
    expect(complaints).toEqual([]);
  });
});

describe('the purity check', () => {
  const bannedMath =
    'random log exp pow sin cos tan asin acos atan atan2 log1p expm1 log2 log10 cbrt hypot sinh cosh tanh asinh acosh atanh';
  test.each(bannedMath.split(' '))('catches Math.%s', (name) => {
    expect(findImpurities(`export const x = Math.${name}(1);`)).toMatchObject([
      { what: `Math.${name}` },
    ]);
  });

  test.each([
    ['const x = 2 ** 3;', '**'],
    ['let x = 2; x **= 3;', '**'],
    ["const x = Math['log'](2);", 'Math'],
    ['const { log } = Math;', 'Math'],
    ['const x = new Date();', 'Date'],
    ['const x = Date.now();', 'Date'],
    ['const x = performance.now();', 'performance'],
    ['setTimeout(() => {}, 1);', 'setTimeout'],
    ['setInterval(() => {}, 1);', 'setInterval'],
    ['requestAnimationFrame(() => {});', 'requestAnimationFrame'],
    ['queueMicrotask(() => {});', 'queueMicrotask'],
    ['const x = { queueMicrotask };', 'queueMicrotask'],
    ['Promise.resolve(1);', 'Promise'],
    ['async function f() {}', 'async'],
    ['const f = async () => {};', 'async'],
    ['class A { async f() {} }', 'async'],
    ['document.title;', 'document'],
    ['window.name;', 'window'],
    ['globalThis.name;', 'globalThis'],
    ["const d = globalThis['Date'];", 'globalThis'],
    ["import { useState } from 'react';", 'react'],
    ["export { max } from 'd3-array';", 'd3-array'],
    ["import 'node:fs';", 'node:fs'],
    ["const x = import('./a.ts');", 'import()'],
    ["eval('1');", 'eval'],
    ["new Function('return 1');", 'Function'],
  ])('catches %s', (text, what) => {
    expect(findImpurities(text).map((impurity) => impurity.what)).toContain(what);
  });

  test.each([
    'const x = Math.floor(Math.sqrt(2)) + Math.PI;',
    'function f(window: number) { return window + 1; }',
    'const window = 1; export const y = { window };',
    'interface Row { performance: number; Date: string }',
    'declare const row: { performance: number }; export const x = row.performance;',
    "import { a } from './a.ts';",
    'const x = 2 * 3; // Math.random, Date',
    "const x = 'Math.log';",
  ])('lets %s pass', (text) => {
    expect(findImpurities(text)).toEqual([]);
  });
});

describe('the import check', () => {
  let samples: string;
  beforeAll(async () => {
    samples = await mkdtemp(join(tmpdir(), 'flowscope-architecture-'));
  });
  afterAll(() => rm(samples, { recursive: true }));

  let sampleCount = 0;
  /** Lays out a small project and returns the names of the rules that it breaks. */
  async function rulesBrokenBy(files: Record<string, string>): Promise<string[]> {
    sampleCount += 1;
    const folder = join(samples, String(sampleCount));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), await readFile(join(root, 'package.json')));
    const { violations, missed } = await checkArchitecture(folder);
    expect(missed).toEqual([]);
    return [...new Set(violations.map((violation) => violation.rule))].sort();
  }

  const b = 'export const b = 1;';
  const imports = (path: string) => `import { b } from '${path}'; export const a = b;`;

  test('a clean sample breaks nothing', async () => {
    const broken = await rulesBrokenBy({
      'src/main.tsx': "import { a } from './app/a.tsx'; a;",
      'src/app/a.tsx':
        "import { b } from '../stage/b.ts'; import { useState } from 'react'; export const a = [b, useState];",
      'src/stage/b.ts': "import { b as c } from '../sim/b.ts'; export const b = c;",
      'src/sim/b.ts': b,
    });
    expect(broken).toEqual([]);
  });

  test.each([
    ['sim', 'scenarios'],
    ['scenarios', 'playback'],
    ['playback', 'scene'],
    ['scene', 'playback'],
    ['experiments', 'playback'],
    ['narrator', 'scene'],
    ['stage', 'charts'],
    ['charts', 'scene'],
    ['lessons', 'sim'],
  ])('%s may not import %s', async (layer, other) => {
    const broken = await rulesBrokenBy({
      [`src/${layer}/a.ts`]: imports(`../${other}/b.ts`),
      [`src/${other}/b.ts`]: b,
    });
    expect(broken).toContain(`layer-${layer}`);
  });

  test('a wrong-way import of a type alone is caught too', async () => {
    const broken = await rulesBrokenBy({
      'src/sim/a.ts': "import type { B } from '../scene/b.ts'; export type A = B;",
      'src/scene/b.ts': 'export type B = number;',
    });
    expect(broken).toContain('layer-sim');
  });

  test('a worker import is followed', async () => {
    const broken = await rulesBrokenBy({
      'src/charts/a.ts': "import W from '../scene/b.ts?worker&inline'; export const a = W;",
      'src/scene/b.ts': b,
    });
    expect(broken).toEqual(['layer-charts']);
  });

  test('an import circle is caught', async () => {
    const broken = await rulesBrokenBy({
      'src/sim/a.ts': imports('./b.ts'),
      'src/sim/b.ts': "import { a } from './a.ts'; export const b = () => a;",
    });
    expect(broken).toEqual(['no-circle']);
  });

  test('nothing but main imports app', async () => {
    const broken = await rulesBrokenBy({
      'src/stage/a.ts': imports('../app/b.ts'),
      'src/app/b.ts': b,
    });
    expect(broken).toEqual(['layer-stage', 'only-main-imports-app']);
  });

  test.each(['react', 'react-dom', 'framer-motion', 'zustand'])(
    'the layers without a page may not import %s',
    async (name) => {
      const text = `import * as a from '${name}'; export { a };`;
      expect(await rulesBrokenBy({ 'src/scene/a.ts': text })).toEqual(['page-free-layers']);
      expect(await rulesBrokenBy({ 'src/stage/a.ts': text })).toEqual([]);
    },
  );

  test('sim imports no package, not even of Node', async () => {
    const broken = await rulesBrokenBy({
      'src/sim/a.ts': "import { max } from 'd3-array'; export const a = max;",
      'src/sim/b.ts': "import { join } from 'node:path'; export const b = join;",
    });
    expect(broken).toEqual(['sim-without-packages']);
  });

  test('barrels, unknown layers, tests and development packages in code are caught', async () => {
    const broken = await rulesBrokenBy({
      'src/scene/a.ts': imports('./index.ts'),
      'src/scene/index.ts': b,
      'src/main.tsx': imports('./utils/b.ts'),
      'src/utils/b.ts': b,
      'src/scene/c.ts': imports('./c.test.ts'),
      'src/scene/c.test.ts': b,
      'src/scene/d.ts': "import fc from 'fast-check'; export const d = fc;",
      'src/scene/e.ts': imports('./missing.ts'),
    });
    expect(broken).toEqual([
      'known-layers-only',
      'no-barrels',
      'no-development-packages-in-code',
      'no-tests-in-code',
      'not-resolved',
    ]);
  });
});
