/** T-SQL of everyday use, written down before the engine was tuned to any of it: each statement and its first row. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlEngine, SqlSession } from '../../../local/servers/sqlserver/session.ts';
import { ask, openYouflix } from './engine-fixture.ts';

const cases: readonly (readonly [sql: string, firstRow: readonly (string | null)[] | undefined])[] = [
  ["SELECT name + ' (' + currency + ')' AS label FROM dbo.plans WHERE plan_id = 2", ['Standard (EUR)']],
  ['SELECT 7 / 2, 7 % 2, -7 / 2, 7 / 2.0', ['3', '1', '-3', '3.500000']],
  ["SELECT ISNULL(display_name, N'(none)') FROM dbo.users WHERE user_id = 2", ['(none)']],
  ['SELECT COALESCE(NULL, display_name, email) FROM dbo.users WHERE user_id = 2', ['bo@example.com']],
  ["SELECT COUNT(*) FROM dbo.users WHERE email LIKE '%EXAMPLE.com'", ['3']],
  ["SELECT COUNT(*) FROM dbo.users WHERE email LIKE '[ab]%'", ['2']],
  ["SELECT user_id FROM dbo.users WHERE COUNTRY = 'no' ORDER BY user_id DESC", ['3']],
  ['SELECT TOP 1 [user_id] FROM [dbo].[users] ORDER BY [user_id] DESC', ['3']],
  ['SELECT TOP (2) user_id, email FROM dbo.users ORDER BY email DESC', ['3', 'cy@example.com']],
  ['SELECT user_id FROM dbo.users ORDER BY user_id OFFSET 1 ROWS FETCH NEXT 1 ROWS ONLY', ['2']],
  [
    'SELECT p.name, COUNT(s.subscription_id) AS n FROM dbo.plans AS p LEFT JOIN dbo.subscriptions AS s ON s.plan_id = p.plan_id GROUP BY p.name HAVING COUNT(s.subscription_id) = 0 ORDER BY p.name',
    ['Premium', '0'],
  ],
  [
    'WITH totals AS (SELECT user_id, SUM(price) AS total FROM dbo.subscriptions GROUP BY user_id) SELECT u.email, t.total FROM dbo.users u INNER JOIN totals t ON t.user_id = u.user_id ORDER BY t.total DESC',
    ['ann@example.com', '21.98'],
  ],
  [
    'SELECT user_id, rn FROM (SELECT user_id, ROW_NUMBER() OVER (PARTITION BY country ORDER BY user_id DESC) AS rn FROM dbo.users) AS x WHERE x.rn = 1 ORDER BY user_id DESC',
    ['3', '1'],
  ],
  ["SELECT CASE WHEN is_deleted = 1 THEN 'gone' ELSE 'here' END FROM dbo.users WHERE user_id = 1", ['here']],
  [
    "SELECT CASE country WHEN 'NO' THEN N'Norway' WHEN 'SE' THEN N'Sweden' END FROM dbo.users WHERE user_id = 2",
    ['Sweden'],
  ],
  ["SELECT IIF(monthly_price > 10, 'dear', 'cheap') FROM dbo.plans WHERE plan_id = 1", ['cheap']],
  [
    "SELECT DATEADD(day, 1, CAST('2024-02-28' AS date)), DATEADD(month, 1, CAST('2024-01-31' AS date))",
    ['2024-02-29', '2024-02-29'],
  ],
  [
    "SELECT DATEDIFF(hour, '2024-01-01T00:59:00', '2024-01-01T01:01:00'), DATEDIFF(day, '2024-01-01', '2024-03-01')",
    ['1', '60'],
  ],
  [
    "SELECT YEAR(d), MONTH(d), DATEPART(weekday, d) FROM (SELECT CAST('2024-06-02' AS date) AS d) AS t",
    ['2024', '6', '1'],
  ],
  ["SELECT CONVERT(varchar(10), CAST('2024-06-02T10:20:30' AS datetime2(0)), 23)", ['2024-06-02']],
  ["SELECT CONVERT(char(8), CAST('2024-06-02' AS date), 112)", ['20240602']],
  ["SELECT CONVERT(varchar(30), CAST('2024-06-02T10:20:30.5' AS datetime2(3)), 126)", ['2024-06-02T10:20:30.500']],
  ["SELECT LEN(N'abc  '), DATALENGTH(N'abc'), UPPER('abc'), LOWER('ABC')", ['3', '6', 'ABC', 'abc']],
  [
    "SELECT SUBSTRING('abcdef', 2, 3), LEFT('abcdef', 2), RIGHT('abcdef', 2), CHARINDEX('CD', 'abcdef')",
    ['bcd', 'ab', 'ef', '3'],
  ],
  ["SELECT REPLACE('a-b-c', '-', '+'), STUFF('abcdef', 2, 3, 'X'), REPLICATE('ab', 2)", ['a+b+c', 'aXef', 'abab']],
  ["SELECT LTRIM(RTRIM('  x  ')), CONCAT('a', NULL, 1), CONCAT_WS('-', 'a', NULL, 'b')", ['x', 'a1', 'a-b']],
  [
    'SELECT CAST(1.5 AS int), CAST(-1.7 AS int), ROUND(2.345, 2), FLOOR(2.7), CEILING(2.1)',
    ['1', '-1', '2.350', '2', '3'],
  ],
  ['SELECT AVG(plan_id), AVG(monthly_price), SUM(plan_id) FROM dbo.plans', ['2', '11.990000', '6']],
  ["SELECT TRY_CAST('x' AS int), TRY_CONVERT(decimal(5, 2), '1.25')", [null, '1.25']],
  ["SELECT STRING_AGG(name, ',') WITHIN GROUP (ORDER BY plan_id) FROM dbo.plans", ['Basic,Standard,Premium']],
  [
    'SELECT u.email, x.price FROM dbo.users u CROSS APPLY (SELECT TOP 1 s.price FROM dbo.subscriptions s WHERE s.user_id = u.user_id ORDER BY s.price DESC) x ORDER BY u.user_id',
    ['ann@example.com', '13.99'],
  ],
  [
    'SELECT u.user_id, x.price FROM dbo.users u OUTER APPLY (SELECT MAX(s.price) AS price FROM dbo.subscriptions s WHERE s.user_id = u.user_id) x WHERE u.user_id = 3',
    ['3', null],
  ],
  ['SELECT user_id FROM dbo.users EXCEPT SELECT user_id FROM dbo.subscriptions', ['3']],
  ["SELECT 'a' AS x UNION ALL SELECT 'b' ORDER BY x DESC", ['b']],
  [
    'SELECT email FROM dbo.users u WHERE NOT EXISTS (SELECT 1 FROM dbo.subscriptions s WHERE s.user_id = u.user_id)',
    ['cy@example.com'],
  ],
  [
    'SELECT email FROM dbo.users WHERE user_id IN (SELECT user_id FROM dbo.subscriptions WHERE price > 10)',
    ['ann@example.com'],
  ],
  [
    "DECLARE @n int = 3, @text nvarchar(10); SET @text = N'n=' + CAST(@n AS nvarchar(10)); SELECT @text, @n + 1",
    ['n=3', '4'],
  ],
  [
    'DECLARE @i int = 0, @s int = 0; WHILE @i < 5 BEGIN SET @i += 1; IF @i = 3 CONTINUE; SET @s = @s + @i; END; SELECT @s',
    ['12'],
  ],
  [
    'DECLARE @max datetime2(7); SELECT @max = MAX(modified_at) FROM dbo.users; SELECT CONVERT(varchar(27), @max, 121)',
    ['2024-05-01 12:00:00.1234567'],
  ],
  [
    'BEGIN TRY SELECT 1 / 0; END TRY BEGIN CATCH SELECT ERROR_NUMBER(), ERROR_MESSAGE(); END CATCH',
    ['8134', 'Divide by zero error encountered.'],
  ],
  ["EXEC sp_executesql N'SELECT email FROM dbo.users WHERE user_id = @id', N'@id bigint', @id = 2", ['bo@example.com']],
  ["IF EXISTS (SELECT 1 FROM dbo.users WHERE country = 'NO') SELECT 'yes' ELSE SELECT 'no'", ['yes']],
  ["SELECT name FROM sys.tables WHERE schema_id = SCHEMA_ID('dbo') ORDER BY name", ['plans']],
  [
    "SELECT c.name, t.name, c.max_length, c.scale, c.is_nullable FROM sys.columns c JOIN sys.types t ON t.user_type_id = c.user_type_id WHERE c.object_id = OBJECT_ID('dbo.users') AND c.name = 'email'",
    ['email', 'nvarchar', '640', '0', 'false'],
  ],
  [
    "SELECT k.COLUMN_NAME FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS t JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE k ON k.CONSTRAINT_NAME = t.CONSTRAINT_NAME WHERE t.TABLE_NAME = 'users' AND t.CONSTRAINT_TYPE = 'PRIMARY KEY'",
    ['user_id'],
  ],
  [
    "SELECT c.name FROM sys.indexes i JOIN sys.index_columns ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id JOIN sys.columns c ON c.object_id = ic.object_id AND c.column_id = ic.column_id WHERE i.is_primary_key = 1 AND i.object_id = OBJECT_ID(N'[dbo].[plans]')",
    ['plan_id'],
  ],
  [
    "SELECT NULLIF(display_name, ''), LAG(user_id) OVER (ORDER BY user_id) FROM dbo.users ORDER BY user_id",
    ['Ann', null],
  ],
  ["SELECT x.v FROM (VALUES (1, 'a'), (2, 'b')) AS x (k, v) WHERE x.k = 2", ['b']],
  [
    "SELECT CAST(external_id AS varchar(36)) FROM dbo.users WHERE external_id = '6f9619ff-8b86-d011-b42d-00c04fc964ff'",
    ['6F9619FF-8B86-D011-B42D-00C04FC964FF'],
  ],
];

describe('everyday T-SQL', () => {
  let engine: SqlEngine;
  let session: SqlSession;

  beforeAll(async () => {
    ({ engine, session } = await openYouflix());
    await ask(
      session,
      `INSERT INTO dbo.plans (plan_id, name, monthly_price, currency, max_screens)
       VALUES (1, N'Basic', 7.99, 'EUR', 1), (2, N'Standard', 11.99, 'EUR', 2), (3, N'Premium', 15.99, 'EUR', 4);
       INSERT INTO dbo.users (email, display_name, country, external_id, modified_at) VALUES
         (N'ann@example.com', N'Ann', 'NO', '6F9619FF-8B86-D011-B42D-00C04FC964FF', '2024-05-01T12:00:00.1234567'),
         (N'bo@example.com', NULL, 'SE', NEWID(), '2024-04-01'), (N'cy@example.com', N'Cy', 'NO', NEWID(), '2024-03-01');
       INSERT INTO dbo.subscriptions (user_id, plan_id, status, price, started_at)
       VALUES (1, 1, N'active', 7.99, '2024-01-01'), (1, 2, N'active', 13.99, '2024-02-01'), (2, 1, N'paused', 7.99, '2024-01-15');`,
    );
  });
  afterAll(() => engine.close());

  it.each(cases)('%s', async (sql, firstRow) => {
    const { sets } = await ask(session, sql);
    expect(sets.at(-1)?.rows[0]).toEqual(firstRow);
  });
});
