import sql from 'mssql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SessionEvent, SqlParameter, SqlType, SqlValue } from '../../../local/servers/sqlserver/session.ts';
import { startWire, type Wire } from './wire-fixture.ts';

let wire: Wire;
let pool: sql.ConnectionPool;

beforeAll(async () => {
  wire = await startWire();
  pool = await wire.pool();
});

afterAll(() => wire.close());

function table(columns: Record<string, SqlType>, rows: readonly (readonly SqlValue[])[]): SessionEvent[] {
  return [
    { kind: 'columns', columns: Object.entries(columns).map(([name, type]) => ({ name, type, nullable: true })) },
    { kind: 'rows', rows },
    { kind: 'done', command: 'select', rowCount: rows.length },
  ];
}

describe('login', () => {
  test('a wrong password is refused with the error of the service', async () => {
    await expect(wire.pool({ user: 'eve', password: 'wrong' })).rejects.toMatchObject({
      code: 'ELOGIN',
      message: "Login failed for user 'eve'.",
    });
  });

  test('a client that insists on encryption learns that there is none', async () => {
    await expect(wire.pool({ options: { encrypt: true } })).rejects.toMatchObject({ code: 'EENCRYPT' });
  });

  test('the session ends with its connection', async () => {
    const before = wire.engine.openSessions;
    const other = await wire.pool();
    expect(wire.engine.openSessions).toBe(before + 1);
    await other.close();
    await expect.poll(() => wire.engine.openSessions).toBe(before);
  });
});

