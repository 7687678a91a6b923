import { expect, test } from 'vitest';
import { formatCommit } from '../../../shared/delta/actions.ts';
import { stageFiles } from '../../../shared/delta/data-files.ts';
import { commitPath } from '../../../shared/delta/log.ts';
import { readTable, tableRows } from '../../../shared/delta/read.ts';
import type { TableSchema } from '../../../shared/delta/schema.ts';
import { openTable } from '../../../shared/delta/snapshot.ts';
import { appendToTable, createTable, overwriteTable } from '../../../shared/delta/write.ts';
import { relation, schema, table, testLake, usersIn } from './lake.ts';

const users = (...ids: bigint[]): string =>
  `(SELECT * EXCLUDE (gone) FROM ${relation(ids.map(id => ({ id, name: 'x', version: 1 })))})`;

test('an empty table has a schema and no rows; making it again changes nothing', async () => {
  await using lake = await testLake();
  await createTable({ table, schema, description: 'One row per user.' }, lake.engine);
  expect(await createTable({ table, schema }, lake.engine)).toMatchObject({ version: 0 });
  expect((await usersIn(lake.engine)).size).toBe(0);
});

test('appends add, an overwrite replaces rows and schema, older versions stay readable', async () => {
  await using lake = await testLake();
  expect(await appendToTable({ table, schema, source: users(1n, 2n) }, lake.engine)).toMatchObject({
    version: 0,
    rows: 2,
  });
  expect(await appendToTable({ table, schema, source: users(3n) }, lake.engine)).toMatchObject({ version: 1, rows: 3 });
  const narrow: TableSchema = [{ name: 'user_id', type: 'string', nullable: false }];
  const overwritten = await overwriteTable({ table, schema: narrow, source: users(9n) }, lake.engine);
  expect(overwritten).toMatchObject({ version: 2, rows: 1, filesRemoved: 2 });
  await using reading = await readTable({ table }, lake.engine);
  expect(await lake.engine.duckdb.rows(`FROM ${reading.relation}`)).toEqual([{ user_id: '9' }]);
  expect([...(await usersIn(lake.engine, 1)).keys()]).toEqual([1n, 2n, 3n]);
});

test('a repeated append with a transaction is skipped; NULL where none may be is refused', async () => {
  await using lake = await testLake();
  const request = { table, schema, source: users(1n), txn: { appId: 'a', version: 1 } };
  await appendToTable(request, lake.engine);
  expect(await appendToTable(request, lake.engine)).toMatchObject({ skipped: true, version: 0, rows: 1 });
  const source = "(SELECT 1 AS user_id, 'x' AS name, NULL AS version)";
  await expect(appendToTable({ table, schema, source }, lake.engine)).rejects.toThrow('NULL in version (1 rows)');
});

test('many rows become several files, and sorted ones let readers skip row groups', async () => {
  await using lake = await testLake();
  const source = "(SELECT 300_000 - i AS user_id, 'x' AS name, 1 AS version FROM range(300_000) t(i))";
  const request = { table, schema, source, orderBy: ['user_id'], rowsPerFile: 61_440 };
  expect(await appendToTable(request, lake.engine)).toMatchObject({ rows: 300_000 });
  const { files } = await openTable({ table }, lake.engine);
  expect(files.size).toBeGreaterThan(2);
  await using staged = await stageFiles(
    [...files.keys()].map(path => `${table}/${path}`),
    lake.engine,
  );
  const groups = await lake.engine.duckdb.rows(
    `SELECT count(*) AS covering FROM parquet_metadata(${staged.list})
     WHERE path_in_schema = 'user_id' AND 123456 BETWEEN stats_min_value::BIGINT AND stats_max_value::BIGINT`,
  );
  expect(groups).toEqual([{ covering: '1' }]);
});

test('every type comes back as it went in, and from before a column was added as NULL', async () => {
  await using lake = await testLake();
  const types = [
    'long',
    'integer',
    'short',
    'byte',
    'double',
    'float',
    'decimal(38,10)',
    'boolean',
    'date',
    'timestamp',
    'binary',
    'string',
  ] as const;
  const wide: TableSchema = types.map((type, index) => ({ name: `v${index}`, type, nullable: true }));
  const row = `-9223372036854775808 v0, -2147483648 v1, -32768 v2, -128 v3, 'nan'::DOUBLE v4, '-inf'::FLOAT v5,
    -1234567890123456789012345678.0123456789::DECIMAL(38,10) v6, false v7, DATE '0001-01-01' v8,
    TIMESTAMPTZ '9999-12-31 23:59:59.999999+00' v9, '\\x00\\xFF'::BLOB v10, '' v11`;
  await appendToTable({ table, schema: wide, source: `(SELECT ${row})` }, lake.engine);
  const later: TableSchema = [...wide, { name: 'later', type: 'timestamp', nullable: true }];
  await appendToTable({ table, schema: later, source: `(SELECT ${row}, now() AS later)` }, lake.engine);
  await using reading = await readTable({ table }, lake.engine);
  const [same] = await lake.engine.duckdb.rows(
    `SELECT count(*) AS rows, count(later) AS later FROM ${reading.relation} t JOIN (SELECT ${row}) s
     ON ${types.map((_, index) => `t.v${index} IS NOT DISTINCT FROM s.v${index}`).join(' AND ')}`,
  );
  expect(same).toEqual({ rows: '2', later: '1' });
});

test('partition values come from the log, null as the empty string, files from encoded paths', async () => {
  await using lake = await testLake();
  await appendToTable({ table, schema: schema.slice(0, 1), source: users(7n) }, lake.engine);
  const { metadata, files } = await openTable({ table }, lake.engine);
  const [file] = files.values();
  const bytes = await lake.store.read(`${table}/${file?.path}`);
  const fields = JSON.parse(metadata.schemaString).fields;
  const partitioned = ['day', 'city'].map(name => ({
    name,
    type: name === 'day' ? 'date' : 'string',
    nullable: true,
    metadata: {},
  }));
  const schemaString = JSON.stringify({ type: 'struct', fields: [...fields, ...partitioned] });
  const values = [
    { day: '2024-02-29', city: 'A/B %' },
    { day: '', city: null },
  ];
  const adds = values.map((partitionValues, index) => ({
    add: { ...file, path: `day=x/city=A%2FB%20%25/${index}.parquet`, partitionValues, stats: '{}' } as never,
  }));
  for (const [index] of values.entries()) await lake.store.write(`${table}/day=x/city=A/B %/${index}.parquet`, bytes);
  const metaData = { ...metadata, schemaString, partitionColumns: ['day', 'city'] };
  await lake.store.write(commitPath(table, 1), formatCommit([{ metaData }, ...adds]));
  await using reading = await readTable({ table }, lake.engine);
  expect(
    await lake.engine.duckdb.rows(
      `SELECT day, city, user_id FROM ${reading.relation} WHERE day IS NOT NULL OR city IS NULL ORDER BY day`,
    ),
  ).toEqual(
    expect.arrayContaining([
      { day: '2024-02-29', city: 'A/B %', user_id: '7' },
      { day: null, city: null, user_id: '7' },
    ]),
  );
  // The files that came without statistics are counted by opening them.
  expect(await tableRows(reading.snapshot, lake.engine)).toBe(3);
});
