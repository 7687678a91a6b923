/** Where statements begin and end, with and without semicolons. */
import { describe, expect, it } from 'vitest';
import { parseBatch } from '../../../../../local/servers/sqlserver/tsql/batches.ts';

const cases: readonly (readonly [sql: string, kinds: readonly string[]])[] = [
  ['SELECT 1 SELECT 2', ['query', 'query']],
  ['SELECT 1 UNION ALL SELECT 2 EXCEPT SELECT 3', ['query']],
  ['INSERT INTO t (a) SELECT 1 SELECT 2', ['insert', 'query']],
  ['INSERT t VALUES (1) SELECT 2', ['insert', 'query']],
  ['UPDATE t SET a = 1 SET @x = 2', ['update', 'set-variable']],
  ['WITH c AS (SELECT 1 AS a) SELECT * FROM c DELETE t', ['query', 'delete']],
  ['WITH c AS (SELECT 1 AS a) INSERT INTO t SELECT a FROM c; SELECT 1', ['insert', 'query']],
  ['SELECT CASE WHEN 1 = 1 THEN 2 ELSE 3 END SELECT 4', ['query', 'query']],
  [
    'MERGE t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = 1 WHEN NOT MATCHED THEN INSERT (a) VALUES (1); SELECT 1',
    ['merge', 'query'],
  ],
  ["DECLARE @a int = 1, @b nvarchar(max) = N'x' SELECT @a", ['declare', 'declare', 'query']],
  ['IF 1 = 1 SELECT 1 ELSE SELECT 2 SELECT 3', ['if', 'query']],
  ["IF 1 = 1 BEGIN SELECT 1; SELECT 2 END ELSE IF 2 = 2 PRINT 'x'", ['if']],
  ['WHILE @i < 3 BEGIN SET @i += 1 BREAK END SELECT 1', ['while', 'query']],
  ['BEGIN TRY SELECT 1 END TRY BEGIN CATCH THROW END CATCH SELECT 2', ['try', 'query']],
  ['BEGIN TRAN UPDATE t SET a = 1 COMMIT', ['transaction', 'update', 'transaction']],
  ['DROP TABLE IF EXISTS t CREATE TABLE t (a int REFERENCES u (b) ON DELETE NO ACTION)', ['definition', 'definition']],
  ['ALTER TABLE t ALTER COLUMN a int ALTER TABLE t DROP CONSTRAINT c SELECT 1', ['definition', 'definition', 'query']],
  ['CREATE OR ALTER PROCEDURE p AS BEGIN SELECT 1 END SELECT 2', ['module']],
  ['EXEC p @a = 1, @b = @c OUTPUT EXEC @r = q', ['execute', 'execute']],
  [
    'set ansi_nulls on\nset textsize 100\nset transaction isolation level read committed',
    ['set-option', 'set-option', 'set-option'],
  ],
  ['GRANT SELECT, INSERT ON t TO u SELECT 1', ['nothing', 'query']],
  [';;', []],
];

describe('parseBatch', () => {
  it.each(cases)('%s', (sql, kinds) => {
    expect(parseBatch(sql).map(statement => statement.kind)).toEqual(kinds);
  });

  it.each([
    ['IF 1 = 1', 102],
    ['BEGIN SELECT 1', 102],
    ['END', 156],
    ['SELECT 1; ) SELECT 2', 102],
  ])('refuses %s with %d', (sql, number) => {
    expect(() => parseBatch(sql)).toThrowError(expect.objectContaining({ number }));
  });
});
