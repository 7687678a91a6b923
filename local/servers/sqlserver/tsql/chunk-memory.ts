/**
 * Keeps the memory of streamed chunks bounded. DuckDB frees a chunk when V8 collects its handle, but V8 sees only a handle of a few
 * bytes and finds no reason to: a million rows then pile up to a gigabyte. Young collections at a steady pace cost nothing that
 * can be measured, and keep it at some tens of megabytes.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** About 64 thousand rows, DuckDB's chunks having 2048. */
const chunksPerCollection = 32;

type Collect = (options: { readonly type: 'minor' }) => void;

let collect: Collect | undefined;

/** Call it once for each chunk that was handed on. */
export function chunkCounter(): () => void {
  let passed = 0;
  return () => {
    passed += 1;
    if (passed % chunksPerCollection === 0) collector()({ type: 'minor' });
  };
}

function collector(): Collect {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  return collect;
}
