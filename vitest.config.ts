import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // A test that needs a document asks for it: `// @vitest-environment happy-dom`.
    environment: 'node',
    // Tests build flows of every kind; the page loads only those it shows.
    setupFiles: ['src/sim/nodes/allKinds.ts', 'scripts/propertySeed.ts'],
    include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
    // The test machine has two cores.
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
