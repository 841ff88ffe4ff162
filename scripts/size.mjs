// Holds the built pages to their weight, compressed as a server would send them.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const budgetsKb = { page: 200, singleFile: 300 };

/** @param {string} file */
const gzipKb = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1024;

const html = readFileSync(new URL('index.html', dist), 'utf8');
const loadedAtOnce = [...html.matchAll(/(?:src|href)="\.\/([^"]+\.(?:js|css))"/g)].map(
  (match) => match[1] ?? '',
);
if (!loadedAtOnce.some((file) => file.endsWith('.js'))) {
  throw new Error('dist/index.html loads no script: nothing to weigh.');
}
const pageKb = loadedAtOnce.reduce((sum, file) => sum + gzipKb(file), 0);
const singleFileKb = gzipKb('flowscope.html');

let isOver = false;
check('script and style that index.html loads at once', pageKb, budgetsKb.page);
check('flowscope.html, everything in one file', singleFileKb, budgetsKb.singleFile);
if (isOver) process.exitCode = 1;

/** @param {string} what @param {number} kb @param {number} budgetKb */
function check(what, kb, budgetKb) {
  if (kb > budgetKb) isOver = true;
  const verdict = kb > budgetKb ? 'TOO HEAVY' : 'ok';
  console.log(`${what}: ${kb.toFixed(1)} KB of ${budgetKb} KB gzip, ${verdict}`);
}
