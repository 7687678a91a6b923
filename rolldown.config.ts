import { defineConfig } from 'rolldown';

/** The app as it is deployed: one bundle, because a thousand small files cost more at a cold start than all our code. */
export default defineConfig({
  input: { 'functions/start': 'functions/start.ts' },
  platform: 'node',
  external: [
    // Supplied by the host at run time; on no registry.
    '@azure/functions-core',
    // A native module: its platform package is found through node_modules.
    /^@duckdb\//,
  ],
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'functions/[name]-[hash].js',
    cleanDir: true,
    sourcemap: true,
  },
});
