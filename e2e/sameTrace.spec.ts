/**
 * The same flow, seed and inputs give the same trace, event by event and to the last bit, in Node, on
 * a page and in a worker, in Chromium and in Firefox. The engine is served as a small bundle of its
 * own; the app is not involved.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, expect, firefox, test, type Browser, type Page } from '@playwright/test';
import { build } from 'vite';
import { chromiumFlags, findBrowser, findFirefox } from '../scripts/findBrowser.mjs';
import { unions } from '../src/sim/format/unions.ts';
import type { TraceReply, TraceRequest } from './sameTrace/traceBundle.ts';
import { digestOf, linesOf, type TraceDigest, type TraceRun } from './sameTrace/traceDigest.ts';
import { distributionsIn, FEWEST_EVENTS, takingPart, traceRuns } from './sameTrace/traceRuns.ts';

type Place = 'page' | 'worker';
interface TestPage {
  readonly sameTrace: Readonly<Record<Place, (request: TraceRequest) => Promise<TraceReply>>>;
}

let runs: readonly TraceRun[] = [];
let inNode: readonly TraceDigest[] = [];
let server: Server;

test.describe.configure({ mode: 'default' });

test.beforeAll(async () => {
  test.setTimeout(120_000);
  const script = await bundle();
  server = createServer((request, response) => {
    const isScript = request.url === '/sameTrace.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><script src="./sameTrace.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  runs = traceRuns();
  const digests: TraceDigest[] = [];
  for (const run of runs) digests.push(await digestOf(run));
  inNode = digests;
});

test.afterAll(() => {
  server.close();
});

test('the runs meet every kind of node and every distribution', () => {
  const kinds = new Set(runs.flatMap((run) => [...takingPart(run).kinds]));
  expect([...kinds].sort()).toEqual(Object.keys(unions.node.variants).sort());
  const distributions = runs.map(({ name, flow }) => ({ name, kinds: distributionsIn(flow) }));
  const everyKind = Object.keys(unions.variability.variants).length;
  expect(distributions.find(({ name }) => name === 'every distribution')?.kinds.size).toBe(
    everyKind,
  );
  // Nothing is compared with nothing.
  let visible = 0;
  for (const [k, { events, visibleEvents }] of inNode.entries()) {
    expect(events, runs[k].name).toBeGreaterThanOrEqual(FEWEST_EVENTS);
    visible += visibleEvents;
  }
  expect(visible).toBeGreaterThan(300_000);
  expect(new Set(inNode.flatMap(({ blocks }) => blocks)).size).toBe(
    inNode.reduce((sum, { blocks }) => sum + blocks.length, 0),
  );
});

const browsers = [
  {
    name: 'Chromium',
    found: findBrowser(),
    launch: (executablePath: string) => chromium.launch({ executablePath, args: chromiumFlags }),
  },
  { name: 'Firefox', found: findFirefox()?.executablePath, launch: launchFirefox },
];

for (const { name, found, launch } of browsers) {
  test(`${name} gives the traces of Node, on a page and in a worker`, async () => {
    test.skip(found === undefined, `no ${name} on this machine, and none could be installed`);
    test.setTimeout(180_000);
    const browser = await launch(found!);
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      for (const [k, run] of runs.entries()) {
        await expectSame(page, run, inNode[k], name);
      }
    } finally {
      await browser.close();
    }
  });
}

async function launchFirefox(): Promise<Browser> {
  return firefox.launch(findFirefox());
}

/** Compares a run on the page and in its worker with the one in Node. */
async function expectSame(
  page: Page,
  run: TraceRun,
  expected: TraceDigest,
  browser: string,
): Promise<void> {
  const [onPage, inWorker] = (await Promise.all([
    ask(page, 'page', { do: 'digest', run }),
    ask(page, 'worker', { do: 'digest', run }),
  ])) as TraceDigest[];
  for (const [place, actual] of [
    ['page', onPage],
    ['worker', inWorker],
  ] as const) {
    if (JSON.stringify(actual) === JSON.stringify(expected)) continue;
    const differing = expected.blocks.findIndex((hash, k) => hash !== actual.blocks[k]);
    const block = differing < 0 ? expected.blocks.length : differing;
    const there = (await ask(page, place, { do: 'lines', run, block })) as readonly string[];
    const here = linesOf(run, block);
    const at = here.findIndex((line, k) => line !== there[k]);
    throw new Error(
      `${run.name}: ${browser}, ${place}, differs from Node in block ${block}, line ${at}:\n` +
        `Node:  ${here[at]}\n${browser}: ${there[at]}\nafter:\n${here.slice(Math.max(0, at - 5), at).join('\n')}`,
    );
  }
}

function ask(page: Page, place: Place, request: TraceRequest): Promise<TraceReply> {
  return page.evaluate(
    ([where, what]) => (globalThis as unknown as TestPage).sameTrace[where](what),
    [place, request] as const,
  );
}

/** @returns the engine and the hashing as one classic script */
async function bundle(): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: {
        entry: `${import.meta.dirname}/sameTrace/traceBundle.ts`,
        formats: ['iife'],
        name: 'traceBundle',
      },
    },
  });
  const [{ output: files }] = output as unknown as [{ output: { code: string }[] }];
  return files[0].code;
}
