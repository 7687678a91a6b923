/** Tables that Spark and delta-rs wrote (`test/fixtures/delta`), read by us. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTable, tableRows } from '../../../shared/delta/read.ts';
import { directoryStore } from '../../../shared/storage/directory-store.ts';
import { memoryStore } from '../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../shared/storage/store.ts';
import { testLake } from './lake.ts';

const fixtures = directoryStore(join(import.meta.dirname, '../../fixtures'));

/** The same files where they have to be fetched, as from Azure. */
async function remote(): Promise<LakeStore> {
  const store = memoryStore();
  for await (const { path } of fixtures.list('delta')) await store.write(path, await fixtures.read(path));
  return store;
}

test.each([
  ['in place', async () => fixtures],
  ['fetched', remote],
] as const)('delta-rs: partitions, checkpoint, delete; %s', async (_, open) => {
  await using lake = await testLake(await open());
  await using reading = await readTable({ table: 'delta/delta-rs' }, lake.engine);
  expect(reading.snapshot).toMatchObject({ version: 3, checkpointVersion: 2, partitionColumns: ['region'] });
  const rows = await lake.engine.duckdb.rows(`SELECT id, region, "at", price FROM ${reading.relation} ORDER BY id`);
  expect(rows.map(({ id }) => Number(id))).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]);
  expect(rows.slice(0, 4).map(({ region }) => region)).toEqual(['a b', 'c/d', 'e%f', null]);
  expect(rows.at(-1)).toEqual({ id: '11', region: null, at: '2024-01-01 00:00:00.123459+00', price: '0.11' });
  expect(await tableRows(reading.snapshot, lake.engine)).toBe(11);
  await using before = await readTable({ table: 'delta/delta-rs', version: 1 }, lake.engine);
  expect(await tableRows(before.snapshot, lake.engine)).toBe(8);
});

test('Spark: every type, partition values and paths with escapes', async () => {
  await using lake = await testLake(fixtures);
  await using reading = await readTable({ table: 'delta/spark' }, lake.engine);
  const rows = await lake.engine.duckdb.rows(`FROM ${reading.relation} ORDER BY id`);
  expect(rows.map(({ id }) => id)).toEqual(['0', '1', '2']);
  for (const { part } of rows) expect(part).toMatch(/^a b\/c%-?\d+$/);
  expect(rows[1]).toMatchObject({
    s: 1,
    b: -49,
    d9: '0.11',
    flag: false,
    day: '1969-12-02',
    at: '1969-12-01 00:00:01.123456+00',
  });
  expect(reading.snapshot.schema[0]).toMatchObject({ name: 'id', type: 'long', description: 'The id.' });
});
