import { defineConfig } from 'rolldown';

/** The app as it is deployed: one bundle, because a thousand small files cost more at a cold start than all our code. */
export default defineConfig({
  input: {
    'functions/start': 'functions/start.ts',
    // A thread of its own, loaded by this name from beside the chunks.
    'functions/parquet-worker': 'shared/parquet/parquet-worker.ts',
  },
  platform: 'node',
  external: [
    // Supplied by the host at run time; on no registry.
    '@azure/functions-core',
    // A native module: its platform package is found through node_modules.
    /^@duckdb\//,
    // Reads its .wasm from beside itself.
    'parquet-wasm',
  ],
  // Files that the code reads by `new URL('./name', import.meta.url)`, such as SQL texts, come along.
  experimental: { resolveNewUrlToAsset: true },
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'functions/[name]-[hash].js',
    assetFileNames: 'functions/[name]-[hash][extname]',
    cleanDir: true,
    sourcemap: true,
  },
});
