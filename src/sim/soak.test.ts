import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { build } from 'vite';

// Both checkout lanes at 1,000 req/s, with pools to match and an email that fails now and then, so that
// queues, retries and the windows of the page all have work.
const program = `
import { Simulation } from '@sim';
import { checkout } from '@checkout';

const lanes = Object.entries(checkout.lanes).map(([name, flow]) => {
  const simulation = new Simulation(flow, { seed: 1, observe: name === 'sync' ? 'live' : 'metrics' });
  const set = (path, value) => {
    if (!simulation.apply({ do: 'set', path, value })) throw new Error(path);
  };
  set('users.ratePerS', 1000);
  set('api.threads', 800);
  set('payment.threads', 500);
  set('email.threads', 400);
  set('email.failureRate', 0.01);
  return simulation;
});
const heapAt = (minutes) => {
  for (const simulation of lanes) simulation.advance(60 * minutes);
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};
const heap = [heapAt(10), heapAt(60)];
console.log(JSON.stringify({ heap, events: lanes.map((each) => each.eventCount) }));
`;

it('an hour at 1,000 requests a second leaves the heap as it was after ten minutes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowscope-soak-'));
  try {
    writeFileSync(join(folder, 'entry.mjs'), program);
    await build({
      configFile: false,
      logLevel: 'error',
      resolve: {
        alias: {
          '@sim': join(import.meta.dirname, 'kernel/simulation.ts'),
          '@checkout': join(import.meta.dirname, '../scenarios/checkout.ts'),
        },
      },
      build: {
        outDir: folder,
        emptyOutDir: false,
        copyPublicDir: false,
        minify: false,
        target: 'es2022',
        lib: { entry: join(folder, 'entry.mjs'), formats: ['es'], fileName: () => 'soak.mjs' },
      },
    });
    const run = spawnSync('node', ['--expose-gc', join(folder, 'soak.mjs')], { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    const { heap, events } = JSON.parse(run.stdout) as { heap: number[]; events: number[] };
    expect(heap[1] / heap[0]).toBeLessThan(1.2);
    // The hour was lived through: 3.6 million requests a lane, several events each.
    for (const count of events) expect(count).toBeGreaterThan(10_000_000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 180_000);
