/** The movies that silver cannot take, as a JSON document in the lake: whence each came, what is wrong with it, and all of it. */
import { join } from 'node:path';
import { quarantineMoviesPath } from '../../catalog/lake-paths.ts';
import type { DeltaEngine } from '../../delta/engine.ts';
import { sqlText } from '../../duckdb/session.ts';
import type { MovieSelection } from './movie-selection.ts';

/**
 * An array of objects with `bronze` (the folder of the pages), `page`, `position` (null where the page itself is unreadable), `reasons`
 * and `movie`, at `quarantineMoviesPath`. Nothing is written when every movie fits.
 */
export async function writeQuarantine(
  { misfits, misfitRows }: MovieSelection,
  bronze: string,
  { store, duckdb, scratch }: Pick<DeltaEngine, 'store' | 'duckdb' | 'scratch'>,
): Promise<void> {
  if (misfitRows === 0) return;
  const localFile = join(scratch, 'misfits.json');
  await duckdb.run(
    `COPY (SELECT ${sqlText(bronze)} AS bronze, page, position, reasons, movie FROM ${misfits} ORDER BY page, position)
     TO ${sqlText(localFile)} (FORMAT json, ARRAY true)`,
  );
  await store.upload(localFile, quarantineMoviesPath(bronze));
}
