/** Steps that need DuckDB run one at a time in this process, each with a database and a folder of its own that vanish with it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeltaEngine } from '../../shared/delta/engine.ts';
import { openDuckDb } from '../../shared/duckdb/session.ts';
import type { Services } from '../services.ts';

let last: Promise<unknown> = Promise.resolve();

/** Waits for its turn, so that the memory limit of one database is the limit of all. */
export function heavyStep<T>(services: Services, work: (engine: DeltaEngine) => Promise<T>): Promise<T> {
  const turn = last.then(() => withEngine(services, work));
  last = turn.catch(() => undefined);
  return turn;
}

async function withEngine<T>(
  { store, clock, duckdb }: Services,
  work: (engine: DeltaEngine) => Promise<T>,
): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'youflix-'));
  try {
    using session = await openDuckDb({ scratch, memoryLimitMiB: duckdb.memoryMb, threads: duckdb.threads });
    return await work({ store, clock, scratch, duckdb: session });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
