/** Errors by SQL Server's numbers, and what of the batch and the transaction is left after them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlEngine, SqlSession } from '../../../local/servers/sqlserver/session.ts';
import { ask, errorOf, firstValue, login, openEngine, openYouflix } from './engine-fixture.ts';

const insertPlan = (id: number, name: string, price = '1', currency = "'EUR'") =>
  `INSERT INTO dbo.plans (plan_id, name, monthly_price, currency, max_screens) VALUES (${id}, ${name}, ${price}, ${currency}, 1)`;

const cases: readonly (readonly [sql: string, number: number, message: RegExp])[] = [
  ['SELECT * FROM dbo.nothing', 208, /^Invalid object name 'dbo.nothing'\.$/],
  ['SELECT nothing FROM dbo.users', 207, /^Invalid column name 'nothing'\.$/],
  ['SELECT x.email FROM dbo.users u', 4104, /^The multi-part identifier "x.email" could not be bound\.$/],
  ['SELECT user_id FROM dbo.users a, dbo.users b', 209, /^Ambiguous column name 'user_id'\.$/],
  ['SELECT 1 +', 102, /^Incorrect syntax near '\+'\.$/],
  ['SELECT * FROM WHERE 1 = 1', 156, /^Incorrect syntax near the keyword 'WHERE'\.$/],
  ["SELECT 'open", 105, /^Unclosed quotation mark/],
  ['SELECT @missing', 137, /^Must declare the scalar variable "@missing"\.$/],
  ['SELECT NOSUCH(1)', 195, /^'NOSUCH' is not a recognized built-in function name\.$/],
  ['CREATE TABLE dbo.t (a nosuch)', 2715, /Cannot find data type nosuch/],
  ['EXEC dbo.nothing', 2812, /^Could not find stored procedure 'dbo.nothing'\.$/],
  ['EXEC dbo.usp_move_watermark', 201, /expects parameter '@table_name', which was not supplied/],
  [
    insertPlan(1, "N'Again'"),
    2627,
    /^Violation of PRIMARY KEY constraint 'pk_plans'\. Cannot insert duplicate key in object 'dbo.plans'\. The duplicate key value is \(1\)\.$/,
  ],
  [insertPlan(2, "N'basic'"), 2627, /^Violation of UNIQUE KEY constraint 'uq_plans_name'/],
  [
    insertPlan(2, 'NULL'),
    515,
    /^Cannot insert the value NULL into column 'name', table 'youflix.dbo.plans'; column does not allow nulls\. INSERT fails\.$/,
  ],
  ['UPDATE dbo.plans SET name = NULL', 515, /UPDATE fails\.$/],
  [
    insertPlan(2, "N'Two'", '-1'),
    547,
    /^The INSERT statement conflicted with the CHECK constraint "ck_plans_price"\. The conflict occurred in database "youflix", table "dbo.plans", column 'monthly_price'\.$/,
  ],
  [
    "INSERT INTO dbo.subscriptions (user_id, plan_id, status, price, started_at) VALUES (99, 1, N'active', 1, '2024-01-01')",
    547,
    /^The INSERT statement conflicted with the FOREIGN KEY constraint "fk_subscriptions_user"\. The conflict occurred in database "youflix", table "dbo.users", column 'user_id'\.$/,
  ],
  [
    'UPDATE dbo.subscriptions SET plan_id = 99',
    547,
    /^The UPDATE statement conflicted with the FOREIGN KEY constraint "fk_subscriptions_plan"/,
  ],
  [
    'DELETE FROM dbo.users',
    547,
    /^The DELETE statement conflicted with the REFERENCE constraint "fk_subscriptions_user"/,
  ],
  [
    insertPlan(2, "N'Two'", '1', "'EURO'"),
    2628,
    /^String or binary data would be truncated in table 'youflix.dbo.plans', column 'currency'\. Truncated value: 'EUR'\.$/,
  ],
  ["SELECT CAST('x' AS int)", 245, /^Conversion failed when converting the \w+ value 'x' to data type int\.$/],
  ["SELECT CAST('x' AS decimal(5, 2))", 8114, /^Error converting data type nvarchar to numeric\.$/],
  ["SELECT CAST('x' AS float)", 8114, /^Error converting data type nvarchar to float\.$/],
  [
    "SELECT CAST('2024-02-30' AS datetime2(7))",
    241,
    /^Conversion failed when converting date and\/or time from character string\.$/,
  ],
  ["SELECT CAST('2024-02-30' AS date)", 241, /^Conversion failed when converting date/],
  [
    "SELECT CAST('x' AS uniqueidentifier)",
    8169,
    /^Conversion failed when converting from a character string to uniqueidentifier\.$/,
  ],
  ['SELECT CAST(300 AS tinyint)', 220, /^Arithmetic overflow error for data type tinyint, value = 300\.$/],
  [
    'SELECT CAST(12345 AS decimal(4, 2))',
    8115,
    /^Arithmetic overflow error converting expression to data type numeric\.$/,
  ],
  ['SELECT 2147483647 + 1', 8115, /^Arithmetic overflow error converting expression to data type int\.$/],
  ['SELECT 1 / (plan_id - 1) FROM dbo.plans', 8134, /^Divide by zero error encountered\.$/],
  ['SELECT (SELECT name FROM sys.tables)', 512, /^Subquery returned more than 1 value\./],
  ["INSERT INTO dbo.users (user_id, email, country) VALUES (5, N'a', 'NO')", 544, /IDENTITY_INSERT is set to OFF/],
  ['SELECT country, COUNT(*) FROM dbo.users', 8120, /^Column 'country' is invalid in the select list/],
  ['DROP TABLE dbo.users', 3726, /referenced by a FOREIGN KEY constraint/],
  ['DROP TABLE dbo.nothing', 3701, /^Cannot drop the table 'nothing'/],
  ['CREATE TABLE dbo.plans (a int)', 2714, /^There is already an object named 'plans' in the database\.$/],
  ['COMMIT', 3902, /^The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION\.$/],
  ['ROLLBACK', 3903, /^The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION\.$/],
  ["THROW 51000, N'mine', 3", 51000, /^mine$/],
  ["RAISERROR('%s of %d', 16, 1, 'two', 3)", 50000, /^two of 3$/],
];

describe('errors', () => {
  let engine: SqlEngine;
  let session: SqlSession;

  beforeAll(async () => {
    ({ engine, session } = await openYouflix());
    await ask(
      session,
      `${insertPlan(1, "N'Basic'")}; INSERT INTO dbo.users (email, country) VALUES (N'a@x', 'NO');
       INSERT INTO dbo.subscriptions (user_id, plan_id, status, price, started_at) VALUES (1, 1, N'active', 1, '2024-01-01')`,
    );
  });
  afterAll(() => engine.close());

  it.each(cases)('%s → %d', async (sql, number, message) => {
    const error = await errorOf(session, sql);
    expect(error).toMatchObject({ number, message: expect.stringMatching(message) });
    expect(error?.class).toBeGreaterThanOrEqual(11);
    expect(session.inTransaction).toBe(false);
  });

  it('goes on after an error of a row, and stops after one of a name', async () => {
    const row = await ask(session, `${insertPlan(1, "N'Again'")}; SELECT @@ERROR`, [], 'errors');
    expect(row.sets[0]?.rows).toEqual([['2627']]);
    const name = await ask(session, 'SELECT * FROM dbo.nothing; SELECT 1 AS one', [], 'errors');
    expect(name.sets).toEqual([]);
  });

  it('measures the text of a parameter too, in UTF-16 units, spaces at the end aside', async () => {
    const country = (value: string) => [
      { name: '@c', type: { name: 'nvarchar', length: 4000 } as const, value, output: false },
    ];
    const insert = "INSERT INTO dbo.users (email, country) VALUES (N'z@x', @c)";
    const tooLong = await ask(session, insert, country('NOR'), 'errors');
    expect(tooLong.messages[0]).toMatchObject({
      number: 2628,
      message: expect.stringMatching(/column 'country'.*'NO'/),
    });
    expect((await ask(session, insert, country('NO  '))).counts).toEqual([1]);
    expect((await ask(session, insert, country('👍'))).counts).toEqual([1]);
    await ask(session, "DELETE FROM dbo.users WHERE email = N'z@x'");
  });

  it('refuses a wrong password with 18456 and another database with 4060', async () => {
    const refusing = await openEngine();
    await expect(refusing.open({ ...login, password: 'wrong' })).rejects.toMatchObject({
      sql: { number: 18456, class: 14 },
    });
    await expect(refusing.open({ ...login, database: 'other' })).rejects.toMatchObject({
      sql: { number: 4060, class: 11 },
    });
    await refusing.close();
  });

  it('keeps what a transaction did out of the table once an error has doomed it', async () => {
    const { sets } = await ask(
      session,
      `BEGIN TRY
         BEGIN TRANSACTION;
         ${insertPlan(7, "N'Seven'")};
         ${insertPlan(1, "N'Again'")};
         COMMIT;
       END TRY
       BEGIN CATCH
         SELECT ERROR_NUMBER(), XACT_STATE(), @@TRANCOUNT;
         ROLLBACK;
       END CATCH;
       SELECT COUNT(*) FROM dbo.plans WHERE plan_id = 7`,
    );
    expect(sets.map(set => set.rows)).toEqual([[['2627', '-1', '1']], [['0']]]);
  });

  it('rolls back with XACT_ABORT ON, and a left-over doomed transaction at the end of the batch', async () => {
    const { events, messages } = await ask(
      session,
      `SET XACT_ABORT ON; BEGIN TRAN; ${insertPlan(8, "N'Eight'")}; SELECT 1 / 0; COMMIT`,
      [],
      'errors',
    );
    expect(messages.map(message => message.number)).toEqual([8134]);
    expect(events.filter(event => event.kind === 'transaction').map(event => event.state)).toEqual([
      'begun',
      'rolled-back',
    ]);
    expect(await firstValue(session, 'SET XACT_ABORT OFF; SELECT COUNT(*) FROM dbo.plans WHERE plan_id = 8')).toBe('0');
  });
});
