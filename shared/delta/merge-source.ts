/** The source of a merge, made ready once: typed, one row per key, in a table of its own. */
import { randomUUID } from 'node:crypto';
import { type DuckDbSession, sqlName } from '../duckdb/session.ts';
import { PermanentError } from '../errors.ts';
import { type AliasedColumn, aliased } from './data-files.ts';
import { duckDbType, type TableSchema } from './schema.ts';

export interface MergeSourceRequest {
  readonly schema: TableSchema;
  readonly key: readonly string[];
  readonly source: string;
  readonly deleteWhen?: string;
  readonly versionColumn?: string;
}

/**
 * A DuckDB table with columns `c0`, `c1`, … (the schema by position) and `deleted`, in the order in which its rows came: sorting
 * whole rows takes memory in proportion to the widest of them.
 */
export interface MergeSource extends AsyncDisposable {
  readonly relation: string;
  readonly columns: readonly AliasedColumn[];
  /** Aliases of the key columns. */
  readonly key: readonly string[];
  /** Alias of the version column. */
  readonly version: string | undefined;
  readonly rows: number;
  /** Rows that lost to another one of the same key. */
  readonly duplicates: number;
}

/**
 * Loads the source. Of several rows with one key the highest version stays; equal versions are decided by a delete first, then by
 * the other columns, so the outcome does not depend on their order.
 * @throws PermanentError `bad-merge` for columns that do not exist, `null-value` for NULL in the key, `duckdb`
 */
export async function loadMergeSource(request: MergeSourceRequest, duckdb: DuckDbSession): Promise<MergeSource> {
  const columns = aliased(request.schema);
  const alias = (name: string, role: string): string => {
    const column = columns.find(candidate => candidate.name.toLowerCase() === name.toLowerCase());
    if (column) return column.alias;
    throw new PermanentError(
      `merge: the ${role} column ${name} is not in the schema (has: ${columns.map(known => known.name).join(', ')})`,
      { code: 'bad-merge' },
    );
  };
  if (request.key.length === 0) {
    throw new PermanentError('merge: expected at least one key column', { code: 'bad-merge' });
  }
  const key = request.key.map(name => alias(name, 'key'));
  const version = request.versionColumn === undefined ? undefined : alias(request.versionColumn, 'version');
  const relation = `merge_source_${randomUUID().replaceAll('-', '')}`;
  const drop = (): Promise<void> => duckdb.run(`DROP TABLE IF EXISTS ${relation}`);

  const typed = columns.map(({ name, type, alias: as }) => `CAST(${sqlName(name)} AS ${duckDbType(type)}) AS ${as}`);
  const deleted = request.deleteWhen === undefined ? 'false' : `coalesce((${request.deleteWhen}), false)`;
  try {
    await duckdb.run(
      `CREATE TABLE ${relation} AS SELECT ${typed}, ${deleted} AS deleted FROM ${request.source} AS source`,
    );
    await checkKey(relation, key, request.key, duckdb);
    const duplicates = await dropDuplicates(
      relation,
      key,
      version,
      columns.map(column => column.alias),
      duckdb,
    );
    const [count] = await duckdb.rows(`SELECT count(*) AS rows FROM ${relation}`);
    return { relation, columns, key, version, rows: Number(count?.['rows']), duplicates, [Symbol.asyncDispose]: drop };
  } catch (error) {
    await drop();
    throw error;
  }
}

/** Only the key: the other columns are checked when the files are written, and a row that deletes may leave them empty. */
async function checkKey(relation: string, key: readonly string[], names: readonly string[], duckdb: DuckDbSession) {
  const [found] = await duckdb.rows(
    `SELECT count(*) AS rows FROM ${relation} WHERE ${key.map(name => `${name} IS NULL`).join(' OR ')}`,
  );
  if (found?.['rows'] === '0') return;
  throw new PermanentError(
    `merge: ${found?.['rows']} source rows have NULL in the key (${names.join(', ')}); expected a value in every row`,
    { code: 'null-value' },
  );
}

async function dropDuplicates(
  relation: string,
  key: readonly string[],
  version: string | undefined,
  columns: readonly string[],
  duckdb: DuckDbSession,
): Promise<number> {
  const [surplus] = await duckdb.rows(
    `SELECT coalesce(sum(n - 1), 0) AS rows FROM (SELECT count(*) AS n FROM ${relation} GROUP BY ${key} HAVING n > 1)`,
  );
  const duplicates = Number(surplus?.['rows']);
  if (duplicates === 0) return 0;
  const first = [...(version === undefined ? [] : [version]), 'deleted', ...columns].map(
    name => `${name} DESC NULLS LAST`,
  );
  const keys = `(${key.map(name => `r.${name}`)})`;
  await duckdb.run(
    `DELETE FROM ${relation} WHERE rowid IN (
       SELECT rowid FROM ${relation} r
       WHERE ${keys} IN (SELECT (${key}) FROM ${relation} GROUP BY ${key} HAVING count(*) > 1)
       QUALIFY row_number() OVER (PARTITION BY ${key} ORDER BY ${first}) > 1)`,
  );
  return duplicates;
}
