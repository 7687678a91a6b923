/** The proof after a merge: what the extract read from the source is, value for value, what silver holds. */
import { silverTablePath } from '../catalog/lake-paths.ts';
import type { SourceTable } from '../catalog/types.ts';
import type { DeltaEngine } from '../delta/engine.ts';
import { readTable } from '../delta/read.ts';
import { sqlName } from '../duckdb/session.ts';
import { PermanentError } from '../errors.ts';
import type { RunMode } from '../runs/run-record.ts';
import type { BronzeFile } from '../sources/mssql/extract-table.ts';
import { fetchBronze } from './bronze-files.ts';
import { bronzeRows, versionColumn } from './bronze-rows.ts';

export interface Reconciliation {
  readonly path: string;
  /** Rows in bronze, one per key: the newest. */
  readonly expected: number;
  /** Of those, rows that silver holds with every value equal, or has newer. */
  readonly found: number;
}

/**
 * Compares each bronze row with silver at the version that holds the run. After a full load silver must hold nothing else.
 * @throws PermanentError `not-reconciled` saying how many rows are missing, different or too many
 */
export async function reconcileYouflixTable(
  table: SourceTable,
  request: { readonly mode: RunMode; readonly version: number; readonly files: readonly BronzeFile[] },
  engine: DeltaEngine,
): Promise<Reconciliation> {
  const path = silverTablePath('youflix', table.name);
  const local = await fetchBronze(request.files, { store: engine.store, folder: engine.scratch });
  const key = table.key.map(name => sqlName(name));
  const stamp = sqlName(versionColumn(table));
  await using silver = await readTable({ table: path, version: request.version }, engine);
  // Rows are compared by a 64-bit hash of all their values, NULLs included: memory stays small however wide they are.
  const [result] = await engine.duckdb.rows(`
    WITH bronze AS (
      SELECT ${key.join(', ')}, max_by(digest, stamp) AS digest, max(stamp) AS stamp
      FROM (SELECT ${key.join(', ')}, ${stamp} AS stamp, hash(b) AS digest FROM (${bronzeRows(table, local)}) AS b)
      GROUP BY ALL
    ),
    silver AS (SELECT ${key.join(', ')}, ${stamp} AS stamp, hash(s) AS digest, true AS present FROM ${silver.relation} AS s)
    SELECT count(bronze.stamp) AS expected,
           count_if(bronze.stamp IS NOT NULL AND silver.present IS NULL) AS missing,
           count_if(silver.stamp <= bronze.stamp AND silver.digest <> bronze.digest) AS different,
           count_if(bronze.stamp IS NULL) AS surplus
    FROM bronze ${request.mode === 'full' ? 'FULL' : 'LEFT'} JOIN silver USING (${key.join(', ')})`);
  const [expected, missing, different, surplus] = ['expected', 'missing', 'different', 'surplus'].map(name =>
    Number(result?.[name]),
  ) as [number, number, number, number];
  if (missing + different + surplus > 0) {
    throw new PermanentError(
      `${path} version ${request.version}: of ${expected} bronze rows ${missing} are missing and ${different} differ, and ${surplus} rows come from nowhere; the watermark was not moved`,
      { code: 'not-reconciled' },
    );
  }
  return { path, expected, found: expected - missing - different };
}
