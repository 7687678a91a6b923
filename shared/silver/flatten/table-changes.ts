/** What a delivery changes in a silver table: its rows are compared with the table's, so that the merge need carry no others. */
import type { DeltaEngine } from '../../delta/engine.ts';
import { readTable } from '../../delta/read.ts';
import { duckDbType } from '../../delta/schema.ts';
import type { Snapshot } from '../../delta/snapshot.ts';
import { type DuckDbSession, sqlName } from '../../duckdb/session.ts';
import type { SilverTable } from '../imdb/silver-table.ts';
import type { LineSelection } from './line-selection.ts';

export interface TableChanges {
  /**
   * Temporary DuckDB table with the columns of the silver table and `is_gone`: the rows that are new or changed, and of those to
   * remove the key.
   */
  readonly relation: string;
  /** Rows to remove. */
  readonly gone: number;
  /** Rows that the delivery does not have, but that stay because their own line is in quarantine. */
  readonly kept: number;
}

/** Compares `delivered`, a relation with the columns of `table`, with the table at `snapshot`. */
export async function findChanges(
  { table, delivered, snapshot }: { table: SilverTable; delivered: string; snapshot: Snapshot },
  lines: LineSelection,
  engine: DeltaEngine,
): Promise<TableChanges> {
  const { duckdb } = engine;
  const relation = `changes_${table.name}`;
  await using silver = await readTable({ table: snapshot.table, version: snapshot.version }, engine);
  const current = `(SELECT ${currentColumns(table, snapshot)} FROM ${silver.relation})`;
  const columns = table.columns.map(({ name }) => sqlName(name));
  const key = table.key.map(sqlName);
  const digest = `hash(${key})`;
  // As hashes of 64 bits, of the key and of the row: memory stays small however wide the rows are.
  await duckdb.run(
    `CREATE OR REPLACE TEMPORARY TABLE differing AS
     SELECT digest FROM (SELECT ${digest} AS digest, hash(${columns}) AS content FROM ${delivered}) AS delivered
     FULL JOIN (SELECT ${digest} AS digest, hash(${columns}) AS content FROM ${current}) AS current USING (digest)
     WHERE delivered.content IS DISTINCT FROM current.content`,
  );
  // From here on by the keys themselves: two that share a digest are at most looked at in vain.
  await duckdb.run(
    `CREATE OR REPLACE TEMPORARY TABLE ${relation} AS
     SELECT ${columns}, false AS is_gone FROM (SELECT *, ${digest} AS digest FROM ${delivered}) SEMI JOIN differing USING (digest)`,
  );
  await duckdb.run(
    `CREATE OR REPLACE TEMPORARY TABLE gone AS
     SELECT ${key} FROM (SELECT ${key}, ${digest} AS digest FROM ${current}) SEMI JOIN differing USING (digest)
     ANTI JOIN ${relation} USING (${key})`,
  );
  const kept = await keepHeldBack(key, lines, duckdb);
  await duckdb.run(`INSERT INTO ${relation} BY NAME SELECT ${key}, true AS is_gone FROM gone`);
  const [counted] = await duckdb.rows('SELECT count(*) AS rows FROM gone');
  return { relation, gone: Number(counted?.['rows']), kept };
}

/** The columns of the registry as the table has them; one that it lacks so far is NULL in every row. */
function currentColumns(table: SilverTable, { schema }: Snapshot): string[] {
  return table.columns.map(({ name, type }) => {
    const there = schema.some(column => column.name === name);
    return `CAST(${there ? sqlName(name) : 'NULL'} AS ${duckDbType(type)}) AS ${sqlName(name)}`;
  });
}

/** Takes rows out of `gone` whose line was delivered, but rejected. Returns how many. */
async function keepHeldBack(key: readonly string[], lines: LineSelection, duckdb: DuckDbSession): Promise<number> {
  const lineKey = key.slice(0, lines.key.length);
  // A title that is held back may have good lines too, which say what is there now.
  const replaced = `SELECT ${lines.key.map((value, index) => `${value} AS ${lineKey[index]}`)} FROM ${lines.view}`;
  await duckdb.run(
    `CREATE OR REPLACE TEMPORARY TABLE kept AS
     SELECT ${key} FROM gone SEMI JOIN (SELECT id AS ${key[0]} FROM ${lines.heldBack}) USING (${key[0]})
     ANTI JOIN (FROM (${replaced}) SEMI JOIN (SELECT id AS ${key[0]} FROM ${lines.heldBack}) USING (${key[0]})) USING (${lineKey})`,
  );
  await duckdb.run(`DELETE FROM gone WHERE (${key}) IN (SELECT (${key}) FROM kept)`);
  const [counted] = await duckdb.rows('SELECT count(*) AS rows FROM kept');
  return Number(counted?.['rows']);
}
