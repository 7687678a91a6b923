import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourceTable } from '../../../../shared/catalog/types.ts';
import { youflixTables } from '../../../../shared/catalog/youflix-tables.ts';
import { extractStatements } from '../../../../shared/sources/mssql/extract-plan.ts';
import {
  type KeyRange,
  sourceName,
  type WatermarkWindow,
  wholeTable,
  windowCondition,
} from '../../../../shared/sources/mssql/window.ts';

const users = youflixTables.find(({ name }) => name === 'users') as SourceTable;
const everyKey: KeyRange = { from: null, to: null };
const low = '2026-01-30 00:00:00.1234567';
const high = '2026-01-31 00:00:00.0000000';

const hostile: SourceTable = {
  name: 'hostile',
  source: { schema: 'we]ird', table: 'drop table]; --' },
  description: '',
  key: ['key]1'],
  watermark: 'changed at]',
  rowsPerPart: 1,
  columns: [{ name: 'key]1', type: 'nvarchar(20)', nullable: false, description: '' }],
};

describe('which rows', () => {
  test('the whole table', () => {
    expect(windowCondition(users, wholeTable, everyKey)).toEqual({ sql: '1 = 1', parameters: {} });
  });

  test('after the last watermark, up to and including the new one', () => {
    const window: WatermarkWindow = { low, lowInclusive: false, high, highInclusive: true };
    expect(windowCondition(users, window, everyKey)).toEqual({
      sql: '[modified_at] > CAST(@low AS datetime2(7)) AND [modified_at] <= CAST(@high AS datetime2(7))',
      parameters: { low, high },
    });
  });

  test('a backfill: from (inclusive) to (exclusive)', () => {
    const window: WatermarkWindow = { low, lowInclusive: true, high, highInclusive: false };
    expect(windowCondition(users, window, everyKey).sql).toBe(
      '[modified_at] >= CAST(@low AS datetime2(7)) AND [modified_at] < CAST(@high AS datetime2(7))',
    );
  });

  test.each([
    [{ from: null, to: '100' }, '[user_id] < CAST(@keyTo AS bigint)', { keyTo: '100' }],
    [{ from: '200', to: null }, '[user_id] >= CAST(@keyFrom AS bigint)', { keyFrom: '200' }],
    [
      { from: '100', to: '200' },
      '[user_id] >= CAST(@keyFrom AS bigint) AND [user_id] < CAST(@keyTo AS bigint)',
      { keyFrom: '100', keyTo: '200' },
    ],
  ])('keys %o', (keys, sql, parameters) => {
    expect(windowCondition(users, wholeTable, keys)).toEqual({ sql, parameters });
  });

  test('both', () => {
    const window: WatermarkWindow = { low: null, lowInclusive: false, high, highInclusive: true };
    expect(windowCondition(users, window, { from: '1', to: null })).toEqual({
      sql: '[modified_at] <= CAST(@high AS datetime2(7)) AND [user_id] >= CAST(@keyFrom AS bigint)',
      parameters: { high, keyFrom: '1' },
    });
  });
});

describe('what cannot be said with it', () => {
  test('values are parameters, never part of the text', () => {
    const value = fc.string({ minLength: 3 }).map(text => `'${text}'--`);
    fc.assert(
      fc.property(value, value, (from, to) => {
        const window: WatermarkWindow = { low: from, lowInclusive: false, high: to, highInclusive: true };
        const { sql, parameters } = windowCondition(users, window, { from, to });
        expect(sql).not.toContain("'");
        expect(parameters).toEqual({ low: from, high: to, keyFrom: from, keyTo: to });
      }),
    );
  });

  test('names stay inside their brackets', () => {
    expect(sourceName(hostile)).toBe('[we]]ird].[drop table]]; --]');
    const window: WatermarkWindow = { low, lowInclusive: false, high: null, highInclusive: true };
    expect(windowCondition(hostile, window, { from: 'a', to: null }).sql).toBe(
      '[changed at]]] > CAST(@low AS datetime2(7)) AND [key]]1] >= CAST(@keyFrom AS nvarchar(20))',
    );
  });
});

test('count and rows ask for the same window', () => {
  const window: WatermarkWindow = { low, lowInclusive: false, high, highInclusive: true };
  const statements = extractStatements(users, window, everyKey, ['[user_id]', '[email]']);
  const where = windowCondition(users, window, everyKey);
  expect(statements).toEqual({
    count: `SELECT COUNT_BIG(*) AS total FROM [dbo].[users] WHERE ${where.sql}`,
    rows: `SELECT [user_id], [email] FROM [dbo].[users] WHERE ${where.sql}`,
    parameters: where.parameters,
  });
});
