// Which module may import which. The table of layers is in scripts/layers.mjs;
// scripts/architecture.test.ts proves that each rule fires.
import { allowedImports, pageFreeLayers } from './scripts/layers.mjs';

const layers = Object.keys(allowedImports);
const tests = '[.]test[.]tsx?$';
const pageLibraries = ['react', 'react-dom', 'd3-selection', 'd3-axis', 'framer-motion', 'zustand'];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-resolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'known-layers-only',
      comment: 'A new folder under src/ gets its line in scripts/layers.mjs first.',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: `^src/(main[.]tsx$|(${layers.join('|')})/)` },
    },
    ...layers.map((layer) => ({
      name: `layer-${layer}`,
      comment: `${layer} imports only: ${allowedImports[layer]?.join(', ') || 'nothing'}`,
      severity: /** @type {const} */ ('error'),
      from: { path: `^src/${layer}/`, pathNot: tests },
      to: {
        path: '^src/',
        pathNot: `^src/(${[layer, ...(allowedImports[layer] ?? [])].join('|')})/`,
      },
    })),
    {
      name: 'sim-without-packages',
      severity: 'error',
      from: { path: '^src/sim/', pathNot: tests },
      to: { pathNot: '^src/sim/' },
    },
    {
      name: 'page-free-layers',
      severity: 'error',
      from: { path: `^src/(${pageFreeLayers.join('|')})/`, pathNot: tests },
      to: { path: `(^|node_modules/)(${pageLibraries.join('|')})(/|$)` },
    },
    {
      name: 'only-main-imports-app',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main[.]tsx$|app/)' },
      to: { path: '^src/app/' },
    },
    {
      name: 'no-barrels',
      comment: 'Import the file that holds the thing, not an index of things.',
      severity: 'error',
      from: {},
      to: { path: '^src/.*index[.]tsx?$' },
    },
    {
      name: 'no-tests-in-code',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: tests },
    },
    {
      name: 'no-development-packages-in-code',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'module', 'browser', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
    },
  },
};
