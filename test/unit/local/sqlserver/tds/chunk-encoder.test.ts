import { type DuckDBConnection, DuckDBInstance, type DuckDBVector } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SqlColumn, SqlType } from '../../../../../local/servers/sqlserver/session.ts';
import { ByteWriter } from '../../../../../local/servers/sqlserver/tds/byte-writer.ts';
import { ChunkEncoder } from '../../../../../local/servers/sqlserver/tds/chunk-encoder.ts';
import {
  type ColumnEncoder,
  columnEncoder,
  fastEncoder,
  valueEncoder,
} from '../../../../../local/servers/sqlserver/tds/column-encoder.ts';

let instance: DuckDBInstance;
let duck: DuckDBConnection;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  duck = await instance.connect();
});

afterAll(() => {
  duck.closeSync();
  instance.closeSync();
});

/** Encodes a query's rows both ways; the fast one must have been fast for every column. */
async function bothWays(sql: string, types: readonly SqlType[]): Promise<{ fast: Buffer; slow: Buffer; rows: number }> {
  const columns: SqlColumn[] = types.map((type, index) => ({ name: `c${index}`, type, nullable: true }));
  const [fast, slow] = [new ByteWriter(), new ByteWriter()];
  let rows = 0;
  const result = await duck.stream(sql);
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    rows += chunk.rowCount;
    encodeAll(new ChunkEncoder(columns, chunk, onlyFast), fast);
    encodeAll(new ChunkEncoder(columns, chunk, valueEncoder), slow);
  }
  return { fast: fast.written(), slow: slow.written(), rows };
}

function onlyFast(column: SqlColumn, vector: DuckDBVector, rowCount: number): ColumnEncoder {
  const encoder = fastEncoder(column, vector, rowCount);
  if (encoder === undefined) throw new Error(`${column.name}: no fast way from ${vector.type} to ${column.type.name}`);
  return encoder;
}

function encodeAll(encoder: ChunkEncoder, writer: ByteWriter): void {
  for (let row = 0; row < encoder.rowCount; ) row = encoder.encode(writer, row, encoder.rowCount);
}

const cases: readonly (readonly [what: string, sql: string, types: readonly SqlType[]])[] = [
  [
    'numbers with nulls',
    `select case when i % 3 = 0 then null else i % 2 = 0 end, (i % 256)::utinyint, (i - 3000)::smallint, nullif(i, 7)::int,
            i::bigint * 1234567890123, (i / 7)::float, i / 7.0::double from range(5000) t(i)`,
    [
      { name: 'bit' },
      { name: 'tinyint' },
      { name: 'smallint' },
      { name: 'int' },
      { name: 'bigint' },
      { name: 'real' },
      { name: 'float' },
    ],
  ],
  [
    'decimals of every width, both signs',
    `select ((i - 2500) / 10)::decimal(4, 1), (i - 2500)::decimal(9, 2), ((i - 2500) * 1000003)::decimal(18, 4),
            ((i - 2500)::decimal(38, 0) * 100000000000000000000000000000)::decimal(38, 2), nullif(i % 5, 0)::decimal(10, 0)
     from range(5000) t(i)`,
    [
      { name: 'decimal', precision: 4, scale: 1 },
      { name: 'decimal', precision: 10, scale: 2 },
      { name: 'numeric', precision: 20, scale: 4 },
      { name: 'decimal', precision: 38, scale: 2 },
      { name: 'decimal', precision: 10, scale: 0 },
    ],
  ],
  [
    'the largest and smallest decimals',
    `select * from (values (99999999999999999999999999999999999999::decimal(38, 0)), (-99999999999999999999999999999999999999::decimal(38, 0)),
            (-18446744073709551616::decimal(38, 0)), (4294967296::decimal(38, 0)), (-1::decimal(38, 0)), (0::decimal(38, 0)), (null))`,
    [{ name: 'decimal', precision: 38, scale: 0 }],
  ],
  [
    'times before and after 1970',
    `select date '1600-01-01' + (i * 37)::int, timestamp '1969-12-31 23:59:59.999999' - interval (i * 7919) minute,
            make_timestamp_ns(i * 123456789012345 - 300000000000000000), make_timestamp(i * 1000003 - 3000000000),
            time '00:00:00' + interval (i * 17) second, (timestamp '2024-01-01' + interval (i) hour)::timestamptz,
            make_timestamp(i * 1999999)::timestamp_ms, make_timestamp(i * 1999999)::timestamp_s,
            case when i % 4 > 0 then timestamp '2024-05-06 07:08:09.123456' end
     from range(5000) t(i)`,
    [
      { name: 'date' },
      { name: 'datetime2', scale: 7 },
      { name: 'datetime2', scale: 7 },
      { name: 'datetime2', scale: 3 },
      { name: 'time', scale: 7 },
      { name: 'datetimeoffset', scale: 7 },
      { name: 'datetime2', scale: 7 },
      { name: 'datetime2', scale: 0 },
      { name: 'datetime2', scale: 0 },
    ],
  ],
  [
    'the ends of time',
    `select * from (values (date '0001-01-01', timestamp '0001-01-01 00:00:00', timestamp_ns '1677-09-22 00:00:00.0000001'),
            (date '9999-12-31', timestamp '9999-12-31 23:59:59.999999', timestamp_ns '2262-04-11 23:47:16.8547758'))`,
    [{ name: 'date' }, { name: 'datetime2', scale: 7 }, { name: 'datetime2', scale: 7 }],
  ],
  [
    'identifiers',
    'select uuid(), case when i % 2 = 0 then uuid() end from range(3000) t(i)',
    [{ name: 'uniqueidentifier' }, { name: 'uniqueidentifier' }],
  ],
  [
    'text: short, long, empty, null, unicode, in every form',
    `select s, s, s, s, s, s[1:4] from (select case i % 9 when 0 then null when 1 then '' when 2 then 'short' when 3 then 'exactly12byt'
            when 4 then 'thirteen bytes' when 5 then '😀 ü 日本 €' when 6 then repeat('é', i % 50) when 7 then repeat('x😀', i % 40)
            else 'row ' || i || chr(0) || chr(10) end s from range(6000) t(i))`,
    [
      { name: 'nvarchar', length: 200 },
      { name: 'nvarchar', length: -1 },
      { name: 'varchar', length: 200 },
      { name: 'varchar', length: -1 },
      { name: 'xml' },
      { name: 'nchar', length: 5 },
    ],
  ],
  [
    'fixed text',
    `select 'EUR', case when i % 2 = 0 then 'd€' end from range(3000) t(i)`,
    [
      { name: 'char', length: 3 },
      { name: 'char', length: 5 },
    ],
  ],
  [
    'the same string in many rows, and rows out of order',
    `select s from (select 'a string that is long ' || (i % 10) s, hash(i) h from range(9000) t(i)) order by h`,
    [{ name: 'nvarchar', length: 100 }],
  ],
  [
    'bytes',
    `select case i % 4 when 0 then null when 1 then ''::blob when 2 then '\\x00\\xFF\\x01'::blob else repeat('abc', i % 99)::blob end,
            repeat('z', i % 30)::blob from range(4000) t(i)`,
    [
      { name: 'varbinary', length: 400 },
      { name: 'varbinary', length: -1 },
    ],
  ],
  [
    'values of a megabyte between small ones',
    `select i::int, case i % 3 when 0 then repeat('m😀', 200000) when 1 then null else 'small' end, repeat('B', 1000000)::blob
     from range(8) t(i)`,
    [{ name: 'int' }, { name: 'nvarchar', length: -1 }, { name: 'varbinary', length: -1 }],
  ],
];

