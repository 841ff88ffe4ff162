// `npm test`: installs what is missing, a browser included, then runs every check in turn, the
// later ones also after a failure. The last line is the total over all of them.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { installPackages, root } from './install.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {{ name: string, command: string[], count?: () => Counts, needs?: string, env?: Record<string, string> }} Stage */

installPackages();

const cache = join(root, '.cache');
mkdirSync(cache, { recursive: true });
const browsersInstalled = installBrowsers();
const vitestReport = join(cache, 'vitest.json');
const playwrightReport = join(cache, 'playwright.json');
rmSync(vitestReport, { force: true });
rmSync(playwrightReport, { force: true });

/** @type {Stage[]} */
const stages = [
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: ['eslint', '.', '--max-warnings', '0'] },
  { name: 'types', command: ['tsc', '-b'] },
  { name: 'architecture', command: ['node', 'scripts/architecture.mjs'] },
  { name: 'dead code', command: ['knip', '--no-progress'] },
  {
    name: 'unit',
    command: [
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${vitestReport}`,
    ],
    count: countVitest,
  },
  { name: 'build', command: ['npm', 'run', 'build', '--silent'] },
  { name: 'size', command: ['node', 'scripts/size.mjs'], needs: 'build' },
  {
    name: 'end to end',
    command: ['playwright', 'test'],
    count: countPlaywright,
    needs: 'build',
    env: { FLOWSCOPE_E2E_PORT: String(await freePort()) },
  },
];

const longestStageMs = 8 * 60_000;
/** @type {Counts} */
const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const summary = [];
const failedStages = new Set();

for (const stage of stages) {
  if (stage.name === 'end to end') console.log(await browsersInstalled);
  const startMs = performance.now();
  const counts = runStage(stage);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  if (counts.failed > 0) failedStages.add(stage.name);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  const line = `${counts.failed > 0 ? '✗' : '✓'} ${stage.name}: ${describe(counts)} (${seconds} s)`;
  summary.push(line);
  console.log(line);
}

console.log(`\n${summary.join('\n')}\n`);
for (const reason of skipReasons()) console.log(`skipped: ${reason}`);
console.log(describe(total));
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/**
 * @param {Stage} stage
 * @returns {Counts}
 */
function runStage({ name, command, count, needs, env }) {
  if (needs && failedStages.has(needs)) {
    console.log(`${name}: not run, because ${needs} failed`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const [program = '', ...args] = command;
  const result = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    timeout: longestStageMs,
    shell: process.platform === 'win32',
    env: {
      ...process.env,
      ...env,
      PATH: pathWithPackages(),
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
    },
  });
  const succeeded = result.status === 0;
  const counts = count?.() ?? { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, skipped: 0 };
  // A runner that ran nothing, or that failed outside of any test, has failed.
  if (counts.failed === 0 && (!succeeded || counts.passed === 0)) counts.failed = 1;
  if (counts.failed > 0) {
    console.log(`── ${name} ──\n${result.stdout ?? ''}${result.stderr ?? ''}${result.error ?? ''}`);
  } else if (name === 'size' || name === 'architecture') {
    console.log(result.stdout.trimEnd());
  }
  return counts;
}

/** @returns {Counts} */
function countVitest() {
  const report = readReport(vitestReport);
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  /** @type {{ status: string, assertionResults: { status: string }[] }[]} */
  const files = report.testResults;
  // A file that breaks before its first test counts as one failure.
  const brokenFiles = files.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** @returns {Counts} */
function countPlaywright() {
  const report = readReport(playwrightReport);
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const { expected, unexpected, flaky, skipped } = report.stats;
  return { passed: expected, failed: unexpected + flaky + report.errors.length, skipped };
}

/** @returns {string[]} every browser test that was skipped, and why */
function skipReasons() {
  /** @type {string[]} */
  const reasons = [];
  /** @typedef {{ title: string, specs?: any[], suites?: Suite[] }} Suite */
  /** @param {Suite} suite */
  const search = ({ specs = [], suites = [] }) => {
    for (const { title, tests } of specs) {
      for (const { status, annotations } of tests) {
        if (status !== 'skipped') continue;
        const why = annotations.find((/** @type {any} */ note) => note.type === 'skip');
        reasons.push(`${title}: ${why?.description ?? 'no reason given'}`);
      }
    }
    suites.forEach(search);
  };
  search({ title: '', suites: readReport(playwrightReport)?.suites });
  return reasons;
}

/**
 * Installs the browsers that are missing, beside the stages that need none. Where that fails, the
 * stage that needs them tells.
 * @returns {Promise<string>} what came of it
 */
function installBrowsers() {
  const log = join(cache, 'browsers.log');
  const output = openSync(log, 'w');
  const child = spawn('node', ['scripts/installBrowsers.mjs'], {
    cwd: root,
    stdio: ['ignore', output, output],
  });
  return new Promise((resolve) => {
    const read = () => resolve(readFileSync(log, 'utf8').trimEnd());
    child.once('error', read);
    child.once('exit', read);
  });
}

/** @param {string} file */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {Counts} counts */
function describe({ passed, failed, skipped }) {
  const text = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${text}, ${skipped} skipped` : text;
}

function pathWithPackages() {
  const separator = process.platform === 'win32' ? ';' : ':';
  return [join(root, 'node_modules/.bin'), process.env['PATH']].join(separator);
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
