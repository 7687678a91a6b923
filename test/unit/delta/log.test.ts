import { expect, test } from 'vitest';
import { filePath, formatCommit, parseCommit } from '../../../shared/delta/actions.ts';
import { tableHistory } from '../../../shared/delta/history.ts';
import { checkpointPath, commitPath, listLog, logPath } from '../../../shared/delta/log.ts';
import { openTable } from '../../../shared/delta/snapshot.ts';
import { vacuumTable } from '../../../shared/delta/vacuum.ts';
import { mergeUsers, table, testLake, usersIn } from './lake.ts';

const ada = { id: 1n, name: 'Ada', version: 1 };

test('a commit is one JSON object per line, and comes back as it was', () => {
  const actions = [{ commitInfo: { txnId: 'a' } }, { txn: { appId: 'é\n', version: 3 } }];
  expect(formatCommit(actions).split('\n')).toHaveLength(3);
  expect(parseCommit(formatCommit(actions), 'x')).toEqual(actions);
});

test.each(['', '\n', '{"add":{"path":"a"', '{"txn":{}}\n[1]', 'null'])(
  'a torn commit %j is an error that names the file',
  text => {
    expect(() => parseCommit(text, 'silver/t/_delta_log/7.json')).toThrow('silver/t/_delta_log/7.json');
  },
);

test('paths in the log are percent-encoded; absolute ones are refused', () => {
  expect(filePath({ path: 'day=2024-01-01%2000%3A00/a%25b.parquet' })).toBe('day=2024-01-01 00:00/a%b.parquet');
  for (const path of ['abfss://x@y/z', '/mnt/z', 's3://b/z']) expect(() => filePath({ path })).toThrow('absolute path');
});

test('every tenth commit leaves a checkpoint, and the table is read from it alone', async () => {
  await using lake = await testLake();
  for (let version = 0; version <= 21; version++) {
    const txn = { appId: 'load', version };
    await mergeUsers(
      [
        { ...ada, version },
        { id: BigInt(100 + version), name: null, version },
      ],
      lake.engine,
      { txn },
    );
  }
  const { checkpoints } = await listLog(lake.store, table);
  expect(checkpoints.map(({ version }) => version)).toEqual([10, 20]);
  const last = JSON.parse(Buffer.from(await lake.store.read(logPath(table, '_last_checkpoint'))).toString());
  expect(last).toMatchObject({ version: 20 });

  const [before, users] = [await openTable({ table }, lake.engine), await usersIn(lake.engine)];
  const [at15, at20] = [await usersIn(lake.engine, 15), await usersIn(lake.engine, 20)];
  for (let version = 0; version <= 20; version++) await lake.store.delete(commitPath(table, version));
  const after = await openTable({ table }, lake.engine);
  expect({ ...after, files: new Map([...after.files.keys()].map(key => [key, 0])), tombstones: 0 }).toEqual({
    ...before,
    files: new Map([...before.files.keys()].map(key => [key, 0])),
    tombstones: 0,
  });
  expect([...after.tombstones.keys()].sort()).toEqual([...before.tombstones.keys()].sort());
  expect(await usersIn(lake.engine)).toEqual(users);
  expect(await usersIn(lake.engine, 20)).toEqual(at20);
  expect(at15.size).toBe(17);
  await expect(usersIn(lake.engine, 15)).rejects.toMatchObject({ code: 'missing-commit' });
  expect(await mergeUsers([{ ...ada, version: 99 }], lake.engine)).toMatchObject({ version: 22, updated: 1 });
});

test('a gap, a torn commit and a version that never was are errors that name the file or the version', async () => {
  await using lake = await testLake();
  for (let version = 0; version < 5; version++) await mergeUsers([{ ...ada, version }], lake.engine);
  await expect(usersIn(lake.engine, 5)).rejects.toThrow('there is no version 5; the newest is 4');
  const whole = await lake.store.read(commitPath(table, 3));
  await lake.store.write(commitPath(table, 3), whole.slice(0, -10));
  await expect(usersIn(lake.engine)).rejects.toThrow(commitPath(table, 3));
  expect((await usersIn(lake.engine, 2)).get(1n)?.version).toBe(2);
  await lake.store.delete(commitPath(table, 2));
  await expect(usersIn(lake.engine)).rejects.toThrow(`${commitPath(table, 2)}: missing, and version 4 needs it`);
  await expect(mergeUsers([ada], lake.engine)).rejects.toMatchObject({ code: 'missing-commit' });
});

