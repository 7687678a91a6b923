import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SourceColumn } from '../../../../shared/catalog/types.ts';
import { ConfigError } from '../../../../shared/errors.ts';
import { exactExpression, quoteName, silverColumns } from '../../../../shared/sources/mssql/column-types.ts';

function column(type: string, name = 'c'): SourceColumn {
  return { name, type, nullable: true, description: 'A column.' };
}

let connection: Awaited<ReturnType<DuckDBInstance['connect']>>;

beforeAll(async () => {
  connection = await (await DuckDBInstance.create(':memory:')).connect();
});

afterAll(() => connection.closeSync());

/** What each silver column of a source column makes of a text of bronze, printed by DuckDB. */
async function silverValues(type: string, text: string | null): Promise<Record<string, string | null>> {
  const [values] = await silverRows(type, [text]);
  return values as Record<string, string | null>;
}

async function silverRows(
  type: string,
  texts: readonly (string | null)[],
): Promise<readonly Record<string, string | null>[]> {
  const select = silverColumns(column(type)).map(({ name, type: silver, expression }) => {
    // A timestamp with time zone prints in the session's zone; as UTC it prints the same everywhere.
    const utc = silver === 'timestamp' ? `timezone('UTC', ${expression})` : expression;
    return `CAST(${utc} AS VARCHAR) AS ${quoteName(name, '"')}`;
  });
  const values = texts.map(
    (text, index) => `(${index}, ${text === null ? 'NULL' : `'${text.replaceAll("'", "''")}'`})`,
  );
  const from = `FROM (VALUES ${values.join(', ')}) AS bronze(i, c)`;
  const reader = await connection.runAndReadAll(`SELECT ${select.join(', ')} ${from} ORDER BY i`);
  return reader.getRowObjects() as Record<string, string | null>[];
}

describe('as which text the server sends it', () => {
  test.each([
    ['decimal(10,2)', 'CONVERT(nvarchar(41), [c]) AS [c]'],
    ['numeric(38, 38)', 'CONVERT(nvarchar(41), [c]) AS [c]'],
    ['date', 'CONVERT(nchar(10), [c], 23) AS [c]'],
    ['datetime2(7)', 'CONVERT(nvarchar(27), [c], 121) AS [c]'],
    ['DATETIME2', 'CONVERT(nvarchar(27), [c], 121) AS [c]'],
    ['int', '[c]'],
    ['bigint', '[c]'],
    ['bit', '[c]'],
    ['nvarchar(max)', '[c]'],
    ['uniqueidentifier', '[c]'],
  ])('%s: %s', (type, expression) => {
    expect(exactExpression(column(type))).toBe(expression);
  });

  test('under its own name, whatever that is', () => {
    expect(exactExpression(column('date', 'a]b"c'))).toBe('CONVERT(nchar(10), [a]]b"c], 23) AS [a]]b"c]');
  });
});

describe('as what silver keeps it', () => {
  test.each([
    ['bit', 'boolean'],
    ['tinyint', 'short'],
    ['smallint', 'short'],
    ['int', 'integer'],
    ['bigint', 'long'],
    ['decimal(10,2)', 'decimal(10,2)'],
    ['numeric(5)', 'decimal(5,0)'],
    ['decimal', 'decimal(18,0)'],
    ['date', 'date'],
    ['datetime2(0)', 'timestamp'],
    ['datetime2(6)', 'timestamp'],
    ['char(3)', 'string'],
    ['varchar(max)', 'string'],
    ['nchar(1)', 'string'],
    ['nvarchar(320)', 'string'],
    ['uniqueidentifier', 'string'],
  ])('%s: %s', (type, silver) => {
    expect(silverColumns(column(type))).toMatchObject([
      { name: 'c', type: silver, nullable: true, description: 'A column.' },
    ]);
  });

  test.each(['datetime2(7)', 'datetime2'])('%s: a timestamp for people, and exact ticks', type => {
    expect(silverColumns({ ...column(type), nullable: false })).toMatchObject([
      { name: 'c', type: 'timestamp', nullable: false },
      { name: 'c_ticks', type: 'long', nullable: false, description: expect.stringContaining('100-nanosecond ticks') },
    ]);
  });

  test.each(['geography', 'xml', 'money', 'float', 'datetimeoffset(7)'])('%s has no mapping yet, and says so', type => {
    expect(() => silverColumns(column(type))).toThrow(ConfigError);
    expect(() => silverColumns(column(type))).toThrow(/catalog column c: the type .* has no mapping to silver/);
  });

  test.each(['', 'int(', 'decimal(a,b)', 'int; DROP TABLE users', 'decimal(10,2) NOT NULL'])('%o is no type', type => {
    expect(() => silverColumns(column(type))).toThrow(/cannot read the type/);
    expect(() => exactExpression(column(type))).toThrow(ConfigError);
  });
});

