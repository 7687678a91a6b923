/** The state of a table at one version: what the log adds up to (PROTOCOL.md, "Action Reconciliation"). */
import { PermanentError } from '../errors.ts';
import { type Action, type AddFile, filePath, type Metadata, type Protocol, type RemoveFile } from './actions.ts';
import { readCheckpoint } from './checkpoint-read.ts';
import type { DeltaEngine } from './engine.ts';
import { commitPath, type LogListing, listLog, readCommit } from './log.ts';
import { checkReadable } from './protocol.ts';
import { parseSchema, type TableSchema } from './schema.ts';

export interface Snapshot {
  /** Path of the table's folder in the lake. */
  readonly table: string;
  readonly version: number;
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  readonly schema: TableSchema;
  readonly partitionColumns: readonly string[];
  /** Active data files by `filePath`. */
  readonly files: ReadonlyMap<string, AddFile>;
  /** Removed data files by `filePath`: nobody's rows any more, still on disk until vacuum. */
  readonly tombstones: ReadonlyMap<string, RemoveFile>;
  /** The last version of each application (PROTOCOL.md, "Transaction Identifiers"). */
  readonly txns: ReadonlyMap<string, number>;
  /** Version of the newest checkpoint that the log has; -1 without one. */
  readonly checkpointVersion: number;
}

/** What the actions so far add up to; complete once it has seen a protocol and a metadata action. */
interface State {
  protocol: Protocol | undefined;
  metadata: Metadata | undefined;
  readonly files: Map<string, AddFile>;
  readonly tombstones: Map<string, RemoveFile>;
  readonly txns: Map<string, number>;
}

/**
 * The table at its newest version, or at `version`.
 * @throws PermanentError `not-found` without a table, `no-such-version`, `missing-commit`, `torn-commit`, `unsupported-protocol`
 */
export async function openTable(
  { table, version }: { readonly table: string; readonly version?: number },
  engine: DeltaEngine,
): Promise<Snapshot> {
  const snapshot = await findTable({ table, version }, engine);
  if (snapshot !== undefined) return snapshot;
  throw new PermanentError(`delta table ${table}: there is no table; expected ${commitPath(table, 0)}`, {
    code: 'not-found',
  });
}

/** Like `openTable`, but undefined where there is no table. */
export async function findTable(
  { table, version }: { readonly table: string; readonly version?: number | undefined },
  engine: DeltaEngine,
): Promise<Snapshot | undefined> {
  const log = await listLog(engine.store, table);
  if (log.commits.length === 0 && log.checkpoints.length === 0) return undefined;
  const newest = Math.max(log.commits.at(-1) ?? -1, log.checkpoints.at(-1)?.version ?? -1);
  const wanted = version ?? newest;
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > newest) {
    throw new PermanentError(`delta table ${table}: there is no version ${wanted}; the newest is ${newest}`, {
      code: 'no-such-version',
    });
  }
  const checkpoint = log.checkpoints.findLast(({ version: at }) => at <= wanted);
  const first = checkpoint === undefined ? 0 : checkpoint.version + 1;
  requireCommits(table, log, first, wanted, version !== undefined);

  const state: State = {
    protocol: undefined,
    metadata: undefined,
    files: new Map(),
    tombstones: new Map(),
    txns: new Map(),
  };
  if (checkpoint !== undefined) apply(state, await readCheckpoint(checkpoint, engine));
  for (let at = first; at <= wanted; at++) apply(state, await readCommit(engine.store, table, at));
  return complete(table, wanted, state, log.checkpoints.at(-1)?.version ?? -1);
}

/** The snapshot after one more commit. */
export function withCommit(before: Snapshot | undefined, table: string, version: number, actions: readonly Action[]) {
  const state: State = {
    protocol: before?.protocol,
    metadata: before?.metadata,
    files: new Map(before?.files),
    tombstones: new Map(before?.tombstones),
    txns: new Map(before?.txns),
  };
  apply(state, actions);
  return complete(table, version, state, before?.checkpointVersion ?? -1);
}

function requireCommits(table: string, log: LogListing, first: number, last: number, timeTravel: boolean): void {
  const present = new Set(log.commits);
  for (let version = first; version <= last; version++) {
    if (present.has(version)) continue;
    const why =
      timeTravel && version === 0
        ? `the log no longer reaches back to version ${last}; the oldest readable one has a checkpoint at or below it`
        : 'the log has a gap: restore the file from a backup';
    throw new PermanentError(`delta log ${commitPath(table, version)}: missing, and version ${last} needs it; ${why}`, {
      code: 'missing-commit',
    });
  }
}

function apply(state: State, actions: readonly Action[]): void {
  for (const { protocol, metaData, add, remove, txn } of actions) {
    if (protocol) state.protocol = protocol;
    if (metaData) state.metadata = metaData;
    if (txn) state.txns.set(txn.appId, txn.version);
    if (add) {
      const path = filePath(add);
      state.files.set(path, add);
      state.tombstones.delete(path);
    }
    if (remove) {
      const path = filePath(remove);
      state.files.delete(path);
      state.tombstones.set(path, remove);
    }
  }
}

function complete(table: string, version: number, state: State, checkpointVersion: number): Snapshot {
  const { protocol, metadata, files, tombstones, txns } = state;
  if (protocol === undefined || metadata === undefined) {
    throw new PermanentError(
      `delta table ${table}: version ${version} has no ${protocol === undefined ? 'protocol' : 'metaData'} action; the log is damaged`,
      { code: 'torn-commit' },
    );
  }
  checkReadable(table, protocol);
  const { partitionColumns } = metadata;
  const schema = parseSchema(metadata.schemaString);
  return { table, version, protocol, metadata, schema, partitionColumns, files, tombstones, txns, checkpointVersion };
}
