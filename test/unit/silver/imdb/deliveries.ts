/** Deliveries of IMDb data sets for the tests: bronze as a copy leaves it, flattened, and silver read back. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { imdbDataSets } from '../../../../shared/catalog/imdb-data-sets.ts';
import { silverTablePath } from '../../../../shared/catalog/lake-paths.ts';
import type { DeltaEngine } from '../../../../shared/delta/engine.ts';
import { readTable } from '../../../../shared/delta/read.ts';
import { sqlName, sqlText } from '../../../../shared/duckdb/session.ts';
import { type FlattenReceipt, flattenDataSet } from '../../../../shared/silver/flatten/flatten-data-set.ts';
import { imdbTables } from '../../../../shared/silver/imdb/index.ts';

export interface DeliveryOptions {
  readonly sequence: number;
  readonly mode?: 'full' | 'incremental';
  /** In place of the catalog's. */
  readonly header?: readonly string[];
}

/** Lands lines (fields between tabs) in bronze as a copy does, and flattens them. A line of `Buffer`s is malformed: its pieces. */
export async function deliver(
  dataSet: string,
  lines: readonly (string | readonly Buffer[])[],
  { sequence, mode = 'incremental', header = fieldNames(dataSet) }: DeliveryOptions,
  engine: DeltaEngine,
): Promise<FlattenReceipt> {
  const path = `bronze/imdb/${dataSet}/${sequence}/part-0001.parquet`;
  const rows = await writeBronze(path, header, lines, engine);
  const source = { path: `${dataSet}.tsv.gz`, entry: null };
  const quarantinePath = `quarantine/imdb/${dataSet}/${sequence}.parquet`;
  return flattenDataSet({ dataSet, mode, sequence, bronze: { path, rows }, source, quarantinePath }, engine);
}

/** Fields of a line by name; those that are not there are `\N`. */
export type Fields = Readonly<Record<string, string | undefined>>;

export function lines(dataSet: string, rows: readonly Fields[]): string[] {
  return rows.map(row =>
    fieldNames(dataSet)
      .map(name => row[name] ?? '\\N')
      .join('\t'),
  );
}

export function fieldNames(dataSet: string): string[] {
  return imdbDataSets.find(({ name }) => name === dataSet)?.fields.map(({ name }) => name) ?? [];
}

/** The rows of a silver table in the order of its key, as arrays in the order of its columns. */
export async function silverRows(name: string, engine: DeltaEngine): Promise<unknown[][]> {
  const table = imdbTables.find(candidate => candidate.name === name);
  await using silver = await readTable({ table: silverTablePath('imdb', name) }, engine);
  const rows = await engine.duckdb.rows(`FROM ${silver.relation} ORDER BY ${table?.key.map(sqlName)}`);
  return rows.map(row => Object.values(row));
}

/** Any Parquet file of the lake, as rows. */
export async function parquetRows(path: string, engine: DeltaEngine): Promise<readonly Record<string, unknown>[]> {
  const local = join(engine.scratch, `${randomUUID()}.parquet`);
  await engine.store.download(path, local);
  const rows = await engine.duckdb.rows(`FROM ${sqlText(local)}`);
  await rm(local);
  return rows;
}

async function writeBronze(
  path: string,
  header: readonly string[],
  given: readonly (string | readonly Buffer[])[],
  { duckdb, scratch, store }: DeltaEngine,
): Promise<number> {
  const values = given.flatMap((line, index) => {
    const number = index + 2;
    if (typeof line !== 'string') {
      return line.map(piece => `(${header.map(() => 'NULL')}, ${number}, ${blob(piece)}, 'a malformed line')`);
    }
    const fields = line.split('\t');
    if (fields.length === header.length) return `(${fields.map(sqlText)}, ${number}, NULL, NULL)`;
    const reason = `expected ${header.length} fields, got ${fields.length}`;
    return `(${header.map(() => 'NULL')}, ${number}, ${blob(Buffer.from(line))}, '${reason}')`;
  });
  const texts = header.map((name, index) => `CAST(c${index} AS VARCHAR) AS ${sqlName(name)}`);
  const own =
    'CAST(line AS BIGINT) AS _line, CAST(malformed AS BLOB) AS _malformed, CAST(reason AS VARCHAR) AS _reason';
  const local = join(scratch, `${randomUUID()}.parquet`);
  await duckdb.run(
    `COPY (SELECT ${texts}, ${own} FROM (VALUES ${values}) v(${header.map((_, index) => `c${index}`)}, line, malformed, reason))
     TO ${sqlText(local)} (FORMAT parquet)`,
  );
  await store.upload(local, path);
  await rm(local);
  return values.length;
}

function blob(bytes: Buffer): string {
  return `from_hex('${bytes.toString('hex')}')`;
}
