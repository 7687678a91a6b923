import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ColumnType, duckDbType, type TableSchema } from '../../../shared/delta/schema.ts';
import { openTable } from '../../../shared/delta/snapshot.ts';
import { columnBounds, formatStats, rowCount, sqlBounds } from '../../../shared/delta/stats.ts';
import { appendToTable } from '../../../shared/delta/write.ts';
import { sqlText } from '../../../shared/duckdb/session.ts';
import { memoryStore } from '../../../shared/storage/memory-store.ts';
import { table, testLake } from './lake.ts';

const instant = fc
  .bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n })
  .map(micros => `make_timestamptz(${micros})`);

/** A value of each type, as SQL. */
const literals: Readonly<Record<string, fc.Arbitrary<string>>> = {
  long: fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }).map(String),
  integer: fc.integer().map(String),
  byte: fc.integer({ min: -128, max: 127 }).map(String),
  double: fc.double().map(value => `'${value}'`),
  float: fc.float().map(value => `'${value}'`),
  'decimal(38,10)': fc.bigInt({ min: -(10n ** 27n), max: 10n ** 27n }).map(value => `${value}.0123456789`),
  string: fc.string({ unit: 'binary', maxLength: 80 }).map(sqlText),
  date: fc.integer({ min: -719_162, max: 2_932_896 }).map(days => `DATE '1970-01-01' + (${days})`),
  timestamp: instant,
};

test.each(Object.entries(literals))(
  '%s: every value of a written file lies between its bounds',
  async (name, literal) => {
    await using lake = await testLake();
    const type = name as ColumnType;
    const schema: TableSchema = [{ name: 'v', type, nullable: true }];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(literal, { nil: 'NULL' }), { minLength: 1, maxLength: 12 }), async values => {
        const engine = { ...lake.engine, store: memoryStore() };
        const source = `(SELECT * FROM (VALUES ${values.map(value => `(${value})`)}) t(v))`;
        await appendToTable({ table, schema, source }, engine);
        const [file] = (await openTable({ table }, engine)).files.values();
        expect(rowCount(file?.stats)).toBe(values.length);
        expect(JSON.parse(file?.stats ?? '').nullCount).toEqual({ v: values.filter(value => value === 'NULL').length });
        const bounds = columnBounds(file?.stats, 'v');
        if (bounds === undefined) return;
        const { min, max } = sqlBounds(type, bounds);
        const [outside] = await lake.engine.duckdb.rows(
          `SELECT count(*) AS rows FROM ${source} WHERE CAST(v AS ${duckDbType(type)}) NOT BETWEEN ${min} AND ${max}`,
        );
        expect(outside).toEqual({ rows: '0' });
      }),
      { numRuns: 25 },
    );
  },
);

test.each([
  ['the highest', ['a', '\u{FEFF}marked']],
  ['the lowest', ['\u{FEFF}\u{1F600}', '\u{1F601}']],
])('a text that begins with a byte-order mark and is %s does not fall outside the bounds', async (_which, texts) => {
  await using lake = await testLake();
  const source = `(SELECT * FROM (VALUES ${texts.map(text => `(${sqlText(text)})`)}) t(v))`;
  await appendToTable({ table, schema: [{ name: 'v', type: 'string', nullable: true }], source }, lake.engine);
  const [file] = (await openTable({ table }, lake.engine)).files.values();
  const bounds = columnBounds(file?.stats, 'v');
  const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');
  for (const text of texts) {
    if (bounds === undefined) continue;
    expect(Buffer.compare(bytes(bounds.min), bytes(text))).toBeLessThanOrEqual(0);
    expect(Buffer.compare(bytes(text), bytes(bounds.max))).toBeLessThanOrEqual(0);
  }
  expect(rowCount(file?.stats)).toBe(2);
});

function boundsOf(type: ColumnType, min: string, max: string, more: Record<string, string> = {}) {
  const stats = formatStats('3', [{ name: 'v', type, nullable: true }], { v: { min, max, null_count: '1', ...more } });
  const { minValues, maxValues } = JSON.parse(stats);
  return [minValues.v, maxValues.v];
}

test('strings are cut to 32 characters, the maximum with a mark above any continuation', () => {
  expect(boundsOf('string', 'é'.repeat(40), 'é'.repeat(40))).toEqual(['é'.repeat(32), `${'é'.repeat(32)}\u{10FFFF}`]);
  expect(boundsOf('string', 'a', 'z'.repeat(32))).toEqual(['a', 'z'.repeat(32)]);
});

test('timestamps are cut to milliseconds, away from the values', () => {
  expect(boundsOf('timestamp', '2024-01-01 00:00:00.123456+00', '2024-12-31 23:59:59.999001+00')).toEqual([
    '2024-01-01T00:00:00.123Z',
    '2025-01-01T00:00:00.000Z',
  ]);
  expect(boundsOf('timestamp', '1969-12-31 23:59:59.999999+00', '1969-12-31 23:59:59+00')).toEqual([
    '1969-12-31T23:59:59.999Z',
    '1969-12-31T23:59:59.000Z',
  ]);
});

test('what JSON or the protocol cannot say faithfully has no bounds', () => {
  expect(boundsOf('double', '1.0', '2.0', { has_nan: 'true' })).toEqual([undefined, undefined]);
  expect(boundsOf('double', '-inf', 'inf')).toEqual([undefined, undefined]);
  expect(boundsOf('date', '0044-03-15 (BC)', '2024-01-01')).toEqual([undefined, undefined]);
  expect(boundsOf('timestamp', '-infinity', 'infinity')).toEqual([undefined, undefined]);
});

test('a long keeps its digits, and no statistics mean nothing is known', () => {
  const stats = '{"numRecords":2,"minValues":{"v":9007199254740993},"maxValues":{"v":9223372036854775807}}';
  expect(columnBounds(stats, 'v')).toEqual({ min: '9007199254740993', max: '9223372036854775807' });
  for (const none of [undefined, '', '{}', '{"minValues":{"v":1}}']) expect(columnBounds(none, 'v')).toBeUndefined();
});