describe('parameters and columns', () => {
  /** The driver's type; the column's; what a program gives; what the engine gets; what comes back, if not the same. */
  type Case = [driverType: sql.ISqlType, type: SqlType, given: unknown, inEngine: SqlValue, back?: unknown];

  const cases: Case[] = [
    [sql.Bit(), { name: 'bit' }, true, true],
    [sql.TinyInt(), { name: 'tinyint' }, 255, 255],
    [sql.SmallInt(), { name: 'smallint' }, -32_768, -32_768],
    [sql.Int(), { name: 'int' }, -2_147_483_648, -2_147_483_648],
    [sql.BigInt(), { name: 'bigint' }, '9223372036854775807', 9223372036854775807n],
    [sql.Real(), { name: 'real' }, 1.5, 1.5],
    [sql.Float(), { name: 'float' }, 0.1, 0.1],
    [sql.Decimal(10, 2), { name: 'decimal', precision: 10, scale: 2 }, -12.34, '-12.34'],
    [sql.Money(), { name: 'money' }, 922337203.6875, '922337203.6875'],
    [sql.SmallMoney(), { name: 'smallmoney' }, -1.25, '-1.2500'],
    [sql.NVarChar(50), { name: 'nvarchar', length: 50 }, 'Zoë 😀', 'Zoë 😀'],
    [sql.NVarChar(sql.MAX), { name: 'nvarchar', length: -1 }, 'é'.repeat(600_000), 'é'.repeat(600_000)],
    [sql.VarChar(50), { name: 'varchar', length: 50 }, 'naïve €', 'naïve €'],
    [sql.VarChar(sql.MAX), { name: 'varchar', length: -1 }, 'x'.repeat(9000), 'x'.repeat(9000)],
    [sql.Char(5), { name: 'char', length: 5 }, 'EUR', 'EUR', 'EUR  '],
    [sql.NChar(5), { name: 'nchar', length: 5 }, 'ü', 'ü', 'ü    '],
    [sql.Text(), { name: 'text' }, 'old but long', 'old but long'],
    [sql.NText(), { name: 'ntext' }, 'älter 😀', 'älter 😀'],
    [sql.Xml(), { name: 'xml', length: -1 }, '<a b="ü"/>', '<a b="ü"/>'],
    [
      sql.UniqueIdentifier(),
      { name: 'uniqueidentifier' },
      '6F9619FF-8B86-D011-B42D-00CF4FC964FF',
      '6f9619ff-8b86-d011-b42d-00cf4fc964ff',
    ],
    [sql.VarBinary(20), { name: 'varbinary', length: 20 }, Buffer.from('00ff10', 'hex'), Uint8Array.of(0, 255, 16)],
    [
      sql.VarBinary(sql.MAX),
      { name: 'varbinary', length: -1 },
      Buffer.alloc(10_000, 7),
      new Uint8Array(10_000).fill(7),
    ],
    [sql.Image(), { name: 'image' }, Buffer.from('abc'), Uint8Array.of(97, 98, 99)],
    [sql.Date(), { name: 'date' }, new Date('0001-01-01'), '0001-01-01'],
    [sql.Time(7), { name: 'time', scale: 7 }, new Date('1970-01-01T23:59:59.123Z'), '23:59:59.1230000'],
    [
      sql.DateTime2(7),
      { name: 'datetime2', scale: 7 },
      new Date('9999-12-31T23:59:59.999Z'),
      '9999-12-31T23:59:59.9990000',
    ],
    [sql.DateTime2(0), { name: 'datetime2', scale: 0 }, new Date('2024-02-29T12:30:15Z'), '2024-02-29T12:30:15'],
    [sql.DateTime(), { name: 'datetime' }, new Date('2024-02-29T12:30:15.003Z'), '2024-02-29T12:30:15.003'],
    [sql.SmallDateTime(), { name: 'smalldatetime' }, new Date('2024-02-29T12:30:00Z'), '2024-02-29T12:30:00'],
    [
      sql.DateTimeOffset(7),
      { name: 'datetimeoffset', scale: 7 },
      new Date('2024-02-29T12:30:15.250Z'),
      '2024-02-29T12:30:15.2500000+00:00',
    ],
  ];

  test.each(cases)('%o', async (driverType, type, given, inEngine, back = given) => {
    let seen: readonly SqlParameter[] = [];
    wire.engine.scripts.set('echo', parameters => {
      seen = parameters;
      return table({ value: type, none: type }, [[parameters[0]?.value ?? null, parameters[1]?.value ?? null]]);
    });
    const result = await pool.request().input('value', driverType, given).input('none', driverType, null).query('echo');
    // The driver itself sends ntext and xml parameters as nvarchar(max).
    const sent = type.name === 'ntext' || type.name === 'xml' ? 'nvarchar' : type.name;
    expect(seen).toMatchObject([
      { name: '@value', type: { name: sent }, value: inEngine, output: false },
      { name: '@none', type: { name: sent }, value: null },
    ]);
    expect(result.recordset).toHaveLength(1);
    expect(result.recordset[0]).toEqual({ value: back, none: null });
  });

  test('datetime2(7) carries 100 ns both ways', async () => {
    wire.engine.scripts.set('now', () =>
      table({ at: { name: 'datetime2', scale: 7 } }, [['2024-05-06T07:08:09.1234567']]),
    );
    const { recordset } = await pool.request().query('now');
    expect(recordset[0].at.toISOString()).toBe('2024-05-06T07:08:09.123Z');
    expect(recordset[0].at.nanosecondsDelta).toBeCloseTo(0.0004567, 10);
    const { recordset: fromDuck } = await pool
      .request()
      .query(`select timestamp_ns '2024-05-06 07:08:09.1234567' as at`);
    expect(fromDuck[0].at.nanosecondsDelta).toBeCloseTo(0.0004567, 10);
  });

  test('columns keep names, types, nullability and identity', async () => {
    wire.engine.scripts.set('described', () => [
      {
        kind: 'columns',
        columns: [
          { name: 'user_id', type: { name: 'bigint' }, nullable: false, identity: true },
          { name: 'Größe', type: { name: 'decimal', precision: 12, scale: 4 }, nullable: true },
          { name: 'code', type: { name: 'char', length: 3 }, nullable: true },
          { name: 'row_version', type: { name: 'rowversion' }, nullable: false },
        ],
      },
      { kind: 'rows', rows: [[1n, '12.5', 'ab', Uint8Array.of(0, 0, 0, 0, 0, 0, 7, 209)]] },
      { kind: 'done', command: 'select', rowCount: 1 },
    ]);
    const { recordset } = await pool.request().query('described');
    expect(recordset.columns).toMatchObject({
      user_id: { nullable: false, identity: true },
      Größe: { precision: 12, scale: 4, nullable: true },
      code: { length: 3 },
      row_version: { length: 8 },
    });
    expect(recordset[0]).toMatchObject({ user_id: '1', Größe: 12.5, code: 'ab ' });
  });
});

