/** The project's own script on the engine: it runs, it runs again, and what it declares is what clients are told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlEngine, SqlParameter, SqlSession } from '../../../local/servers/sqlserver/session.ts';
import { typeText } from '../../../local/servers/sqlserver/tsql/types.ts';
import { ask, collect, firstValue, openYouflix, schemaBatches } from './engine-fixture.ts';

describe('infra/sql/youflix.sql', () => {
  let engine: SqlEngine;
  let session: SqlSession;

  beforeAll(async () => {
    ({ engine, session } = await openYouflix());
  });
  afterAll(() => engine.close());

  it('is harmless the second time, with rows in its tables', async () => {
    await ask(
      session,
      "INSERT INTO dbo.plans (plan_id, name, monthly_price, currency, max_screens) VALUES (1, N'Basic', 7.99, 'EUR', 1)",
    );
    for (const batch of schemaBatches) await ask(session, batch);
    expect(await firstValue(session, 'SELECT COUNT(*) FROM dbo.plans')).toBe('1');
    expect(await firstValue(session, "SELECT COUNT(*) FROM sys.indexes WHERE name LIKE 'ix[_]%'")).toBe('3');
  });

  it('declares the column types that result metadata shows', async () => {
    const { sets } = await ask(
      session,
      'SELECT * FROM dbo.users; SELECT * FROM dbo.plans; SELECT * FROM dbo.subscriptions',
    );
    const shown = sets.map(set =>
      set.columns.map(column => `${column.name} ${typeText(column.type)}${column.nullable ? '' : ' not null'}`),
    );
    expect(shown).toEqual([
      [
        'user_id bigint not null',
        'external_id uniqueidentifier not null',
        'email nvarchar(320) not null',
        'display_name nvarchar(200)',
        'country char(2) not null',
        'birth_date date',
        'marketing_opt_in bit not null',
        'bio nvarchar(max)',
        'is_deleted bit not null',
        'created_at datetime2(3) not null',
        'modified_at datetime2(7) not null',
      ],
      [
        'plan_id int not null',
        'name nvarchar(60) not null',
        'monthly_price decimal(10,2) not null',
        'currency char(3) not null',
        'max_screens tinyint not null',
        'has_ads bit not null',
        'description nvarchar(max)',
        'is_deleted bit not null',
        'created_at datetime2(3) not null',
        'modified_at datetime2(7) not null',
      ],
      [
        'subscription_id bigint not null',
        'user_id bigint not null',
        'plan_id int not null',
        'status nvarchar(20) not null',
        'price decimal(10,2) not null',
        'started_at datetime2(0) not null',
        'ended_at datetime2(0)',
        'cancel_reason nvarchar(400)',
        'is_deleted bit not null',
        'modified_at datetime2(7) not null',
      ],
    ]);
    expect(sets[0]?.columns[0]?.identity).toBe(true);
  });

  it('shows itself in INFORMATION_SCHEMA', async () => {
    const { sets } = await ask(
      session,
      `SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION, IS_NULLABLE
       FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'dbo' AND TABLE_NAME = 'plans' AND ORDINAL_POSITION IN (2, 3, 4, 7, 10)
       ORDER BY ORDINAL_POSITION`,
    );
    expect(sets[0]?.rows).toEqual([
      ['name', 'nvarchar', '60', null, null, null, 'NO'],
      ['monthly_price', 'decimal', null, '10', '2', null, 'NO'],
      ['currency', 'char', '3', null, null, null, 'NO'],
      ['description', 'nvarchar', '-1', null, null, null, 'YES'],
      ['modified_at', 'datetime2', null, null, null, '7', 'NO'],
    ]);
  });

  it('extracts a window exactly as the app asks for it', async () => {
    await ask(
      session,
      `INSERT INTO dbo.users (email, country, modified_at) VALUES (N'a@x', 'NO', '2024-01-01T00:00:00.0000001'),
       (N'b@x', 'NO', '2024-01-01T00:00:00.0000002'), (N'c@x', 'NO', '2024-01-01T00:00:00.0000003')`,
    );
    const text = (name: string, value: string): SqlParameter => ({
      name,
      type: { name: 'nvarchar', length: 4000 },
      value,
      output: false,
    });
    const id = (name: string, value: bigint): SqlParameter => ({
      name,
      type: { name: 'bigint' },
      value,
      output: false,
    });
    const { sets } = await ask(
      session,
      `SELECT user_id, email, CONVERT(varchar(27), modified_at, 121) AS modified_at FROM dbo.users WITH (NOLOCK)
       WHERE modified_at > CAST(@low AS datetime2(7)) AND modified_at <= CAST(@high AS datetime2(7)) AND user_id >= @a AND user_id < @b
       ORDER BY user_id`,
      [
        text('@low', '2024-01-01 00:00:00.0000001'),
        text('@high', '2024-01-01 00:00:00.0000002'),
        id('@a', 0n),
        id('@b', 100n),
      ],
    );
    expect(sets[0]?.rows).toEqual([['2', 'b@x', '2024-01-01 00:00:00.0000002']]);
  });
});

describe('dbo.usp_move_watermark', () => {
  let engine: SqlEngine;
  let session: SqlSession;

  beforeAll(async () => {
    ({ engine, session } = await openYouflix());
  });
  afterAll(() => engine.close());

  async function move(table: string | null, watermark: string | null) {
    const parameters: SqlParameter[] = [
      { name: '@table_name', type: { name: 'nvarchar', length: 128 }, value: table, output: false },
      { name: '@watermark', type: { name: 'nvarchar', length: 27 }, value: watermark, output: false },
    ];
    const answer = await collect(
      session.procedure('dbo.usp_move_watermark', parameters, new AbortController().signal),
      'errors',
    );
    const status = answer.events.find(event => event.kind === 'return-status')?.value;
    return { status, error: answer.messages[0] };
  }

  it('moves forward, refuses to go back with 1, and throws 50001 on NULL', async () => {
    expect(await move('users', '2024-01-01 00:00:00.1234567')).toEqual({ status: 0, error: undefined });
    expect(await move('USERS', '2024-01-01 00:00:00.1234568')).toEqual({ status: 0, error: undefined });
    expect(await move('users', '2024-01-01 00:00:00.1234567')).toEqual({ status: 1, error: undefined });
    expect((await move(null, '2024-01-01')).error).toMatchObject({
      number: 50001,
      state: 1,
      class: 16,
      procedure: 'dbo.usp_move_watermark',
    });
    const { sets } = await ask(session, 'SELECT table_name, CONVERT(varchar(27), watermark, 121) FROM dbo.watermarks');
    expect(sets[0]?.rows).toEqual([['users', '2024-01-01 00:00:00.1234568']]);
    expect(session.inTransaction).toBe(false);
  });
});
