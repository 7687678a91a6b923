import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**', 'node_modules/**'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Two workers: the suites start real servers and DuckDB, and the smallest machine we promise has two cores.
    maxWorkers: 2,
  },
});