describe('answers', () => {
  test('several results, counts and messages of one batch', async () => {
    wire.engine.scripts.set('several', () => [
      { kind: 'message', message: { number: 0, state: 1, class: 0, message: 'a word before' } },
      ...table({ a: { name: 'int' } }, [[1], [2]]),
      { kind: 'done', command: 'update', rowCount: 5 },
      { kind: 'done', command: 'other' },
      ...table({ b: { name: 'nvarchar', length: 9 } }, [['x']]),
    ]);
    const words: string[] = [];
    for (const run of ['query', 'batch'] as const) {
      const request = pool.request();
      request.on('info', info => words.push(info.message));
      const result = await request[run]('several');
      expect(result.recordsets).toEqual([[{ a: 1 }, { a: 2 }], [{ b: 'x' }]]);
      expect(result.rowsAffected).toEqual([2, 5, 1]);
    }
    expect(words).toEqual(['a word before', 'a word before']);
  });

  test('an error has number, state, class, line and procedure, and the connection lives on', async () => {
    const message = { number: 547, state: 3, class: 16, message: 'conflict', procedure: 'usp_x', line: 42 };
    wire.engine.scripts.set('failing', () => [
      ...table({ a: { name: 'int' } }, [[1]]),
      { kind: 'message', message },
      { kind: 'done', command: 'insert' },
    ]);
    const error = await pool
      .request()
      .query('failing')
      .catch(caught => caught);
    expect(error).toMatchObject({
      number: 547,
      state: 3,
      class: 16,
      message: 'conflict',
      procName: 'usp_x',
      lineNumber: 42,
    });
    expect((await pool.request().query('select 1 as one')).recordset).toEqual([{ one: 1 }]);
  });

  test('an error of class 20 ends the connection, after its message', async () => {
    wire.engine.scripts.set('fatal', () => [
      { kind: 'message', message: { number: 40_501, state: 1, class: 20, message: 'busy' } },
    ]);
    const own = await wire.pool();
    await expect(own.request().query('fatal')).rejects.toMatchObject({ number: 40_501, message: 'busy' });
  });

  test('a value that does not fit its column is an error between whole rows', async () => {
    wire.engine.scripts.set('overflow', () => table({ a: { name: 'tinyint' } }, [[1], [256], [2]]));
    const request = pool.request();
    request.stream = true;
    const rows: unknown[] = [];
    request.on('row', row => rows.push(row));
    const error = await new Promise<Error>(resolve => {
      request.on('error', resolve);
      request.query('overflow');
    });
    expect(error.message).toContain('256 does not fit tinyint');
    expect(rows).toEqual([{ a: 1 }]);
  });
});

describe('procedures', () => {
  test('outputs and the return status', async () => {
    wire.engine.scripts.set('dbo.usp_add', parameters => [
      ...table({ a: { name: 'int' } }, [[Number(parameters[0]?.value)]]),
      { kind: 'output', name: '@sum', type: { name: 'bigint' }, value: 3n },
      { kind: 'output', name: '@text', type: { name: 'nvarchar', length: -1 }, value: 'drei' },
      { kind: 'return-status', value: 7 },
    ]);
    const request = pool
      .request()
      .input('a', sql.Int, 1)
      .output('sum', sql.BigInt)
      .output('text', sql.NVarChar(sql.MAX));
    const result = await request.execute('dbo.usp_add');
    expect(result).toMatchObject({ recordset: [{ a: 1 }], output: { sum: '3', text: 'drei' }, returnValue: 7 });
  });

  test('an unknown one is error 2812', async () => {
    await expect(pool.request().execute('usp_none')).rejects.toMatchObject({ number: 2812 });
  });

  test('prepared statements run as often as they like, until unprepared', async () => {
    const statement = new sql.PreparedStatement(pool);
    statement.input('a', sql.Int);
    statement.input('b', sql.NVarChar(10));
    await statement.prepare('select @a + 1 as a, @b as b');
    expect((await statement.execute({ a: 1, b: 'x' })).recordset).toEqual([{ a: 2, b: 'x' }]);
    expect((await statement.execute({ a: 41, b: null })).recordset).toEqual([{ a: 42, b: null }]);
    await statement.unprepare();
    await expect(pool.request().input('handle', sql.Int, 99).execute('sp_unprepare')).rejects.toMatchObject({
      number: 8179,
    });
  });
});

describe('transactions', () => {
  test('begin, commit and rollback reach the session, with their isolation level', async () => {
    wire.engine.calls.length = 0;
    const first = pool.transaction();
    await first.begin(sql.ISOLATION_LEVEL.SNAPSHOT);
    await first.request().query('select 1 as one');
    await first.commit();
    const second = pool.transaction();
    await second.begin();
    await second.rollback();
    const steps = wire.engine.calls.filter(call => /^(BEGIN|COMMIT|ROLLBACK)/.test(call));
    expect(steps).toEqual(['BEGIN snapshot', 'COMMIT', 'BEGIN read committed', 'ROLLBACK']);
  });

  test('one that the server rolls back is over for the client too', async () => {
    wire.engine.scripts.set('doomed', () => [
      { kind: 'message', message: { number: 1205, state: 51, class: 13, message: 'deadlocked' } },
      { kind: 'transaction', state: 'rolled-back' },
      { kind: 'done', command: 'update' },
    ]);
    const transaction = pool.transaction();
    let aborted = false;
    transaction.on('rollback', byServer => {
      aborted = byServer;
    });
    await transaction.begin();
    await expect(transaction.request().query('doomed')).rejects.toMatchObject({ number: 1205 });
    expect(aborted).toBe(true);
    await expect(transaction.rollback()).rejects.toMatchObject({ code: 'EABORT' });
    wire.engine.scripts.set('clean', () => table({ a: { name: 'int' } }, [[1]]));
    expect((await pool.request().query('clean')).recordset).toEqual([{ a: 1 }]);
  });
});
