/** Writes the files of a merge, several at a time. */
import { type DuckDbSession, sqlText } from '../duckdb/session.ts';
import type { AddFile } from './actions.ts';
import { type AliasedColumn, namedColumns, parquetRelation, writeDataFiles } from './data-files.ts';
import type { DeltaEngine } from './engine.ts';
import type { MatchResult } from './merge-match.ts';
import type { WriteUnit } from './merge-plan.ts';
import type { MergeSource } from './merge-source.ts';

export interface MergeInput {
  readonly table: string;
  /** The columns of the table after the merge, with their aliases in the source. */
  readonly columns: readonly AliasedColumn[];
  readonly source: MergeSource;
  readonly match: MatchResult;
  /** Where each file that is replaced lies on this machine. */
  readonly localFiles: ReadonlyMap<AddFile, string>;
}

/**
 * One data file per unit. DuckDB parallelises a query by row groups, of which one file has too few to keep the threads busy, so as
 * many units as it has threads run side by side, each on a connection of its own.
 */
export async function writeUnits(
  units: readonly WriteUnit[],
  input: MergeInput,
  engine: DeltaEngine,
): Promise<AddFile[]> {
  const written: AddFile[][] = [];
  const waiting = units.entries();
  const worker = async (): Promise<void> => {
    using duckdb = await engine.duckdb.fork();
    for (const [index, unit] of waiting) {
      const query = await unitQuery(unit, input, duckdb);
      written[index] = await writeDataFiles({ table: input.table, schema: input.columns, query }, duckdb, engine);
    }
  };
  const workers = Array.from({ length: Math.min(engine.duckdb.threads, units.length) }, worker);
  const outcomes = await Promise.allSettled(workers);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return written.flat();
}

async function unitQuery(unit: WriteUnit, input: MergeInput, duckdb: DuckDbSession): Promise<string> {
  const { columns, source, match, localFiles } = input;
  const aliases = columns.map(({ alias }) => alias);
  const parts: string[] = [];
  if (unit.replaces !== undefined) {
    const localFile = localFiles.get(unit.replaces) ?? unit.replaces.path;
    const old = parquetRelation(sqlText(localFile), columns, [unit.replaces]);
    if (unit.touched === undefined) parts.push(`SELECT ${aliases} FROM ${old}`);
    else {
      const { number, first, last } = unit.touched;
      // The range of rowids lets DuckDB skip the blocks of the source that other files match.
      const changed = (test: string): string =>
        `SELECT * FROM ${source.relation} WHERE rowid BETWEEN ${first} AND ${last}
         AND rowid IN (SELECT source FROM ${match.matches} WHERE file = ${number} AND ${test})`;
      parts.push(`SELECT ${aliases} FROM ${old} ANTI JOIN (${changed('true')}) USING (${source.key})`);
      parts.push(`SELECT ${aliases} FROM (${changed("change = 'update'")})`);
    }
  }
  if (unit.inserts !== undefined) {
    const { start, end } = unit.inserts;
    const slice = `SELECT source FROM ${match.inserts} WHERE rowid >= ${start} AND rowid < ${end}`;
    const [range] = await duckdb.rows(`SELECT min(source) AS first, max(source) AS last FROM (${slice})`);
    parts.push(
      `SELECT ${aliases} FROM ${source.relation}
       WHERE rowid BETWEEN ${range?.['first']} AND ${range?.['last']} AND rowid IN (${slice})`,
    );
  }
  return `SELECT ${namedColumns(columns)} FROM (${parts.join(' UNION ALL ')})`;
}