describe('DuckDB makes of the text what the source meant', () => {
  test.each([
    ['bit', 'true', 'true'],
    ['bit', 'false', 'false'],
    ['tinyint', '255', '255'],
    ['smallint', '-32768', '-32768'],
    ['int', '-2147483648', '-2147483648'],
    ['bigint', '9223372036854775807', '9223372036854775807'],
    ['bigint', '-9223372036854775808', '-9223372036854775808'],
    ['decimal(10,2)', '-99999999.99', '-99999999.99'],
    ['decimal(38,0)', '99999999999999999999999999999999999999', '99999999999999999999999999999999999999'],
    ['date', '0001-01-01', '0001-01-01'],
    ['date', '9999-12-31', '9999-12-31'],
    ['datetime2(0)', '2026-02-28 23:59:59', '2026-02-28 23:59:59'],
    ['datetime2(3)', '2026-01-31 11:59:59.120', '2026-01-31 11:59:59.12'],
    ['nvarchar(max)', 'Zoë 🎬 "quoted"\n\t=1+1', 'Zoë 🎬 "quoted"\n\t=1+1'],
    ['nvarchar(max)', '', ''],
    ['uniqueidentifier', '6F9619FF-8B86-D011-B42D-00CF4FC964FF', '6F9619FF-8B86-D011-B42D-00CF4FC964FF'],
  ])('%s %o', async (type, text, silver) => {
    expect(await silverValues(type, text)).toEqual({ c: silver });
  });

  test.each(['bit', 'bigint', 'decimal(10,2)', 'date', 'datetime2(3)', 'nvarchar(10)'])('%s NULL', async type => {
    expect(await silverValues(type, null)).toEqual({ c: null });
  });

  test.each([
    ['0001-01-01 00:00:00.0000000', '0001-01-01 00:00:00', '0'],
    ['1970-01-01 00:00:00.0000001', '1970-01-01 00:00:00', '621355968000000001'],
    ['1969-12-31 23:59:59.9999999', '1969-12-31 23:59:59.999999', '621355967999999999'],
    ['9999-12-31 23:59:59.9999999', '9999-12-31 23:59:59.999999', '3155378975999999999'],
  ])('datetime2(7) %s: cut, never rounded, and exact ticks', async (text, timestamp, ticks) => {
    expect(await silverValues('datetime2(7)', text)).toEqual({ c: timestamp, c_ticks: ticks });
  });

  test('datetime2(7) NULL', async () => {
    expect(await silverValues('datetime2(7)', null)).toEqual({ c: null, c_ticks: null });
  });

  test('ticks count every 100 ns of any time, and order as time does', async () => {
    const epochTicks = 621_355_968_000_000_000n;
    const anyTicks = fc.bigInt({ min: 0n, max: 3_155_378_975_999_999_999n });
    await fc.assert(
      fc.asyncProperty(fc.array(anyTicks, { minLength: 1, maxLength: 50 }), async all => {
        const texts = all.map(ticks => {
          const perMs = 10_000n;
          const ms = ticks / perMs - epochTicks / perMs;
          const [day, time] = new Date(Number(ms)).toISOString().replace('Z', '').split('T');
          return `${day} ${time}${String(ticks % perMs).padStart(4, '0')}`;
        });
        const rows = await silverRows('datetime2(7)', texts);
        expect(rows.map(row => row['c_ticks'])).toEqual(all.map(String));
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ['int', '2147483648'],
    ['tinyint', 'many'],
    ['decimal(4,2)', '100.00'],
    ['date', '2026-02-29'],
    ['bit', 'perhaps'],
  ])('%s %o does not fit, and nothing is guessed', async (type, text) => {
    await expect(silverValues(type, text)).rejects.toThrow();
  });
});
