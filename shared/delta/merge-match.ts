/** Finds what a merge changes: files by their statistics first, rows by their keys then. */
import type { AddFile } from './actions.ts';
import { type AliasedColumn, parquetRelation, type StagedFiles } from './data-files.ts';
import type { DeltaEngine } from './engine.ts';
import type { TouchedFile } from './merge-plan.ts';
import type { MergeSource } from './merge-source.ts';
import { columnBounds, sqlBounds } from './stats.ts';

/** What the source rows do to the table. */
export interface MatchResult extends AsyncDisposable {
  /** DuckDB table (file, source, change): a row per row of the table that is updated or deleted; `source` is the rowid there. */
  readonly matches: string;
  /** DuckDB table (source): the source rows that are new to the table; its own `rowid` is their position in key order. */
  readonly inserts: string;
  readonly touched: readonly TouchedFile[];
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** Files that may hold a key of the source: all whose statistics do not rule it out. */
export async function candidateFiles(
  files: readonly AddFile[],
  columns: readonly AliasedColumn[],
  source: MergeSource,
  { duckdb }: DeltaEngine,
): Promise<AddFile[]> {
  if (files.length === 0 || source.rows === 0) return [];
  const keyColumns = columns.filter(({ alias }) => source.key.includes(alias));
  const ranges = files.map((file, index) => {
    const bounds = keyColumns.map(({ name, type }) => {
      const found = columnBounds(file.stats, name);
      return found === undefined ? 'NULL, NULL' : Object.values(sqlBounds(type, found)).join(', ');
    });
    return `(${index}, ${bounds.join(', ')})`;
  });
  const names = keyColumns.map(({ alias }) => `${alias}_min, ${alias}_max`);
  const overlap = keyColumns.map(
    ({ alias }) => `(${alias}_min IS NULL OR s.${alias} BETWEEN f.${alias}_min AND f.${alias}_max)`,
  );
  const rows = await duckdb.rows(
    `SELECT file FROM (VALUES ${ranges}) f(file, ${names})
     WHERE EXISTS (SELECT 1 FROM ${source.relation} s WHERE ${overlap.join(' AND ')}) ORDER BY file`,
  );
  return rows.flatMap(({ file }) => files[Number(file)] ?? []);
}

/**
 * Compares the source with the candidates, `staged` in the same order. A source row with a lower version than the table's, or equal to it in all columns, changes
 * nothing; so does a delete of a row that is not there.
 */
export async function matchRows(
  candidates: readonly AddFile[],
  staged: StagedFiles,
  columns: readonly AliasedColumn[],
  source: MergeSource,
  { duckdb }: DeltaEngine,
): Promise<MatchResult> {
  const matches = source.relation.replace('source', 'matches');
  const inserts = source.relation.replace('source', 'inserts');
  const drop = async (): Promise<void> => {
    await duckdb.run(`DROP TABLE IF EXISTS ${matches}`);
    await duckdb.run(`DROP TABLE IF EXISTS ${inserts}`);
  };
  const table = parquetRelation(staged.list, columns, candidates);
  const sameKey = source.key.map(name => `t.${name} = s.${name}`).join(' AND ');
  const { version } = source;
  // Reads the key and the version of the table only; the other columns are compared where the versions leave it open.
  const change =
    version === undefined
      ? `CASE WHEN s.deleted THEN 'delete' ELSE 'compare' END`
      : `CASE WHEN t.${version} > s.${version} OR (s.${version} IS NULL AND t.${version} IS NOT NULL) THEN 'none'
              WHEN s.deleted THEN 'delete'
              WHEN t.${version} IS NOT DISTINCT FROM s.${version} THEN 'compare' ELSE 'update' END`;
  try {
    await drop();
    if (candidates.length === 0) {
      await duckdb.run(`CREATE TABLE ${matches} (file INTEGER, source BIGINT, change VARCHAR)`);
    } else {
      await duckdb.run(
        `CREATE TABLE ${matches} AS SELECT CAST(t.file_index AS INTEGER) AS file, s.rowid AS source, ${change} AS change
         FROM ${table} t JOIN ${source.relation} s ON ${sameKey}`,
      );
      await settleComparisons(matches, table, sameKey, columns, source, duckdb);
    }
    await duckdb.run(
      `CREATE TABLE ${inserts} AS SELECT s.rowid AS source FROM ${source.relation} s
       WHERE NOT s.deleted AND s.rowid NOT IN (SELECT source FROM ${matches}) ORDER BY ${source.key.map(name => `s.${name}`)}`,
    );
    const counts = await duckdb.rows(
      `SELECT (SELECT count(*) FROM ${inserts}) AS inserted,
              count(DISTINCT source) FILTER (WHERE change = 'update') AS updated,
              count(DISTINCT source) FILTER (WHERE change = 'delete') AS deleted FROM ${matches}`,
    );
    await duckdb.run(`DELETE FROM ${matches} WHERE change = 'none'`);
    const touched = await duckdb.rows(
      `SELECT file, min(source) AS first, max(source) AS last FROM ${matches} GROUP BY file ORDER BY file`,
    );
    return {
      matches,
      inserts,
      touched: touched.map(({ file, first, last }) => ({
        file: candidates[Number(file)] as AddFile,
        number: Number(file),
        first: Number(first),
        last: Number(last),
      })),
      inserted: Number(counts[0]?.['inserted']),
      updated: Number(counts[0]?.['updated']),
      deleted: Number(counts[0]?.['deleted']),
      [Symbol.asyncDispose]: drop,
    };
  } catch (error) {
    await drop();
    throw error;
  }
}

async function settleComparisons(
  matches: string,
  table: string,
  sameKey: string,
  columns: readonly AliasedColumn[],
  { relation }: MergeSource,
  duckdb: DeltaEngine['duckdb'],
): Promise<void> {
  const [open] = await duckdb.rows(`SELECT count(*) AS rows FROM ${matches} WHERE change = 'compare'`);
  if (open?.['rows'] === '0') return;
  const differs = columns.map(({ alias }) => `t.${alias} IS DISTINCT FROM s.${alias}`);
  await duckdb.run(
    `UPDATE ${matches} m SET change = 'update' FROM (
       SELECT DISTINCT t.file_index AS file, s.rowid AS source FROM ${table} t JOIN ${relation} s ON ${sameKey}
       WHERE s.rowid IN (SELECT source FROM ${matches} WHERE change = 'compare') AND (${differs.join(' OR ')})
     ) d WHERE m.change = 'compare' AND m.file = d.file AND m.source = d.source`,
  );
  await duckdb.run(`UPDATE ${matches} SET change = 'none' WHERE change = 'compare'`);
}
