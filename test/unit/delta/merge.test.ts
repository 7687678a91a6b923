import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeIntoTable } from '../../../shared/delta/merge.ts';
import { readTable } from '../../../shared/delta/read.ts';
import type { TableSchema } from '../../../shared/delta/schema.ts';
import { openTable } from '../../../shared/delta/snapshot.ts';
import { memoryStore } from '../../../shared/storage/memory-store.ts';
import { mergeUsers, relation, schema, table, testLake, type User, usersIn } from './lake.ts';

const ada: User = { id: 1n, name: 'Ada', version: 1 };
const bob: User = { id: 2n, name: null, version: 1 };
const eve: User = { id: 9_007_199_254_740_993n, name: 'O\'Eve "😀"\n\0', version: 1 };

test('the first merge makes the table, later ones insert, update and delete', async () => {
  await using lake = await testLake();
  const first = await mergeUsers([eve, ada, bob], lake.engine, { description: 'One row per user.' });
  expect(first).toMatchObject({ version: 0, inserted: 3, updated: 0, deleted: 0, rows: 3, filesAdded: 1 });

  const zoe = { id: 4n, name: 'Zoe', version: 1 };
  const changes = [{ ...ada, name: 'Ada L.', version: 2 }, { ...bob, version: 2, gone: true }, zoe];
  const second = await mergeUsers(changes, lake.engine);
  expect(second).toMatchObject({ version: 1, inserted: 1, updated: 1, deleted: 1, unchanged: 0, rows: 3 });
  expect([...(await usersIn(lake.engine)).values()]).toEqual([{ ...ada, name: 'Ada L.', version: 2 }, zoe, eve]);

  const snapshot = await openTable({ table }, lake.engine);
  expect(snapshot.metadata.description).toBe('One row per user.');
  expect(snapshot.schema).toEqual(schema);
  expect(snapshot.protocol).toEqual({ minReaderVersion: 1, minWriterVersion: 2 });
});

test('rows that are equal, older, or deleted already change nothing and write nothing', async () => {
  await using lake = await testLake();
  await mergeUsers([{ ...ada, version: 5 }, bob], lake.engine);
  const sources = [
    { ...ada, name: 'late', version: 4 },
    { ...ada, version: 4, gone: true },
    bob,
    { ...eve, gone: true },
  ];
  for (const source of sources) {
    const result = await mergeUsers([source], lake.engine);
    expect(result).toMatchObject({ version: 0, unchanged: 1, inserted: 0, updated: 0, deleted: 0, bytesWritten: 0 });
  }
  // An equal version with other content wins: "not below".
  expect(await mergeUsers([{ ...bob, name: 'Bob' }], lake.engine)).toMatchObject({ version: 1, updated: 1 });
});

test('of several source rows with one key the highest version wins, whatever their order', async () => {
  await using lake = await testLake();
  const versions = [3, 1, 4, 2].map(version => ({ id: 1n, name: `v${version}`, version }));
  expect(await mergeUsers(versions, lake.engine)).toMatchObject({ inserted: 1, duplicates: 3 });
  expect((await usersIn(lake.engine)).get(1n)?.name).toBe('v4');
});

test('only files that hold a match are written anew', async () => {
  await using lake = await testLake();
  const users = Array.from({ length: 12 }, (_, index) => ({ id: BigInt(index), name: 'x', version: 1 }));
  await mergeUsers(users, lake.engine);
  const before = await openTable({ table }, lake.engine);
  expect(before.files.size).toBe(4);

  const changes = [4n, 5n].map(id => ({ id, name: 'y', version: 2 }));
  expect(await mergeUsers(changes, lake.engine)).toMatchObject({ filesRead: 1, filesRewritten: 1, filesAdded: 1 });
  const after = await openTable({ table }, lake.engine);
  expect([...after.files.keys()].filter(path => before.files.has(path))).toHaveLength(3);
});

test('small merges of new rows do not leave a trail of small files', async () => {
  await using lake = await testLake();
  for (let index = 0; index < 24; index++) {
    await mergeUsers([{ id: BigInt(index), name: 'x', version: 1 }], lake.engine, { rowsPerFile: 8 });
  }
  expect((await openTable({ table }, lake.engine)).files.size).toBeLessThanOrEqual(7);
  expect((await usersIn(lake.engine)).size).toBe(24);
});

test('a merge with a transaction that is in the table already is skipped', async () => {
  await using lake = await testLake();
  const txn = { appId: 'youflix/users', version: 7 };
  await mergeUsers([ada], lake.engine, { txn });
  expect(await mergeUsers([bob], lake.engine, { txn })).toMatchObject({ skipped: true, version: 0, rows: 1 });
  expect(await mergeUsers([bob], lake.engine, { txn: { ...txn, version: 8 } })).toMatchObject({
    skipped: false,
    rows: 2,
  });
});

test('a table evolves by added columns; old rows have no value there', async () => {
  await using lake = await testLake();
  await mergeUsers([ada, bob], lake.engine);
  const wider = [...schema, { name: 'country', type: 'string', nullable: false } as const];
  const source = `(SELECT *, 'DE' AS country FROM ${relation([{ ...bob, version: 2 }])})`;
  await mergeUsers([], lake.engine, { schema: wider, source });
  const { schema: evolved } = await openTable({ table }, lake.engine);
  expect(evolved.at(-1)).toEqual({ name: 'country', type: 'string', nullable: true });
  expect([...(await usersIn(lake.engine)).keys()]).toEqual([1n, 2n]);
});

