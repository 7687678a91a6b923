/** A small lake for the Delta tests: an engine on a store, one table of users, and its rows as a Map. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../shared/clock.ts';
import type { DeltaEngine } from '../../../shared/delta/engine.ts';
import { type MergeRequest, type MergeResult, mergeIntoTable } from '../../../shared/delta/merge.ts';
import { readTable } from '../../../shared/delta/read.ts';
import type { TableSchema } from '../../../shared/delta/schema.ts';
import { openDuckDb, sqlText } from '../../../shared/duckdb/session.ts';
import { memoryStore } from '../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../shared/storage/store.ts';

export const table = 'silver/youflix/users';

export const schema: TableSchema = [
  { name: 'user_id', type: 'long', nullable: false, description: 'The user.' },
  { name: 'name', type: 'string', nullable: true },
  { name: 'version', type: 'integer', nullable: false },
];

export interface User {
  readonly id: bigint;
  readonly name: string | null;
  readonly version: number;
  readonly gone?: boolean;
}

export interface TestLake extends AsyncDisposable {
  readonly engine: DeltaEngine;
  readonly store: LakeStore;
}

/** An engine on a store of its own, or on the one given. Everything local goes away with its scope. */
export async function testLake(store: LakeStore = memoryStore()): Promise<TestLake> {
  const scratch = await mkdtemp(join(tmpdir(), 'delta-test-'));
  const duckdb = await openDuckDb({ scratch });
  return {
    store,
    engine: { store, duckdb, scratch, clock: systemClock },
    async [Symbol.asyncDispose]() {
      duckdb.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

/** Users as an SQL relation. */
export function relation(users: readonly User[]): string {
  const values = users.map(
    ({ id, name, version, gone = false }) => `(${id}, ${name === null ? 'NULL' : sqlText(name)}, ${version}, ${gone})`,
  );
  const rows = values.length === 0 ? "(0, '', 0, false)" : values.join(', ');
  return `(SELECT * FROM (VALUES ${rows}) v(user_id, name, version, gone) WHERE ${values.length > 0})`;
}

/** Merges users by id; three rows a file, so that a handful of users makes several files. */
export function mergeUsers(
  users: readonly User[],
  engine: DeltaEngine,
  options: Partial<MergeRequest> = {},
): Promise<MergeResult> {
  return mergeIntoTable(
    {
      table,
      schema,
      key: ['user_id'],
      source: relation(users),
      deleteWhen: 'gone',
      versionColumn: 'version',
      rowsPerFile: 3,
      ...options,
    },
    engine,
  );
}

/** The rows of the table, by id. Fails when an id is there twice. */
export async function usersIn(engine: DeltaEngine, version?: number): Promise<Map<bigint, User>> {
  await using reading = await readTable(version === undefined ? { table } : { table, version }, engine);
  const rows = await engine.duckdb.rows(`FROM ${reading.relation} ORDER BY user_id`);
  const users = rows.map(row => ({
    id: BigInt(String(row['user_id'])),
    name: row['name'] as string | null,
    version: Number(row['version']),
  }));
  const byId = new Map(users.map(user => [user.id, user]));
  if (byId.size !== users.length)
    throw new Error(`the table holds a user twice: ${users.map(({ id }) => id).join(' ')}`);
  return byId;
}

/** A store that calls `before` ahead of every operation, with its name and path; what `before` throws, the operation throws. */
export function watched(store: LakeStore, before: (operation: string, path: string) => Promise<void>): LakeStore {
  return {
    async head(path) {
      await before('head', path);
      return store.head(path);
    },
    async read(path, range) {
      await before('read', path);
      return store.read(path, range);
    },
    async *readStream(path) {
      await before('readStream', path);
      yield* store.readStream(path);
    },
    async *list(folder) {
      await before('list', folder);
      yield* store.list(folder);
    },
    async write(path, body, condition) {
      await before('write', path);
      return store.write(path, body, condition);
    },
    async download(path, localFile) {
      await before('download', path);
      return store.download(path, localFile);
    },
    async upload(localFile, path, condition) {
      await before('upload', path);
      return store.upload(localFile, path, condition);
    },
    async delete(path) {
      await before('delete', path);
      return store.delete(path);
    },
  };
}
