/** What every change of a table starts from: the table as it is, or a new one. Pure; no I/O. */
import { randomUUID } from 'node:crypto';
import { PermanentError } from '../errors.ts';
import type { Action, AddFile, RemoveFile } from './actions.ts';
import { checkWritable, isAppendOnly, writtenProtocol } from './protocol.ts';
import { checkSchema, evolveSchema, formatSchema, type TableSchema } from './schema.ts';
import type { Snapshot } from './snapshot.ts';

/** The place of one application in its own work: version `version` of `appId` is committed at most once. */
export interface TransactionId {
  readonly appId: string;
  readonly version: number;
}

/** What a write gives whatever else it does. */
export interface WriteRequest {
  /** Path of the table's folder in the lake, such as `silver/youflix/users`. Made when there is no table. */
  readonly table: string;
  readonly schema: TableSchema;
  /** One sentence about the table, for its metadata. */
  readonly description?: string;
  /** With it, a repeated write is recognised and skipped. */
  readonly txn?: TransactionId;
}

export interface WriteTarget {
  /** The schema after the write. */
  readonly schema: TableSchema;
  /** Protocol and metadata where the write changes them. */
  readonly actions: readonly Action[];
}

/** True when the table already holds this transaction or a later one of the same application. */
export function isCommitted(snapshot: Snapshot | undefined, txn: TransactionId | undefined): snapshot is Snapshot {
  return txn !== undefined && (snapshot?.txns.get(txn.appId) ?? -1) >= txn.version;
}

/**
 * Creates the table or evolves its schema, as the request needs.
 * @throws PermanentError `bad-schema`, `schema-conflict`, `unsupported-protocol`, `append-only`
 */
export function writeTarget(
  snapshot: Snapshot | undefined,
  request: WriteRequest,
  { nowMs, replaces }: { readonly nowMs: number; readonly replaces: 'nothing' | 'rows' | 'schema and rows' },
): WriteTarget {
  checkSchema(request.schema);
  checkLocalTimes(snapshot, request.schema);
  if (snapshot === undefined) {
    const metaData = {
      id: randomUUID(),
      ...(request.description === undefined ? {} : { description: request.description }),
      format: { provider: 'parquet', options: {} },
      schemaString: formatSchema(request.schema),
      partitionColumns: [],
      configuration: {},
      createdTime: nowMs,
    };
    return { schema: request.schema, actions: [{ protocol: writtenProtocol }, { metaData }] };
  }
  const { table, protocol, metadata } = snapshot;
  checkWritable(table, protocol, metadata, snapshot.schema);
  if (replaces !== 'nothing' && isAppendOnly(metadata)) {
    throw new PermanentError(
      `delta table ${table}: delta.appendOnly is set, so its rows cannot be changed or removed`,
      {
        code: 'append-only',
      },
    );
  }
  const schema = replaces === 'schema and rows' ? request.schema : evolveSchema(snapshot.schema, request.schema);
  const schemaString = formatSchema(schema);
  const description = request.description ?? metadata.description;
  if (schemaString === formatSchema(snapshot.schema) && description === metadata.description) {
    return { schema, actions: [] };
  }
  const metaData = { ...metadata, schemaString, ...(description === undefined ? {} : { description }) };
  return { schema, actions: [{ metaData }] };
}

function checkLocalTimes(snapshot: Snapshot | undefined, schema: TableSchema): void {
  const column = schema.find(({ type }) => type === 'timestamp_ntz');
  if (column === undefined || snapshot?.protocol.readerFeatures?.includes('timestampNtz')) return;
  throw new PermanentError(
    `column ${column.name}: timestamp_ntz needs reader version 3, which not every reader of the lake has; use timestamp (UTC)`,
    { code: 'bad-schema' },
  );
}

/** The `txn` action of a request, as a list that may be empty. */
export function txnActions(txn: TransactionId | undefined, nowMs: number): Action[] {
  return txn === undefined ? [] : [{ txn: { ...txn, lastUpdated: nowMs } }];
}

/** The action that takes a file out of the table. */
export function removal(file: AddFile, nowMs: number): { readonly remove: RemoveFile } {
  return {
    remove: {
      path: file.path,
      deletionTimestamp: nowMs,
      dataChange: true,
      extendedFileMetadata: true,
      partitionValues: file.partitionValues,
      size: file.size,
    },
  };
}
