/** Delta tables in a plain folder as our own reader and writer see them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import type { DeltaEngine } from '../../shared/delta/engine.ts';
import { mergeIntoTable } from '../../shared/delta/merge.ts';
import { readTable } from '../../shared/delta/read.ts';
import type { ColumnType, TableColumn } from '../../shared/delta/schema.ts';
import { appendToTable } from '../../shared/delta/write.ts';
import { openDuckDb, sqlName } from '../../shared/duckdb/session.ts';
import { directoryStore } from '../../shared/storage/directory-store.ts';
import { type CanonicalValue, digestOf, doubleText, instantText, type RowsDigest } from './canonical-rows.ts';

export interface OurDelta extends AsyncDisposable {
  /** The rows of a table at a version, the newest where none is given. */
  digest(table: string, version?: number): Promise<RowsDigest>;
  /** Rows that a condition of SQL is true of. */
  count(table: string, condition: string): Promise<number>;
  /** Changes, removes and adds a tenth of the users by one merge. */
  mergeUsers(table: string): Promise<void>;
  /** Adds a user per commit, as many times as it takes until a checkpoint is due. */
  appendUntilCheckpoint(table: string): Promise<void>;
}

/** Our Delta on the tables below `folder`, whose names are their paths from there. */
export async function ourDelta(folder: string): Promise<OurDelta> {
  const scratch = await mkdtemp(join(tmpdir(), 'interop-delta-'));
  const duckdb = await openDuckDb({ scratch });
  const engine: DeltaEngine = { store: directoryStore(folder), duckdb, scratch, clock: systemClock };
  return {
    async digest(table, version) {
      await using reading = await readTable(version === undefined ? { table } : { table, version }, engine);
      const { schema } = reading.snapshot;
      const rows = await duckdb.rows(`SELECT ${schema.map(exactColumn)} FROM ${reading.relation}`);
      return digestOf(rows.map(row => schema.map(({ name, type }) => canonical(type, row[name]))));
    },
    async count(table, condition) {
      await using reading = await readTable({ table }, engine);
      const [row] = await duckdb.rows(`SELECT count(*) AS rows FROM ${reading.relation} WHERE ${condition}`);
      return Number(row?.['rows']);
    },
    async mergeUsers(table) {
      await using users = await readTable({ table }, engine);
      const changed = `SELECT * REPLACE ('ZZ' AS country), user_id % 20 = 7 AS gone FROM ${users.relation} WHERE user_id % 10 = 7`;
      const added = `SELECT * REPLACE (user_id + 5000000 AS user_id), false AS gone FROM ${users.relation} WHERE user_id % 100 = 8`;
      const { schema } = users.snapshot;
      await mergeIntoTable(
        { table, schema, key: ['user_id'], deleteWhen: 'gone', source: `(${changed} UNION ALL ${added})` },
        engine,
      );
    },
    async appendUntilCheckpoint(table) {
      for (let due = false; !due; ) {
        await using users = await readTable({ table }, engine);
        const { schema } = users.snapshot;
        const source = `(SELECT * REPLACE (user_id + 1 AS user_id) FROM ${users.relation} ORDER BY user_id DESC LIMIT 1)`;
        const { version } = await appendToTable({ table, schema, source }, engine);
        due = version % 10 === 0;
      }
    },
    async [Symbol.asyncDispose]() {
      duckdb.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

function exactColumn({ name, type }: TableColumn): string {
  const column = sqlName(name);
  if (type === 'timestamp') return `epoch_us(${column}) AS ${column}`;
  if (type === 'binary') return `lower(hex(${column})) AS ${column}`;
  return type === 'double' || type === 'float' ? `${column}::DOUBLE AS ${column}` : `${column}::VARCHAR AS ${column}`;
}

function canonical(type: ColumnType, value: unknown): CanonicalValue {
  if (value === null) return null;
  if (type === 'timestamp') return instantText(BigInt(String(value)));
  return type === 'double' || type === 'float' ? doubleText(Number(value)) : String(value);
}
