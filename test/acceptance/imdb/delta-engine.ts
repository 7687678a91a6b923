import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../shared/clock.ts';
import type { DeltaEngine } from '../../../shared/delta/engine.ts';
import { openDuckDb } from '../../../shared/duckdb/session.ts';
import { directoryStore } from '../../../shared/storage/directory-store.ts';

/** An engine of its own over the folder of a lake, for reading. */
export async function withDeltaEngine<T>(folder: string, work: (engine: DeltaEngine) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'youflix-reading-'));
  try {
    using duckdb = await openDuckDb({ scratch });
    return await work({ store: directoryStore(folder), duckdb, scratch, clock: systemClock });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
