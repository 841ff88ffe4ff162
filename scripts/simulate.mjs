// `npm run --silent simulate -- FLOW_OR_SCENARIO …`: runs a flow without the page; see docs/simulate.md.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadSource } from './loadSource.mjs';

const { simulateCommand } = await loadSource('src/experiments/simulate/simulateCommand.ts');

process.exitCode = simulateCommand(process.argv.slice(2), {
  readFile: (/** @type {string} */ path) => {
    try {
      // npm runs scripts in the project's folder; a path is meant from where the command was given.
      return readFileSync(resolve(process.env['INIT_CWD'] ?? '', path), 'utf8');
    } catch {
      return null;
    }
  },
  now: () => performance.now(),
  print: (/** @type {string} */ text) => console.log(text),
  printProgress: (/** @type {string} */ text) => console.error(text),
});