test('a checkpoint that is not Parquet is an error, not an empty table', async () => {
  await using lake = await testLake();
  await mergeUsers([ada], lake.engine);
  await lake.store.write(checkpointPath(table, 0), 'PAR1');
  await expect(usersIn(lake.engine)).rejects.toMatchObject({ code: 'duckdb' });
});

test('a table without a log is not found', async () => {
  await using lake = await testLake();
  await expect(openTable({ table }, lake.engine)).rejects.toMatchObject({ code: 'not-found' });
});

test.each([
  [{ minReaderVersion: 2, minWriterVersion: 5 }, 'reader version 2'],
  [
    { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ['deletionVectors'], writerFeatures: [] },
    'deletionVectors',
  ],
])('a table that needs %j to be read is refused', async (protocol, named) => {
  await using lake = await testLake();
  await mergeUsers([ada], lake.engine);
  await lake.store.write(commitPath(table, 1), formatCommit([{ protocol }]));
  await expect(usersIn(lake.engine)).rejects.toThrow(named);
});

test.each([
  [{ protocol: { minReaderVersion: 1, minWriterVersion: 4 } }, 'writer version 4'],
  [{ protocol: { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['rowTracking'] } }, 'rowTracking'],
])('a table that needs %j to be written is read, but not written', async (action, named) => {
  await using lake = await testLake();
  await mergeUsers([ada], lake.engine);
  await lake.store.write(commitPath(table, 1), formatCommit([action]));
  expect((await usersIn(lake.engine)).size).toBe(1);
  await expect(mergeUsers([{ ...ada, version: 2 }], lake.engine)).rejects.toThrow(named);
});

test('rows of an append-only table are not changed', async () => {
  await using lake = await testLake();
  await mergeUsers([ada], lake.engine);
  const { metadata } = await openTable({ table }, lake.engine);
  const metaData = { ...metadata, configuration: { 'delta.appendOnly': 'true' } };
  await lake.store.write(commitPath(table, 1), formatCommit([{ metaData }]));
  await expect(mergeUsers([{ ...ada, version: 2 }], lake.engine)).rejects.toMatchObject({ code: 'append-only' });
});

test('history tells what each commit did, newest first', async () => {
  await using lake = await testLake();
  for (let version = 0; version < 3; version++) await mergeUsers([{ ...ada, version }], lake.engine);
  const history = await tableHistory({ table, limit: 2 }, lake.engine);
  expect(history.map(({ version, operation }) => [version, operation])).toEqual([
    [2, 'MERGE'],
    [1, 'MERGE'],
  ]);
  expect(history[0]?.metrics).toMatchObject({ numTargetRowsUpdated: '1', numTargetRowsInserted: '0' });
});

test('vacuum keeps what the retention covers and every active file; a dry run only tells', async () => {
  await using lake = await testLake();
  for (let version = 0; version < 4; version++) await mergeUsers([{ ...ada, version }], lake.engine);
  await lake.store.write(`${table}/left-by-a-crash.parquet`, 'x');
  await lake.store.write(`${table}/_change_data/cdc.parquet`, 'x');
  const later = { ...lake.engine, clock: { now: () => Date.now() + 3600_000 } };

  expect((await vacuumTable({ table }, later)).deleted).toEqual([]);
  const plan = await vacuumTable({ table, retentionMs: 60_000, dryRun: true }, later);
  expect(plan.deleted).toHaveLength(4);
  expect((await usersIn(lake.engine, 0)).size).toBe(1);
  expect(await vacuumTable({ table, retentionMs: 60_000 }, later)).toEqual(plan);
  expect((await usersIn(lake.engine)).get(1n)?.version).toBe(3);
  await expect(usersIn(lake.engine, 0)).rejects.toMatchObject({ code: 'not-found' });
  expect(await lake.store.head(`${table}/_change_data/cdc.parquet`)).toBeDefined();
});
