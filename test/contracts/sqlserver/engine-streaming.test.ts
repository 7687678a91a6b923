/** Many rows: out in bounded memory, stopped at a signal, and in by bulk load. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlColumn, SqlEngine, SqlSession, SqlValue } from '../../../local/servers/sqlserver/session.ts';
import { ask, firstValue, openYouflix } from './engine-fixture.ts';

const columns: readonly SqlColumn[] = [
  { name: 'email', type: { name: 'nvarchar', length: 320 }, nullable: false },
  { name: 'country', type: { name: 'char', length: 2 }, nullable: false },
  { name: 'birth_date', type: { name: 'date' }, nullable: true },
  { name: 'modified_at', type: { name: 'datetime2', scale: 7 }, nullable: false },
];

async function* batches(count: number, size: number, row: (index: number) => SqlValue[]): AsyncGenerator<SqlValue[][]> {
  for (let batch = 0; batch < count; batch++)
    yield Array.from({ length: size }, (_, index) => row(batch * size + index));
}

describe('many rows', () => {
  let engine: SqlEngine;
  let session: SqlSession;

  beforeAll(async () => {
    ({ engine, session } = await openYouflix());
  });
  afterAll(() => engine.close());

  function bulkInsert(rows: AsyncIterable<SqlValue[][]>): Promise<number> {
    return session.bulkInsert?.('[dbo].[users]', columns, rows) ?? Promise.reject(new Error('no bulkInsert'));
  }

  it('takes a bulk load, filling identity and defaults', async () => {
    const inserted = await bulkInsert(
      batches(30, 2000, index => [`ü${index}@x`, 'NO', index % 2 ? null : '1990-01-31', '2024-01-01 00:00:00.1234567']),
    );
    expect(inserted).toBe(60_000);
    const { sets } = await ask(
      session,
      `SELECT COUNT(*), COUNT(DISTINCT user_id), MAX(user_id), COUNT(birth_date), MIN(CONVERT(varchar(27), modified_at, 121)), COUNT(DISTINCT external_id) FROM dbo.users`,
    );
    expect(sets[0]?.rows).toEqual([['60000', '60000', '60000', '30000', '2024-01-01 00:00:00.1234567', '60000']]);
  });

  it('leaves nothing of a bulk load that fails, whichever side fails', async () => {
    const before = await firstValue(session, 'SELECT COUNT(*) FROM dbo.users');
    const tooLong = batches(60, 1000, index => [`${index}`, index === 59_999 ? 'NOR' : 'NO', null, '2024-01-01']);
    await expect(bulkInsert(tooLong)).rejects.toMatchObject({ number: 2628 });
    await expect(bulkInsert(batches(1, 1, () => [null, 'NO', null, '2024-01-01']))).rejects.toMatchObject({
      number: 515,
    });
    const cut = (async function* () {
      yield* batches(55, 1000, index => [`${index}`, 'NO', null, '2024-01-01']);
      throw new Error('the client went away');
    })();
    await expect(bulkInsert(cut)).rejects.toThrow('the client went away');
    expect(await firstValue(session, 'SELECT COUNT(*) FROM dbo.users')).toBe(before);
  });

  it('ends the iteration when the signal fires, and is ready for the next batch', async () => {
    const controller = new AbortController();
    let rows = 0;
    const endless = 'SELECT a.user_id, b.email FROM dbo.users a CROSS JOIN dbo.users b';
    for await (const event of session.batch(endless, [], controller.signal)) {
      if (event.kind === 'chunk') rows += event.chunk.rowCount;
      if (rows > 10_000) controller.abort();
      expect(event.kind).not.toBe('message');
    }
    expect(rows).toBeLessThan(100_000);
    const slow = new AbortController();
    setTimeout(() => slow.abort(), 50);
    const started = performance.now();
    const sorting = 'SELECT COUNT(*) FROM dbo.users a CROSS JOIN dbo.users b WHERE a.email < b.email';
    for await (const event of session.batch(sorting, [], slow.signal)) expect(event.kind).not.toBe('message');
    expect(performance.now() - started).toBeLessThan(5000);
    expect(await firstValue(session, 'SELECT 2')).toBe('2');
  });

  it('streams two million rows without holding them', async () => {
    const sql = 'SELECT a.email, a.modified_at, b.n FROM dbo.users a CROSS JOIN (VALUES (1), (2), (3)) AS b (n)';
    const drain = async (query: string) => {
      let rows = 0;
      let highest = 0;
      for await (const event of session.batch(query, [], new AbortController().signal)) {
        if (event.kind !== 'chunk') continue;
        rows += event.chunk.rowCount;
        // Finalizers run between turns of the event loop, as they do while a socket drains.
        await new Promise(resolve => setImmediate(resolve));
        highest = Math.max(highest, process.memoryUsage.rss());
      }
      return { rows, highest };
    };
    const small = await drain(sql);
    const large = await drain(
      sql.replace(
        '(3)',
        '(3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15), (16), (17), (18), (19), (20), (21), (22), (23), (24), (25), (26), (27), (28), (29), (30), (31), (32), (33), (34)',
      ),
    );
    expect([small.rows, large.rows]).toEqual([180_000, 2_040_000]);
    expect(large.highest - small.highest).toBeLessThan(150 * 2 ** 20);
  });
});
