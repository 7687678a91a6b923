/** Writes that need no key: an empty table, rows added to a table, rows in place of all it has. */
import { sqlName } from '../duckdb/session.ts';
import type { AddFile } from './actions.ts';
import { type Draft, transact } from './commit.ts';
import { castColumns, writeDataFiles } from './data-files.ts';
import type { DeltaEngine } from './engine.ts';
import { tableRows } from './read.ts';
import type { TableSchema } from './schema.ts';
import type { Snapshot } from './snapshot.ts';
import { isCommitted, removal, txnActions, type WriteRequest, writeTarget } from './table-write.ts';

export interface RowsRequest extends WriteRequest {
  /** What may follow FROM in DuckDB's SQL; has the columns of `schema` by name. Read once. */
  readonly source: string;
  /** Columns to sort by, so that readers can skip row groups by their statistics. Costs memory for the sort. */
  readonly orderBy?: readonly string[];
  /** Size of new files, roughly. @default 500_000 */
  readonly rowsPerFile?: number;
}

export interface WriteResult {
  /** Version of the table that holds the write. */
  readonly version: number;
  /** True when `txn` was in the table already; nothing was done. */
  readonly skipped: boolean;
  readonly filesAdded: number;
  readonly filesRemoved: number;
  readonly bytesWritten: number;
  /** Rows in the table after it. */
  readonly rows: number;
}

type Mode = 'append' | 'overwrite';

/** Makes an empty table where there is none; an existing one only evolves to the schema. Returns it. */
export async function createTable(request: WriteRequest, engine: DeltaEngine): Promise<Snapshot> {
  const { snapshot } = await transact<undefined>(request.table, engine, async before => {
    const nowMs = engine.clock.now();
    const { actions } = writeTarget(before, request, { nowMs, replaces: 'nothing' });
    if (before !== undefined && actions.length === 0) return { unchanged: undefined, snapshot: before };
    return {
      operation: before === undefined ? 'CREATE TABLE' : 'CHANGE COLUMNS',
      isBlindAppend: true,
      actions: [...actions, ...txnActions(request.txn, nowMs)],
      conflict: async () => undefined,
      result: undefined,
    };
  });
  return snapshot;
}

/**
 * Adds rows. Never waits for or repeats because of other writers' rows.
 * @throws PermanentError `bad-schema`, `schema-conflict`, `null-value`, `unsupported-protocol`, `duckdb`
 */
export function appendToTable(request: RowsRequest, engine: DeltaEngine): Promise<WriteResult> {
  return writeRows('append', request, engine);
}

/**
 * Puts rows, and the schema given, in place of what the table has; older versions stay readable until vacuum.
 * @throws PermanentError as `appendToTable`, and `append-only`
 */
export function overwriteTable(request: RowsRequest, engine: DeltaEngine): Promise<WriteResult> {
  return writeRows('overwrite', request, engine);
}

async function writeRows(mode: Mode, request: RowsRequest, engine: DeltaEngine): Promise<WriteResult> {
  let added: readonly AddFile[] | undefined;
  const { result, snapshot } = await transact<Omit<WriteResult, 'version' | 'rows'>>(
    request.table,
    engine,
    async before => {
      if (isCommitted(before, request.txn)) {
        return { unchanged: { skipped: true, filesAdded: 0, filesRemoved: 0, bytesWritten: 0 }, snapshot: before };
      }
      const replaces = mode === 'append' ? 'nothing' : 'schema and rows';
      const target = writeTarget(before, request, { nowMs: engine.clock.now(), replaces });
      // The source is read once; a second attempt only commits the same files on top of a newer version.
      added ??= await writeDataFiles(
        {
          table: request.table,
          schema: target.schema,
          query: sourceQuery(request, target.schema),
          rowsPerFile: request.rowsPerFile ?? 500_000,
        },
        engine.duckdb,
        engine,
      );
      return draft(mode, request, before, target.actions, added, engine.clock.now());
    },
  );
  return { ...result, version: snapshot.version, rows: await tableRows(snapshot, engine) };
}

function draft(
  mode: Mode,
  request: RowsRequest,
  before: Snapshot | undefined,
  tableActions: Draft<unknown>['actions'],
  added: readonly AddFile[],
  nowMs: number,
): Draft<Omit<WriteResult, 'version' | 'rows'>> {
  const removed = mode === 'append' ? [] : [...(before?.files.values() ?? [])];
  return {
    operation: 'WRITE',
    operationParameters: { mode: mode === 'append' ? 'Append' : 'Overwrite' },
    isBlindAppend: mode === 'append',
    actions: [
      ...tableActions,
      ...txnActions(request.txn, nowMs),
      ...removed.map(file => removal(file, nowMs)),
      ...added.map(add => ({ add })),
    ],
    conflict: async winner =>
      mode === 'overwrite' && winner.some(({ add, remove }) => add !== undefined || remove !== undefined)
        ? 'another writer changed rows that are to be overwritten'
        : undefined,
    result: {
      skipped: false,
      filesAdded: added.length,
      filesRemoved: removed.length,
      bytesWritten: added.reduce((sum, { size }) => sum + size, 0),
    },
  };
}

function sourceQuery({ source, orderBy = [] }: RowsRequest, schema: TableSchema): string {
  const order = orderBy.length === 0 ? '' : ` ORDER BY ${orderBy.map(sqlName)}`;
  return `SELECT ${castColumns(schema)} FROM ${source} AS source${order}`;
}
