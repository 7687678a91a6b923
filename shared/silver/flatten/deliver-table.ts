/** Brings the delivered rows of one silver table into it: in place of all it has, or as the changes they make. */
import { silverTablePath } from '../../catalog/lake-paths.ts';
import type { DeltaEngine } from '../../delta/engine.ts';
import { type MergeRequest, mergeIntoTable } from '../../delta/merge.ts';
import { tableRows } from '../../delta/read.ts';
import { findTable } from '../../delta/snapshot.ts';
import { isCommitted } from '../../delta/table-write.ts';
import { overwriteTable, type RowsRequest } from '../../delta/write.ts';
import { PermanentError } from '../../errors.ts';
import type { ImdbTable } from '../imdb/imdb-table.ts';
import { silverRows } from '../silver-table.ts';
import type { LineSelection } from './line-selection.ts';
import { findChanges } from './table-changes.ts';

export interface DeliveryRequest {
  readonly table: ImdbTable;
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

const nothing = { inserted: 0, updated: 0, deleted: 0, kept: 0, bytes: 0, filesRewritten: 0 };

/** An incremental delivery may take away this many rows of a table, or this share of them, whichever is more. */
const allowedLoss = { rows: 100, share: 0.2 };

/** A merge holds the changed rows: where there are more, or more than this share, the table is written anew in one pass. */
const mergeLimit = { rows: 500_000, share: 0.5 };

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
  const write = { table: path, schema: table.columns, description: table.description, txn };
  const snapshot = await findTable({ table: path }, engine);
  const rowsBefore = snapshot === undefined ? 0 : await tableRows(snapshot, engine);
  if (isCommitted(snapshot, txn)) {
    const { version } = snapshot;
    return { commit: async () => ({ ...nothing, version, rows: rowsBefore }) };
  }
  const delivered = await silverRows(table);
  if (snapshot === undefined || mode === 'full') {
    return {
      async commit() {
        const replaced = await replaceRows({ ...write, source: delivered }, engine);
        return { ...nothing, ...replaced, inserted: replaced.rows, deleted: rowsBefore };
      },
    };
  }
  const { changed, all, ...counts } = await findChanges({ table, delivered, snapshot }, lines, engine);
  checkLoss(path, counts.deleted, rowsBefore);
  const changedRows = counts.inserted + counts.updated + counts.deleted;
  const isMerged = changedRows <= Math.min(mergeLimit.rows, rowsBefore * mergeLimit.share);
  return {
    async commit() {
      const written = isMerged
        ? await mergeRows({ ...write, key: table.key, source: changed, deleteWhen: 'is_gone' }, engine)
        : await replaceRows({ ...write, source: all }, engine);
      return { ...counts, ...written };
    },
  };
}

function checkLoss(path: string, deleted: number, rows: number): void {
  if (deleted <= Math.max(allowedLoss.rows, rows * allowedLoss.share)) return;
  throw new PermanentError(
    `${path}: this delivery lacks ${deleted} of its ${rows} rows; expected at most ${allowedLoss.share * 100} % to go at once, so silver was left as it is: if the data set has really shrunk, run it with mode full`,
    { code: 'shrunk' },
  );
}

type Written = Pick<DeliveryOutcome, 'version' | 'rows' | 'bytes' | 'filesRewritten'>;

/** Unsorted: lines come in the order of their keys, which DuckDB nearly keeps, and a sort would take three times the memory. */
async function replaceRows(request: RowsRequest, engine: DeltaEngine): Promise<Written> {
  const { version, rows, bytesWritten, filesRemoved } = await overwriteTable(request, engine);
  return { version, rows, bytes: bytesWritten, filesRewritten: filesRemoved };
}

async function mergeRows(request: MergeRequest, engine: DeltaEngine): Promise<Written> {
  const { version, rows, bytesWritten, filesRewritten } = await mergeIntoTable(request, engine);
  return { version, rows, bytes: bytesWritten, filesRewritten };
}
