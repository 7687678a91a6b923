/** Transactions, sessions side by side, and what is left after the process was killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SqlEngine, SqlSession } from '../../../local/servers/sqlserver/session.ts';
import { ask, errorOf, firstValue, login, openEngine, openYouflix } from './engine-fixture.ts';

const insertUsers = `INSERT INTO dbo.users (email, country) VALUES (N'a@x', 'NO'), (N'b@x', 'SE')`;

describe('transactions', () => {
  let engine: SqlEngine;
  let session: SqlSession;

  beforeEach(async () => {
    ({ engine, session } = await openYouflix());
    await ask(session, insertUsers);
  });
  afterEach(() => engine.close());

  it('counts levels: only the outermost COMMIT commits, any ROLLBACK undoes all', async () => {
    const { sets } = await ask(
      session,
      `BEGIN TRAN; BEGIN TRAN; UPDATE dbo.users SET email = N'z'; COMMIT; SELECT @@TRANCOUNT; ROLLBACK; SELECT @@TRANCOUNT;
       SELECT email FROM dbo.users WHERE user_id = 1`,
    );
    expect(sets.map(set => set.rows)).toEqual([[['1']], [['0']], [['a@x']]]);
  });

  it('rolls a CREATE TABLE back with its rows', async () => {
    await ask(session, 'BEGIN TRAN; CREATE TABLE dbo.t (a int); INSERT INTO dbo.t VALUES (1); ROLLBACK');
    expect(await firstValue(session, "SELECT OBJECT_ID('dbo.t')")).toBeNull();
    expect((await errorOf(session, 'SELECT * FROM dbo.t'))?.number).toBe(208);
  });

  it('reads one consistent state through a snapshot transaction', async () => {
    const other = await engine.open(login);
    await session.begin('snapshot');
    expect(await firstValue(session, 'SELECT COUNT(*) FROM dbo.users')).toBe('2');
    await ask(other, insertUsers);
    expect(await firstValue(session, 'SELECT COUNT(*) FROM dbo.users')).toBe('2');
    await session.commit();
    expect(await firstValue(session, 'SELECT COUNT(*) FROM dbo.users')).toBe('4');
  });

  it('raises 3960 in an explicit transaction that meets another change, and rolls it back', async () => {
    const other = await engine.open(login);
    await session.begin('snapshot');
    await firstValue(session, 'SELECT COUNT(*) FROM dbo.users');
    await ask(other, "UPDATE dbo.users SET email = N'other' WHERE user_id = 1");
    expect(await errorOf(session, "UPDATE dbo.users SET email = N'mine' WHERE user_id = 1")).toMatchObject({
      number: 3960,
    });
    expect(session.inTransaction).toBe(false);
  });

  it('lets single statements of many sessions write the same row, losing none', async () => {
    await ask(
      session,
      'CREATE TABLE dbo.counters (id int PRIMARY KEY, n int NOT NULL); INSERT INTO dbo.counters VALUES (1, 0)',
    );
    const sessions = await Promise.all([1, 2, 3, 4].map(() => engine.open(login)));
    const rounds = 25;
    await Promise.all(
      sessions.map(async each => {
        for (let round = 0; round < rounds; round++) await ask(each, 'UPDATE dbo.counters SET n = n + 1 WHERE id = 1');
      }),
    );
    expect(await firstValue(session, 'SELECT n FROM dbo.counters')).toBe(String(sessions.length * rounds));
  });

  it('gives each session the identity values that its own INSERT drew', async () => {
    const sessions = await Promise.all([1, 2, 3].map(() => engine.open(login)));
    const drawn = await Promise.all(
      sessions.map(async (each, index) => {
        const ids: (string | null | undefined)[] = [];
        for (let round = 0; round < 20; round++) {
          ids.push(
            await firstValue(
              each,
              `INSERT INTO dbo.users (email, country) VALUES (N'${index}', 'NO'); SELECT SCOPE_IDENTITY()`,
            ),
          );
        }
        return ids;
      }),
    );
    const { sets } = await ask(session, "SELECT user_id, email FROM dbo.users WHERE email IN (N'0', N'1', N'2')");
    const owners = new Map(sets[0]?.rows.map(([id, email]) => [id, email]));
    for (const [index, ids] of drawn.entries()) for (const id of ids) expect(owners.get(id ?? '')).toBe(String(index));
  });

  it('forgets temporary tables and open work on reset', async () => {
    await ask(session, 'SET NOCOUNT ON; CREATE TABLE #t (a int); BEGIN TRAN; DELETE FROM dbo.users');
    await session.reset();
    expect(session.inTransaction).toBe(false);
    expect((await errorOf(session, 'SELECT * FROM #t'))?.number).toBe(208);
    expect((await ask(session, 'UPDATE dbo.users SET country = country')).counts).toEqual([2]);
  });
});

describe('durability', () => {
  it('finds what was committed, rows and declarations, after kill -9', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'youflix-engine-'));
    const file = join(folder, 'youflix.duckdb');
    const script = `
      import { createEngine } from ${JSON.stringify(new URL('../../../local/servers/sqlserver/engine.ts', import.meta.url).href)};
      const engine = await createEngine({ file: ${JSON.stringify(file)}, databaseName: 'youflix', logins: [${JSON.stringify(login)}] });
      const session = await engine.open(${JSON.stringify(login)});
      const run = async sql => { for await (const event of session.batch(sql, [], new AbortController().signal)) if (event.kind === 'message') throw new Error(event.message.message); };
      await run("CREATE TABLE dbo.t (id int IDENTITY(1,1) PRIMARY KEY, v nvarchar(10) NOT NULL DEFAULT N'x'); INSERT INTO dbo.t DEFAULT VALUES");
      await run("INSERT INTO dbo.t (v) VALUES (N'y')");
      await run("BEGIN TRAN; INSERT INTO dbo.t (v) VALUES (N'lost')");
      console.log('ready');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const engine = await openEngine({ file });
    const session = await engine.open(login);
    await ask(session, 'INSERT INTO dbo.t DEFAULT VALUES');
    const { sets } = await ask(session, 'SELECT id, v FROM dbo.t ORDER BY id');
    await engine.close();
    await rm(folder, { recursive: true });
    expect(sets[0]?.rows.map(([, v]) => v)).toEqual(['x', 'y', 'x']);
    expect(new Set(sets[0]?.rows.map(([id]) => id)).size).toBe(3);
    expect(sets[0]?.columns[1]?.type).toEqual({ name: 'nvarchar', length: 10 });
  });
});

describe('a statement that is run again', () => {
  it('sees the rows that came since, though DuckDB planned it when they could not be there', async () => {
    const { engine, session } = await openYouflix();
    await ask(session, 'CREATE TABLE dbo.t (id int, n int); INSERT INTO dbo.t VALUES (1, 0)');
    const read = 'SELECT COUNT(*) FROM dbo.t WHERE id = 700';
    const write = 'UPDATE dbo.t SET n = n + 1 WHERE id = 700';
    expect([await firstValue(session, read), (await ask(session, write)).counts]).toEqual(['0', [0]]);
    await ask(session, 'INSERT INTO dbo.t VALUES (700, 0)');
    expect([await firstValue(session, read), (await ask(session, write)).counts]).toEqual(['1', [1]]);
    await engine.close();
  });
});