test.each(cases)('fast and slow encoders agree: %s', async (_, sql, types) => {
  const { fast, slow, rows } = await bothWays(sql, types);
  expect(rows).toBeGreaterThan(0);
  expect(fast.equals(slow)).toBe(true);
});

test('pairs of types without a fast way take the slow one', async () => {
  const chunk = await (
    await duck.stream(`select 5::bigint, [1, 2], 'x'::enum('x', 'y'), 1.5::decimal(5, 1)`)
  ).fetchChunk();
  if (chunk === null) throw new Error('no chunk');
  const types: SqlType[] = [
    { name: 'int' },
    { name: 'nvarchar', length: 20 },
    { name: 'varchar', length: 1 },
    { name: 'decimal', precision: 9, scale: 3 },
  ];
  const columns = types.map((type, index) => ({ name: `c${index}`, type, nullable: true }));
  const writer = new ByteWriter();
  encodeAll(new ChunkEncoder(columns, chunk), writer);
  expect(writer.written().toString('hex')).toBe(
    ['d1', '0405000000', `0c00${Buffer.from('[1, 2]', 'utf16le').toString('hex')}`, '010078', '0501dc050000'].join(''),
  );
});

test('a value that does not fit its column adds nothing to the message', async () => {
  const chunk = await (await duck.stream(`select repeat('x', 40000), 1`)).fetchChunk();
  if (chunk === null) throw new Error('no chunk');
  const writer = new ByteWriter();
  writer.raw(Buffer.from('before'));
  const column = { name: 'c', nullable: true, type: { name: 'nvarchar', length: 10 } } as const;
  expect(() => new ChunkEncoder([column], chunk).encode(writer, 0, 1)).toThrow(/80000 bytes .* nvarchar\(10\)/);
  expect(writer.written().toString()).toBe('before');
});

test('a date beyond year 9999 is an error, not other data', async () => {
  const chunk = await (await duck.stream(`select date 'infinity', timestamp '10000-01-01 00:00:00'`)).fetchChunk();
  if (chunk === null) throw new Error('no chunk');
  const encode = (index: number, type: SqlType) => {
    const encoder = columnEncoder({ name: 'c', nullable: true, type }, chunk.getColumnVector(index), 1);
    encoder.measure(0, 1, new Int32Array(1));
    encoder.write(0, 1, Buffer.alloc(100), new Int32Array(1));
  };
  expect(() => encode(0, { name: 'date' })).toThrow(RangeError);
  expect(() => encode(1, { name: 'datetime2', scale: 7 })).toThrow(RangeError);
});
