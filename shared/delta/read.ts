/** Reads tables: as a relation for DuckDB, and how many rows they have. */
import { sqlName, sqlText } from '../duckdb/session.ts';
import { type AddFile, filePath } from './actions.ts';
import { aliased, parquetRelation, stageFiles } from './data-files.ts';
import type { DeltaEngine } from './engine.ts';
import { duckDbType } from './schema.ts';
import { openTable, type Snapshot } from './snapshot.ts';
import { rowCount } from './stats.ts';

/** A table at one version, ready to be queried until it is disposed of. */
export interface TableReading extends AsyncDisposable {
  /** What may follow FROM in DuckDB's SQL; has the columns of the table by name. */
  readonly relation: string;
  readonly snapshot: Snapshot;
}

/**
 * Brings the files of a table near and returns them as one relation: `await using users = await readTable(…)`.
 * @throws PermanentError as `openTable` does
 */
export async function readTable(
  request: { readonly table: string; readonly version?: number },
  engine: DeltaEngine,
): Promise<TableReading> {
  const snapshot = await openTable(request, engine);
  const files = [...snapshot.files.values()];
  const staged = await stageFiles(
    files.map(file => `${request.table}/${filePath(file)}`),
    engine,
  );
  const parts = byPartition(files, staged.paths).map(group => `SELECT ${groupColumns(snapshot, group)}`);
  const relation = parts.length === 0 ? emptyRelation(snapshot) : parts.join(' UNION ALL ');
  return { relation: `(${relation})`, snapshot, [Symbol.asyncDispose]: () => staged[Symbol.asyncDispose]() };
}

/** Rows of a table. Taken from the statistics; files whose writer gave none are opened. */
export async function tableRows(snapshot: Snapshot, engine: DeltaEngine): Promise<number> {
  const files = [...snapshot.files.values()];
  const known = files.reduce((sum, { stats }) => sum + (rowCount(stats) ?? 0), 0);
  const unknown = files.filter(({ stats }) => rowCount(stats) === undefined);
  if (unknown.length === 0) return known;
  await using staged = await stageFiles(
    unknown.map(file => `${snapshot.table}/${filePath(file)}`),
    engine,
  );
  const [counted] = await engine.duckdb.rows(`SELECT sum(num_rows) AS rows FROM parquet_file_metadata(${staged.list})`);
  return known + Number(counted?.['rows']);
}

interface PartitionGroup {
  readonly files: AddFile[];
  readonly values: AddFile['partitionValues'];
  readonly paths: string[];
}

/** Files with the same partition values together: those values are in the log only, not in the files. */
function byPartition(files: readonly AddFile[], paths: readonly string[]): PartitionGroup[] {
  const groups = new Map<string, PartitionGroup>();
  for (const [index, file] of files.entries()) {
    const key = JSON.stringify(Object.entries(file.partitionValues).sort());
    const group = groups.get(key) ?? { values: file.partitionValues, files: [], paths: [] };
    group.files.push(file);
    group.paths.push(paths[index] ?? '');
    groups.set(key, group);
  }
  return [...groups.values()];
}

function groupColumns({ schema, partitionColumns }: Snapshot, { values, files, paths }: PartitionGroup): string {
  const columns = aliased(schema);
  const list = `[${paths.map(sqlText)}]`;
  const selected = columns.map(({ name, type, alias }) => {
    if (!partitionColumns.includes(name)) return `${alias} AS ${sqlName(name)}`;
    // "An empty string for any type translates to a null partition value" (PROTOCOL.md, "Partition Value Serialization").
    const value = values[name] ?? '';
    const text = value === '' ? 'NULL' : sqlText(value);
    return `CAST(${text} AS ${duckDbType(type)}) AS ${sqlName(name)}`;
  });
  const stored = columns.filter(({ name }) => !partitionColumns.includes(name));
  return `${selected} FROM ${parquetRelation(list, stored, files)}`;
}

function emptyRelation({ schema }: Snapshot): string {
  return `SELECT ${schema.map(({ name, type }) => `CAST(NULL AS ${duckDbType(type)}) AS ${sqlName(name)}`)} WHERE false`;
}