test('columns may have the names that DuckDB and the merge itself use', async () => {
  await using lake = await testLake();
  const names = ['rowid', 'file_index', 'c1', 'deleted', 'we"ird.näme', 'filename', 'source'];
  const hostile = names.map(name => ({ name, type: 'long', nullable: false }) as const);
  const source = (value: number): string =>
    `(SELECT ${names.map((name, index) => `${index === 0 ? 1 : value} AS "${name.replaceAll('"', '""')}"`)})`;
  const merge = (value: number) =>
    mergeIntoTable({ table, schema: hostile, key: ['rowid'], source: source(value) }, lake.engine);
  await merge(5);
  expect(await merge(5)).toMatchObject({ unchanged: 1 });
  expect(await merge(6)).toMatchObject({ updated: 1, filesRead: 1 });
  await using reading = await readTable({ table }, lake.engine);
  const [row] = await lake.engine.duckdb.rows(`FROM ${reading.relation}`);
  expect(row).toEqual(Object.fromEntries(names.map((name, index) => [name, index === 0 ? '1' : '6'])));
});

test('a key of several columns, text among them', async () => {
  await using lake = await testLake();
  const pairs: TableSchema = [
    { name: 'region', type: 'string', nullable: false },
    { name: 'day', type: 'date', nullable: false },
    { name: 'total', type: 'decimal(12,2)', nullable: true },
  ];
  const merge = (source: string) =>
    mergeIntoTable({ table, schema: pairs, key: ['region', 'day'], source, rowsPerFile: 10 }, lake.engine);
  const days =
    "SELECT 'r' || (i % 4) AS region, DATE '2024-01-01' + (i // 4)::INTEGER AS day, i / 3 AS total FROM range(40) t(i)";
  expect(await merge(`(${days})`)).toMatchObject({ inserted: 40, filesAdded: 4 });
  const change = "(SELECT 'r2' AS region, DATE '2024-01-03' AS day, 1.5 AS total)";
  expect(await merge(change)).toMatchObject({ updated: 1, inserted: 0, filesRead: 1, filesRewritten: 1, rows: 40 });
});

test('what cannot be merged is refused with its reason', async () => {
  await using lake = await testLake();
  await mergeUsers([ada], lake.engine);
  const nullKey = "(SELECT CAST(NULL AS BIGINT) AS user_id, 'x' AS name, 1 AS version, false AS gone)";
  await expect(mergeUsers([], lake.engine, { source: nullKey })).rejects.toMatchObject({ code: 'null-value' });
  const nullVersion = "(SELECT 3 AS user_id, 'x' AS name, NULL AS version, false AS gone)";
  await expect(mergeUsers([], lake.engine, { source: nullVersion })).rejects.toMatchObject({ code: 'null-value' });
  await expect(mergeUsers([bob], lake.engine, { key: ['id'] })).rejects.toThrow(
    'the key column id is not in the schema',
  );
  const retyped = schema.map(column => (column.name === 'version' ? { ...column, type: 'long' as const } : column));
  await expect(mergeUsers([bob], lake.engine, { schema: retyped })).rejects.toThrow(
    'column version: the table has integer, got long',
  );
  await expect(mergeUsers([bob], lake.engine, { schema: schema.slice(0, 2), versionColumn: 'name' })).rejects.toThrow(
    'column version of the table is missing',
  );
  expect((await usersIn(lake.engine)).size).toBe(1);
});

const step = fc.array(
  fc.record({
    id: fc.bigInt({ min: 0n, max: 11n }),
    name: fc.option(fc.string({ unit: 'binary', maxLength: 40 }), { nil: null }),
    version: fc.integer({ min: 0, max: 3 }),
    gone: fc.boolean(),
  }),
  { maxLength: 8 },
);

test('any sequence of merges leaves what a Map would hold, at every version', { timeout: 120_000 }, async () => {
  await using lake = await testLake();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async steps => {
      const own = { ...lake.engine, store: memoryStore() };
      let model = new Map<bigint, User>();
      const versions: { version: number; model: Map<bigint, User> }[] = [];
      for (const users of steps) {
        model = merged(model, users);
        const { version, rows } = await mergeUsers(uniqueVersions(users), own);
        expect(rows).toBe(model.size);
        versions.push({ version, model });
      }
      // A step that changes nothing commits nothing: the last model of a version is the one it must show.
      for (const [version, expected] of new Map(versions.map(entry => [entry.version, entry.model]))) {
        expect(await usersIn(own, version)).toEqual(new Map([...expected].sort(([a], [b]) => Number(a - b))));
      }
    }),
    { numRuns: 12 },
  );
});

/** Of rows with one id the first of the highest version: the model need not know how ties are broken. */
function uniqueVersions(users: readonly User[]): User[] {
  const best = new Map<bigint, User>();
  for (const user of users) if (user.version > (best.get(user.id)?.version ?? -1)) best.set(user.id, user);
  return [...best.values()];
}

function merged(before: ReadonlyMap<bigint, User>, users: readonly User[]): Map<bigint, User> {
  const after = new Map(before);
  for (const { id, name, version, gone } of uniqueVersions(users)) {
    if (version < (before.get(id)?.version ?? 0)) continue;
    if (gone) after.delete(id);
    else after.set(id, { id, name, version });
  }
  return after;
}
