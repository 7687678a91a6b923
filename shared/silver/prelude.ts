/** The functions that the SELECTs of silver share. */
import { readFile } from 'node:fs/promises';
import type { DuckDbSession } from '../duckdb/session.ts';

/** For DuckDB; `prelude.spark.sql` has the same, under the same names, for Spark. */
const duckDbPrelude = new URL('./prelude.duckdb.sql', import.meta.url);

/** Makes them known to a session. */
export async function runPrelude(duckdb: DuckDbSession): Promise<void> {
  await duckdb.run(await readFile(duckDbPrelude, 'utf8'));
}
