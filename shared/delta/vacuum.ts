/** Vacuum: deletes data files that no version within the retention needs any more. */
import { ConfigError } from '../errors.ts';
import type { LakeFile } from '../storage/store.ts';
import { defaultRetentionMs } from './checkpoint-write.ts';
import type { DeltaEngine } from './engine.ts';
import { openTable, type Snapshot } from './snapshot.ts';

export interface VacuumRequest {
  readonly table: string;
  /**
   * How far back versions stay readable, and how old a file must be that no commit names: it may belong to a write that is still
   * going on. @default 7 days
   */
  readonly retentionMs?: number;
  /** Only say what would go. */
  readonly dryRun?: boolean;
}

export interface VacuumResult {
  /** Lake paths, in path order. */
  readonly deleted: readonly string[];
  readonly bytes: number;
}

/**
 * Deletes, or with `dryRun` names, the files that are safe to lose. The log is left alone, so history stays; reading a version from
 * before the retention fails afterwards.
 * @throws PermanentError as `openTable` does
 */
export async function vacuumTable(request: VacuumRequest, engine: DeltaEngine): Promise<VacuumResult> {
  const { table, retentionMs = defaultRetentionMs, dryRun = false } = request;
  if (!(retentionMs >= 0)) {
    throw new ConfigError(`vacuum ${table}: expected a retention of 0 ms or more, got ${retentionMs}`);
  }
  const horizonMs = engine.clock.now() - retentionMs;
  // The listing first: a file that is committed in between is then in the snapshot.
  const files: LakeFile[] = [];
  for await (const file of engine.store.list(table)) files.push(file);
  const snapshot = await openTable({ table }, engine);

  const surplus = files.filter(file => isSurplus(file, snapshot, horizonMs));
  if (!dryRun) for (const { path } of surplus) await engine.store.delete(path);
  return { deleted: surplus.map(({ path }) => path), bytes: surplus.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function isSurplus(file: LakeFile, { table, files, tombstones }: Snapshot, horizonMs: number): boolean {
  const path = file.path.slice(table.length + 1);
  // Hidden folders hold the log, and other writers' change data and indexes (PROTOCOL.md, "Data Files").
  if (path.split('/').some(part => /^[._]/.test(part) && !part.includes('='))) return false;
  if (files.has(path)) return false;
  const tombstone = tombstones.get(path);
  return (tombstone === undefined ? file.modifiedAtMs : (tombstone.deletionTimestamp ?? 0)) <= horizonMs;
}
