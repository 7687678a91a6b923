/** Steps that need much memory run one at a time in this process; those on DuckDB with a database and a folder of their own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeltaEngine } from '../../shared/delta/engine.ts';
import { openDuckDb } from '../../shared/duckdb/session.ts';
import type { Services } from '../services.ts';

let last: Promise<unknown> = Promise.resolve();

/** Waits for its turn, so that the memory of one heavy step is the memory of all. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work);
  last = turn.catch(() => undefined);
  return turn;
}

export function heavyStep<T>(services: Services, work: (engine: DeltaEngine) => Promise<T>): Promise<T> {
  return inTurn(() => withEngine(services, work));
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
