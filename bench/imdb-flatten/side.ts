/** One side of the flatten claim in a process of its own: `side.ts ours|anchor|again`. Prints what it took as JSON. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DeltaEngine } from '../../shared/delta/engine.ts';
import { duckDbType } from '../../shared/delta/schema.ts';
import { openTable } from '../../shared/delta/snapshot.ts';
import { sqlText } from '../../shared/duckdb/session.ts';
import { flattenDataSet, type TableReceipt } from '../../shared/silver/flatten/flatten-data-set.ts';
import { imdbTables } from '../../shared/silver/imdb/index.ts';
import { peakMemoryMiB } from '../peak-memory.ts';
import { bronzePath, dataSetsOf, folderOf, linesOf, openEngine, type Size } from './data.ts';

const prelude = new URL('../../shared/silver/prelude.duckdb.sql', import.meta.url);

export interface Side {
  readonly seconds: number;
  readonly peakMiB: number;
}

/** What the second delivery did. */
export interface Again extends Side {
  readonly filesRewritten: number;
  /** Files of the first delivery with a row that the second one changed. */
  readonly filesChanged: number;
  readonly files: number;
}

const side = process.argv[2] as 'ours' | 'anchor' | 'again';
const result = side === 'ours' ? await ours() : side === 'anchor' ? await anchor() : await again();
process.stdout.write(`${JSON.stringify(result)}\n`);

async function ours(): Promise<Side> {
  await rm(join(folderOf('all'), 'silver'), { recursive: true, force: true });
  const started = performance.now();
  const engine = await openEngine('all');
  await deliver('all', 1, engine);
  engine.duckdb.close();
  return { seconds: (performance.now() - started) / 1000, peakMiB: peakMemoryMiB() };
}

/** What a script would do that trusts its input: each SELECT to a Parquet file. */
async function anchor(): Promise<Side> {
  const folder = folderOf('all');
  const started = performance.now();
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '256MiB' });
  const connection = await instance.connect();
  await connection.run(await readFile(prelude, 'utf8'));
  for (const dataSet of dataSetsOf('all')) {
    await connection.run(`CREATE VIEW ${dataSet.replace('.', '_')} AS FROM '${join(folder, bronzePath(dataSet, 1))}'`);
  }
  for (const { name, columns, select } of imdbTables) {
    const typed = columns.map(column => `CAST(${column.name} AS ${duckDbType(column.type)}) AS ${column.name}`);
    const query = `SELECT ${typed} FROM (${await readFile(select, 'utf8')})`;
    await connection.run(`COPY (${query}) TO '${join(folder, name)}.parquet' (FORMAT parquet, COMPRESSION zstd)`);
  }
  return { seconds: (performance.now() - started) / 1000, peakMiB: peakMemoryMiB() };
}

async function again(): Promise<Again> {
  await rm(join(folderOf('principals'), 'silver'), { recursive: true, force: true });
  const engine = await openEngine('principals');
  await deliver('principals', 1, engine);
  const started = performance.now();
  const tables = await deliver('principals', 2, engine);
  const taken = { seconds: (performance.now() - started) / 1000, peakMiB: peakMemoryMiB() };
  let [filesChanged, files] = [0, 0];
  for (const { path } of tables) {
    const before = await filesOf(path, 0, engine);
    files += before.length;
    filesChanged += await holdingChange(before, await filesOf(path, 1, engine), engine);
  }
  engine.duckdb.close();
  const filesRewritten = tables.reduce((sum, table) => sum + table.filesRewritten, 0);
  return { ...taken, filesRewritten, filesChanged, files };
}

async function deliver(size: Size, delivery: 1 | 2, engine: DeltaEngine): Promise<readonly TableReceipt[]> {
  const tables: TableReceipt[] = [];
  for (const dataSet of dataSetsOf(size)) {
    const bronze = { path: bronzePath(dataSet, delivery), rows: linesOf(size, dataSet) };
    const source = { path: `${dataSet}.tsv.gz`, entry: null };
    const quarantinePath = `quarantine/imdb/${dataSet}/${delivery}.parquet`;
    const request = { dataSet, mode: 'incremental', sequence: delivery, bronze, source, quarantinePath } as const;
    tables.push(...(await flattenDataSet(request, engine)).tables);
  }
  return tables;
}

async function filesOf(table: string, version: number, engine: DeltaEngine): Promise<string[]> {
  const { files } = await openTable({ table, version }, engine);
  return [...files.keys()].map(path => join(folderOf('principals'), table, path));
}

/** Counts the files with a row that the other version has nowhere. Files that both versions have need not be looked at. */
async function holdingChange(before: readonly string[], after: readonly string[], { duckdb }: DeltaEngine) {
  const replaced = before.filter(file => !after.includes(file));
  const written = after.filter(file => !before.includes(file));
  if (replaced.length === 0) return 0;
  const [counted] = await duckdb.rows(
    `SELECT count(DISTINCT filename) AS files
     FROM (SELECT filename, hash(old) AS digest FROM read_parquet([${replaced.map(sqlText)}], filename = true) AS old)
     WHERE digest NOT IN (SELECT hash(new) FROM read_parquet([${written.map(sqlText)}]) AS new)`,
  );
  return Number(counted?.['files']);
}
