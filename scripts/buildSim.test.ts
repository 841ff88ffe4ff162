import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildSim } from './buildSim.mjs';
import { root } from './install.mjs';

const project = mkdtempSync(join(tmpdir(), 'flowscope-sim-'));
const installed = join(project, 'node_modules/flowscope');

const program = `
declare const console: { log(...values: readonly unknown[]): void };
import { parseFlow, runHeadless, Simulation, type RunReport } from 'flowscope/sim';

const { flow, faults } = parseFlow({
  version: 1,
  nodes: {
    users: { kind: 'clients', target: 'api', arrivals: 'constant', ratePerS: 1, patienceS: null },
    api: {
      kind: 'service',
      threads: 1,
      acceptQueue: null,
      handler: [{ do: 'work', name: 'work', workMs: 250 }],
    },
  },
});
if (flow === undefined) throw new Error(faults[0]?.message);

const report: RunReport = runHeadless(flow, { seed: 1, durationS: 100.5 }).report;
const simulation = new Simulation(flow, { seed: 1, observe: 'live' });
simulation.advance(100.5);
console.log(report.lane.served, report.lane.response.meanS, simulation.readouts().totals.served);
`;

/** The examples of docs/engine.md, each with what it leaves out: a flow, as text and parsed. */
const examples = readFileSync(join(root, 'docs/engine.md'), 'utf8')
  .split('```ts\n')
  .slice(1)
  .map((block) => block.slice(0, block.indexOf('```')));

function exampleProgram(block: string): string {
  const flow = {
    version: 1,
    nodes: {
      users: { kind: 'clients', target: 'email', arrivals: 'poisson', ratePerS: 10, patienceS: 15 },
      email: {
        kind: 'service',
        threads: 4,
        acceptQueue: 10,
        handler: [{ do: 'work', name: 'send', workMs: 100 }],
      },
    },
  };
  return `
declare const console: { log(...values: readonly unknown[]): void; error(text: string): void };
import { parseFlow as parse } from 'flowscope/sim';
const text = ${JSON.stringify(JSON.stringify(flow))};
${/\{ flow, faults \}/.test(block) ? '' : 'const flow = parse(JSON.parse(text)).flow!;'}
${block}`;
}

beforeAll(async () => {
  await buildSim(join(installed, 'dist/sim'));
  cpSync(join(root, 'package.json'), join(installed, 'package.json'));
  writeFileSync(join(project, 'program.mts'), program);
  examples.forEach((block, k) => {
    writeFileSync(join(project, `example${k}.mts`), exampleProgram(block));
  });
  const compilerOptions = {
    strict: true,
    target: 'ES2022',
    lib: ['ES2022'],
    types: [],
    module: 'NodeNext',
  };
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['*.mts'] }),
  );
}, 60_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

it('type-checks in a strict project without the types of a page', () => {
  const { stdout, status } = spawnSync(
    'node',
    [join(root, 'node_modules/typescript/bin/tsc6'), '-p', project],
    { encoding: 'utf8' },
  );
  expect(stdout).toBe('');
  expect(status).toBe(0);
}, 60_000);

it('runs in Node', () => {
  const run = spawnSync('node', ['program.mjs'], { encoding: 'utf8', cwd: project });
  expect(run.stderr).toBe('');
  expect(run.stdout).toBe('100 0.25 100\n');
}, 60_000);

it('runs the examples of docs/engine.md as they are written', () => {
  expect(examples).toHaveLength(2);
  examples.forEach((_, k) => {
    const run = spawnSync('node', [`example${k}.mjs`], { encoding: 'utf8', cwd: project });
    expect(run.stderr).toBe('');
    // Numbers above 0: requests were served.
    expect(run.stdout).toMatch(/^[1-9\d.]+( [\d.]+)?\n$/);
  });
}, 60_000);

it('is one file that imports nothing', () => {
  const text = readFileSync(join(installed, 'dist/sim/flowscope-sim.js'), 'utf8');
  expect(text).not.toMatch(/^\s*import\b/m);
});
