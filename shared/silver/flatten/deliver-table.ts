/** Brings the delivered rows of one silver table into it: in place of all it has, or as the changes they make. */
import { readFile } from 'node:fs/promises';
import { silverTablePath } from '../../catalog/lake-paths.ts';
import type { DeltaEngine } from '../../delta/engine.ts';
import { mergeIntoTable } from '../../delta/merge.ts';
import { tableRows } from '../../delta/read.ts';
import { duckDbType } from '../../delta/schema.ts';
import { findTable, type Snapshot } from '../../delta/snapshot.ts';
import { isCommitted, type WriteRequest } from '../../delta/table-write.ts';
import { overwriteTable } from '../../delta/write.ts';
import { sqlName } from '../../duckdb/session.ts';
import { PermanentError } from '../../errors.ts';
import type { SilverTable } from '../imdb/silver-table.ts';
import type { LineSelection } from './line-selection.ts';
import { findChanges, type TableChanges } from './table-changes.ts';

export interface DeliveryRequest {
  readonly table: SilverTable;
  /** Full puts the delivery in place of the table; incremental carries over what is new, changed or gone. */
  readonly mode: 'full' | 'incremental';
  /** One per delivery of the data set: a table that has it already, or a later one, is left as it is. */
  readonly sequence: number;
}

/** A delivery to one table that has been looked through, and has changed nothing yet. */
export interface Delivery {
  commit(): Promise<DeliveryOutcome>;
}

export interface DeliveryOutcome {
  readonly version: number;
  /** Rows of the table after it. */
  readonly rows: number;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** Rows that the delivery lacks because their line is in quarantine: they stay as they were. */
  readonly kept: number;
  /** Bytes written. */
  readonly bytes: number;
  readonly filesRewritten: number;
}

/** An incremental delivery may take away this many rows of a table, or this share of them, whichever is more. */
const allowedLoss = { rows: 100, share: 0.2 };

/**
 * Finds out what the delivery does to the table. The view of the data set and the functions of the prelude must be there.
 * @throws PermanentError `shrunk` when more rows would go than an incremental delivery may take away
 */
export async function prepareDelivery(
  { table, mode, sequence }: DeliveryRequest,
  lines: LineSelection,
  engine: DeltaEngine,
): Promise<Delivery> {
  const path = silverTablePath('imdb', table.name);
  const txn = { appId: `imdb/${table.name}`, version: sequence };
  const write: WriteRequest = { table: path, schema: table.columns, description: table.description, txn };
  const snapshot = await findTable({ table: path }, engine);
  if (isCommitted(snapshot, txn)) return done(snapshot, engine);
  const delivered = await deliveredRows(table);
  if (snapshot === undefined || mode === 'full') return replacement(write, { delivered, snapshot }, engine);
  const changes = await findChanges({ table, delivered, snapshot }, lines, engine);
  await checkLoss(changes, snapshot, engine);
  return merge(write, { table, changes }, engine);
}

/** The rows of the table as its SELECT makes them, in the types of its columns: what may follow FROM. */
async function deliveredRows({ columns, select }: SilverTable): Promise<string> {
  const typed = columns.map(({ name, type }) => `CAST(${sqlName(name)} AS ${duckDbType(type)}) AS ${sqlName(name)}`);
  return `(SELECT ${typed} FROM (\n${await readFile(select, 'utf8')}\n))`;
}

async function checkLoss({ gone }: TableChanges, snapshot: Snapshot, engine: DeltaEngine): Promise<void> {
  const rows = await tableRows(snapshot, engine);
  if (gone <= Math.max(allowedLoss.rows, rows * allowedLoss.share)) return;
  throw new PermanentError(
    `${snapshot.table}: this delivery lacks ${gone} of its ${rows} rows; expected at most ${allowedLoss.share * 100} % to go at once, so silver was left as it is: if the data set has really shrunk, run it with mode full`,
    { code: 'shrunk' },
  );
}

const nothing = { inserted: 0, updated: 0, deleted: 0, kept: 0, bytes: 0, filesRewritten: 0 };

function done(snapshot: Snapshot, engine: DeltaEngine): Delivery {
  return {
    commit: async () => ({ ...nothing, version: snapshot.version, rows: await tableRows(snapshot, engine) }),
  };
}

function replacement(
  write: WriteRequest,
  { delivered, snapshot }: { delivered: string; snapshot: Snapshot | undefined },
  engine: DeltaEngine,
): Delivery {
  return {
    async commit() {
      const before = snapshot === undefined ? 0 : await tableRows(snapshot, engine);
      // Unsorted: the files come in the order of their keys, which DuckDB keeps nearly, and a sort would take three times the memory.
      const { version, rows, bytesWritten, filesRemoved } = await overwriteTable(
        { ...write, source: delivered },
        engine,
      );
      return {
        ...nothing,
        version,
        rows,
        inserted: rows,
        deleted: before,
        bytes: bytesWritten,
        filesRewritten: filesRemoved,
      };
    },
  };
}

function merge(
  write: WriteRequest,
  { table, changes }: { table: SilverTable; changes: TableChanges },
  engine: DeltaEngine,
): Delivery {
  return {
    async commit() {
      const { version, rows, inserted, updated, deleted, bytesWritten, filesRewritten } = await mergeIntoTable(
        { ...write, key: table.key, source: changes.relation, deleteWhen: 'is_gone' },
        engine,
      );
      return { version, rows, inserted, updated, deleted, kept: changes.kept, bytes: bytesWritten, filesRewritten };
    },
  };
}
