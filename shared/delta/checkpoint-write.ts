/** Writes checkpoints, so that a reader need not replay the log from its start (PROTOCOL.md, "Checkpoints" and "Checkpoint Schema"). */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sqlText } from '../duckdb/session.ts';
import { LakeError } from '../errors.ts';
import { type Action, formatCommit } from './actions.ts';
import type { DeltaEngine } from './engine.ts';
import { checkpointPath, logPath } from './log.ts';
import type { Snapshot } from './snapshot.ts';

/** Commits from one checkpoint to the next, as Spark does by default. */
const checkpointInterval = 10;

/** How long a removed file stays in checkpoints, hence in vacuum's reach: `delta.deletedFileRetentionDuration`'s default, one week. */
export const defaultRetentionMs = 7 * 24 * 3600 * 1000;

/** The Parquet columns, as DuckDB types. */
const checkpointColumns = {
  protocol:
    'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[])',
  metaData: `STRUCT(id VARCHAR, name VARCHAR, description VARCHAR,
    format STRUCT(provider VARCHAR, options MAP(VARCHAR, VARCHAR)), schemaString VARCHAR, partitionColumns VARCHAR[],
    createdTime BIGINT, configuration MAP(VARCHAR, VARCHAR))`,
  txn: 'STRUCT(appId VARCHAR, version BIGINT, lastUpdated BIGINT)',
  add: `STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, modificationTime BIGINT, dataChange BOOLEAN,
    stats VARCHAR, tags MAP(VARCHAR, VARCHAR))`,
  remove: `STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, extendedFileMetadata BOOLEAN,
    partitionValues MAP(VARCHAR, VARCHAR), size BIGINT)`,
};

/** Writes a checkpoint of this snapshot when enough commits have passed since the last one. Never fails: the commit stands without it. */
export async function writeCheckpointIfDue(snapshot: Snapshot, engine: DeltaEngine): Promise<void> {
  if (snapshot.version - Math.max(snapshot.checkpointVersion, 0) < checkpointInterval) return;
  try {
    await writeCheckpoint(snapshot, engine);
  } catch (error) {
    // The change is committed. Failing now would make the caller repeat it; the next commit tries the checkpoint again.
    if (!(error instanceof LakeError)) throw error;
  }
}

/** Writes `<version>.checkpoint.parquet`, then `_last_checkpoint`. @throws TransientError or PermanentError from store and DuckDB */
export async function writeCheckpoint(
  snapshot: Snapshot,
  { store, duckdb, scratch, clock }: DeltaEngine,
): Promise<void> {
  const { table, version } = snapshot;
  const actions = checkpointActions(snapshot, clock.now());
  await mkdir(scratch, { recursive: true });
  const base = join(scratch, randomUUID());
  const [json, parquet] = [`${base}.json`, `${base}.parquet`];
  try {
    await writeFile(json, formatCommit(actions));
    const columns = Object.entries(checkpointColumns).map(([name, type]) => `${name}: ${sqlText(type)}`);
    await duckdb.run(
      `COPY (FROM read_json(${sqlText(json)}, format = 'newline_delimited', columns = {${columns}}))
       TO ${sqlText(parquet)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    const { bytes } = await store.upload(parquet, checkpointPath(table, version));
    // The pointer last: it never names a checkpoint that is not there.
    await store.write(
      logPath(table, '_last_checkpoint'),
      JSON.stringify({ version, size: actions.length, sizeInBytes: bytes, numOfAddFiles: snapshot.files.size }),
    );
  } finally {
    await Promise.all([json, parquet].map(path => rm(path, { force: true })));
  }
}

function checkpointActions(snapshot: Snapshot, nowMs: number): Action[] {
  const { protocol, metadata, files, tombstones, txns } = snapshot;
  const kept = [...tombstones.values()].filter(
    ({ deletionTimestamp = 0 }) => deletionTimestamp > nowMs - defaultRetentionMs,
  );
  return [
    { protocol },
    { metaData: metadata },
    ...[...txns].map(([appId, version]) => ({ txn: { appId, version } })),
    // "dataChange is always false in a checkpoint": its actions repeat what commits already told.
    ...[...files.values()].map(add => ({ add: { ...add, dataChange: false } })),
    ...kept.map(remove => ({ remove: { ...remove, dataChange: false } })),
  ];
}
