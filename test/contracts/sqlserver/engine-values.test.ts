/** Values through the engine, exact in every digit: literals, parameters, columns, text and back. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  SqlEngine,
  SqlParameter,
  SqlSession,
  SqlType,
  SqlValue,
} from '../../../local/servers/sqlserver/session.ts';
import { timestampText } from '../../../local/servers/sqlserver/tsql/clock.ts';
import { ask, firstValue, login, openEngine, openYouflix } from './engine-fixture.ts';

const runs = { numRuns: 60 };

function parameter(name: string, type: SqlType, value: SqlValue): SqlParameter {
  return { name, type, value, output: false };
}

/** All of datetime2(7) that DuckDB's nanoseconds reach: 1678 to 2261, in units of 100 ns. */
const ticks = fc.bigInt({ min: -92_000_000_000_000_000n, max: 92_000_000_000_000_000n });

describe('values', () => {
  let engine: SqlEngine;
  let session: SqlSession;

  beforeAll(async () => {
    engine = await openEngine();
    session = await engine.open(login);
    await ask(
      session,
      'CREATE TABLE dbo.v (t nvarchar(max), d2 datetime2(7), d decimal(38, 10), m money, b varbinary(max))',
    );
  });
  afterAll(() => engine.close());

  it('keeps any text as literal, as parameter and in a column', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), async value => {
        const literal = `N'${value.replaceAll("'", "''")}'`;
        expect(await firstValue(session, `SELECT ${literal}`)).toBe(value);
        const { sets } = await ask(
          session,
          'DELETE dbo.v; INSERT INTO dbo.v (t) VALUES (@t); SELECT t, DATALENGTH(t) FROM dbo.v',
          [parameter('@t', { name: 'nvarchar', length: -1 }, value)],
        );
        expect(sets[0]?.rows).toEqual([[value, String(value.length * 2)]]);
      }),
      runs,
    );
  });

  it('keeps any name, quoted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
          .filter(name => !name.includes('\0') && name.trim() !== ''),
        async name => {
          const { sets } = await ask(
            session,
            `SELECT x.[${name.replaceAll(']', ']]')}] FROM (SELECT 1 AS "${name.replaceAll('"', '""')}") AS x`,
          );
          expect(sets[0]?.columns[0]?.name).toBe(name);
        },
      ),
      runs,
    );
  });

  it('keeps datetime2(7) to 100 ns, from text to storage to text', async () => {
    await fc.assert(
      fc.asyncProperty(ticks, async at => {
        const text = timestampText(at);
        const { sets } = await ask(
          session,
          `DELETE dbo.v; INSERT INTO dbo.v (d2) VALUES (CAST(@t AS datetime2(7)));
           SELECT CONVERT(varchar(27), d2, 121), CONVERT(varchar(33), d2, 126), CAST(d2 AS varchar(40)),
             CASE WHEN d2 = CAST(@t AS datetime2(7)) AND DATEADD(nanosecond, 100, d2) > @t THEN 1 ELSE 0 END FROM dbo.v`,
          [parameter('@t', { name: 'nvarchar', length: 40 }, text)],
        );
        const iso = text.replace(' ', 'T');
        expect(sets[0]?.rows).toEqual([[text, text.endsWith('.0000000') ? iso.slice(0, 19) : iso, text, '1']]);
      }),
      runs,
    );
  });

  it('keeps decimals to the last digit', async () => {
    const digits = fc.bigInt({ min: -(10n ** 38n - 1n), max: 10n ** 38n - 1n });
    await fc.assert(
      fc.asyncProperty(digits, async value => {
        const magnitude = (value < 0n ? -value : value).toString().padStart(11, '0');
        const text = `${value < 0n ? '-' : ''}${magnitude.slice(0, -10)}.${magnitude.slice(-10)}`;
        const { sets } = await ask(
          session,
          'DELETE dbo.v; INSERT INTO dbo.v (d) VALUES (@d); SELECT CONVERT(varchar(50), d), d FROM dbo.v',
          [parameter('@d', { name: 'decimal', precision: 38, scale: 10 }, text)],
        );
        expect(sets[0]?.rows).toEqual([[text, text]]);
      }),
      runs,
    );
  });

  it('keeps bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async bytes => {
        const hex = Buffer.from(bytes).toString('hex').toUpperCase();
        const { sets } = await ask(
          session,
          `DELETE dbo.v; INSERT INTO dbo.v (b) VALUES (@b); SELECT CONVERT(varchar(100), b, 1), DATALENGTH(b), CASE WHEN b = 0x${hex} THEN 1 END FROM dbo.v`,
          [parameter('@b', { name: 'varbinary', length: -1 }, bytes)],
        );
        expect(sets[0]?.rows).toEqual([[`0x${hex}`, String(bytes.length), '1']]);
      }),
      runs,
    );
  });

  it('rounds to the declared scale as SQL Server does', async () => {
    const { sets } = await ask(
      session,
      `DECLARE @t datetime2(7) = '2024-12-31 23:59:59.9995000';
       SELECT CAST(@t AS datetime2(3)), CAST(@t AS datetime2(0)), CAST('2024-01-01T00:00:00.4999999' AS datetime2(0)), CAST(@t AS datetime), CAST(1.005 AS decimal(10, 2))`,
    );
    expect(sets[0]?.rows).toEqual([
      ['2025-01-01 00:00:00', '2025-01-01 00:00:00', '2024-01-01 00:00:00', '2025-01-01 00:00:00', '1.01'],
    ]);
  });

  it('tells output parameters in their declared type', async () => {
    const { events } = await ask(session, "SET @o = 12.345; SET @t = '2024-01-01 00:00:00.1234567'", [
      { name: '@o', type: { name: 'decimal', precision: 10, scale: 2 }, value: null, output: true },
      { name: '@t', type: { name: 'datetime2', scale: 7 }, value: null, output: true },
    ]);
    expect(events.filter(event => event.kind === 'output').map(event => event.value)).toEqual([
      '12.35',
      '2024-01-01 00:00:00.1234567',
    ]);
  });
});

describe('the clock', () => {
  it('is the one given, to 100 ns, once per statement, in defaults too', async () => {
    let now = 17_040_672_000_000_001n;
    const { engine, session } = await openYouflix({ clock: () => now });
    now += 1n;
    await ask(session, "INSERT INTO dbo.users (email, country) VALUES (N'a@x', 'NO'), (N'b@x', 'NO')");
    const { sets } = await ask(
      session,
      'SELECT CONVERT(varchar(27), modified_at, 121), CONVERT(varchar(27), SYSUTCDATETIME(), 121) FROM dbo.users',
    );
    await engine.close();
    expect(sets[0]?.rows).toEqual([
      ['2024-01-01 00:00:00.0000002', '2024-01-01 00:00:00.0000002'],
      ['2024-01-01 00:00:00.0000002', '2024-01-01 00:00:00.0000002'],
    ]);
  });
});
