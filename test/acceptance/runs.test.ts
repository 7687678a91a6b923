/** Use case 1, whole: what each mode carries, and that silver is the source afterwards. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { simulate } from '../../local/youflix/simulator.ts';
import { youflixTables } from '../../shared/catalog/youflix-tables.ts';
import { planExtract } from '../../shared/sources/mssql/extract-plan.ts';
import { extractTable } from '../../shared/sources/mssql/extract-table.ts';
import { memoryStore } from '../../shared/storage/memory-store.ts';
import { stepOf, tableOf } from './raised-lake.ts';
import { raiseTestLake, type TestLake, tableNames } from './test-lake.ts';

let lake: TestLake;

beforeAll(async () => {
  lake = await raiseTestLake();
});

afterAll(() => lake?.[Symbol.asyncDispose]());

async function versions(): Promise<number[]> {
  return Promise.all(tableNames.map(table => lake.version(table)));
}

async function csvRows(path: string): Promise<Record<string, string>[]> {
  return parse(await readFile(join(lake.folder, path)), { columns: true });
}

async function sourceRows(table: string): Promise<number> {
  const [row] = await lake.query<{ total: number }>(`SELECT COUNT(*) AS total FROM dbo.${table}`);
  return Number(row?.total);
}

// The tests tell one story in order: each starts from the lake that the one before it left.

test('the first incremental run is a full one, because nothing was there yet', async () => {
  const record = await lake.completed({ mode: 'incremental' });
  expect(record.tables.map(({ mode }) => mode)).toEqual(['full', 'full', 'full']);
  await lake.expectSilverIsSource();
  expect(await versions()).toEqual([0, 0, 0]);
});

test('every step leaves a receipt that the lake bears out', async () => {
  const record = await lake.completed({ mode: 'full' });
  for (const table of tableNames) {
    const rows = await sourceRows(table);
    const extract = stepOf(record, table, 'extract');
    const content = await readFile(join(lake.folder, extract.path));
    expect(extract).toMatchObject({ rowsIn: rows, rowsOut: rows, bytes: content.length });
    expect(await csvRows(extract.path)).toHaveLength(rows);
    expect(stepOf(record, table, 'merge')).toMatchObject({ rowsIn: rows, rowsOut: rows });
    expect(stepOf(record, table, 'reconcile')).toMatchObject({ rowsIn: rows, rowsOut: rows });
    expect(tableOf(record, table)).toMatchObject({ outcome: 'ok', rows, version: await lake.version(table) });
    expect((await lake.watermark(table)).watermark).toBe(tableOf(record, table).watermark);
  }
  await lake.expectSilverIsSource();
});

test('an incremental run carries exactly what changed', async () => {
  const before = await versions();
  const report = await simulate({ connection: lake.cloud.connectionString, seed: 3, changes: 60 });
  const record = await lake.completed({ mode: 'incremental' });
  for (const [index, table] of tableNames.entries()) {
    const changed = report.rows[table as keyof typeof report.rows];
    expect(stepOf(record, table, 'extract').rowsOut).toBe(changed);
    expect(await lake.version(table)).toBe((before[index] ?? 0) + (changed > 0 ? 1 : 0));
  }
  expect(report.rows.users).toBeGreaterThan(0);
  expect(report.rows.subscriptions).toBeGreaterThan(0);
  await lake.expectSilverIsSource();
});

test('an incremental run that finds nothing touches neither silver nor the watermark', async () => {
  const silver = await lake.filesBelow('silver');
  const { watermark } = await lake.watermark('users');
  const record = await lake.completed({ mode: 'incremental' });
  for (const table of tableNames) {
    expect(stepOf(record, table, 'extract').rowsOut).toBe(0);
    expect(tableOf(record, table)).toMatchObject({ version: null, steps: [{ name: 'extract' }] });
  }
  expect(await lake.filesBelow('silver')).toEqual(silver);
  expect((await lake.watermark('users')).watermark).toBe(watermark);
});

test('rows that share the newest moment are all carried, and none again', async () => {
  await lake.query(
    "UPDATE dbo.users SET bio = N'tie', modified_at = '2030-01-01T00:00:00.0000001' WHERE user_id IN (1, 2, 3)",
  );
  expect(stepOf(await lake.completed({ mode: 'incremental', tables: ['users'] }), 'users', 'extract').rowsOut).toBe(3);
  await lake.query(
    "UPDATE dbo.users SET bio = N'next tick', modified_at = '2030-01-01T00:00:00.0000002' WHERE user_id = 4",
  );
  expect(stepOf(await lake.completed({ mode: 'incremental', tables: ['users'] }), 'users', 'extract').rowsOut).toBe(1);
  await lake.expectSilverIsSource();
});

test('a run of one table leaves the others alone', async () => {
  const [plans, users] = await versions();
  const record = await lake.completed({ mode: 'full', tables: ['plans', 'plans'] });
  expect(record.tables.map(({ table }) => table)).toEqual(['plans']);
  expect((await versions()).slice(0, 2)).toEqual([(plans ?? 0) + 1, users]);
});

test('a backfill carries the rows of its range and leaves the watermark where it was', async () => {
  const [from, to] = ['2025-01-01T00:00:00Z', '2025-07-01T00:00:00Z'];
  const [inRange] = await lake.query<{ total: number }>(
    "SELECT COUNT(*) AS total FROM dbo.users WHERE modified_at >= '2025-01-01' AND modified_at < '2025-07-01'",
  );
  const before = await lake.watermark('users');
  const record = await lake.completed({ mode: 'backfill', tables: ['users'], range: { from, to } });
  expect(Number(inRange?.total)).toBeGreaterThan(0);
  expect(stepOf(record, 'users', 'extract').rowsOut).toBe(Number(inRange?.total));
  expect(await lake.watermark('users')).toMatchObject({ watermark: before.watermark, movedBy: before.movedBy });
  await lake.expectSilverIsSource();
});

test('a backfill includes the start of its range and excludes the end', async () => {
  const [first, last] = ['2001-01-01 00:00:00.0000000', '2001-01-02 00:00:00.0000000'];
  await lake.query(`UPDATE dbo.users SET bio = N'from', modified_at = '${first}' WHERE user_id = 21;
    UPDATE dbo.users SET bio = N'to', modified_at = '${last}' WHERE user_id = 22`);
  const range = { from: '2001-01-01T00:00:00Z', to: '2001-01-02T00:00Z' };
  const record = await lake.completed({ tables: ['users'], range });
  expect(record.mode).toBe('backfill');
  const rows = await csvRows(stepOf(record, 'users', 'extract').path);
  expect(rows.map(row => row['user_id'])).toEqual(['21']);
});

test('a backfill does not put an older row over a newer one', async () => {
  // User 21 is in silver with its modification of last year; the range finds it with that of 2001.
  const silver = await lake.filesBelow('silver/youflix/users');
  const range = { from: '2001-01-01T00:00:00Z', to: '2001-02-01T00:00:00Z' };
  const record = await lake.completed({ mode: 'backfill', tables: ['users'], range });
  expect(stepOf(record, 'users', 'extract').rowsOut).toBe(2);
  expect(stepOf(record, 'users', 'merge').rowsOut).toBe(0);
  const after = await lake.filesBelow('silver/youflix/users');
  expect(Object.keys(after).filter(name => name.endsWith('.parquet'))).toEqual(
    Object.keys(silver).filter(name => name.endsWith('.parquet')),
  );
});

test('a full load repairs what no watermark shows: hard deletes, and rows set back', async () => {
  await lake.query(`DELETE FROM dbo.subscriptions WHERE user_id IN (30, 31);
    DELETE FROM dbo.users WHERE user_id IN (30, 31)`);
  await lake.completed({ mode: 'incremental' });
  await expect(lake.expectSilverIsSource()).rejects.toThrow(/silver of users/);
  await lake.completed({ mode: 'full' });
  await lake.expectSilverIsSource();
  await lake.completed({ mode: 'full' });
  await lake.expectSilverIsSource();
});

test('a source that was emptied empties silver with the next full load', async () => {
  await lake.query('DELETE FROM dbo.subscriptions');
  const record = await lake.completed({ mode: 'full', tables: ['subscriptions'] });
  expect(tableOf(record, 'subscriptions')).toMatchObject({ rows: 0 });
  await lake.expectSilverIsSource();
});

test('bronze of one run is one file per table, and nothing half-written is left', async () => {
  const record = await lake.completed({ mode: 'full' });
  const files = Object.keys(await lake.filesBelow('bronze'));
  for (const table of tableNames) {
    const [year, month, day] = record.startedAt.slice(0, 10).split('-');
    expect(files.filter(file => file.includes(`/${table}/`) && file.includes(record.runId))).toEqual([
      `youflix/${table}/${year}/${month}/${day}/${record.runId}.csv`,
    ]);
  }
  expect(files.filter(file => file.startsWith('_staging/'))).toEqual([]);
});

test('a large full load is split by key: every row in one part, whatever gaps the keys have', async () => {
  const users = youflixTables.find(({ name }) => name === 'users');
  if (users === undefined) throw new Error('the catalog has no users');
  const table = { ...users, rowsPerPart: 100 };
  const services = { store: memoryStore(), connection: lake.cloud.connectionString };
  await lake.query('DELETE FROM dbo.users WHERE user_id BETWEEN 100 AND 180');
  const keys = await lake.query<{ key: string }>('SELECT user_id AS [key] FROM dbo.users');

  const plan = await planExtract(table, { runId: 'split', mode: 'full', range: null }, services);
  expect(plan.parts).toHaveLength(Math.ceil(keys.length / table.rowsPerPart));
  const found: string[] = [];
  for (const [index, part] of plan.parts.entries()) {
    const path = `bronze/part-${index}.csv`;
    const file = await extractTable(table, { path, window: plan.window, keys: part }, services);
    expect(file.rows).toBeLessThanOrEqual(table.rowsPerPart);
    const rows: Record<string, string>[] = parse(Buffer.from(await services.store.read(path)), { columns: true });
    expect(rows).toHaveLength(file.rows);
    found.push(...rows.map(row => row['user_id'] ?? ''));
  }
  expect(found.sort()).toEqual(keys.map(({ key }) => String(key)).sort());
});
