/** Reads checkpoints: the whole state of a table in Parquet (PROTOCOL.md, "Checkpoints", V1 spec, classic and multi-part). */
import type { Action } from './actions.ts';
import { stageFiles } from './data-files.ts';
import type { DeltaEngine } from './engine.ts';
import type { Checkpoint } from './log.ts';

/** Columns of a checkpoint that this code knows; writers add others, such as `stats_parsed` inside `add`. */
const actionColumns = ['protocol', 'metaData', 'txn', 'add', 'remove'] as const;

/** The actions that a checkpoint holds. @throws PermanentError `duckdb` when a file is not what it should be, naming it */
export async function readCheckpoint({ paths }: Checkpoint, engine: DeltaEngine): Promise<Action[]> {
  await using staged = await stageFiles(paths, engine);
  const files = staged.list;
  const known = await engine.duckdb.rows(
    `SELECT DISTINCT name FROM (DESCRIBE FROM read_parquet(${files}, union_by_name = true)) d(name)
     WHERE name IN (${actionColumns.map(name => `'${name}'`)})`,
  );
  // As JSON text: it turns structs and maps into the very objects of the log, and keeps long numbers as digits.
  const columns = known.map(({ name }) => `CASE WHEN ${name} IS NOT NULL THEN to_json(${name}) END AS ${name}`);
  const rows = await engine.duckdb.rows(`SELECT ${columns} FROM read_parquet(${files}, union_by_name = true)`);
  return rows.map(row => {
    const present = Object.entries(row).filter(([, json]) => json !== null);
    return Object.fromEntries(present.map(([name, json]) => [name, withoutNulls(JSON.parse(String(json)))]));
  });
}

/** Parquet has a value for every member; the log leaves out what is not there. */
function withoutNulls(action: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(action).filter(([, value]) => value !== null));
}
