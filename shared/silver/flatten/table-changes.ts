/** What a delivery changes in a silver table: its rows are compared with the table's, so that the merge need carry no others. */
import type { DeltaEngine } from '../../delta/engine.ts';
import { readTable } from '../../delta/read.ts';
import { duckDbType } from '../../delta/schema.ts';
import type { Snapshot } from '../../delta/snapshot.ts';
import { type DuckDbSession, sqlName } from '../../duckdb/session.ts';
import type { SilverTable } from '../silver-table.ts';
import type { LineSelection } from './line-selection.ts';

/** Relations are what may follow FROM in DuckDB's SQL. */
export interface TableChanges {
  /** The rows that are new or changed, and of those that are gone the key, with `is_gone` true. */
  readonly changed: string;
  /** All rows of the table once it is changed. */
  readonly all: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
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
  const [differing, kept] = [`differing_${table.name}`, `kept_${table.name}`];
  const columns = table.columns.map(({ name }) => sqlName(name));
  const key = table.key.map(sqlName);
  await using silver = await readTable({ table: snapshot.table, version: snapshot.version }, engine);
  const current = `(SELECT ${currentColumns(table, snapshot)} FROM ${silver.relation})`;
  // Rows are compared by a 64-bit hash of all their values, NULLs included: memory stays small however wide they are.
  const digests = (relation: string): string => `(SELECT ${key}, hash(${columns}) AS digest FROM ${relation})`;
  await duckdb.run(
    `CREATE OR REPLACE TEMPORARY TABLE ${differing} AS
     SELECT ${key}, after.digest IS NULL AS is_gone, before.digest IS NULL AS is_new
     FROM ${digests(current)} AS before FULL JOIN ${digests(delivered)} AS after USING (${key})
     WHERE before.digest IS DISTINCT FROM after.digest`,
  );
  await duckdb.run(
    `CREATE OR REPLACE TEMPORARY TABLE ${kept} AS
     SELECT ${columns} FROM ${current} SEMI JOIN (${heldBackKeys(differing, key, lines)}) USING (${key})`,
  );
  await duckdb.run(`DELETE FROM ${differing} WHERE (${key}) IN (SELECT (${key}) FROM ${kept})`);
  return {
    changed: `(SELECT ${columns}, false AS is_gone
               FROM ${delivered} SEMI JOIN (FROM ${differing} WHERE NOT is_gone) USING (${key})
               UNION ALL BY NAME SELECT ${key}, is_gone FROM ${differing} WHERE is_gone)`,
    all: `(SELECT ${columns} FROM ${delivered} UNION ALL BY NAME FROM ${kept})`,
    ...(await countChanges(differing, kept, duckdb)),
  };
}

/** The columns of the registry as the table has them; one that it lacks so far is NULL in every row. */
function currentColumns(table: SilverTable, { schema }: Snapshot): string[] {
  return table.columns.map(({ name, type }) => {
    const there = schema.some(column => column.name === name);
    return `CAST(${there ? sqlName(name) : 'NULL'} AS ${duckDbType(type)}) AS ${sqlName(name)}`;
  });
}

/** Keys that are gone because their own line was rejected. A title that is held back may have good lines too: those replace theirs. */
function heldBackKeys(
  differing: string,
  key: readonly string[],
  { heldBack, view, key: lineKey }: LineSelection,
): string {
  const heldBackIds = `(SELECT id AS ${key[0]} FROM ${heldBack})`;
  const delivered = `(SELECT ${lineKey.map((value, index) => `${value} AS ${key[index]}`)} FROM ${view})`;
  return `SELECT ${key} FROM ${differing} SEMI JOIN ${heldBackIds} USING (${key[0]})
          ANTI JOIN (FROM ${delivered} SEMI JOIN ${heldBackIds} USING (${key[0]})) USING (${key.slice(0, lineKey.length)})
          WHERE is_gone`;
}

async function countChanges(differing: string, kept: string, duckdb: DuckDbSession) {
  const [counted] = await duckdb.rows(
    `SELECT count_if(is_new) AS inserted, count_if(NOT is_new AND NOT is_gone) AS updated, count_if(is_gone) AS deleted,
            (SELECT count(*) FROM ${kept}) AS kept
     FROM ${differing}`,
  );
  const [inserted, updated, deleted, keptRows] = ['inserted', 'updated', 'deleted', 'kept'].map(name =>
    Number(counted?.[name]),
  ) as [number, number, number, number];
  return { inserted, updated, deleted, kept: keptRows };
}
